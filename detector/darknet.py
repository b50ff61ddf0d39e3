"""Darknet's cfg and weights files made into an ONNX model; used when building, never when detecting.

Sections, their defaults and the order of their numbers in the weights file are those of Darknet's
``src/parser.c`` (https://github.com/pjreddie/darknet).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from detector.graph import BOX_NUMBERS, Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float32]

_EPSILON = 1e-6  # added to the standard deviation by Darknet's normalize_cpu
_LEAK = 0.1


class DarknetError(ValueError):
    """The files are no network that PixTag can read; the message names the section or the file."""


def convert(cfg: str, weights: bytes, *, model: str, labels: Sequence[str]) -> bytes:
    """Make a serialised ONNX model (see Graph) of a Darknet network.

    Args:
        cfg: text of the cfg file.
        weights: content of the weights file.
        model: name and version that the model will give for itself.
        labels: of the classes, in the order of training.

    Raises:
        DarknetError: naming the section that is unknown or wrong, or what does not fit about the weights.
    """
    sections = _read_sections(cfg)
    network = _Network(_Weights(weights), Graph(labels))
    for section in sections[1:]:
        network.append(section)
    if network.weights.left:
        raise DarknetError(f"The weights file holds {network.weights.left} numbers more than the cfg asks for.")
    if not network.has_heads:
        raise DarknetError("The cfg has no section [yolo].")
    return network.graph.export(model)


@dataclass(frozen=True, slots=True)
class _Section:
    """One ``[name]`` of a cfg file, the line it stands in, and its ``key=value`` options."""

    name: str
    line: int
    options: dict[str, str] = field(default_factory=dict)

    def number(self, key: str, default: int | None = None) -> int:
        if default is not None and key not in self.options:
            return default
        return self.numbers(key)[0]

    def numbers(self, key: str) -> list[int]:
        try:
            return [int(number) for number in self.options[key].split(",")]
        except (KeyError, ValueError):
            raise self.error(f"needs whole numbers for {key}") from None

    def error(self, complaint: str) -> DarknetError:
        return DarknetError(f"[{self.name}] in line {self.line} of the cfg {complaint}.")


def _read_sections(cfg: str) -> list[_Section]:
    sections: list[_Section] = []
    for number, line in enumerate(cfg.splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            sections.append(_Section(text.strip("[]"), number))
        elif text and sections:
            key, _, value = text.partition("=")
            sections[-1].options[key.strip()] = value.strip()
    if not sections or sections[0].name not in {"net", "network"}:
        raise DarknetError("The cfg does not begin with a section [net].")
    return sections


class _Weights:
    """The numbers of a weights file, taken one layer after the other."""

    def __init__(self, data: bytes) -> None:
        major, minor = np.frombuffer(data[:8].ljust(8, b"\0"), "<i4")
        # Three version numbers, then how many pictures were seen in training: 64 bits since version 0.2.
        numbers = data[20:] if major * 10 + minor >= 2 else data[16:]  # noqa: PLR2004
        self._numbers: Floats = np.frombuffer(numbers[: len(numbers) // 4 * 4], "<f4")

    @property
    def left(self) -> int:
        return len(self._numbers)

    def take(self, section: _Section, *shape: int) -> Floats:
        count = math.prod(shape)
        if count > self.left:
            raise section.error(f"needs {count} numbers, but the weights file has only {self.left} left")
        taken, self._numbers = np.split(self._numbers, [count])
        return taken.reshape(shape)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What a section computes: a tensor, 1 x channels x rows x columns, each ``stride`` input pixels wide."""

    tensor: str
    channels: int
    stride: int


class _Network:
    """A graph that grows section by section."""

    def __init__(self, weights: _Weights, graph: Graph) -> None:
        self.weights = weights
        self.graph = graph
        self.layers: list[_Layer] = []
        self.has_kernels = False
        self.has_heads = False

    @property
    def last(self) -> _Layer:
        return self.layers[-1] if self.layers else _Layer(self.graph.input, channels=3, stride=1)

    def append(self, section: _Section) -> None:
        if section.name not in _SECTIONS:
            raise section.error("is of a kind that PixTag does not know")
        build, known = _SECTIONS[section.name]
        unknown = section.options.keys() - set(known.split())
        if unknown:
            raise section.error(f"has options that PixTag does not know: {', '.join(sorted(unknown))}")
        self.layers.append(build(self, section))


def _convolutional(network: _Network, section: _Section) -> _Layer:
    source, filters = network.last, section.number("filters", 1)
    size, stride = section.number("size", 1), section.number("stride", 1)
    padding = size // 2 if section.number("pad", 0) else section.number("padding", 0)
    kernel, bias = _take_kernel(network, section, filters, size)
    tensor = network.graph.add(
        "Conv",
        source.tensor,
        network.graph.add_constant(kernel),
        network.graph.add_constant(bias),
        strides=[stride, stride],
        pads=[padding] * 4,
    )
    return _Layer(_activate(network, section, tensor), filters, source.stride * stride)


def _take_kernel(network: _Network, section: _Section, filters: int, size: int) -> tuple[Floats, Floats]:
    """Return kernel and bias, with batch normalisation and the input's scale and channel order folded in."""
    bias = network.weights.take(section, filters)
    normalised = section.number("batch_normalize", 0)
    if normalised:
        scale, mean, variance = network.weights.take(section, 3, filters)
    kernel = network.weights.take(section, filters, network.last.channels, size, size)
    if normalised:
        factor = scale / (np.sqrt(variance) + np.float32(_EPSILON))
        kernel, bias = kernel * factor[:, np.newaxis, np.newaxis, np.newaxis], bias - mean * factor
    if not network.has_kernels:  # Darknet trained on RGB from 0 to 1, we feed BGR from 0 to 255
        kernel = kernel[:, ::-1] / np.float32(255)
        network.has_kernels = True
    return kernel, bias


def _activate(network: _Network, section: _Section, tensor: str) -> str:
    match section.options.get("activation", "logistic"):
        case "linear":
            return tensor
        case "leaky":
            return network.graph.add("LeakyRelu", tensor, alpha=_LEAK)
        case activation:
            raise section.error(f"has an activation that PixTag does not know: {activation}")


def _maxpool(network: _Network, section: _Section) -> _Layer:
    source, stride = network.last, section.number("stride", 1)
    size = section.number("size", stride)
    padding = section.number("padding", size - 1)
    before, after = padding // 2, padding - padding // 2
    tensor = network.graph.add(
        "MaxPool",
        source.tensor,
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=[before, before, after, after],
    )
    return _Layer(tensor, source.channels, source.stride * stride)


def _route(network: _Network, section: _Section) -> _Layer:
    here = len(network.layers)
    indices = [index + here if index < 0 else index for index in section.numbers("layers")]
    if any(index not in range(here) for index in indices):
        raise section.error("names a layer that does not come before it")
    sources = [network.layers[index] for index in indices]
    if len({source.stride for source in sources}) > 1:
        raise section.error("joins layers of different sizes")
    tensor = network.graph.add("Concat", *(source.tensor for source in sources), axis=1)
    return _Layer(tensor, sum(source.channels for source in sources), sources[0].stride)


def _upsample(network: _Network, section: _Section) -> _Layer:
    source, factor = network.last, section.number("stride", 2)
    tensor = network.graph.add(
        "Resize",
        source.tensor,
        "",
        network.graph.add_constant(np.array([1, 1, factor, factor], np.float32)),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return _Layer(tensor, source.channels, source.stride // factor)


def _yolo(network: _Network, section: _Section) -> _Layer:
    numbers, mask = section.numbers("anchors"), section.numbers("mask")
    classes = len(network.graph.labels)
    if section.number("classes", 20) != classes:
        raise section.error(f"is for another number of classes than the {classes} labels")
    if network.last.channels != len(mask) * (BOX_NUMBERS + classes):
        raise section.error("does not fit the number of filters of the section before it")
    if max(mask) >= len(numbers) // 2 or min(mask) < 0:
        raise section.error("names an anchor in its mask that it does not have")
    anchors = [numbers[2 * index : 2 * index + 2] for index in mask]
    network.has_heads = True
    network.graph.add_head(network.last.tensor, network.last.stride, anchors)
    return network.last


_Builder = Callable[[_Network, _Section], _Layer]
_SECTIONS: dict[str, tuple[_Builder, str]] = {
    "convolutional": (_convolutional, "batch_normalize filters size stride pad padding activation"),
    "maxpool": (_maxpool, "size stride padding"),
    "route": (_route, "layers"),
    "upsample": (_upsample, "stride"),
    "yolo": (_yolo, "mask anchors classes num jitter ignore_thresh truth_thresh random"),
}
"""What builds each kind of section, and the options that it knows or, as they are for training, passes over."""
