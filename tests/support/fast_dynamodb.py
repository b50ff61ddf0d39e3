"""Makes moto's DynamoDB faster, because most tests of AWS spend their CPU time in it. Its behaviour stays the same.

- An update expression is parsed once. Its validator copies the parsed tree before changing it.
- A step of the validator determines once which nodes it processes.
- The size of an item is added up once when it is read or written, not for each of its attributes.
- Strings are compared without a conversion, and measured without a search for their type.
- A response contains the values of DynamoDB as they are, without a search for aliases of their ten types.
"""

import copy
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, Final

from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]

MAX_ITEM_BYTES: Final = 405_000
"""moto's limit."""

cast_value: Final = vars(DynamoType)["cast_value"].fget
measure: Final = DynamoType.size


@cache
def speed_up() -> None:
    """Patch moto for the rest of the process."""
    add_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001 - moto has no hook for it
    for owner, name, replacement in (
        (UpdateExpressionParser, "make", cache(UpdateExpressionParser.make)),
        (DepthFirstTraverser, "traverse", _traverse),
        (Node, "__deepcopy__", _copy_node),
        (Item, "__init__", _init_item),
        (DynamoType, "size", _measure),
        (DynamoType, "cast_value", property(_cast)),
        (BaseJSONSerializer, "_serialize_type_structure", _without_aliases(add_structure)),
    ):
        setattr(owner, name, replacement)


def _traverse(traverser: DepthFirstTraverser, root: Node) -> Node:
    """Process the children of each node before the node. Return the new root."""
    processors: Mapping[type[Node], Callable[[Node], Node]] = traverser._processing_map()  # noqa: SLF001 - replaced method
    found: dict[type[Node], Callable[[Node], Node] | None] = {}

    def find(kind: type[Node]) -> Callable[[Node], Node] | None:
        if kind not in found:
            found[kind] = next((process for each, process in processors.items() if issubclass(kind, each)), None)
        return found[kind]

    def visit(node: Node, position: int) -> Node:
        parent = node.parent
        for number, child in enumerate(node.children or ()):
            traverser.pre_processing_of_child(node, number)
            if hasattr(child, "children"):
                visit(child, number)
        if process := find(type(node)):
            node = process(node)
            node.parent = parent
            if parent:
                parent.children[position] = node
        return node

    return visit(root, -1)


def _init_item(item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    """Set the attributes, then check the size of them all."""
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    for name, value in attrs.items():
        dict.__setitem__(item.attrs, name, DynamoType(value))
    if item.size() > MAX_ITEM_BYTES:
        raise ItemSizeTooLarge


def _copy_node(node: Node, copies: dict[int, Any]) -> Node:
    """Return a copy of a node and of its children."""
    copied: Node = copies.setdefault(id(node), object.__new__(type(node)))
    vars(copied).update({name: copy.deepcopy(value, copies) for name, value in vars(node).items()})
    return copied


def _measure(value: DynamoType) -> int:
    return len(value.value.encode()) if value.type == "S" else measure(value)


def _cast(value: DynamoType) -> Any:
    return value.value if value.type == "S" else cast_value(value)


def _without_aliases(serialize: Any) -> Any:
    """Return `serialize`, which adds a structure to a response, so that values of DynamoDB are added as they are."""

    @wraps(serialize)
    def add(serializer: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and isinstance(value, dict):
            serialized[key] = _encode(value)
        else:
            serialize(serializer, serialized, value, shape, key)

    return add


def _encode(value: Any) -> Any:
    """Return a value of DynamoDB as JSON contains it."""
    ((kind, content),) = (value.to_regular_json() if isinstance(value, DynamoType) else value).items()
    if kind == "M":
        return {kind: {name: _encode(each) for name, each in content.items()}}
    if kind == "L":
        return {kind: [_encode(each) for each in content]}
    if kind == "B":
        return {kind: b64encode(content.encode() if isinstance(content, str) else content).decode()}
    return {kind: content}
