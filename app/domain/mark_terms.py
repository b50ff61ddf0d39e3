"""Parses the terms of a query that are about marks: `is:favourite`, `album:"At the sea"`."""

import re
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.ids import is_id
from app.domain.marks import FAVOURITE, album_mark, title_mark
from app.domain.terms import SIGN, Term, insert

_TERM: Final = re.compile(rf"{SIGN.pattern}(?P<name>is)\s*:\s*(?P<value>.*?)\s*", re.IGNORECASE | re.DOTALL)
_FAVOURITE: Final = re.compile(r"favou?rite", re.IGNORECASE)
_ALBUM: Final = re.compile(rf"{SIGN.pattern}album\s*:\s*(?P<title>.*?)\s*", re.IGNORECASE | re.DOTALL)
_QUOTED: Final = re.compile(r'"(?P<title>(?:[^"]|"")*)"\s*')
_SPECIAL: Final = re.compile(r'[|"()]')
_COUNT: Final = re.compile(r"[\d.]+")


def parse_mark_term(text: str, start: int, end: int) -> Term | None:
    """Parse the term in `text[start:end]`. Return None if it does not begin with `is:` or `album:`.

    Raises:
        InvalidQuery: the term is not valid.
    """
    if album := _ALBUM.fullmatch(text, start, end):
        return Term(_read_title(text, album, end), negated=bool(album["not"]))
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


def _read_title(text: str, match: re.Match[str], end: int) -> str:
    """Return the mark of an album with a title, or with an id in place of the title."""
    start = match.start("title")
    quoted = _QUOTED.match(text, start, end)
    if quoted and quoted.end() != end:
        raise InvalidQuery("Expected a comma after the title of the album", text, quoted.end())
    title = " ".join((quoted["title"].replace('""', '"') if quoted else match["title"]).split())
    if not title:
        raise InvalidQuery("Expected the title of an album after 'album:'", text, start)
    if not quoted and (special := _SPECIAL.search(text, start, end)):
        suggestion = insert(text, start, '"{}"'.format(title.replace('"', '""')), match.end("title"))
        message = f"Write quotes around a title that contains '{special[0]}'"
        raise InvalidQuery(message, text, special.start(), suggestion)
    return album_mark(title.lower()) if is_id(title.lower()) else title_mark(title)
