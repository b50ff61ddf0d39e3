"""A model's heavy convolutions in 8 bits: scales written into its graph, found by looking at photographs.

Numbers go in and out as uint8, kernels are int8 with a scale for each filter (R. Krishnamoorthi, "Quantizing deep
convolutional networks for efficient inference", 2018, section 3). Kernels use 7 of their 8 bits: CPUs without VNNI add
two products in 16 bits, which 255 x 64 x 2 just fits. What is no heavy convolution stays float32: it costs little time,
and the heads' cells are exponents of sizes.
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
"""For what goes into and comes out of each heavy convolution, the least and the greatest number it has had."""

KEPT = Path(__file__).with_name("calibration.json")

_HEAVY = 500_000  # numbers in the kernel: yolov3-tiny has four such, with two thirds of its arithmetic
_LARGEST_WEIGHT = np.float32(64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured on photographs so that a model can be put into 8 bits.

    Attributes:
        confidence: how sure the model must then be of a tag: it is a little less sure of everything.
        ranges: cutting off the outermost numbers instead (percentiles) was measured to be no better.
    """

    confidence: float
    ranges: Ranges


def measure(model: bytes, frames: Iterable[Pixels]) -> Ranges:
    """Find the ranges of a float32 model on frames that are letterboxed as for detecting.

    Raises:
        DarknetError: the model has no heavy convolution.
    """
    watched = onnx.load_from_string(model)
    names = sorted({name for node in _heavy(watched) for name in (node.input[0], node.output[0])})
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    seen = np.array(
        [
            [(tensor.min(), tensor.max()) for tensor in session.run(names, {"pixels": frame[np.newaxis]})]
            for frame in frames
        ],
        np.float64,
    )  # frames x names x 2
    ends = zip(seen[..., 0].min(axis=0).round(3).tolist(), seen[..., 1].max(axis=0).round(3).tolist(), strict=True)
    return dict(zip(names, ends, strict=True))


def find(model: str) -> Calibration:
    """Return what is kept with the code for a published model: figures, so no photograph is needed to build.

    Raises:
        DarknetError: there is nothing for the model of this name.
    """
    kept = json.loads(KEPT.read_text())
    if model not in kept:
        raise DarknetError(f"calibration.json knows nothing of {model}: look at photographs by --calibrate DIR.")
    return Calibration(kept[model]["confidence"], kept[model]["ranges"])


def keep(model: str, calibration: Calibration) -> None:
    """Keep a calibration with the code, in place of an older one of the model."""
    kept = json.loads(KEPT.read_text()) | {model: asdict(calibration)}
    lines = json.dumps(kept, indent=1)
    KEPT.write_text(re.sub(r"\[\s+(\S+)\s+(\S+)\s+\]", r"[\1 \2]", lines) + "\n")


def quantise(model: bytes, calibration: Calibration) -> bytes:
    """Put the heavy convolutions of a float32 model into 8 bits; its name becomes ``NAME-int8@VERSION``.

    Raises:
        DarknetError: the model has no heavy convolution, or the calibration is not of this model.
    """
    quantised = onnx.load_from_string(model)
    heavy = {node.name for node in _heavy(quantised)}
    writer = _Writer(quantised, calibration.ranges)
    for node in list(quantised.graph.node):
        if node.name in heavy:
            writer.quantise(node)
        else:
            writer.nodes.append(node)
    writer.finish()
    metadata = {entry.key: entry.value for entry in quantised.metadata_props}
    metadata |= {"model": _name(metadata["model"], calibration.ranges), "confidence": str(calibration.confidence)}
    helper.set_model_props(quantised, metadata)
    onnx.checker.check_model(quantised, full_check=True)
    return bytes(quantised.SerializeToString())


def _heavy(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    sizes = {constant.name: math.prod(constant.dims) for constant in model.graph.initializer}
    heavy = [node for node in model.graph.node if node.op_type == "Conv" and sizes[node.input[1]] >= _HEAVY]
    if not heavy:
        raise DarknetError("The model has no convolution so heavy that 8 bits would make it faster.")
    return heavy


def _name(model: str, ranges: Ranges) -> str:
    """Return the name with a version that stands for the model's own version and the ranges."""
    version = hashlib.sha256(f"{model} {json.dumps(ranges, sort_keys=True)}".encode()).hexdigest()[:8]
    return f"{model.partition('@')[0]}-int8@{version}"


class _Writer:
    """Writes a graph anew, with the conversions to 8 bits and back around its heavy convolutions."""

    def __init__(self, model: onnx.ModelProto, ranges: Ranges) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._graph = model.graph
        self._ranges = ranges
        self._constants = {constant.name: constant for constant in model.graph.initializer}

    def quantise(self, node: onnx.NodeProto) -> None:
        (source, kernel, bias), (output,) = node.input, node.output
        weights, sums = (numpy_helper.to_array(self._constants.pop(name)) for name in (kernel, bias))
        largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
        scales: Floats = np.where(largest > 0, largest, 1).astype(np.float32) / _LARGEST_WEIGHT
        source_scale = self._round(source, source, f"{node.name}_source")
        node.input[:] = [f"{node.name}_source", f"{kernel}_rounded", f"{bias}_rounded"]
        node.output[:] = [f"{output}_exact"]
        self._dequantise(np.rint(weights / scales).astype(np.int8), scales.ravel(), node.input[1])
        sum_scales: Floats = scales.ravel() * source_scale
        self._dequantise(np.rint(sums / sum_scales).astype(np.int32), sum_scales, node.input[2])
        self.nodes.append(node)
        self._round(output, node.output[0], output)

    def _round(self, name: str, exact: str, rounded: str) -> np.float32:
        """Take a tensor through 8 bits, by the range of that name, and return what a step is worth."""
        if name not in self._ranges:
            raise DarknetError(f"The ranges are not of this model: there is none for {name}.")
        least, greatest = self._ranges[name]
        scale = np.float32((max(greatest, 0) - min(least, 0)) / 255 or 1)
        zero = np.uint8(np.rint(-min(least, 0) / scale))
        scales = [self._add(scale, f"{rounded}_scale"), self._add(zero, f"{rounded}_zero")]
        self.nodes.append(helper.make_node("QuantizeLinear", [exact, *scales], [f"{rounded}_bytes"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [f"{rounded}_bytes", *scales], [rounded]))
        return scale

    def _dequantise(self, steps: npt.NDArray[np.generic], scales: Floats, output: str) -> None:
        """Write a constant that is kept as whole numbers of its filter's scale."""
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
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(self.nodes)
        self._graph.initializer.extend(self._constants.values())
