import json

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from detector.conversion import int8
from detector.conversion.darknet import DarknetError
from detector.conversion.int8 import Calibration, load_calibration, measure_ranges, quantize
from detector.conversion.network import Training, convert
from tests.support import toy_network as toy

FRAMES = [np.random.default_rng(seed).integers(0, 256, (96, 128, 3), np.uint8) for seed in range(3)]


@pytest.fixture(autouse=True)
def _count_every_convolution_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "_MIN_KERNEL_NUMBERS", 1)


@pytest.fixture
def float32_model() -> bytes:
    return convert(Training("toy@1", toy.CFG, toy.weights(), toy.LABELS))


def run(model: bytes) -> npt.NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model)
    return np.concatenate([session.run(None, {"pixels": frame[np.newaxis]})[0] for frame in FRAMES])


def test_quantize_changes_the_output_by_less_than_5_percent(float32_model: bytes) -> None:
    cells = run(float32_model)
    quantized = run(quantize(float32_model, Calibration(0.1, measure_ranges(float32_model, FRAMES))))

    assert 0 < np.abs(quantized - cells).max() < 0.05 * np.ptp(cells)


def test_quantize_takes_version_and_confidence_from_the_calibration(float32_model: bytes) -> None:
    ranges = dict(measure_ranges(float32_model, FRAMES))
    wider = {name: (lowest, highest + 1) for name, (lowest, highest) in ranges.items()}

    models = [quantize(float32_model, Calibration(0.1, each)) for each in (ranges, wider)]

    metadata, other = (onnxruntime.InferenceSession(model).get_modelmeta().custom_metadata_map for model in models)
    assert metadata["confidence"] == "0.1"
    assert metadata["model"].startswith("toy-int8@")
    assert metadata["model"] != other["model"]
    assert json.loads(metadata["labels"]) == toy.LABELS


def test_quantize_uses_7_bits_of_a_kernel(float32_model: bytes) -> None:
    model = onnx.load_from_string(quantize(float32_model, Calibration(0.1, measure_ranges(float32_model, FRAMES))))

    constants = {constant.name: onnx.numpy_helper.to_array(constant) for constant in model.graph.initializer}
    kernels = [numbers for numbers in constants.values() if numbers.dtype == np.int8 and numbers.ndim == 4]
    assert len(kernels) == 5
    assert max(np.abs(kernel.astype(int)).max() for kernel in kernels) == 64


def test_quantize_of_a_filter_of_zeros_gives_finite_numbers(float32_model: bytes) -> None:
    model = onnx.load_from_string(float32_model)
    kernel = next(constant for constant in model.graph.initializer if list(constant.dims) == [8, 8, 1, 1])
    kernel.raw_data = bytes(len(kernel.raw_data))
    model_with_zeros = model.SerializeToString()

    quantized = quantize(model_with_zeros, Calibration(0.1, measure_ranges(model_with_zeros, FRAMES)))

    assert np.isfinite(run(quantized)).all()


def test_quantize_with_ranges_of_another_model_raises_darknet_error(float32_model: bytes) -> None:
    with pytest.raises(DarknetError, match="The calibration is for another model: it has no range for "):
        quantize(float32_model, Calibration(0.1, {}))


def test_measure_ranges_without_large_convolutions_raises_darknet_error(
    float32_model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int8, "_MIN_KERNEL_NUMBERS", 500_000)

    with pytest.raises(DarknetError, match="no convolution that is large enough"):
        measure_ranges(float32_model, FRAMES)


def test_load_calibration_returns_the_stored_one_of_yolov3_tiny() -> None:
    calibration = load_calibration("yolov3-tiny@dccea06f")

    assert calibration.confidence == 0.13
    assert list(calibration.ranges["Conv_20"]) == [-88.941, 94.035]
    assert len(calibration.ranges) == 8
