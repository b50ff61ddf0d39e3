"""Completes the examples of the OpenAPI document.

Fields with texts and numbers have examples in the code. The examples of the others, and of whole schemas, follow from
these. A schema whose fields exclude each other has an example in the code too.
"""

from contextlib import suppress
from typing import Any

from pydantic import JsonValue

Object = dict[str, Any]


def add_examples(schemas: Object) -> None:
    """Give an example to each schema and to each of its fields that have none. Files in forms have no example."""
    for schema in schemas.values():
        fields = schema.get("properties", {}).values()
        for field in fields:
            _add_example(field, schemas)
        if all("examples" in field for field in fields):
            _add_example(schema, schemas)


def _add_example(schema: Object, schemas: Object) -> None:
    if "examples" not in schema and schema.get("format") != "binary":
        with suppress(LookupError):  # a test names the field; the document works without the example
            schema["examples"] = [_make_example(schema, schemas)]


def _make_example(schema: Object, schemas: Object) -> JsonValue:
    """Return the first example in the code, or one that follows from the parts of the schema.

    Raises:
        LookupError: a text or a number has no example.
    """
    example: JsonValue
    match schema:
        case {"examples": [example, *_]} | {"const": example} | {"enum": [example, *_]}:
            pass
        case {"$ref": reference}:
            example = _make_example(schemas[reference.rpartition("/")[2]], schemas)
        case {"anyOf": [part, *_]}:
            example = _make_example(part, schemas)
        case {"type": "array", "items": items}:
            example = [_make_example(items, schemas)]
        case {"type": "boolean"}:
            example = schema.get("default", True)
        case {"properties": fields}:
            usual = [name for name in fields if _is_usual(name, schema)]
            example = {name: _make_example(fields[name], schemas) for name in usual}
        case _:
            raise LookupError(schema)
    return example


def _is_usual(name: str, schema: Object) -> bool:
    """Return whether most requests have the field. Optional fields without a default, such as `cursor`, are special."""
    return name in schema.get("required", []) or "default" in schema["properties"][name]
