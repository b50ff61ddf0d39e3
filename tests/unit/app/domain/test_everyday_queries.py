"""Checks the lists of everyday queries.

The first list was written before PixTag suggested queries, and the further one afterwards, by somebody who had not read
the code. `right` contains the queries that a person may have meant. The lists say what suggestions must find, so do not
fit them to the code.
"""

import json
from pathlib import Path

import pytest

from app.domain.query import parse

FIXTURES = Path(__file__).parents[3] / "fixtures"
QUERIES = [
    query
    for name in ("everyday-queries.json", "further-queries.json")
    for query in json.loads((FIXTURES / name).read_text())
]


@pytest.mark.parametrize("text", [text for query in QUERIES for text in query["right"]])
def test_right_query_is_valid_and_in_its_stored_form(text: str) -> None:
    assert str(parse(text)) == text
