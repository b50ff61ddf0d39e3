from decimal import Decimal
from typing import Any

import pytest

from app.domain.tag_counts import dump_counts, load_counts


def test_load_returns_dumped_counts() -> None:
    tags, certain = {"dog": 1, "person": 12, "cat": 2}, {"person": 3, "cat": 2}

    stored = dump_counts(tags, certain)

    assert stored == {"dog": 1, "person": [12, 3], "cat": [2, 2]}
    assert load_counts(stored) == (tags, certain)


def test_load_of_counts_of_version_06_has_nothing_certain() -> None:
    assert load_counts({"dog": Decimal(2)}) == ({"dog": 2}, {})
    assert load_counts({"dog": [Decimal(2), Decimal(0)]}) == ({"dog": 2}, {})


def test_load_of_numbers_of_dynamodb_returns_integers() -> None:
    tags, certain = load_counts({"dog": [Decimal(2), Decimal(1)]})

    assert [type(count) for count in (tags["dog"], certain["dog"])] == [int, int]


@pytest.mark.parametrize("value", [[], [1], [1, 2, 3], ["x", 1], None, {}, "x"])
def test_load_of_damaged_counts_raises(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        load_counts({"dog": value})
