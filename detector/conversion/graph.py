"""The ONNX side of a model: its input, its heads' cells and its metadata; knows nothing of Darknet's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from onnx import NodeProto

BOX_NUMBERS = 5  # x, y, width, height, objectness

_OPSET, _IR_VERSION = 17, 8


class Graph:
    """An ONNX graph that grows node by node; tensors go by their names.

    Its input is uint8 BGR, 1 x height x width x 3. Its output is float32, one row for each head, grid row,
    grid column and anchor: x, y, width, height, objectness, and a number for each label.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = labels
        self._columns = BOX_NUMBERS + len(labels)
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._cells: list[str] = []
        self._heads: list[dict[str, object]] = []
        floats = self.add("Cast", "pixels", to=TensorProto.FLOAT)
        self.input = self.add("Transpose", floats, perm=[0, 3, 1, 2])

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return its output."""
        output = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def add_constant(self, numbers: npt.ArrayLike) -> str:
        """Add a constant tensor of the array's own type."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(numbers), name))
        return name

    def add_head(self, tensor: str, stride: int, anchors: Sequence[Sequence[int]], scale: float) -> None:
        """Append a head's cells to the output.

        Args:
            tensor: 1 x channels x rows x columns, with the anchors one after the other among the channels.
            stride: input pixels from one column to the next.
            anchors: width and height of each in input pixels.
            scale: how far a box's middle reaches over its cell's edges (``scale_x_y``): 1 is not at all.
        """
        by_cell = self.add("Transpose", tensor, perm=[0, 2, 3, 1])
        self._cells.append(self.add("Reshape", by_cell, self.add_constant([-1, self._columns])))
        self._heads.append({"stride": stride, "anchors": anchors, "scale": scale})

    def export(self, **metadata: str | float) -> bytes:
        """Serialise, with metadata, to which ``labels`` and ``heads`` (both JSON) are added."""
        concat = helper.make_node("Concat", self._cells, ["cells"], name="cells", axis=0)
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, "height", "width", 3])
        cells = helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["cells", self._columns])
        graph = helper.make_graph([*self._nodes, concat], "detector", [pixels], [cells], self._constants)
        exported = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
        ours = {"labels": json.dumps(self.labels), "heads": json.dumps(self._heads)}
        helper.set_model_props(exported, {key: str(value) for key, value in metadata.items()} | ours)
        checker.check_model(exported, full_check=True)
        return bytes(exported.SerializeToString())
