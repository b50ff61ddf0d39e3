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
    """An empty one, and every convolution of the toy counts as heavy."""
    path = folder / "calibration.json"
    path.write_text("{}")
    monkeypatch.setattr(int8, "KEPT", path)
    monkeypatch.setattr(int8, "_HEAVY", 1)
    return path


TOY = ["--model", "toy.cfg", "toy.weights", "--names", "toy.names"]


def test_any_darknet_network_is_built_with_names_of_its_own(folder: Path, capsys: Output) -> None:
    status = build.main(TOY, folder / "model" / "toy.onnx")

    assert status == 0
    assert capsys.readouterr().out.startswith(f"{folder / 'model' / 'toy.onnx'}  toy@")
    assert Yolo(folder / "model" / "toy.onnx").labels == ["this", "that"]


def test_output_and_confidence_can_be_said(folder: Path) -> None:
    status = build.main([*TOY, "--output", "other.onnx", "--confidence", "0.4"], folder / "toy.onnx")

    assert status == 0
    assert not (folder / "toy.onnx").exists()
    metadata = onnxruntime.InferenceSession(folder / "other.onnx").get_modelmeta().custom_metadata_map
    assert metadata["confidence"] == "0.4"


@pytest.mark.parametrize("confidence", ["-0.1", "1.1", "nan", "40"])
def test_a_confidence_that_is_no_share_is_refused_before_anything_is_built(
    folder: Path, capsys: Output, confidence: str
) -> None:
    with pytest.raises(SystemExit):
        build.main([*TOY, "--confidence", confidence], folder / "toy.onnx")

    assert "is not between 0 and 1" in capsys.readouterr().err
    assert not (folder / "toy.onnx").exists()


def test_a_confidence_of_nothing_is_one(folder: Path) -> None:
    build.main([*TOY, "--confidence", "0"], folder / "toy.onnx")

    metadata = onnxruntime.InferenceSession(folder / "toy.onnx").get_modelmeta().custom_metadata_map
    assert float(metadata["confidence"]) == 0


def test_yolov3_tiny_by_name_is_float32(folder: Path) -> None:
    build.main(["--model", "yolov3-tiny"], folder / "tiny.onnx")

    assert Yolo(folder / "tiny.onnx").model == "yolov3-tiny@dccea06f"


def test_photographs_make_ranges_that_can_be_kept(folder: Path, photos: Path, calibration: Path) -> None:
    measured = build.main([*TOY, "--calibrate", "photos", "--keep"], folder / "measured.onnx")
    kept = build.main([*TOY, "--int8"], folder / "kept.onnx")

    assert measured == kept == 0
    assert (folder / "measured.onnx").read_bytes() == (folder / "kept.onnx").read_bytes()
    assert Yolo(folder / "kept.onnx").model.startswith("toy-int8@")
    assert '"MaxPool_4": [' in calibration.read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--model", "gone.cfg", "toy.weights", "--names", "toy.names"], "gone.cfg: No such file or directory"),
        (["--model", "toy.cfg", "gone.weights", "--names", "toy.names"], "gone.weights: No such file or directory"),
        (["--model", "toy.cfg", "toy.weights"], "another number of classes than the 80 names: give its own by --names"),
        (["--model", "toy.cfg", "toy.weights", "--names", "gone.names"], "gone.names: No such file or directory"),
        (
            ["--model", "toy.cfg", "toy.weights", "--names", "empty.names"],
            "empty.names does not give each class a name",
        ),
        (
            ["--model", "toy.cfg", "toy.weights", "--names", "twice.names"],
            "twice.names does not give each class a name",
        ),
        (["--model", "yolo-fastest-xl"], "models/yolo-fastest-1.1-xl.cfg: No such file or directory"),
        (["--model", "yolo-fastest-xl", "there"], "there/yolo-fastest-1.1-xl.cfg: No such file or directory"),
        (["--model", "odd.cfg", "toy.weights", "--names", "toy.names"], "The network does not run"),
        ([*TOY, "--int8"], "calibration.json knows nothing of toy@"),
        ([*TOY, "--calibrate", "photos"], "has no convolution so heavy that 8 bits would make it faster"),
        (["--calibrate", "empty"], "No photographs in empty."),
        (["--calibrate", "broken"], "This is not a JPEG, PNG"),
    ],
)
def test_what_is_wrong_is_told_and_the_old_model_stays(
    folder: Path, photos: Path, capsys: Output, arguments: list[str], complaint: str
) -> None:
    (folder / "old.onnx").write_bytes(b"old")
    (folder / "empty.names").touch()
    (folder / "twice.names").write_text("this\nthis\n")
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "text.jpg").write_text("no photograph")
    # An odd pooling shrinks what a stride cannot tell: the route finds layers of different sizes.
    (folder / "odd.cfg").write_text(
        toy.CFG.replace("[route]\nlayers=-1,-5", "[maxpool]\nsize=3\nstride=1\npadding=0\n\n[route]\nlayers=-1,-6")
    )

    status = build.main(arguments, folder / "old.onnx")

    assert status == 1
    assert complaint in capsys.readouterr().err
    assert (folder / "old.onnx").read_bytes() == b"old"
    assert not list(folder.glob("*.unfinished"))


@pytest.mark.parametrize("network", [["yolov9"], ["yolov3-tiny", "models", "more"]])
def test_network_that_is_not_known_is_wrong_usage(network: list[str], folder: Path, capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        build.main(["--model", *network], folder / "model.onnx")

    assert ended.value.code == 2
    assert "--model takes yolov3-tiny, yolo-fastest-xl [DIR], or CFG WEIGHTS" in capsys.readouterr().err
