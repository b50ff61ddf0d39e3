"""A forward pass of Darknet networks in numpy, which is independent of the detector.

It follows the loops of Darknet's layers, in float64. Sources: https://github.com/pjreddie/darknet (`src/*_layer.c`,
`src/blas.c`) and https://github.com/AlexeyAB/darknet (`new_coords`, `scale_x_y`, groups of routes).
"""

import struct
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]
Options: TypeAlias = dict[str, str]

_NAMES = {"conv": "convolutional", "max": "maxpool"}


@dataclass
class RandomWeights:
    """Weights that are drawn when a layer needs them. `file` collects them as a weights file."""

    file: bytes = struct.pack("<iiiq", 0, 2, 5, 0)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(11))

    def take(self, filters: int, channels: int, size: int, *, normalized: bool) -> tuple[Numbers, list[Numbers]]:
        """Return the kernel and the other parameters: the bias, and scale, mean and variance if it is normalized."""
        parameters = [self.random.normal(0, 0.5, filters)]
        if normalized:
            parameters += [
                self.random.normal(1, 0.2, filters),
                self.random.normal(0, 0.2, filters),
                self.random.uniform(0.5, 2, filters),
            ]
        fan_in = channels * size * size
        kernel = self.random.normal(0, 1.5 / np.sqrt(fan_in), (filters, channels, size, size))
        rounded = [array.astype("<f4") for array in (*parameters, kernel)]
        self.file += b"".join(array.tobytes() for array in rounded)
        *others, kernel = (array.astype(float) for array in rounded)
        return kernel, others


def forward(cfg: str, image: Numbers, weights: RandomWeights) -> Numbers:
    """Return one row per head, grid cell, anchor and class: the class, its score, and x1, y1, x2 and y2 in pixels.

    Args:
        cfg: The text of the cfg file.
        image: RGB from 0 to 1, 3 x rows x columns.
        weights: The source of the weights.
    """
    outputs: list[Numbers] = []
    rows: list[Numbers] = []
    for name, options in _parse(cfg)[1:]:
        source = outputs[-1] if outputs else image
        if name in {"yolo", "region"}:
            outputs.append(source)
            rows.append(_detect(name, source, options, image.shape[1:]))
        elif name == "convolutional":
            outputs.append(_convolve(source, options, weights))
        else:
            outputs.append(_combine(name, outputs, options))
    return np.concatenate(rows)


def _combine(name: str, outputs: list[Numbers], options: Options) -> Numbers:
    """Return the output of a layer without weights."""
    match name:
        case "maxpool":
            return _pool(outputs[-1], options)
        case "route":
            return _route(outputs, options)
        case "shortcut":
            others = [outputs[index] for index in _integers(options["from"])]
            return _activate(sum(others, outputs[-1]), options.get("activation", "linear"))
        case "upsample":
            return outputs[-1].repeat(int(options["stride"]), axis=1).repeat(int(options["stride"]), axis=2)
        case "reorg":
            return _reorganize(outputs[-1], int(options["stride"]))
    raise ValueError(name)


def measure_difference(rows: Numbers, others: Numbers) -> float:
    """Return the largest difference between a row of one array and the closest row of the other, in both directions."""
    differences = np.abs(rows[:, np.newaxis] - others).max(axis=2)
    return float(max(differences.min(axis=0).max(), differences.min(axis=1).max()))


def _parse(cfg: str) -> list[tuple[str, Options]]:
    sections: list[tuple[str, Options]] = []
    for line in cfg.splitlines():
        text = line.replace(" ", "")
        if text.startswith("["):
            sections.append((_NAMES.get(text[1:-1], text[1:-1]), {}))
        elif text and text[0] not in "#;":
            key, value = text.split("=")
            sections[-1][1].setdefault(key, value)
    return sections


def _integers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _convolve(source: Numbers, options: Options, weights: RandomWeights) -> Numbers:
    filters, size, stride = int(options["filters"]), int(options["size"]), int(options.get("stride", 1))
    groups, pad = int(options.get("groups", 1)), size // 2 if options.get("pad", "0") == "1" else 0
    normalized = options.get("batch_normalize", "0") == "1"
    kernel, (bias, *normalization) = weights.take(filters, len(source) // groups, size, normalized=normalized)
    parts = [
        correlate(group_source, group_kernel, stride, pad)
        for group_source, group_kernel in zip(np.split(source, groups), np.split(kernel, groups), strict=True)
    ]
    output = np.concatenate(parts)
    if normalization:
        scale, mean, variance = (each[:, np.newaxis, np.newaxis] for each in normalization)
        output = (output - mean) / (np.sqrt(variance) + 1e-6) * scale
    return _activate(output + bias[:, np.newaxis, np.newaxis], options.get("activation", "logistic"))


def correlate(source: Numbers, kernel: Numbers, stride: int, padding: int) -> Numbers:
    """Return the output of a convolutional layer without bias: filters x rows x columns.

    Args:
        source: Channels x rows x columns.
        kernel: Filters x channels x rows x columns.
        stride: The step of the kernel in both directions.
        padding: The number of zeros on each side.
    """
    padded = np.pad(source, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2:], axis=(1, 2))
    return np.asarray(np.einsum("fcij,cyxij->fyx", kernel, windows[:, ::stride, ::stride], optimize=True))


def _activate(numbers: Numbers, activation: str) -> Numbers:
    match activation:
        case "linear":
            return numbers
        case "leaky":
            return np.where(numbers > 0, numbers, 0.1 * numbers)
        case "relu":
            return np.maximum(numbers, 0)
        case "logistic":
            return logistic(numbers)
        case "swish":
            return numbers * logistic(numbers)
        case "mish":
            return numbers * np.tanh(np.log1p(np.exp(numbers)))
    raise ValueError(activation)


def logistic(numbers: Numbers) -> Numbers:
    """Return the sigmoid function of numbers."""
    return 1 / (1 + np.exp(-numbers))


def _pool(source: Numbers, options: Options) -> Numbers:
    stride = int(options.get("stride", 1))
    size = int(options.get("size", stride))
    padding = int(options.get("padding", size - 1))
    _, rows, columns = source.shape
    output = np.full(
        (len(source), (rows + padding - size) // stride + 1, (columns + padding - size) // stride + 1), -np.inf
    )
    for row in range(output.shape[1]):
        for column in range(output.shape[2]):
            top, left = row * stride - padding // 2, column * stride - padding // 2
            window = source[:, max(0, top) : top + size, max(0, left) : left + size]
            output[:, row, column] = window.max(axis=(1, 2))
    return output


def _route(outputs: list[Numbers], options: Options) -> Numbers:
    groups, group = int(options.get("groups", 1)), int(options.get("group_id", 0))
    return np.concatenate([np.split(outputs[index], groups)[group] for index in _integers(options["layers"])])


def _reorganize(source: Numbers, stride: int) -> Numbers:
    channels, rows, columns = source.shape
    fewer = channels // stride**2
    output = np.empty(source.size)
    for k, j, i in np.ndindex(channels, rows, columns):
        offset = k // fewer
        wide_row, wide_column = j * stride + offset // stride, i * stride + offset % stride
        index = wide_column + columns * stride * (wide_row + rows * stride * (k % fewer))
        output[i + columns * (j + rows * k)] = source.flat[index]
    return output.reshape(channels * stride**2, rows // stride, columns // stride)


def _detect(name: str, source: Numbers, options: Options, image: tuple[int, ...]) -> Numbers:
    classes = int(options["classes"])
    anchors = np.array([float(number) for number in options["anchors"].split(",")]).reshape(-1, 2)
    mask = _integers(options["mask"]) if "mask" in options else range(int(options["num"]))
    cells = source.reshape(len(mask), 5 + classes, *source.shape[1:])
    rows = []
    for anchor, y, x in np.ndindex(len(mask), *source.shape[1:]):
        cell, prior = cells[anchor, :, y, x], anchors[mask[anchor]]
        centre, size, objectness, scores = cell[:2], cell[2:4], cell[4], cell[5:]
        unit = np.array([image[1] / source.shape[2], image[0] / source.shape[1]])
        if name == "region":
            exponents = np.exp(scores - scores.max())
            centre, size = logistic(centre), np.exp(size) * prior * unit
            objectness, scores = logistic(objectness), exponents / exponents.sum()
        elif options.get("new_coords") == "1":
            size = size * size * 4 * prior
        else:
            centre, size = logistic(centre), np.exp(size) * prior
            objectness, scores = logistic(objectness), logistic(scores)
        scale = float(options.get("scale_x_y", 1))
        centre = (centre * scale - (scale - 1) / 2 + [x, y]) * unit
        box = [*(centre - size / 2), *(centre + size / 2)]
        rows += [[label, objectness * score, *box] for label, score in enumerate(scores)]
    return np.array(rows)
