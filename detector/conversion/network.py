"""Converts a Darknet network to an ONNX model. Only builds use this module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.conversion import heads, layers
from detector.conversion.darknet import DarknetError, Weights, read_sections
from detector.conversion.graph import Graph
from detector.conversion.layers import Network
from detector.conversion.options import check_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detector.conversion.darknet import Section
    from detector.conversion.layers import Layer


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
    network = Network(Weights(training.weights), Graph(training.labels))
    for section in read_sections(training.cfg):
        _append(network, section)
    if network.weights.remaining:
        raise DarknetError(f"The weights file has {network.weights.remaining} more weights than the cfg file uses.")
    if not network.has_heads:
        raise DarknetError("The cfg file has no [yolo] or [region] section.")
    return network.graph.export(model=training.model, confidence=training.confidence, further=training.further)


def _append(network: Network, section: Section) -> None:
    if section.name not in _SECTIONS:
        raise section.error("is a section type that PixTag does not support")
    add, options = _SECTIONS[section.name]
    check_options(section, options)
    network.layers.append(add(network, section))


_CONVOLUTIONAL = (
    layers.add_convolutional,
    "batch_normalize filters size stride stride_x stride_y pad padding groups activation",
)
_MAXPOOL = layers.add_maxpool, "size stride stride_x stride_y padding"
_SECTIONS: dict[str, tuple[Callable[[Network, Section], Layer], str]] = {
    "convolutional": _CONVOLUTIONAL,
    "conv": _CONVOLUTIONAL,
    "maxpool": _MAXPOOL,
    "max": _MAXPOOL,
    "route": (layers.add_route, "layers groups group_id"),
    "shortcut": (layers.add_shortcut, "from activation"),
    "dropout": (layers.add_dropout, ""),
    "upsample": (layers.add_upsample, "stride"),
    "reorg": (layers.add_reorg, "stride reverse"),
    "yolo": (heads.add_yolo, "mask anchors classes num scale_x_y new_coords"),
    "region": (heads.add_region, "anchors classes num softmax"),
}
"""The function that adds a section to the network, and the options that it reads, by section type."""
