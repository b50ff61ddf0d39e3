"""Quantizes the large convolutions of a model to 8 bits, with scales that were measured on photos.

Activations are uint8. Kernels are int8 with one scale per filter (R. Krishnamoorthi, "Quantizing deep convolutional
networks for efficient inference", 2018, section 3). Kernels use 7 of their 8 bits: CPUs without VNNI add two products
in 16 bits, and 255 x 64 x 2 just fits. All other layers stay float32. They take little time, and the cells of the heads
contain exponents of sizes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from detector.conversion.darknet import DarknetError, Floats

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from detector.pixels import Pixels

Ranges: TypeAlias = "Mapping[str, tuple[float, float]]"
"""The lowest and highest number that was measured in each tensor: the inputs and outputs of the large convolutions."""

CALIBRATION_FILE = Path(__file__).with_name("calibration.json")

_MIN_KERNEL_NUMBERS = 500_000  # yolov3-tiny has four kernels of this size, with two thirds of its arithmetic
_MAX_WEIGHT = np.float32(64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measurements on photos, which the 8-bit form of a model needs.

    Attributes:
        confidence: The confidence that a tag needs in the 8-bit model. Its confidences are a little lower.
        ranges: The full ranges. Ranges without outliers (percentiles) were measured and are no better.
    """

    confidence: float
    ranges: Ranges


def measure_ranges(model: bytes, frames: Iterable[Pixels]) -> Ranges:
    """Run a float32 model on frames and return the ranges of its tensors, rounded to three decimals.

    Args:
        model: The serialized ONNX model.
        frames: uint8 BGR, rows x columns x 3, from `detector.yolo.letterbox`.

    Raises:
        DarknetError: the model has no large convolution.
    """
    proto = onnx.load_from_string(model)
    names = sorted({name for node in _find_large_convolutions(proto) for name in (node.input[0], node.output[0])})
    del proto.graph.output[:]
    proto.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    limits = np.array(
        [
            [(tensor.min(), tensor.max()) for tensor in session.run(names, {"pixels": frame[np.newaxis]})]
            for frame in frames
        ],
        np.float64,
    )  # frames x names x 2
    lowest, highest = limits[..., 0].min(axis=0).round(3), limits[..., 1].max(axis=0).round(3)
    return dict(zip(names, zip(lowest.tolist(), highest.tolist(), strict=True), strict=True))


def load_calibration(model: str) -> Calibration:
    """Return the calibration of a published model, which is stored with the code. So a build needs no photos.

    Raises:
        DarknetError: no calibration is stored for this name and version.
    """
    stored = json.loads(CALIBRATION_FILE.read_text())
    if model not in stored:
        raise DarknetError(f"calibration.json has no entry for {model}. Calibrate with photos: --calibrate DIR.")
    return Calibration(stored[model]["confidence"], stored[model]["ranges"])


def save_calibration(model: str, calibration: Calibration) -> None:
    """Store a calibration with the code. It replaces an earlier one of the same model."""
    stored = json.loads(CALIBRATION_FILE.read_text()) | {model: asdict(calibration)}
    lines = json.dumps(stored, indent=1)
    CALIBRATION_FILE.write_text(re.sub(r"\[\s+(\S+)\s+(\S+)\s+\]", r"[\1 \2]", lines) + "\n")


def quantize(model: bytes, calibration: Calibration) -> bytes:
    """Return a float32 model with its large convolutions in 8 bits. Its name becomes `NAME-int8@VERSION`.

    Raises:
        DarknetError: the model has no large convolution, or the calibration is for another model.
    """
    proto = onnx.load_from_string(model)
    large = {node.name for node in _find_large_convolutions(proto)}
    quantizer = _Quantizer(proto, calibration.ranges)
    for node in list(proto.graph.node):
        if node.name in large:
            quantizer.quantize(node)
        else:
            quantizer.nodes.append(node)
    quantizer.finish()
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    metadata |= {"model": _make_name(metadata["model"], calibration.ranges), "confidence": str(calibration.confidence)}
    helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto, full_check=True)
    return bytes(proto.SerializeToString())


def _find_large_convolutions(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    sizes = {constant.name: math.prod(constant.dims) for constant in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    large = [node for node in convolutions if sizes[node.input[1]] >= _MIN_KERNEL_NUMBERS]
    if not large:
        raise DarknetError("The model has no convolution so large that 8 bits would make it faster.")
    return large


def _make_name(model: str, ranges: Ranges) -> str:
    """Return a name whose version depends on the version of the float32 model and on the ranges."""
    version = hashlib.sha256(f"{model} {json.dumps(ranges, sort_keys=True)}".encode()).hexdigest()[:8]
    return f"{model.partition('@')[0]}-int8@{version}"


class _Quantizer:
    """Rewrites a graph: converts to 8 bits before each large convolution, and back after it."""

    def __init__(self, model: onnx.ModelProto, ranges: Ranges) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._graph = model.graph
        self._ranges = ranges
        self._constants = {constant.name: constant for constant in model.graph.initializer}

    def quantize(self, node: onnx.NodeProto) -> None:
        """Append a convolution with its conversions. Its kernel and bias become whole numbers with scales."""
        (source, kernel, bias), (output,) = node.input, node.output
        weights, offsets = (numpy_helper.to_array(self._constants.pop(name)) for name in (kernel, bias))
        largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
        scales: Floats = np.where(largest > 0, largest, 1).astype(np.float32) / _MAX_WEIGHT
        source_scale = self._round(source, source, f"{node.name}_source")
        node.input[:] = [f"{node.name}_source", f"{kernel}_rounded", f"{bias}_rounded"]
        node.output[:] = [f"{output}_exact"]
        self._dequantize(np.rint(weights / scales).astype(np.int8), scales.ravel(), node.input[1])
        bias_scales: Floats = scales.ravel() * source_scale
        self._dequantize(np.rint(offsets / bias_scales).astype(np.int32), bias_scales, node.input[2])
        self.nodes.append(node)
        self._round(output, node.output[0], output)

    def _round(self, name: str, exact: str, rounded: str) -> np.float32:
        """Convert the tensor `exact` to 8 bits and back, and return the value of one step.

        The range is the measured one of the tensor `name`.
        """
        if name not in self._ranges:
            raise DarknetError(f"The calibration is for another model: it has no range for {name}.")
        lowest, highest = self._ranges[name]
        scale = np.float32((max(highest, 0) - min(lowest, 0)) / 255 or 1)
        zero = np.uint8(np.rint(-min(lowest, 0) / scale))
        scales = [self._add(scale, f"{rounded}_scale"), self._add(zero, f"{rounded}_zero")]
        self.nodes.append(helper.make_node("QuantizeLinear", [exact, *scales], [f"{rounded}_bytes"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{rounded}_bytes", *scales], [rounded]))
        return scale

    def _dequantize(self, steps: npt.NDArray[np.generic], scales: Floats, output: str) -> None:
        """Add a constant that is stored as whole numbers, with one scale per filter."""
        zeros = np.zeros(len(scales), steps.dtype)
        inputs = [
            self._add(constant, f"{output}_{part}")
            for part, constant in (("steps", steps), ("scales", scales), ("zeros", zeros))
        ]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [output], axis=0))

    def _add(self, numbers: npt.ArrayLike, name: str) -> str:
        self._constants[name] = numpy_helper.from_array(np.asarray(numbers), name)
        return name

    def finish(self) -> None:
        """Replace the nodes and constants of the graph."""
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(self.nodes)
        self._graph.initializer.extend(self._constants.values())
