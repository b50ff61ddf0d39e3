from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from detector.conversion import build, int8
from detector.yolo import Yolo
from infra.local.scenes import scene
from tests.support import toy_network as toy

Output = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the files of a network."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.cfg").write_text(toy.CFG)
    (tmp_path / "toy.weights").write_bytes(toy.weights())
    (tmp_path / "toy.names").write_text("this\nthat\n\n")
    return tmp_path


@pytest.fixture
def photos(folder: Path) -> Path:
    (folder / "photos" / "walk").mkdir(parents=True)
    pixels = cv2.imdecode(np.frombuffer(scene(clocks=1), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(folder / "photos" / "walk" / "clock.jpg"), np.asarray(pixels))
    return folder / "photos"


@pytest.fixture
def calibration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty calibration file. Every convolution of the toy network counts as large."""
    path = folder / "calibration.json"
    path.write_text("{}")
    monkeypatch.setattr(int8, "CALIBRATION_FILE", path)
    monkeypatch.setattr(int8, "_MIN_KERNEL_NUMBERS", 1)
    return path


TOY = ["--model", "toy.cfg", "toy.weights", "--names", "toy.names"]


def test_build_of_a_custom_network_uses_its_labels(folder: Path, capsys: Output) -> None:
    status = build.main(TOY, folder / "model" / "toy.onnx")

    assert status == 0
    assert capsys.readouterr().out.startswith(f"{folder / 'model' / 'toy.onnx'}  toy@")
    assert Yolo(folder / "model" / "toy.onnx").labels == ["this", "that"]


def test_build_uses_the_given_output_and_confidence(folder: Path) -> None:
    status = build.main([*TOY, "--output", "other.onnx", "--confidence", "0.4"], folder / "toy.onnx")

    assert status == 0
    assert not (folder / "toy.onnx").exists()
    metadata = onnxruntime.InferenceSession(folder / "other.onnx").get_modelmeta().custom_metadata_map
    assert metadata["confidence"] == "0.4"


@pytest.mark.parametrize("confidence", ["-0.1", "1.1", "nan", "40"])
def test_build_with_an_invalid_confidence_builds_nothing(folder: Path, capsys: Output, confidence: str) -> None:
    with pytest.raises(SystemExit):
        build.main([*TOY, "--confidence", confidence], folder / "toy.onnx")

    assert "is not between 0 and 1" in capsys.readouterr().err
    assert not (folder / "toy.onnx").exists()


def test_build_accepts_a_confidence_of_0(folder: Path) -> None:
    build.main([*TOY, "--confidence", "0"], folder / "toy.onnx")

    metadata = onnxruntime.InferenceSession(folder / "toy.onnx").get_modelmeta().custom_metadata_map
    assert float(metadata["confidence"]) == 0


def test_build_of_yolov3_tiny_by_name_is_float32(folder: Path) -> None:
    build.main(["--model", "yolov3-tiny"], folder / "tiny.onnx")

    assert Yolo(folder / "tiny.onnx").model == "yolov3-tiny@dccea06f"


def test_build_with_keep_stores_a_calibration_for_later_builds(folder: Path, photos: Path, calibration: Path) -> None:
    calibrated_status = build.main([*TOY, "--calibrate", "photos", "--keep"], folder / "calibrated.onnx")
    stored_status = build.main([*TOY, "--int8"], folder / "stored.onnx")

    assert calibrated_status == stored_status == 0
    assert (folder / "calibrated.onnx").read_bytes() == (folder / "stored.onnx").read_bytes()
    assert Yolo(folder / "stored.onnx").model.startswith("toy-int8@")
    assert '"MaxPool_4": [' in calibration.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "gone.cfg", "toy.weights", "--names", "toy.names"], "gone.cfg: No such file or directory"),
        (["--model", "toy.cfg", "gone.weights", "--names", "toy.names"], "gone.weights: No such file or directory"),
        (
            ["--model", "toy.cfg", "toy.weights"],
            "has classes=2, but the number of labels is 80. Pass a file with its labels: --names FILE",
        ),
        (["--model", "toy.cfg", "toy.weights", "--names", "gone.names"], "gone.names: No such file or directory"),
        (
            ["--model", "toy.cfg", "toy.weights", "--names", "empty.names"],
            "empty.names is empty or contains a duplicate name",
        ),
        (
            ["--model", "toy.cfg", "toy.weights", "--names", "twice.names"],
            "twice.names is empty or contains a duplicate name",
        ),
        (["--model", "yolo-fastest-xl"], "models/yolo-fastest-1.1-xl.cfg: No such file or directory"),
        (["--model", "yolo-fastest-xl", "there"], "there/yolo-fastest-1.1-xl.cfg: No such file or directory"),
        (["--model", "odd.cfg", "toy.weights", "--names", "toy.names"], "The network cannot run"),
        ([*TOY, "--int8"], "calibration.json has no entry for toy@"),
        ([*TOY, "--calibrate", "photos"], "has no convolution that is large enough for 8 bits"),
        (["--calibrate", "empty"], "No photos in empty."),
        (["--calibrate", "broken"], "This is not a JPEG, PNG"),
    ],
)
def test_build_that_fails_prints_the_reason_and_keeps_the_old_model(
    folder: Path, photos: Path, capsys: Output, arguments: list[str], message: str
) -> None:
    (folder / "old.onnx").write_bytes(b"old")
    (folder / "empty.names").touch()
    (folder / "twice.names").write_text("this\nthis\n")
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "text.jpg").write_text("not a photo")
    # The size after this pooling does not follow from the stride, so the route joins layers of different sizes.
    (folder / "odd.cfg").write_text(
        toy.CFG.replace("[route]\nlayers=-1,-5", "[maxpool]\nsize=3\nstride=1\npadding=0\n\n[route]\nlayers=-1,-6")
    )

    status = build.main(arguments, folder / "old.onnx")

    assert status == 1
    assert message in capsys.readouterr().err
    assert (folder / "old.onnx").read_bytes() == b"old"
    assert not list(folder.glob("*.unfinished"))


@pytest.mark.parametrize("network", [["yolov9"], ["a.onnx", "b.onnx", "c.onnx"], ["yolov3-tiny", "models", "more"]])
def test_build_of_an_unknown_network_is_a_usage_error(network: list[str], folder: Path, capsys: Output) -> None:
    with pytest.raises(SystemExit) as exit_info:
        build.main(["--model", *network], folder / "model.onnx")

    assert exit_info.value.code == 2
    assert "--model accepts yolov3-tiny, yolo-fastest-xl [DIR], CFG WEIGHTS or FILE.onnx" in capsys.readouterr().err
