"""Values become the attributes that boto3 makes of them, and are the same after a way through JSON."""

import base64
import json
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.aws.attribute_values import dump_value, load_values

NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.binary(max_size=8) | NUMBERS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=10,
)


def send(attribute: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute as it arrives in the JSON of a response."""
    dump_bytes: Any = lambda data: base64.b64encode(data).decode()  # noqa: E731 - the default of `json.dumps`
    sent: dict[str, Any] = json.loads(json.dumps(attribute, default=dump_bytes))
    return sent


@given(VALUES)
@settings(max_examples=100)
def test_dump_and_load_equal_the_converters_of_boto3(value: object) -> None:
    attribute: Any = dump_value(value)

    assert attribute == TypeSerializer().serialize(value)
    assert load_values({"a": send(attribute)}) == {"a": TypeDeserializer().deserialize(attribute)} == {"a": value}
