"""Tiny ONNX models with the heads of YOLOX and NanoDet-Plus, and the same computation in numpy.

The weights are random but always the same. The grids have strides of 8, 16, 32 and, in NanoDet-Plus, 64.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

from tests.support.darknet_forward import Numbers, correlate, logistic

LABELS = ("this", "that")
SIDE = 416
BINS = 8  # of NanoDet-Plus

_CHANNELS = 6
_SCALE = 0.01  # of the pixels of YOLOX
_STEPS = [(8, 0), (2, 1)]  # stride and padding of the first and of the other convolutions
_MEAN, _DEVIATION = [103.53, 116.28, 123.675], [57.375, 57.12, 58.395]


def _draw_kernels(columns: int, grids: int) -> list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Return the first convolution with a stride of 8, one with a stride of 2 for each further grid, and the heads."""
    random = np.random.default_rng(3)
    shapes = [
        (_CHANNELS, 3, 8, 8),
        *[(_CHANNELS, _CHANNELS, 3, 3)] * (grids - 1),
        *[(columns, _CHANNELS, 1, 1)] * grids,
    ]
    return [
        (
            random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype(np.float32),
            random.normal(0, 0.5, shape[0]).astype(np.float32),
        )
        for shape in shapes
    ]


def make_yolox(scale: float = _SCALE, labels: int = len(LABELS), **changes: int) -> bytes:
    """Return a model whose columns are x, y, logarithms of width and height, objectness and probabilities."""
    return _make_model(5 + labels, 3, range(4, 5 + labels), scale=scale, **changes)


def make_nanodet(grids: int = 4, bins: int = BINS, **changes: int) -> bytes:
    """Return a model whose columns are two probabilities and four distributions."""
    return _make_model(len(LABELS) + 4 * bins, grids, range(len(LABELS)), scale=1, **changes)


def _make_model(
    columns: int, grids: int, probabilities: range, *, scale: float, side: int = SIDE, opset: int = 11
) -> bytes:
    """Return a model that multiplies its input with `scale`, and applies sigmoid to the columns of probabilities."""
    kernels = _draw_kernels(columns, grids)
    nodes = [helper.make_node("Mul", ["images", "scale"], ["scaled"])]
    constants = [
        numpy_helper.from_array(np.array(scale, np.float32), "scale"),
        numpy_helper.from_array(np.array([1, columns, -1]), "flat"),
    ]
    for number, arrays in enumerate(kernels):
        constants += [
            numpy_helper.from_array(array, f"{kind}{number}") for kind, array in zip("wb", arrays, strict=True)
        ]
    cuts = sorted({0, probabilities.start, probabilities.stop, columns})
    constants += [numpy_helper.from_array(np.array([cut]), f"cut{number}") for number, cut in enumerate(cuts)]
    constants.append(numpy_helper.from_array(np.array([2]), "axis"))
    source = "scaled"
    for number in range(grids):
        stride, padding = _STEPS[min(number, 1)]
        nodes += [
            helper.make_node(
                "Conv", [source, f"w{number}", f"b{number}"], [f"c{number}"], strides=[stride] * 2, pads=[padding] * 4
            ),
            helper.make_node("LeakyRelu", [f"c{number}"], [f"grid{number}"], alpha=0.1),
            helper.make_node("Conv", [f"grid{number}", f"w{grids + number}", f"b{grids + number}"], [f"head{number}"]),
            helper.make_node("Reshape", [f"head{number}", "flat"], [f"flat{number}"]),
        ]
        source = f"grid{number}"
    parts = ["scores" if start == probabilities.start else f"part{start}" for start in cuts[:-1]]
    nodes += [
        helper.make_node("Concat", [f"flat{number}" for number in range(grids)], ["channels"], axis=2),
        helper.make_node("Transpose", ["channels"], ["rows"], perm=[0, 2, 1]),
        *(
            helper.make_node("Slice", ["rows", f"cut{number}", f"cut{number + 1}", "axis"], [f"part{start}"])
            for number, start in enumerate(cuts[:-1])
        ),
        helper.make_node("Sigmoid", [f"part{probabilities.start}"], ["scores"]),
        helper.make_node("Concat", parts, ["output"], axis=2),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, "cells", columns])
    graph = helper.make_graph(nodes, "small", [images], [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=6)
    return bytes(model.SerializeToString())


def detect_yolox(frame: npt.NDArray[np.uint8]) -> Numbers:
    """Return one row per cell and class: the class, its score, and x1, y1, x2 and y2 in pixels of the frame.

    Args:
        frame: BGR, `SIDE` x `SIDE` x 3.
    """
    rows = []
    for stride, grid in zip((8, 16, 32), _run(frame.astype(float) * _SCALE, 5 + len(LABELS), 3), strict=True):
        for y, x in np.ndindex(grid.shape[1:]):
            cell = grid[:, y, x]
            centre = (cell[:2] + np.array([x, y])) * stride
            half = np.exp(cell[2:4]) * stride / 2
            objectness, *scores = logistic(cell[4:])
            rows += [
                [label, objectness * score, *(centre - half), *(centre + half)] for label, score in enumerate(scores)
            ]
    return np.array(rows)


def detect_nanodet(frame: npt.NDArray[np.uint8]) -> Numbers:
    """Return the same as `detect_yolox` for NanoDet-Plus."""
    rows = []
    normalized = (frame.astype(float) - np.array(_MEAN)) / _DEVIATION
    for stride, grid in zip((8, 16, 32, 64), _run(normalized, len(LABELS) + 4 * BINS, 4), strict=True):
        for y, x in np.ndindex(grid.shape[1:]):
            scores, distributions = logistic(grid[:2, y, x]), np.exp(grid[2:, y, x].reshape(4, BINS))
            left, top, right, bottom = stride * (distributions @ np.arange(BINS)) / distributions.sum(axis=1)
            box = [x * stride - left, y * stride - top, x * stride + right, y * stride + bottom]
            rows += [[label, score, *box] for label, score in enumerate(scores)]
    return np.array(rows)


def _run(pixels: Numbers, columns: int, grids: int) -> Sequence[Numbers]:
    """Return the output of each grid before the sigmoid function, columns x rows x columns of the grid."""
    kernels = _draw_kernels(columns, grids)
    source = pixels.transpose(2, 0, 1)
    outputs = []
    for number in range(grids):
        stride, padding = _STEPS[min(number, 1)]
        convolved = correlate(source, kernels[number][0].astype(float), stride, padding)
        convolved += kernels[number][1][:, np.newaxis, np.newaxis]
        source = np.where(convolved > 0, convolved, 0.1 * convolved)
        kernel, bias = kernels[grids + number]
        outputs.append(correlate(source, kernel.astype(float), 1, 0) + bias[:, np.newaxis, np.newaxis])
    return outputs
