import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.request_validation import MAX_DEPTH, read_json
from app.domain.errors import InvalidRequest
from tests.support.sampling import rounds

pytestmark = pytest.mark.no_cover

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text("\0\ud800\udfffa")
objects = st.dictionaries(
    st.text(max_size=3),
    st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)),
)


def read(data: bytes) -> dict[str, Any] | None:
    """Return the parsed object, or None if it is rejected."""
    try:
        return read_json(data)
    except InvalidRequest:
        return None


@given(
    st.binary() | st.text('{}[]":,\\ud80e+-.019aNatrufls ').map(str.encode) | objects.map(json.dumps).map(str.encode)
)
def test_read_json_of_any_bytes_returns_the_standard_value_or_rejects_them(data: bytes) -> None:
    value = read(data)

    assert value is None or value == json.loads(data)
    assert b"\0" not in json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@settings(max_examples=rounds(30, 300))
@given(objects, st.data())
def test_read_json_of_a_damaged_body_returns_or_rejects_it(value: dict[str, Any], draw: st.DataObject) -> None:
    data = bytearray(json.dumps(value).encode())
    place = draw.draw(st.integers(0, len(data) - 1))
    data[place : place + draw.draw(st.integers(0, 3))] = draw.draw(st.binary(max_size=3))

    read(bytes(data))


@given(st.integers(1, 3 * MAX_DEPTH))
def test_read_json_of_a_nested_body_rejects_more_than_the_maximum_depth(depth: int) -> None:
    assert (read(b'{"a":' * depth + b"1" + b"}" * depth) is not None) is (depth <= MAX_DEPTH)
