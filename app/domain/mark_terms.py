"""Parses the terms of a query that are about marks: `is:favourite`."""

import re
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.marks import FAVOURITE
from app.domain.terms import SIGN, Term, insert

_TERM: Final = re.compile(rf"{SIGN.pattern}(?P<name>is)\s*:\s*(?P<value>.*?)\s*", re.IGNORECASE | re.DOTALL)
_FAVOURITE: Final = re.compile(r"favou?rite", re.IGNORECASE)
_COUNT: Final = re.compile(r"[\d.]+")


def parse_mark_term(text: str, start: int, end: int) -> Term | None:
    """Parse the term in `text[start:end]`. Return None if it does not begin with `is:`.

    Raises:
        InvalidQuery: the term is not valid.
    """
    match = _TERM.fullmatch(text, start, end)
    if not match:
        return None
    if not _FAVOURITE.fullmatch(match["value"]):
        raise _explain_value(text, match)
    return Term(FAVOURITE, negated=bool(match["not"]))


def _explain_value(text: str, match: re.Match[str]) -> InvalidQuery:
    suggestion = insert(text, match.start("value"), "favourite", match.end("value"))
    if _COUNT.fullmatch(match["value"]):
        suggestion = insert(text, match.start("name"), '"is"', match.end("name"))
    message = "Write 'is:favourite'. Write quotes around 'is' if it is a tag"
    return InvalidQuery(message, text, match.start("value"), suggestion)
