"""Converts ONNX models of other detectors: YOLOX and NanoDet-Plus.

The converted model reads PixTag's frames and returns the cells that `Graph` describes. The head is recognized by the
shape of the output for a grey frame.
Sources: https://github.com/Megvii-BaseDetection/YOLOX (`yolox/models/yolo_head.py`) and
https://github.com/RangiLyu/nanodet (`nanodet/model/head/nanodet_plus_head.py`)
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime

from detector.conversion.graph import BOX_NUMBERS, Graph, Head
from detector.conversion.published import COCO_LABELS
from detector.yolo import INPUT_SIDE, RUNTIME_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detector.conversion.darknet import Floats

_MIN_OPSET = 11
_CONFIDENCE, _FURTHER = 0.3, 0.15  # as for Yolo-Fastest; they were not chosen on photos

_NANODET_MEAN, _NANODET_DEVIATION = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)  # BGR
_NANODET_BOX = [[-0.5, 0, 1, 0, 0], [0, -0.5, 0, 1, 0], [0.5, 0, 1, 0, 0], [0, 0.5, 0, 1, 0]]
"""Multiplied by the distances of the left, top, right and bottom edge, it gives x, y, width, height and 0."""
_MAX_OFFSET = 32  # in grid cells; undecoded centres are much closer to their cells


class OnnxError(ValueError):
    """An ONNX model is not one of the supported detectors. The message describes the problem."""


def convert_onnx(file: Path, labels: Sequence[str] | None, confidence: float | None) -> bytes:
    """Return the serialized model of PixTag for an ONNX model. It is named after its file.

    Args:
        file: The path of the ONNX model. Its input is BGR, 1 x 3 x `INPUT_SIDE` x `INPUT_SIDE`.
        labels: The labels of the classes. The default is `names` in the model's metadata, or COCO's labels.
        confidence: The minimum confidence of a tag, from 0 to 1. The default is 0.3.

    Raises:
        OnnxError: the model is not supported.
        OSError: the file cannot be read.
    """
    content = file.read_bytes()
    try:
        cells = _run(content)
    except RUNTIME_ERRORS as error:
        raise OnnxError(f"{file} is not an ONNX model that can run: {error}") from error
    model = onnx.load_from_string(content)
    if max(opset.version for opset in model.opset_import if opset.domain in {"", "ai.onnx"}) < _MIN_OPSET:
        raise OnnxError(f"{file} uses old operators. Export the model with opset {_MIN_OPSET} or later.")
    graph = Graph(labels or _read_labels(model), INPUT_SIDE)
    graph.activated = True
    _add_detector(graph, model, cells)
    name = f"{file.stem}@{hashlib.sha256(content).hexdigest()[:8]}"
    return graph.export(model=name, confidence=_CONFIDENCE if confidence is None else confidence, further=_FURTHER)


def _run(content: bytes) -> Floats:
    """Run a model on a grey frame and return its output. An output of another type or shape is returned as it is."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), session.get_outputs()
    expected = [1, 3, INPUT_SIDE, INPUT_SIDE]
    shapes = [value.shape for value in inputs]
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or not _fits(shapes[0], expected):
        raise OnnxError(
            f"The model needs one input of 1 x 3 x {INPUT_SIDE} x {INPUT_SIDE} floats, but it has {shapes}. Export it "
            f"for photos of {INPUT_SIDE} x {INPUT_SIDE} pixels."
        )
    if len(outputs) != 1:
        raise OnnxError(f"The model needs one output with all detections, but it has {len(outputs)} outputs.")
    [cells] = session.run(None, {inputs[0].name: np.full(expected, 127, np.float32)})
    return np.asarray(cells)


def _fits(shape: Sequence[int | str | None], expected: Sequence[int]) -> bool:
    """Return whether a shape, which can contain names of variable sizes, allows the expected one."""
    return len(shape) == len(expected) and all(
        size == other for size, other in zip(shape, expected, strict=True) if isinstance(size, int)
    )


def _read_labels(model: onnx.ModelProto) -> Sequence[str]:
    """Return the labels in the model's metadata, which are a list or a dictionary, or COCO's labels."""
    for entry in model.metadata_props:
        if entry.key == "names":
            try:
                names = ast.literal_eval(entry.value)
                return [str(name) for name in (names.values() if isinstance(names, dict) else names)]
            except (SyntaxError, TypeError, ValueError):
                raise OnnxError("The metadata `names` is not a list of labels. Pass a file: --names FILE") from None
    return COCO_LABELS


def _add_detector(graph: Graph, model: onnx.ModelProto, cells: Floats) -> None:
    """Add the nodes of the model and of its head. The model's output, `cells`, has one row for each grid cell."""
    if cells.ndim != 3 or len(cells) != 1:  # noqa: PLR2004 - images, cells and columns
        raise OnnxError(f"The model's output needs the shape 1 x cells x columns, but it is {cells.shape}.")
    counts = {sum((-(-INPUT_SIDE // stride)) ** 2 for stride in detector.strides): detector for detector in _DETECTORS}
    detector = counts.get(cells.shape[1])
    if detector is None:
        expected = " or ".join(f"{count} ({detector.name})" for count, detector in counts.items())
        raise OnnxError(f"The model's output has {cells.shape[1]} cells, but it needs {expected}.")
    labels = len(graph.labels)
    if not detector.fits(cells.shape[2] - labels):
        raise OnnxError(
            f"The output of {detector.name} has {cells.shape[2]} columns, which does not match {labels} labels. Pass a "
            "file with its labels: --names FILE"
        )
    rows = detector.add(graph, model, cells[0])
    graph.add_heads(rows, *(Head(stride, [[stride, stride]]) for stride in detector.strides))


def _check_probabilities(scores: Floats) -> None:
    if scores.min() < 0 or scores.max() > 1:
        raise OnnxError("The model's scores are not probabilities. Export it with its sigmoid function.")


def _add_yolox(graph: Graph, model: onnx.ModelProto, cells: Floats) -> str:
    """Add YOLOX. Its columns are x and y in grid cells, the logarithms of width and height, and probabilities."""
    _check_probabilities(cells[:, 4:])
    if np.median(np.abs(cells[:, :2])) > _MAX_OFFSET:
        raise OnnxError("The YOLOX model decodes its boxes itself. Export it without --decode_in_inference.")
    columns = cells.shape[1]
    output = graph.add_network(model, graph.input)
    rows = graph.add("Reshape", output, graph.add_constant([-1, columns]))
    sizes = graph.add("Exp", graph.add_columns(rows, 2, 4))
    return graph.add("Concat", graph.add_columns(rows, 0, 2), sizes, graph.add_columns(rows, 4, columns), axis=1)


def _add_nanodet(graph: Graph, model: onnx.ModelProto, cells: Floats) -> str:
    """Add NanoDet-Plus. Its columns are the probabilities of the classes and four distributions.

    The distributions are over the distances of the left, top, right and bottom edge from the corner of the grid cell.
    The distances are 0, 1, 2 and so on, in grid cells. There is no objectness, so it becomes 1.
    Source: X. Li et al., "Generalized Focal Loss" (2020), section 3.2.
    """
    labels, columns = len(graph.labels), cells.shape[1]
    bins = (columns - labels) // 4
    _check_probabilities(cells[:, :labels])
    mean, deviation = (
        graph.add_constant(np.reshape(numbers, (1, 3, 1, 1)).astype(np.float32))
        for numbers in (_NANODET_MEAN, _NANODET_DEVIATION)
    )
    normalized = graph.add("Div", graph.add("Sub", graph.input, mean), deviation)
    output = graph.add_network(model, normalized)
    rows = graph.add("Reshape", output, graph.add_constant([-1, columns]))
    logits = graph.add("Reshape", graph.add_columns(rows, labels, columns), graph.add_constant([-1, bins]))
    distances = graph.add_constant(np.arange(bins, dtype=np.float32)[:, np.newaxis])
    means = graph.add("MatMul", graph.add("Softmax", logits, axis=1), distances)
    edges = graph.add("Reshape", means, graph.add_constant([-1, 4]))
    box = np.array(_NANODET_BOX, np.float32), np.array([0, 0, 0, 0, 1], np.float32)
    boxes = graph.add("Gemm", edges, *map(graph.add_constant, box))
    return graph.add("Concat", boxes, graph.add_columns(rows, 0, labels), axis=1)


@dataclass(frozen=True, slots=True)
class _Detector:
    """A kind of detector.

    Attributes:
        name: The name of the detector.
        strides: The width and height of a cell of each grid, in input pixels.
        fits: Whether the output can have this number of columns, not counting the labels.
        add: Adds the model and the conversion of its output to a graph. Returns the name of the cells.
    """

    name: str
    strides: tuple[int, ...]
    fits: Callable[[int], bool]
    add: Callable[[Graph, onnx.ModelProto, Floats], str]


_DETECTORS = (
    _Detector("YOLOX", (8, 16, 32), lambda columns: columns == BOX_NUMBERS, _add_yolox),
    _Detector("NanoDet-Plus", (8, 16, 32, 64), lambda columns: columns in range(8, 257, 4), _add_nanodet),
)
