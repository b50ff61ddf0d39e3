"""A Darknet network made into an ONNX model; used when building, never when detecting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detector.conversion.darknet import DarknetError, Floats, Section, Weights, read_sections
from detector.conversion.graph import BOX_NUMBERS, Graph

_EPSILON = 1e-6  # added to the variance, as OpenCV does; Darknet adds it to the standard deviation, or 1e-5
_LEAK = 0.1


@dataclass(frozen=True, slots=True)
class Training:
    """What somebody trained: Darknet's two files, and what they do not say about themselves.

    Attributes:
        model: name and version that the model will give for itself.
        cfg: text of the cfg file.
        weights: content of the weights file.
        labels: of the classes, in the order of training.
        confidence: how sure (0 to 1) the model must be of an object for its label to be a tag.
        further: how sure it must be of each further object of such a label.
    """

    model: str
    cfg: str
    weights: bytes
    labels: Sequence[str]
    confidence: float = 0.15
    further: float = 0.065


def convert(training: Training) -> bytes:
    """Make a serialised ONNX model (see Graph) of a Darknet network.

    Raises:
        DarknetError: naming the section that is unknown or wrong, or what does not fit about the weights.
    """
    network = _Network(Weights(training.weights), Graph(training.labels))
    for section in read_sections(training.cfg):
        network.append(section)
    if network.weights.left:
        raise DarknetError(f"The weights file holds {network.weights.left} numbers more than the cfg asks for.")
    if not network.has_heads:
        raise DarknetError("The cfg has no section [yolo].")
    return network.graph.export(model=training.model, confidence=training.confidence, further=training.further)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What a section computes: a tensor, 1 x channels x rows x columns, each ``stride`` input pixels wide."""

    tensor: str
    channels: int
    stride: int


class _Network:
    """A graph that grows section by section."""

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
            raise section.error("is of a kind that PixTag does not know")
        build, known = _SECTIONS[section.name]
        unknown = section.options.keys() - set(known.split())
        if unknown:
            raise section.error(f"has options that PixTag does not know: {', '.join(sorted(unknown))}")
        self.layers.append(build(self, section))


def _convolutional(network: _Network, section: Section) -> _Layer:
    source, filters, groups = network.last, section.count("filters", 1), section.count("groups", 1)
    size, stride = section.count("size", 1), section.count("stride", 1)
    padding = size // 2 if section.number("pad", 0) else section.number("padding", 0)
    if source.channels % groups or filters % groups or (groups > 1 and not network.has_kernels):
        raise section.error(f"cannot part {source.channels} channels and {filters} filters into {groups} groups")
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
    """Return kernel and bias, with batch normalisation and the input's scale and channel order folded in."""
    filters, channels, size = shape
    bias = network.weights.take(section, filters)
    normalised = section.number("batch_normalize", 0)
    if normalised:
        scale, mean, variance = network.weights.take(section, 3, filters)
    kernel = network.weights.take(section, filters, channels, size, size)
    if normalised:
        if (variance < 0).any():
            raise section.error("gets a variance below 0 from the weights file")
        factor = scale / np.sqrt(variance + np.float32(_EPSILON))
        kernel, bias = kernel * factor[:, np.newaxis, np.newaxis, np.newaxis], bias - mean * factor
    if not network.has_kernels:  # Darknet trained on RGB from 0 to 1, we feed BGR from 0 to 255
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
            raise section.error(f"has an activation that PixTag does not know: {activation}")


def _maxpool(network: _Network, section: Section) -> _Layer:
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


def _route(network: _Network, section: Section) -> _Layer:
    sources = _named(network, section, "layers")
    if len({source.stride for source in sources}) > 1:
        raise section.error("joins layers of different sizes")
    tensor = network.graph.add("Concat", *(source.tensor for source in sources), axis=1)
    joined = _Layer(tensor, sum(source.channels for source in sources), sources[0].stride)
    groups, chosen = section.count("groups", 1), section.number("group_id", 0)
    if joined.channels % groups or chosen not in range(groups):
        raise section.error(f"has no group {chosen} of {groups} in {joined.channels} channels")
    if groups == 1:
        return joined
    channels = joined.channels // groups
    edges = (network.graph.add_constant([edge * channels]) for edge in (chosen, chosen + 1))
    part = network.graph.add("Slice", tensor, *edges, network.graph.add_constant([1]))
    return _Layer(part, channels, joined.stride)


def _named(network: _Network, section: Section, key: str) -> list[_Layer]:
    """Return the layers that an option names: from the first on, or by negative numbers from here back."""
    here = len(network.layers)
    indices = [index + here if index < 0 else index for index in section.numbers(key)]
    if any(index not in range(here) for index in indices):
        raise section.error("names a layer that does not come before it")
    return [network.layers[index] for index in indices]


def _shortcut(network: _Network, section: Section) -> _Layer:
    sources = [network.last, *_named(network, section, "from")]
    if len({(source.channels, source.stride) for source in sources}) > 1:
        raise section.error("adds layers of different sizes")
    tensor = sources[0].tensor
    for source in sources[1:]:
        tensor = network.graph.add("Add", tensor, source.tensor)
    return _Layer(_activate(network, section, tensor), network.last.channels, network.last.stride)


def _dropout(network: _Network, section: Section) -> _Layer:  # noqa: ARG001 - of training alone
    return network.last


def _upsample(network: _Network, section: Section) -> _Layer:
    source, factor = network.last, section.count("stride", 2)
    if source.stride % factor:
        raise section.error("enlarges beyond the photograph")
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


def _yolo(network: _Network, section: Section) -> _Layer:
    numbers, mask = section.numbers("anchors"), section.numbers("mask")
    classes = len(network.graph.labels)
    if section.number("classes", 20) != classes:
        raise section.error(f"is for another number of classes than the {classes} names: give its own by --names")
    if network.last.channels != len(mask) * (BOX_NUMBERS + classes):
        raise section.error("does not fit the number of filters of the section before it")
    if section.number("new_coords", 0):
        raise section.error("has boxes in a form that PixTag does not know: new_coords")
    if max(mask) >= len(numbers) // 2 or min(mask) < 0:
        raise section.error("names an anchor in its mask that it does not have")
    anchors = [numbers[2 * index : 2 * index + 2] for index in mask]
    network.has_heads = True
    network.graph.add_head(network.last.tensor, network.last.stride, anchors, section.fraction("scale_x_y", 1))
    return network.last


_OF_TRAINING = """jitter resize ignore_thresh truth_thresh random max max_delta nms_kind beta_nms
    iou_thresh iou_loss iou_normalizer cls_normalizer obj_normalizer"""
_Builder = Callable[[_Network, Section], _Layer]
_SECTIONS: dict[str, tuple[_Builder, str]] = {
    "convolutional": (_convolutional, "batch_normalize filters size stride pad padding groups activation"),
    "maxpool": (_maxpool, "size stride padding"),
    "route": (_route, "layers groups group_id"),
    "shortcut": (_shortcut, "from activation"),
    "dropout": (_dropout, "probability"),
    "upsample": (_upsample, "stride"),
    "yolo": (_yolo, f"mask anchors classes num scale_x_y new_coords {_OF_TRAINING}"),
}
"""What builds each kind of section, and the options that it knows or, as they are for training, passes over."""
