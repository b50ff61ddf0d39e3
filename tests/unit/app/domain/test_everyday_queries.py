"""Checks the list of everyday queries, which was written before PixTag suggested queries.

`right` contains the queries that a person may have meant. The list says what suggestions must find, so do not fit it to
the code.
"""

import json
from pathlib import Path

import pytest

from app.domain.query import parse

FIXTURE = Path(__file__).parents[3] / "fixtures/everyday-queries.json"
QUERIES = json.loads(FIXTURE.read_text())


@pytest.mark.parametrize("text", [text for query in QUERIES for text in query["right"]])
def test_right_query_is_valid_and_in_its_stored_form(text: str) -> None:
    assert str(parse(text)) == text
