"""Quantizes the large convolutions of a model to 8 bits.

Activations are uint8. Their scales are measured on photos. Kernels are int8 with one scale per filter (R.
Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", 2018, section 3). Kernels use only 7
of their 8 bits. CPUs without VNNI add two products in 16 bits, and 255 x 64 x 2 just fits. All other layers stay
float32. They take little time, and the heads need the precision because they contain exponents of box sizes.
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
"""The measured minimum and maximum, by tensor name. The tensors are inputs and outputs of large convolutions."""

CALIBRATION_FILE = Path(__file__).with_name("calibration.json")

_MIN_KERNEL_NUMBERS = 500_000  # four kernels of yolov3-tiny are larger; they do two thirds of its arithmetic
_MAX_WEIGHT = np.float32(64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measurements on photos that are needed to quantize a model.

    Attributes:
        confidence: The minimum confidence of a tag. Confidences are slightly lower than those of the float32 model.
        ranges: The full ranges of the tensors. Percentile ranges, which exclude outliers, do not improve accuracy.
    """

    confidence: float
    ranges: Ranges


def measure_ranges(model: bytes, frames: Iterable[Pixels]) -> Ranges:
    """Run a float32 model on frames and return the ranges of its tensors, rounded to three decimal places.

    Args:
        model: The serialized ONNX model.
        frames: The frames from `detector.yolo.letterbox`: uint8 BGR, rows x columns x 3.

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
    """Return the calibration of a model from `calibration.json`.

    Raises:
        DarknetError: no calibration is stored for this name and version.
    """
    stored = json.loads(CALIBRATION_FILE.read_text())
    if model not in stored:
        raise DarknetError(f"calibration.json has no entry for {model}. Calibrate with photos: --calibrate DIR.")
    return Calibration(stored[model]["confidence"], stored[model]["ranges"])


def save_calibration(model: str, calibration: Calibration) -> None:
    """Save a calibration in `calibration.json`. It replaces an earlier calibration of the same model."""
    stored = json.loads(CALIBRATION_FILE.read_text()) | {model: asdict(calibration)}
    lines = json.dumps(stored, indent=1)
    CALIBRATION_FILE.write_text(re.sub(r"\[\s+(\S+)\s+(\S+)\s+\]", r"[\1 \2]", lines) + "\n")


def quantize(model: bytes, calibration: Calibration) -> bytes:
    """Quantize the large convolutions of a float32 model. The new model is named `NAME-int8@VERSION`.

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
        raise DarknetError("The model has no convolution that is large enough for 8 bits.")
    return large


def _make_name(model: str, ranges: Ranges) -> str:
    """Return the name of the 8-bit model. Its version is a hash of the float32 model's name and the ranges."""
    version = hashlib.sha256(f"{model} {json.dumps(ranges, sort_keys=True)}".encode()).hexdigest()[:8]
    return f"{model.partition('@')[0]}-int8@{version}"


class _Quantizer:
    """Inserts QuantizeLinear and DequantizeLinear nodes around the large convolutions of a graph."""

    def __init__(self, model: onnx.ModelProto, ranges: Ranges) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._graph = model.graph
        self._ranges = ranges
        self._constants = {constant.name: constant for constant in model.graph.initializer}

    def quantize(self, node: onnx.NodeProto) -> None:
        """Append a convolution and its quantization nodes. Store its kernel and bias as integers with scales."""
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
        """Add nodes that quantize the tensor `exact` and dequantize it as `rounded`. Return the scale.

        The scale is computed from the measured range of the tensor `name`.
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
        """Add a constant that is stored as integers with one scale per filter."""
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
        """Replace the nodes and constants of the graph with the quantized ones."""
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(self.nodes)
        self._graph.initializer.extend(self._constants.values())
