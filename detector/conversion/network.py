"""Converts a Darknet network to an ONNX model. Only builds use this module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detector.conversion.darknet import DarknetError, Floats, Section, Weights, read_sections
from detector.conversion.graph import BOX_NUMBERS, Graph

_EPSILON = 1e-6  # added to the variance, as in OpenCV; Darknet adds 1e-6 to the standard deviation
_LEAK = 0.1


@dataclass(frozen=True, slots=True)
class Training:
    """A trained network. It combines Darknet's two files with properties that these files do not contain.

    Attributes:
        model: The name and version of the model.
        cfg: The text of the cfg file.
        weights: The content of the weights file.
        labels: The labels of the classes, in training order.
        confidence: The minimum confidence of a label's most confident detection, from 0 to 1.
        further: The minimum confidence of the label's other detections, from 0 to 1.
    """

    model: str
    cfg: str
    weights: bytes
    labels: Sequence[str]
    confidence: float = 0.15
    further: float = 0.065


def convert(training: Training) -> bytes:
    """Return the serialized ONNX model of a Darknet network. `Graph` describes its input and output.

    Raises:
        DarknetError: a section is unknown or invalid, or the weights do not match the cfg file.
    """
    network = _Network(Weights(training.weights), Graph(training.labels))
    for section in read_sections(training.cfg):
        network.append(section)
    if network.weights.remaining:
        raise DarknetError(f"The weights file has {network.weights.remaining} more weights than the cfg file uses.")
    if not network.has_heads:
        raise DarknetError("The cfg file has no [yolo] section.")
    return network.graph.export(model=training.model, confidence=training.confidence, further=training.further)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The output of a section.

    Attributes:
        tensor: The name of the tensor. Its shape is 1 x channels x rows x columns.
        channels: The number of channels.
        stride: The width and height of a grid cell in input pixels.
    """

    tensor: str
    channels: int
    stride: int


class _Network:
    """A graph that is built section by section."""

    def __init__(self, weights: Weights, graph: Graph) -> None:
        self.weights = weights
        self.graph = graph
        self.layers: list[_Layer] = []
        self.has_kernels = False
        self.has_heads = False

    @property
    def last(self) -> _Layer:
        return self.layers[-1] if self.layers else _Layer(self.graph.input, channels=3, stride=1)

    def append(self, section: Section) -> None:
        if section.name not in _SECTIONS:
            raise section.error("is a section type that PixTag does not support")
        build, supported = _SECTIONS[section.name]
        unsupported = section.options.keys() - set(supported.split())
        if unsupported:
            raise section.error(f"has options that PixTag does not support: {', '.join(sorted(unsupported))}")
        self.layers.append(build(self, section))


def _add_convolutional(network: _Network, section: Section) -> _Layer:
    source, filters, groups = network.last, section.count("filters", 1), section.count("groups", 1)
    size, stride = section.count("size", 1), section.count("stride", 1)
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
    return _Layer(_activate(network, section, tensor), filters, source.stride * stride)


def _take_kernel(network: _Network, section: Section, *shape: int) -> tuple[Floats, Floats]:
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


def _activate(network: _Network, section: Section, tensor: str) -> str:
    match section.options.get("activation", "logistic"):
        case "linear":
            return tensor
        case "leaky":
            return network.graph.add("LeakyRelu", tensor, alpha=_LEAK)
        case "relu":
            return network.graph.add("Relu", tensor)
        case activation:
            raise section.error(f"has an activation that PixTag does not support: {activation}")


def _add_maxpool(network: _Network, section: Section) -> _Layer:
    source, stride = network.last, section.count("stride", 1)
    size = section.count("size", stride)
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


def _add_route(network: _Network, section: Section) -> _Layer:
    sources = _find_layers(network, section, "layers")
    if len({source.stride for source in sources}) > 1:
        raise section.error("joins layers of different sizes")
    tensor = network.graph.add("Concat", *(source.tensor for source in sources), axis=1)
    joined = _Layer(tensor, sum(source.channels for source in sources), sources[0].stride)
    groups, group = section.count("groups", 1), section.number("group_id", 0)
    if joined.channels % groups or group not in range(groups):
        raise section.error(f"cannot take group {group} of {groups} groups from {joined.channels} channels")
    if groups == 1:
        return joined
    channels = joined.channels // groups
    edges = (network.graph.add_constant([edge * channels]) for edge in (group, group + 1))
    part = network.graph.add("Slice", tensor, *edges, network.graph.add_constant([1]))
    return _Layer(part, channels, joined.stride)


def _find_layers(network: _Network, section: Section, key: str) -> list[_Layer]:
    """Return the layers that an option lists. Negative indices are relative to the current section."""
    count = len(network.layers)
    indices = [index + count if index < 0 else index for index in section.numbers(key)]
    if any(index not in range(count) for index in indices):
        raise section.error("refers to a layer that does not come before it")
    return [network.layers[index] for index in indices]


def _add_shortcut(network: _Network, section: Section) -> _Layer:
    sources = [network.last, *_find_layers(network, section, "from")]
    if len({(source.channels, source.stride) for source in sources}) > 1:
        raise section.error("adds layers of different sizes")
    tensor = sources[0].tensor
    for source in sources[1:]:
        tensor = network.graph.add("Add", tensor, source.tensor)
    return _Layer(_activate(network, section, tensor), network.last.channels, network.last.stride)


def _add_dropout(network: _Network, section: Section) -> _Layer:  # noqa: ARG001 - dropout only affects training
    return network.last


def _add_upsample(network: _Network, section: Section) -> _Layer:
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
    return _Layer(tensor, source.channels, source.stride // factor)


def _add_yolo(network: _Network, section: Section) -> _Layer:
    numbers, mask = section.numbers("anchors"), section.numbers("mask")
    classes = len(network.graph.labels)
    if (number := section.number("classes", 20)) != classes:
        problem = f"has classes={number}, but the number of labels is {classes}"
        raise section.error(f"{problem}. Pass a file with its labels: --names FILE")
    if network.last.channels != len(mask) * (BOX_NUMBERS + classes):
        raise section.error("does not match the number of filters in the section before it")
    if section.number("new_coords", 0):
        raise section.error("has an option that PixTag does not support: new_coords")
    if max(mask) >= len(numbers) // 2 or min(mask) < 0:
        raise section.error("has a mask that refers to a missing anchor")
    anchors = [numbers[2 * index : 2 * index + 2] for index in mask]
    network.has_heads = True
    network.graph.add_head(network.last.tensor, network.last.stride, anchors, section.fraction("scale_x_y", 1))
    return network.last


_TRAINING_OPTIONS = """jitter resize ignore_thresh truth_thresh random max max_delta nms_kind beta_nms
    iou_thresh iou_loss iou_normalizer cls_normalizer obj_normalizer"""
_Builder = Callable[[_Network, Section], _Layer]
_SECTIONS: dict[str, tuple[_Builder, str]] = {
    "convolutional": (_add_convolutional, "batch_normalize filters size stride pad padding groups activation"),
    "maxpool": (_add_maxpool, "size stride padding"),
    "route": (_add_route, "layers groups group_id"),
    "shortcut": (_add_shortcut, "from activation"),
    "dropout": (_add_dropout, "probability"),
    "upsample": (_add_upsample, "stride"),
    "yolo": (_add_yolo, f"mask anchors classes num scale_x_y new_coords {_TRAINING_OPTIONS}"),
}
"""The builder function and the supported options of each section type. Training options are accepted but ignored."""
