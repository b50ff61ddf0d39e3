"""Converts values to DynamoDB attributes and back. boto3's converters do the same, but three times as slowly."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import NoneType
from typing import Any, Final

from boto3.dynamodb.types import DYNAMODB_CONTEXT

Attribute = Mapping[str, Any]
"""One member: the type of the value (`S`, `N`, `B`, `BOOL`, `NULL`, `L` or `M`), and the value as JSON contains it."""

Attributes = Mapping[str, Attribute]
"""The attributes of an item by name."""


def dump_value(value: object) -> dict[str, Any]:
    """Return the attribute of a value: a text, a number, bytes, a boolean, None, or lists and mappings of these.

    Raises:
        TypeError: the value has another type. Floats are refused because DynamoDB's numbers are decimal.
        ArithmeticError: the number has more than 38 digits.
    """
    if isinstance(value, str):
        return {"S": value}
    for kinds, dump in _DUMPERS:
        if isinstance(value, kinds):
            return dump(value)
    raise TypeError(f"DynamoDB stores no {type(value).__name__}")


def load_values(attributes: Attributes) -> dict[str, Any]:
    """Return the values of attributes by name. A whole number becomes an integer, and any other number a Decimal.

    Raises:
        TypeError, LookupError, ValueError, ArithmeticError: an attribute has an unknown type, or is damaged.
    """
    values = {}
    for name, attribute in attributes.items():
        [(kind, content)] = attribute.items()
        values[name] = content if kind == "S" else _LOADERS[kind](content)
    return values


def _load_list(members: Iterable[Attribute]) -> list[Any]:
    return [_LOADERS[kind](content) for member in members for kind, content in member.items()]


def _load_number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        return DYNAMODB_CONTEXT.create_decimal(text)


_DUMPERS: Final[Sequence[tuple[tuple[type, ...], Callable[[Any], dict[str, Any]]]]] = (
    ((NoneType,), lambda _: {"NULL": True}),
    ((bool,), lambda value: {"BOOL": value}),  # before integers, because booleans are integers
    ((int, Decimal), lambda number: {"N": str(DYNAMODB_CONTEXT.create_decimal(number))}),
    ((Mapping,), lambda members: {"M": {name: dump_value(member) for name, member in members.items()}}),
    ((list, tuple), lambda members: {"L": [dump_value(member) for member in members]}),
    ((bytes,), lambda data: {"B": data}),
)

_LOADERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "S": lambda text: text,
    "N": _load_number,
    "B": lambda data: data if isinstance(data, bytes) else b64decode(data, validate=True),
    "BOOL": lambda value: value,
    "NULL": lambda _: None,
    "L": _load_list,
    "M": load_values,
}
