from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import helper

from detector.conversion import build
from detector.conversion.onnx_models import OnnxError, convert_onnx
from detector.conversion.published import COCO_LABELS
from detector.yolo import ModelNotBuilt, Yolo
from tests.support import small_detectors as small
from tests.support.darknet_forward import Numbers, measure_difference

WIDTH, HEIGHT = small.SIDE, small.SIDE // 2


def make_photo() -> npt.NDArray[np.uint8]:
    """Return random BGR pixels, which already have the size of the frame without its padding."""
    return np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def convert(content: bytes, folder: Path, labels: tuple[str, ...] | None = small.LABELS) -> Path:
    (folder / "small.onnx").write_bytes(content)
    (folder / "converted.onnx").write_bytes(convert_onnx(folder / "small.onnx", labels, None))
    return folder / "converted.onnx"


@pytest.mark.parametrize(
    ("make", "detect", "min_score"),
    [(small.make_yolox, small.detect_yolox, 0.7), (small.make_nanodet, small.detect_nanodet, 0.9)],
)
def test_converted_model_returns_the_detections_of_numpy(
    make: Callable[[], bytes],
    detect: Callable[[npt.NDArray[np.uint8]], Numbers],
    min_score: float,
    tmp_path: Path,
) -> None:
    frame = np.full((small.SIDE, small.SIDE, 3), 127, np.uint8)
    frame[:HEIGHT] = make_photo()
    expected = detect(frame)
    expected = expected[expected[:, 1] >= min_score]
    expected[:, 2:] = np.clip(expected[:, 2:], 0, [WIDTH, HEIGHT] * 2)
    yolo = Yolo(
        convert(make(), tmp_path), confidence=min_score, further=min_score, overlap=1, cross_label_overlap=1, threads=1
    )

    detections = yolo.detect(make_photo(), width=WIDTH, height=HEIGHT)

    rows = np.array([(yolo.labels.index(each.label), each.confidence, *each.box.edges) for each in detections])
    assert len(rows) == len(expected)
    assert measure_difference(rows, expected) < 1e-3


def edit(content: bytes, change: Callable[[onnx.ModelProto], object]) -> bytes:
    """Return a model after a change."""
    model = onnx.load_from_string(content)
    change(model)
    return bytes(model.SerializeToString())


def add_names(names: str) -> Callable[[onnx.ModelProto], object]:
    return lambda model: helper.set_model_props(model, {"author": "me", "names": names})


@pytest.mark.parametrize("names", ["['cat', 'dog']", '["cat", "dog"]', "{0: 'cat', 1: 'dog'}"])
def test_labels_come_from_the_metadata(names: str, tmp_path: Path) -> None:
    model = convert(edit(small.make_nanodet(), add_names(names)), tmp_path, labels=None)

    assert Yolo(model).labels == ["cat", "dog"]


def test_labels_of_a_file_replace_the_metadata(tmp_path: Path) -> None:
    model = convert(edit(small.make_nanodet(), add_names("['cat', 'dog']")), tmp_path)

    assert Yolo(model).labels == list(small.LABELS)


def test_model_without_labels_has_those_of_coco(tmp_path: Path) -> None:
    model = convert(small.make_yolox(labels=len(COCO_LABELS)), tmp_path, labels=None)

    assert Yolo(model).labels == list(COCO_LABELS)


def test_model_of_any_size_is_converted(tmp_path: Path) -> None:
    def forget_size(model: onnx.ModelProto) -> None:
        for dimension, name in zip(model.graph.input[0].type.tensor_type.shape.dim, "nchw", strict=True):
            dimension.dim_param = name

    assert Yolo(convert(edit(small.make_yolox(), forget_size), tmp_path)).model.startswith("small@")


def add_output(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("rows", onnx.TensorProto.FLOAT, None))


def remove_sigmoid(model: onnx.ModelProto) -> None:
    [node] = [node for node in model.graph.node if node.op_type == "Sigmoid"]
    node.op_type = "Identity"


def flatten_output(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Flatten", ["output"], ["all"]))
    model.graph.output[0].name = "all"
    model.graph.output[0].type.tensor_type.ClearField("shape")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text", r"small.onnx is not an ONNX model that can run: .*"),
        (small.make_yolox(side=640), r"needs one input of 1 x 3 x 416 x 416 floats, but it has \[\[1, 3, 640, 640\]\]"),
        (small.make_yolox(opset=10), r"small.onnx uses old operators. Export the model with opset 11 or later"),
        (
            small.make_yolox(labels=5),
            r"YOLOX has 10 columns, which does not match 2 labels. Pass a file with its labels",
        ),
        (small.make_nanodet(bins=0), r"NanoDet-Plus has 2 columns, which does not match 2 labels."),
        (small.make_nanodet(grids=2), r"has 3380 cells, but it needs 3549 \(YOLOX\) or 3598 \(NanoDet-Plus\)"),
        (small.make_yolox(scale=10), r"decodes its boxes itself. Export it without --decode_in_inference"),
        (edit(small.make_yolox(), remove_sigmoid), r"scores are not probabilities. Export it with its sigmoid"),
        (edit(small.make_nanodet(), remove_sigmoid), r"scores are not probabilities. Export it with its sigmoid"),
        (edit(small.make_yolox(), add_output), r"needs one output with all detections, but it has 2 outputs"),
        (edit(small.make_yolox(), flatten_output), r"needs the shape 1 x cells x columns, but it is \(1, 24843\)"),
    ],
)
def test_convert_of_another_model_names_the_problem(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(OnnxError, match=message):
        convert(content, tmp_path)


@pytest.mark.parametrize("names", ["cat, dog", "12", "("])
def test_convert_with_unreadable_names_raises_onnx_error(names: str, tmp_path: Path) -> None:
    with pytest.raises(OnnxError, match=r"`names` is not a list of labels. Pass a file: --names FILE"):
        convert(edit(small.make_nanodet(), add_names(names)), tmp_path, labels=None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a model and its labels."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.onnx").write_bytes(small.make_nanodet())
    (tmp_path / "small.names").write_text("this\nthat\n")
    return tmp_path


BUILD = ["--model", "small.onnx", "--names", "small.names"]


def test_build_converts_a_model_by_its_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = build.main([*BUILD, "--confidence", "0.4"], folder / "model.onnx")

    assert status == 0
    assert capsys.readouterr().out.startswith(f"{folder / 'model.onnx'}  small@")
    assert Yolo(folder / "model.onnx").labels == list(small.LABELS)


def test_build_of_an_onnx_model_with_8_bits_keeps_the_old_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "model.onnx").write_bytes(b"old")

    status = build.main([*BUILD, "--int8"], folder / "model.onnx")

    assert status == 1
    assert "Only Darknet networks can have 8 bits. Leave out --int8 and --calibrate." in capsys.readouterr().err
    assert (folder / "model.onnx").read_bytes() == b"old"


def test_yolo_with_a_model_that_was_not_converted_says_how_to_convert_it(folder: Path) -> None:
    with pytest.raises(ModelNotBuilt, match=r"To convert a model of another tool, add `--model small.onnx`"):
        Yolo(Path("small.onnx"))
