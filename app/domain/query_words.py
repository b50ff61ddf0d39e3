"""Refuses AND, OR and NOT in queries, and suggests the query with signs."""

import re
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.nesting import Nesting

_SIGNS: Final = {"AND": ",", "OR": "|", "NOT": "!"}
_WORD: Final = re.compile(r"(?<=\s)(?:AND|OR)(?=\s)|(?<![^\s,|])NOT(?=\s)")
_AND: Final = re.compile(r"\s+AND\s+")
_OR: Final = re.compile(r"\s+OR\s+")
_NOT: Final = re.compile(r"(?<![^\s,|])NOT\s+")


def refuse_words(text: str, nesting: Nesting) -> None:
    """Check that a query contains no word in place of a sign.

    Raises:
        InvalidQuery: it contains AND, OR or NOT outside of quotes.
    """
    for word in _WORD.finditer(text):
        if not any(start < word.start() < end for start, end in nesting.quotes.items()):
            message = f"Use '{_SIGNS[word[0]]}' instead of {word[0]}. In a tag, write it in lower case"
            raise InvalidQuery(message, text, word.start(), _replace_words(text, nesting))


def _replace_words(text: str, nesting: Nesting) -> str | None:
    """Return the query with signs. As usual, AND binds more tightly than OR, but the comma less tightly than `|`."""
    if nesting.quotes:
        return None
    if not _OR.search(text) or "(" in text or "," in text:
        return _replace(text)
    alternatives = [_replace(alternative) for alternative in _OR.split(text)]
    return "|".join(f"({each})" if "," in each and len(alternatives) > 1 else each for each in alternatives)


def _replace(text: str) -> str:
    return _NOT.sub("!", _OR.sub("|", _AND.sub(", ", text)))
