"""Computes how many bytes the largest valid body of an operation has, so that longer bodies are not parsed."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

BYTES_PER_ASCII_CHARACTER: Final = 6  # \u0041 in JSON; only for texts with the pattern below
BYTES_PER_CHARACTER: Final = 12  # \ud83d\udc15 in JSON, %F0%9F%90%95 in a form
BYTES_PER_VALUE: Final = 64  # a number, or the separators and the indentation around any value

Schema = Mapping[str, Any]


class NoMaximum(Exception):
    """The schema has a text or an array without a maximum length. Every route needs one."""


def measure_body(route: APIRoute) -> int | None:
    """Return the maximum size of a route's JSON or URL-encoded body in bytes. Return None for files and no body.

    Raises:
        NoMaximum: a field of the body has no maximum length.
    """
    field = route.body_field
    if field is None or isinstance(field.field_info, params.File):
        return None
    schema = TypeAdapter(field.field_info.annotation).json_schema()
    return measure(schema, schema.get("$defs", {}))


def measure(schema: Schema, definitions: Mapping[str, Schema]) -> int:
    """Return the size of the largest value of a JSON schema in bytes.

    Raises:
        NoMaximum: a text or an array has no maximum length.
    """
    size = BYTES_PER_VALUE
    match schema:
        case {"$ref": str() as name}:
            size = measure(definitions[name.rpartition("/")[2]], definitions)
        case {"anyOf": list() as choices}:
            size = max(measure(choice, definitions) for choice in choices)
        case {"type": "array", "maxItems": int() as length, "items": items}:
            size += length * measure(items, definitions)
        case {"type": "object", "properties": properties}:
            size += sum(_measure_text(name) + measure(member, definitions) for name, member in properties.items())
        case {"type": "string"}:
            size += _measure_string(schema)
        case {"type": "integer" | "number" | "boolean" | "null"}:
            pass
        case _:
            raise NoMaximum(f"The schema needs a maximum length: {schema}")
    return size


def _measure_string(schema: Schema) -> int:
    match schema:
        case {"enum": list() as choices}:
            return max(map(_measure_text, choices))
        case {"const": str() as choice}:
            return _measure_text(choice)
        case {"maxLength": int() as characters, "pattern": "^[!-~]*$"}:
            return BYTES_PER_ASCII_CHARACTER * characters
        case {"maxLength": int() as characters}:
            return BYTES_PER_CHARACTER * characters
    raise NoMaximum(f"The text needs a maximum length: {schema}")


def _measure_text(text: str) -> int:
    return BYTES_PER_VALUE + BYTES_PER_CHARACTER * len(text)
