from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from app.adapters.aws.attribute_values import dump_value, load_values


def test_dump_converts_tuples_to_lists() -> None:
    assert dump_value(("a", 1)) == {"L": [{"S": "a"}, {"N": "1"}]}


@pytest.mark.parametrize("value", [0.5, {"a"}, object(), Binary(b"a")])
def test_dump_of_another_type_raises_type_error(value: object) -> None:
    with pytest.raises(TypeError, match="DynamoDB stores no"):
        dump_value(value)


@pytest.mark.parametrize("number", [10**38, Decimal("1e200"), Decimal("0." + "1" * 39)])
def test_dump_of_a_number_that_dynamodb_would_round_raises_arithmetic_error(number: int | Decimal) -> None:
    with pytest.raises(ArithmeticError):
        dump_value(number)


@pytest.mark.parametrize("attribute", [{}, {"S": "a", "N": "1"}, {"X": "a"}, {"B": "%"}, {"L": [{"X": 1}]}])
def test_load_of_a_damaged_attribute_raises_an_error(attribute: dict[str, Any]) -> None:
    with pytest.raises((LookupError, ValueError, ArithmeticError)):
        load_values({"a": attribute})


def test_load_of_whole_numbers_returns_integers() -> None:
    loaded = load_values({"whole": {"N": "12"}, "part": {"N": "0.5"}})

    assert loaded == {"whole": 12, "part": Decimal("0.5")}
    assert type(loaded["whole"]) is int
