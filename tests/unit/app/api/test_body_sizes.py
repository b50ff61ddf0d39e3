from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI

from app.api.body_sizes import BYTES_PER_CHARACTER, BYTES_PER_VALUE, NoMaximum, measure
from app.api.request_validation import StrictRoute

TEXT = BYTES_PER_VALUE + 10 * BYTES_PER_CHARACTER


@pytest.mark.parametrize(
    ("schema", "size"),
    [
        ({"type": "string", "maxLength": 10}, TEXT),
        ({"type": "string", "maxLength": 10, "pattern": "^[!-~]*$"}, BYTES_PER_VALUE + 60),
        ({"type": "string", "enum": ["a", "b" * 10]}, BYTES_PER_VALUE + TEXT),
        ({"type": "string", "const": "a" * 10}, BYTES_PER_VALUE + TEXT),
        ({"type": "integer"}, BYTES_PER_VALUE),
        ({"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}]}, TEXT),
        ({"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 10}}, BYTES_PER_VALUE + 3 * TEXT),
        ({"type": "object", "properties": {"a" * 10: {"$ref": "#/$defs/Flag"}}}, 2 * BYTES_PER_VALUE + TEXT),
    ],
)
def test_measure_of_a_schema_returns_the_size_of_its_largest_value(schema: dict[str, Any], size: int) -> None:
    assert measure(schema, {"Flag": {"type": "boolean"}}) == size


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "array", "items": {"type": "integer"}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^a$"}}},
        {"type": "object", "additionalProperties": True},
        {},
    ],
)
def test_measure_of_a_schema_without_a_maximum_raises(schema: dict[str, Any]) -> None:
    with pytest.raises(NoMaximum):
        measure(schema, {})


def test_route_with_a_text_without_a_maximum_cannot_be_added() -> None:
    app = FastAPI()
    app.router.route_class = StrictRoute

    with pytest.raises(NoMaximum):

        @app.post("/")
        def add(text: Annotated[str, Body(embed=True)]) -> None: ...
