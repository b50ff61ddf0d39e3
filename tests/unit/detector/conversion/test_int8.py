import json

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from detector.conversion import int8
from detector.conversion.darknet import DarknetError
from detector.conversion.int8 import Calibration, find, measure, quantise
from detector.conversion.network import Training, convert
from tests.support import toy_network as toy

FRAMES = [np.random.default_rng(seed).integers(0, 256, (96, 128, 3), np.uint8) for seed in range(3)]


@pytest.fixture(autouse=True)
def _every_convolution_is_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "_HEAVY", 1)


@pytest.fixture
def exact() -> bytes:
    return convert(Training("toy@1", toy.CFG, toy.weights(), toy.LABELS))


def run(model: bytes) -> npt.NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model)
    return np.concatenate([session.run(None, {"pixels": frame[np.newaxis]})[0] for frame in FRAMES])


def test_8_bits_say_nearly_the_same(exact: bytes) -> None:
    cells, round_detections = run(exact), run(quantise(exact, Calibration(0.1, measure(exact, FRAMES))))

    assert 0 < np.abs(round_detections - cells).max() < 0.05 * np.ptp(cells)


def test_name_and_confidence_are_those_of_the_calibration(exact: bytes) -> None:
    ranges = dict(measure(exact, FRAMES))
    wider = {name: (least, greatest + 1) for name, (least, greatest) in ranges.items()}

    one, other = (quantise(exact, Calibration(0.1, each)) for each in (ranges, wider))

    metadata, others = (onnxruntime.InferenceSession(each).get_modelmeta().custom_metadata_map for each in (one, other))
    assert metadata["confidence"] == "0.1"
    assert metadata["model"].startswith("toy-int8@")
    assert metadata["model"] != others["model"]
    assert json.loads(metadata["labels"]) == toy.LABELS


def test_kernels_keep_to_7_bits_and_bytes_to_the_range(exact: bytes) -> None:
    model = onnx.load_from_string(quantise(exact, Calibration(0.1, measure(exact, FRAMES))))

    constants = {constant.name: onnx.numpy_helper.to_array(constant) for constant in model.graph.initializer}
    kernels = [numbers for numbers in constants.values() if numbers.dtype == np.int8 and numbers.ndim == 4]
    assert len(kernels) == 5
    assert max(np.abs(kernel.astype(int)).max() for kernel in kernels) == 64


def test_filter_of_nothing_but_zeros_stays_so(exact: bytes) -> None:
    model = onnx.load_from_string(exact)
    kernel = next(constant for constant in model.graph.initializer if list(constant.dims) == [8, 8, 1, 1])
    kernel.raw_data = bytes(len(kernel.raw_data))
    empty = model.SerializeToString()

    assert np.isfinite(run(quantise(empty, Calibration(0.1, measure(empty, FRAMES))))).all()


def test_ranges_of_another_model_are_refused(exact: bytes) -> None:
    with pytest.raises(DarknetError, match="The ranges are not of this model: there is none for "):
        quantise(exact, Calibration(0.1, {}))


def test_model_without_heavy_convolutions_is_refused(exact: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "_HEAVY", 500_000)

    with pytest.raises(DarknetError, match="no convolution so heavy"):
        measure(exact, FRAMES)


def test_figures_for_yolov3_tiny_are_kept_with_the_code() -> None:
    calibration = find("yolov3-tiny@dccea06f")

    assert calibration.confidence == 0.13
    assert list(calibration.ranges["Conv_20"]) == [-88.941, 94.035]
    assert len(calibration.ranges) == 8
