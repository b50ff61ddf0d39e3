"""The texts, arrays and files that an operation accepts according to the OpenAPI document, and requests with them."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.main import app
from tests.robustness.routes import ROWS, Resources

Schema = Mapping[str, Any]
Request = dict[str, Any]
Steps = tuple[str | int, ...]

BINARY: Final = "binary"
NOT_TEXT: Final = {"enum", "const"}
FORMATS: Final = {"date-time"}
BODIES: Final = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "data",
    "multipart/form-data": "files",
}
PARAMETERS: Final = {"query": "params", "header": "headers", "cookie": "cookies", "path": "path"}


@dataclass(frozen=True)
class Field:
    """A text, array or file of an operation.

    Attributes:
        method: The method of the operation.
        path: The path of the operation.
        steps: Where the value is in the arguments of a request: the name of the argument, keys and indexes.
        schema: The schema of the value.
        parents: The schemas of the objects and arrays on the way to the value, by their steps.
    """

    method: str
    path: str
    steps: Steps
    schema: Schema
    parents: Mapping[Steps, Schema]

    def allows(self, value: object) -> bool:
        """Return whether the value matches the pattern of a text. Arrays are not compared with their schema."""
        return isinstance(value, str | bytes) and bool(re.search(self.schema.get("pattern", ""), str(value)))

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'/'.join(map(str, self.steps))}"

    @property
    def maximum(self) -> int | None:
        """The maximum number of characters, members or bytes."""
        name = "maxItems" if self.schema["type"] == "array" else "maxLength"
        return self.schema.get(name)


def list_fields() -> Iterator[Field]:
    """Yield every text, array and file of every operation."""
    document = app.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for steps, schema in _list_inputs(operation):
                yield from _walk(document, Field(method.upper(), path, steps, schema, {}))


def _list_inputs(operation: Schema) -> Iterator[tuple[Steps, Schema]]:
    for parameter in operation.get("parameters", []):
        yield (PARAMETERS[parameter["in"]], parameter["name"]), parameter["schema"]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield (BODIES[media_type],), content["schema"]


def _walk(document: Schema, field: Field) -> Iterator[Field]:
    def descend(schema: Schema, *steps: str | int) -> Iterator[Field]:
        parents = {**field.parents, field.steps: field.schema} if steps else field.parents
        yield from _walk(document, Field(field.method, field.path, (*field.steps, *steps), schema, parents))

    schema = field.schema
    if "$ref" in schema:
        yield from descend(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for choice in schema.get("anyOf", []):
        yield from descend(choice)
    match schema.get("type"):
        case "object":
            for name, member in schema["properties"].items():
                yield from descend(member, name)
        case "array":
            yield field
            yield from descend(schema["items"], 0)
        case "string" if not (NOT_TEXT & schema.keys() or schema.get("format") in FORMATS):
            yield field


def make_request(field: Field, value: object, resources: Resources) -> Request:
    """Return the ordinary request to the operation, with the value of the field replaced or added."""
    request = make_ordinary_request(field.method, field.path, resources)
    if field.schema.get("format") == BINARY:
        file_name, _, *rest = request["files"][field.steps[1]]
        value = (file_name, value, *rest)
    target: Any = request
    for number, step in enumerate(field.steps[:-1]):
        steps = field.steps[: number + 1]
        if not _has(target, step):
            _put(target, step, _make_parent(field.parents.get(steps, {})))
        target = target[step]
    _put(target, field.steps[-1], value)
    return request


def make_ordinary_request(method: str, path: str, resources: Resources) -> Request:
    """Return the arguments of the request in `ROWS`, and the parameters of its path as `path`."""
    return {"path": resources.ids, **copy.deepcopy(ROWS[method, path].make_request(resources))}


def _has(container: Any, step: str | int) -> bool:
    return len(container) > 0 if isinstance(step, int) else step in container


def _put(container: Any, step: str | int, value: object) -> None:
    if step == 0:
        container[:] = [value]
    else:
        container[step] = value


def _make_parent(schema: Schema) -> Any:
    """Return an array, or an object with an example of each required member."""
    if schema.get("type") == "array":
        return []
    members = schema.get("properties", {})
    return {name: members[name]["examples"][0] for name in schema.get("required", [])}
