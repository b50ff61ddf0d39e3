"""Adds the layers of a Darknet network that contain the detections: [yolo] and [region]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detector.conversion.graph import BOX_NUMBERS, Head

if TYPE_CHECKING:
    from detector.conversion.darknet import Section
    from detector.conversion.layers import Layer, Network


def add_yolo(network: Network, section: Section) -> Layer:
    """Add the head of YOLOv3 or a later version. With `new_coords`, the layer before it has activated the cells.

    Without a mask, the head uses the first `num` anchors.
    """
    anchors = _read_anchors(section)
    first = range(section.count("num", 1))[: len(anchors) + 1]
    mask = section.numbers("mask") if "mask" in section.options else list(first)
    if max(mask) >= len(anchors) or min(mask) < 0:
        raise section.error("has a mask that refers to a missing anchor")
    activated = bool(section.number("new_coords", 0))
    scale = section.fraction("scale_x_y", 1)
    cells = _add_cells(network, section, len(mask), activated=activated)
    if activated:
        cells, scale = _scale_new_coordinates(network, cells, scale), 1
    network.graph.add_heads(cells, Head(network.last.stride, [anchors[index] for index in mask], scale))
    return network.last


def add_region(network: Network, section: Section) -> Layer:
    """Add the head of YOLOv2. Its anchors are in grid cells, and its classes exclude each other."""
    if section.number("softmax", 0) != 1:
        raise section.error("has softmax=0, which PixTag does not support")
    anchors = _read_anchors(section)[: section.count("num", 1)]
    cells, graph = _add_cells(network, section, len(anchors), activated=True), network.graph
    parts = [
        graph.add("Sigmoid", graph.add_columns(cells, 0, 2)),
        graph.add("Exp", graph.add_columns(cells, 2, 4)),
        graph.add("Sigmoid", graph.add_columns(cells, 4, BOX_NUMBERS)),
        graph.add("Softmax", graph.add_columns(cells, BOX_NUMBERS, BOX_NUMBERS + len(graph.labels)), axis=1),
    ]
    stride = network.last.stride
    in_pixels = [[stride * width, stride * height] for width, height in anchors]
    graph.add_heads(graph.add("Concat", *parts, axis=1), Head(stride, in_pixels))
    return network.last


def _read_anchors(section: Section) -> list[list[float]]:
    numbers = section.fractions("anchors")
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=False)]


def _add_cells(network: Network, section: Section, anchors: int, *, activated: bool) -> str:
    """Add the cells of a head to the graph, and return the name of their tensor."""
    graph = network.graph
    classes = len(graph.labels)
    if (number := section.number("classes", 20)) != classes:
        problem = f"has classes={number}, but the number of labels is {classes}"
        raise section.error(f"{problem}. Pass a file with its labels: --names FILE")
    if network.last.channels != anchors * (BOX_NUMBERS + classes):
        raise section.error("does not match the number of filters in the section before it")
    if network.has_heads and graph.activated != activated:
        raise section.error("has other coordinates (new_coords) than the heads before it")
    network.has_heads, graph.activated = True, activated
    return graph.add_cells(network.last.tensor)


def _scale_new_coordinates(network: Network, cells: str, scale: float) -> str:
    """Return activated cells. Darknet scales x and y around 0.5, and the multiples of the anchor are (2 x)^2."""
    graph = network.graph
    centres, sizes = graph.add_columns(cells, 0, 2), graph.add_columns(cells, 2, 4)
    scaled = graph.add("Mul", centres, graph.add_float(scale))
    parts = [
        graph.add("Sub", scaled, graph.add_float((scale - 1) / 2)),
        graph.add("Mul", graph.add("Mul", sizes, sizes), graph.add_float(4)),
        graph.add_columns(cells, 4, BOX_NUMBERS + len(graph.labels)),
    ]
    return graph.add("Concat", *parts, axis=1)
