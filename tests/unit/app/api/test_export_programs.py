"""Exports, read by other programs. Datumaro has its own environment, so only `make torture` runs it."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from app.api.export_formats import CocoWriter, CsvWriter
from tests.support.exports import make_image
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import TORTURE

OWNER = "00000000-0000-4000-8000-000000000001"
NAMES = ["IMG_1.jpg", "IMG_1.png", "img_1.JPG", "Düne 写真.jpg", 'the "best", of all.jpg', "a.b.jpg"]
DATUMARO = Path(__file__).parents[4] / ".venv-datumaro/bin/python"
READ_WITH_DATUMARO = """
import json, sys
from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset

dataset = Dataset.import_from(sys.argv[1], "coco_instances")
labels = [label.name for label in dataset.categories()[AnnotationType.label]]
print(json.dumps({
    item.id: [[labels[box.label], *box.get_bbox()] for box in item.annotations] for item in dataset
}))
"""


def write_coco(names: list[str]) -> dict[str, Any]:
    """Return a document with an image of two dogs and a person for each name, and with an image of nothing."""
    writer = CocoWriter({})
    for name in names:
        writer.add(replace(make_image(OWNER, dog=2, person=1), name=name))
    writer.add(replace(make_image(OWNER), name="nothing.jpg"))
    document: dict[str, Any] = json.loads(writer.text())
    return document


def test_pycocotools_scores_the_exported_detections_as_perfect(tmp_path: Path) -> None:
    document = write_coco(NAMES)
    (tmp_path / "export.json").write_text(json.dumps(document))

    coco = COCO(tmp_path / "export.json")
    results = coco.loadRes([dict(annotation) for annotation in document["annotations"]])
    evaluation = COCOeval(coco, results, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()

    assert min(coco.getImgIds()) == min(coco.getAnnIds()) == min(coco.getCatIds()) == 1
    assert len(coco.getAnnIds()) == 3 * len(NAMES)
    assert len({Path(image["file_name"]).stem.casefold() for image in coco.loadImgs(coco.getImgIds())}) == 7
    precision = evaluation.eval["precision"][:, :, :, 0, -1]  # of all sizes, with up to 100 detections
    assert np.all(precision == 1)


@pytest.mark.skipif(not TORTURE, reason="Datumaro is only installed by `make torture`")
@pytest.mark.parametrize("names", [NAMES, []])
def test_datumaro_loads_the_export(tmp_path: Path, names: list[str]) -> None:
    document = write_coco(names)
    for folder in ("annotations", "images"):
        (tmp_path / folder).mkdir()
    (tmp_path / "annotations/instances_default.json").write_text(json.dumps(document))
    for image in document["images"]:
        (tmp_path / "images" / image["file_name"]).write_bytes(make_gray_jpeg())

    program = subprocess.run([DATUMARO, "-c", READ_WITH_DATUMARO, tmp_path], check=True, capture_output=True, text=True)

    boxes = [["dog", 1.5, 0.0, 28.5, 1.5], ["dog", 1.5, 2.0, 28.5, 1.5], ["person", 1.5, 4.0, 28.5, 1.5]]
    stems = [Path(image["file_name"]).stem for image in document["images"]]
    items = json.loads(program.stdout)
    assert {stem: sorted(found) for stem, found in items.items()} == {
        stem: [] if stem == "nothing" else boxes for stem in stems
    }


def test_csv_starts_with_the_mark_that_excel_needs() -> None:
    writer = CsvWriter({})
    writer.add(replace(make_image(OWNER, dog=1), name="Düne.jpg"))

    data = writer.text().encode()

    assert data.startswith(b"\xef\xbb\xbfid,name,")
    assert data.count(b"\xef\xbb\xbf") == 1
    assert "Düne.jpg" in data.decode("utf-8-sig")
