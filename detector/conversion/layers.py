"""Adds the layers of a Darknet network to an ONNX graph. `heads.py` adds the layers with the detections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from detector.conversion.darknet import Floats, Section, Weights
    from detector.conversion.graph import Graph

_EPSILON = 1e-6  # added to the variance, as in OpenCV; Darknet adds 1e-6 to the standard deviation
_LEAK = 0.1


@dataclass(frozen=True, slots=True)
class Layer:
    """The output of a section.

    Attributes:
        tensor: The name of the tensor. Its shape is 1 x channels x rows x columns.
        channels: The number of channels.
        stride: The width and height of a grid cell in input pixels.
    """

    tensor: str
    channels: int
    stride: int


class Network:
    """A graph that is built layer by layer."""

    def __init__(self, weights: Weights, graph: Graph) -> None:
        self.weights = weights
        self.graph = graph
        self.layers: list[Layer] = []
        self.has_kernels = False
        self.has_heads = False

    @property
    def last(self) -> Layer:
        """The layer that was added last, or the input."""
        return self.layers[-1] if self.layers else Layer(self.graph.input, channels=3, stride=1)


def add_convolutional(network: Network, section: Section) -> Layer:
    """Add a convolution with its batch normalization and activation."""
    source, filters, groups = network.last, section.count("filters", 1), section.count("groups", 1)
    size, stride = section.count("size", 1), _read_stride(section)
    padding = size // 2 if section.number("pad", 0) else section.number("padding", 0)
    if source.channels % groups or filters % groups or (groups > 1 and not network.has_kernels):
        raise section.error(f"cannot divide {source.channels} channels and {filters} filters into {groups} groups")
    kernel, bias = _take_kernel(network, section, filters, source.channels // groups, size)
    tensor = network.graph.add(
        "Conv",
        source.tensor,
        network.graph.add_constant(kernel),
        network.graph.add_constant(bias),
        group=groups,
        strides=[stride, stride],
        pads=[padding] * 4,
    )
    return Layer(_activate(network, section, tensor, "logistic"), filters, source.stride * stride)


def _read_stride(section: Section) -> int:
    stride = section.count("stride", 1)
    across, down = section.count("stride_x", stride), section.count("stride_y", stride)
    if across != down:
        raise section.error(f"has stride_x={across} and stride_y={down}, but they must be equal")
    return across


def _take_kernel(network: Network, section: Section, *shape: int) -> tuple[Floats, Floats]:
    """Return the kernel and the bias of a convolution.

    Both include batch normalization. The first kernel also converts the value range and channel order of the input.
    """
    filters, channels, size = shape
    bias = network.weights.take(section, filters)
    normalized = section.number("batch_normalize", 0)
    if normalized:
        scale, mean, variance = network.weights.take(section, 3, filters)
    kernel = network.weights.take(section, filters, channels, size, size)
    if normalized:
        if (variance < 0).any():
            raise section.error("has a negative variance in the weights file")
        factor = scale / np.sqrt(variance + np.float32(_EPSILON))
        kernel, bias = kernel * factor[:, np.newaxis, np.newaxis, np.newaxis], bias - mean * factor
    if not network.has_kernels:  # Darknet trains on RGB from 0 to 1, but the input is BGR from 0 to 255
        kernel = kernel[:, ::-1] / np.float32(255)
        network.has_kernels = True
    return kernel, bias


def _activate(network: Network, section: Section, tensor: str, default: str) -> str:
    graph = network.graph
    match section.options.get("activation", default):
        case "linear":
            return tensor
        case "leaky":
            return graph.add("LeakyRelu", tensor, alpha=_LEAK)
        case "relu":
            return graph.add("Relu", tensor)
        case "logistic":
            return graph.add("Sigmoid", tensor)
        case "swish":
            return graph.add("Mul", tensor, graph.add("Sigmoid", tensor))
        case "mish":
            return graph.add("Mul", tensor, graph.add("Tanh", graph.add("Softplus", tensor)))
        case activation:
            raise section.error(f"has an activation that PixTag does not support: {activation}")


def add_maxpool(network: Network, section: Section) -> Layer:
    """Add a pooling layer. By default, its padding keeps the size if the stride is 1."""
    source, stride = network.last, _read_stride(section)
    size = section.count("size", section.count("stride", 1))
    padding = section.number("padding", size - 1)
    before, after = padding // 2, padding - padding // 2
    tensor = network.graph.add(
        "MaxPool",
        source.tensor,
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=[before, before, after, after],
    )
    return Layer(tensor, source.channels, source.stride * stride)


def add_route(network: Network, section: Section) -> Layer:
    """Join the channels of earlier layers. With `groups`, take one group of channels from each of them."""
    sources = _find_layers(network, section, "layers")
    if len({source.stride for source in sources}) > 1:
        raise section.error("joins layers of different sizes")
    groups, group = section.count("groups", 1), section.number("group_id", 0)
    parts = [_add_part(network, section, source, groups, group) for source in sources]
    tensor = network.graph.add("Concat", *(part.tensor for part in parts), axis=1)
    return Layer(tensor, sum(part.channels for part in parts), sources[0].stride)


def _add_part(network: Network, section: Section, source: Layer, groups: int, group: int) -> Layer:
    if source.channels % groups or group not in range(groups):
        raise section.error(f"cannot take group {group} of {groups} groups from {source.channels} channels")
    if groups == 1:
        return source
    channels = source.channels // groups
    part = network.graph.add_columns(source.tensor, group * channels, (group + 1) * channels)
    return Layer(part, channels, source.stride)


def _find_layers(network: Network, section: Section, key: str) -> list[Layer]:
    """Return the layers that an option lists. Negative indices are relative to the current section."""
    count = len(network.layers)
    indices = [index + count if index < 0 else index for index in section.numbers(key)]
    if any(index not in range(count) for index in indices):
        raise section.error("refers to a layer that does not come before it")
    return [network.layers[index] for index in indices]


def add_shortcut(network: Network, section: Section) -> Layer:
    """Add the outputs of earlier layers to the output of the last layer."""
    sources = [network.last, *_find_layers(network, section, "from")]
    if len({(source.channels, source.stride) for source in sources}) > 1:
        raise section.error("adds layers of different sizes")
    tensor = sources[0].tensor
    for source in sources[1:]:
        tensor = network.graph.add("Add", tensor, source.tensor)
    return Layer(_activate(network, section, tensor, "linear"), network.last.channels, network.last.stride)


def add_dropout(network: Network, section: Section) -> Layer:  # noqa: ARG001 - all builders have this argument
    """Return the last layer, because dropout only affects training."""
    return network.last


def add_upsample(network: Network, section: Section) -> Layer:
    """Repeat each row and column `stride` times."""
    source, factor = network.last, section.count("stride", 2)
    if source.stride % factor:
        raise section.error("makes the layer larger than the input")
    tensor = network.graph.add(
        "Resize",
        source.tensor,
        "",
        network.graph.add_constant(np.array([1, 1, factor, factor], np.float32)),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return Layer(tensor, source.channels, source.stride // factor)


def add_reorg(network: Network, section: Section) -> Layer:
    """Move squares of stride x stride pixels into channels, in the order of Darknet's `reorg_cpu`.

    Darknet reads the numbers of the input as if it had fewer channels and more pixels, and writes them as if the output
    had the input's shape. Both are in the order channel, row, column, so other orders mix pixels differently.
    """
    source, stride, graph = network.last, section.count("stride", 1), network.graph
    area = stride * stride
    reverse = section.number("reverse", 0)
    if reverse or source.channels % area:
        raise section.error(f"cannot use stride={stride} and reverse={reverse} with {source.channels} channels")
    wide = graph.add_constant([1, source.channels // area, 0, stride, -1, stride])  # 0 is the number of rows
    squares = graph.add("Transpose", graph.add("Reshape", source.tensor, wide), perm=[0, 3, 5, 1, 2, 4])
    larger = graph.add("Mul", graph.add("Shape", source.tensor), graph.add_constant([1, area, 1, 1]))
    shape = graph.add("Div", larger, graph.add_constant([1, 1, stride, stride]))
    return Layer(graph.add("Reshape", squares, shape), source.channels * area, source.stride * stride)
