"""Parses the stored queries of subscriptions. Earlier versions had no quotes, no groups, and no `-` for `!`."""

import re
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.query import Query, parse
from app.domain.text_conditions import TextField

_MAX_TERMS: Final = 24  # PixTag 0.5 and earlier versions allowed as many
_TAG: Final = re.compile(r"(?P<before>(?:^|[,|])\s*!?\s*)(?P<tag>[^\s,|:=<>!][^,|:=<>]*)")
_TEXT_FIELD: Final = re.compile(rf"((?:^|[,|])\s*!?\s*)({'|'.join(TextField)}|(?:is|album)(?=\s*:\s*[\d.]))(?=\s*:)")
_NEW_MEANING: Final = re.compile(r'^[-"]|[()]|!$')


def parse_stored(text: str) -> Query:
    """Return the query with the meaning that it had when it was stored.

    A text that is not in its canonical form is from an earlier version, because the canonical form has become longer.

    Raises:
        InvalidQuery: the text is not a valid query.
    """
    text = _TEXT_FIELD.sub(
        r'\1"\2"', text
    )  # subscriptions have no conditions on texts, and `is` and `album` no count, so it is a tag
    try:
        query = parse(text, max_terms=_MAX_TERMS)
    except InvalidQuery:
        return _parse_old(text)
    return query if str(query) == text else _parse_old(text)


def read_stored(text: str) -> tuple[Query | None, str]:
    """Return the query, and why it is no longer valid. A valid query has no reason."""
    try:
        return parse_stored(text), ""
    except InvalidQuery as error:
        return None, str(error)


def _parse_old(text: str) -> Query:
    return parse(_TAG.sub(_quote, text), max_terms=_MAX_TERMS)


def _quote(match: re.Match[str]) -> str:
    """Write quotes around a tag that has a new meaning without them."""
    tag = match["tag"].rstrip()
    if not _NEW_MEANING.search(tag):
        return match[0]
    return '{}"{}"'.format(match["before"], tag.replace('"', '""'))
