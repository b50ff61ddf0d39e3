"""Builds a YOLO model as an ONNX graph. This module is independent of Darknet's file formats."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, checker, compose, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from onnx import ModelProto, NodeProto, OperatorSetIdProto

BOX_NUMBERS = 5  # x, y, width, height, objectness

_OPSET, _IR_VERSION = 17, 8


@dataclass(frozen=True, slots=True)
class Head:
    """The part of the output that belongs to one grid.

    Attributes:
        stride: The width and height of a grid cell in input pixels.
        anchors: The width and height of each anchor in input pixels.
        scale: Darknet's `scale_x_y` of raw cells. With 1, the centre of a box lies inside its cell. With higher values,
            it can lie outside.
    """

    stride: int
    anchors: Sequence[Sequence[float]]
    scale: float = 1


class Graph:
    """An ONNX graph that is built node by node. The methods identify tensors by name.

    The input tensor is uint8 BGR, 1 x height x width x 3. The output tensor is float32. It has one row for each head,
    grid row, grid column and anchor. Its columns are x, y, width, height, objectness and one score for each label.

    The cells of most models are raw: YOLOv3's values before the sigmoid and exponential functions. Activated
    cells contain the distance of the box's centre from the corner of its grid cell, in grid cells, its width and height
    as multiples of the anchor, and probabilities. All heads of a model have the same kind of cells.

    Attributes:
        labels: The labels of the classes.
        activated: Whether the cells are activated.
    """

    def __init__(self, labels: Sequence[str], side: int | None = None) -> None:
        """Create a graph whose input has this height and width. By default, it has any size."""
        self.labels = labels
        self.activated = False
        self._size = [side, side] if side else ["height", "width"]
        self._opsets: Sequence[OperatorSetIdProto] = [helper.make_opsetid("", _OPSET)]
        self._ir_version = _IR_VERSION
        self._columns = BOX_NUMBERS + len(labels)
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._cells: list[str] = []
        self._heads: list[Head] = []
        floats = self.add("Cast", "pixels", to=TensorProto.FLOAT)
        self.input = self.add("Transpose", floats, perm=[0, 3, 1, 2])

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def add_constant(self, numbers: npt.ArrayLike) -> str:
        """Add a constant tensor and return its name. The tensor has the dtype of the array."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(numbers), name))
        return name

    def add_float(self, number: float) -> str:
        """Add a constant float32 scalar and return its name."""
        return self.add_constant(np.float32(number))

    def add_columns(self, cells: str, start: int, stop: int) -> str:
        """Add a node that returns some columns of a tensor, rows x columns."""
        return self.add("Slice", cells, *(self.add_constant([number]) for number in (start, stop, 1)))

    def add_cells(self, tensor: str) -> str:
        """Add nodes that convert a tensor to cells: one row for each grid row, grid column and anchor.

        Args:
            tensor: The name of a tensor, 1 x channels x rows x columns. Its channels are grouped by anchor.
        """
        by_cell = self.add("Transpose", tensor, perm=[0, 2, 3, 1])
        return self.add("Reshape", by_cell, self.add_constant([-1, self._columns]))

    def add_network(self, model: ModelProto, tensor: str) -> str:
        """Add the nodes of a model with one input and one output. Return the name of its output.

        Args:
            model: The model. The graph gets its version of ONNX's operators.
            tensor: The name of the tensor that becomes the model's input.
        """
        network = compose.add_prefix(model, "network/").graph
        constants = {constant.name for constant in network.initializer}
        [source] = [value.name for value in network.input if value.name not in constants]
        self._nodes += [helper.make_node("Identity", [tensor], [source]), *network.node]
        self._constants += network.initializer
        self._opsets, self._ir_version = model.opset_import, max(_IR_VERSION, model.ir_version)
        return str(network.output[0].name)

    def add_heads(self, cells: str, *heads: Head) -> None:
        """Append the cells of one or more heads to the output.

        Args:
            cells: The name of a tensor with one row for each head, grid row, grid column and anchor.
            heads: The heads of these cells.
        """
        self._cells.append(cells)
        self._heads += heads

    def export(self, **metadata: str | float) -> bytes:
        """Return the serialized model with `metadata`. The labels and heads are added to the metadata as JSON."""
        concat = helper.make_node("Concat", self._cells, ["cells"], name="cells", axis=0)
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, *self._size, 3])
        cells = helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["cells", self._columns])
        graph = helper.make_graph([*self._nodes, concat], "detector", [pixels], [cells], self._constants)
        model = helper.make_model(graph, opset_imports=self._opsets, ir_version=self._ir_version)
        properties = {key: str(value) for key, value in metadata.items()}
        properties |= {"labels": json.dumps(self.labels), "heads": json.dumps(list(map(asdict, self._heads)))}
        properties |= {"activated": "yes"} if self.activated else {}
        helper.set_model_props(model, properties)
        checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())
