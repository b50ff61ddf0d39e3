"""Defines terms, the conditions of a query on the count of a tag: `!dog`, `person:2..5!`. Parses and writes them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.marks import is_mark, write_mark
from app.domain.number_words import read_number
from app.domain.tags import KEYWORDS, MAX_COUNT, OPERATORS, Tags, queried_tag_name, tag_name
from app.domain.text_conditions import TextField

RANGE: Final = ".."
CERTAIN: Final = "!"
SIGN: Final = re.compile(r"\s*(?P<not>!|-(?=[^\s-]))?\s*")

_LETTER: Final = f"[^{''.join(OPERATORS)}]"
_TERM: Final = re.compile(
    rf"{SIGN.pattern}(?P<tag>\"(?P<quoted>(?:[^\"]|\"\")*)\"\s*|(?![\s!\"]){_LETTER}+)(?P<operator>[<>=:]+)?"
)
_VALUE: Final = re.compile(r"\s*(?P<first>[^\s.]*)\s*(?:(?P<range>\.\.)\s*(?P<last>\S*))?\s*")
_COLON_NAMES: Final = frozenset({"after", "before", "is", "album", *TextField})
_NEEDS_QUOTES: Final = re.compile(r'"|-[^\s-]|(?:taken|added|untagged|undated)$|.*!$')
_KEYWORD_AT_END: Final = re.compile(r"(?<=\s)(?:taken|added|after|before)\s*$", re.IGNORECASE)
_OPERATOR_MISTAKES: Final = {"=>": ">=", "=<": "<=", "==": "=", ":=": "=", "=:": "=", "::": ":", ">>": ">", "<<": "<"}


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on a tag's count. Both bounds are inclusive. A `max_count` of None means no limit.

    If the term is `certain`, it compares only the certain part of the count.
    """

    tag: str
    min_count: int = 1
    max_count: int | None = None
    negated: bool = False
    certain: bool = False

    def holds(self, tags: Tags, certain: Tags) -> bool:
        """Return whether the term matches an image with these counts, of which these parts are certain."""
        count = (certain if self.certain else tags).get(self.tag, 0)
        is_in_range = self.min_count <= count and (self.max_count is None or count <= self.max_count)
        return is_in_range is not self.negated

    @property
    def implies_tag(self) -> bool:
        """Whether every matching image has the tag. If so, the tag's index contains all matches."""
        return self.min_count > 0 and not self.negated

    def __str__(self) -> str:
        if is_mark(self.tag):
            return f"{'!' if self.negated else ''}{write_mark(self.tag)}"
        name, counts = write_name(self.tag), self._write_counts()
        if self.tag in _COLON_NAMES and counts.startswith(":"):  # without quotes, it has another meaning
            name = f'"{self.tag}"'
        return f"{'!' if self.negated else ''}{name}{counts}{CERTAIN if self.certain else ''}"

    def _write_counts(self) -> str:
        if self.max_count is None:
            return "" if self.min_count == 1 else f">={self.min_count}"
        if self.min_count == self.max_count:
            return f"={self.max_count}"
        return f":{self.min_count}{RANGE}{self.max_count}" if self.min_count else f"<={self.max_count}"


Clause = tuple[Term, ...]
"""Alternative terms. At least one term must match."""


def write_name(tag: str) -> str:
    """Return a tag as a query contains it: in quotes if it would have another meaning without them."""
    if _NEEDS_QUOTES.match(tag) or not _is_balanced(tag):
        return '"{}"'.format(tag.replace('"', '""'))
    return tag


def _is_balanced(tag: str) -> bool:
    """Return whether each parenthesis has its partner in the tag, so that none belongs to one of another tag."""
    depth = 0
    for letter in tag:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0


def parse_term(text: str, start: int, end: int) -> Term:
    """Parse the term in `text[start:end]`.

    Raises:
        InvalidQuery: it is not a valid term.
    """
    stop = _find_end(text, start, end)
    match = _TERM.match(text, start, stop)
    if not match:
        raise _explain_missing_tag(text, start, end)
    _check_tag_end(text, match, stop, is_certain=stop < end)
    tag = _read_tag(text, match, stop)
    is_negated = bool(match["not"])
    if not match["operator"]:
        if match.end() != stop:
            raise InvalidQuery("Expected a comma after the tag", text, match.end(), insert(text, match.end(), ", "))
        return Term(tag, negated=is_negated, certain=stop < end)
    return Term(tag, *_parse_counts(text, match, stop), negated=is_negated, certain=stop < end)


def _find_end(text: str, start: int, end: int) -> int:
    """Return the position of the `!` at the end of a term, or `end` if there is none."""
    sign = SIGN.match(text, start, end)
    last = len(text[:end].rstrip()) - 1
    return last if sign and sign.end() < last and text[last] == CERTAIN else end


def _check_tag_end(text: str, match: re.Match[str], end: int, *, is_certain: bool) -> None:
    """Check that a tag without quotes does not end with `!`."""
    position = len(text[: match.end("tag")].rstrip()) - 1
    if match["quoted"] is not None or text[position] != CERTAIN:
        return
    if text[position:].startswith("!="):
        suggestion = insert(insert(text, position, "", position + 1), match.start("tag"), "!")
        raise InvalidQuery("Write '!' before the tag for any other count", text, position, suggestion)
    moved = insert(text, end, "" if is_certain else CERTAIN)
    suggestion = insert(moved, len(text[:position].rstrip(" !")), "", match.end("tag"))
    raise InvalidQuery(
        "Write '!' once, at the end. Write a tag that ends with '!' in quotes", text, position, suggestion
    )


def insert(text: str, position: int, new: str, end: int | None = None) -> str:
    """Return a text with `new` at a position, in place of the characters from there to `end`."""
    return text[:position] + new + text[position if end is None else end :]


def _explain_missing_tag(text: str, start: int, end: int) -> InvalidQuery:
    sign = SIGN.match(text, start, end)
    opening = sign.end() if sign else start
    if text[opening:end].startswith('"'):
        message = "Write '\"' after the tag too. Write it twice if it is part of the tag"
        return InvalidQuery(message, text, opening, insert(text, end, '"'))
    if opening < end and sign and sign["not"] and text[opening] == "!":
        return InvalidQuery(
            "Expected a tag. Write '!' only once", text, start, insert(text, sign.start("not"), "", opening)
        )
    return InvalidQuery("Expected a tag", text, start, _remove_empty_parts(text))


def _remove_empty_parts(text: str) -> str:
    """Return a query without commas and bars that have nothing before or after them."""
    shorter = re.sub(r"([,|])(?:\s*[,|])+", r"\1", re.sub(r"(?<=\()\s*[,|]+|[\s,|]+(?=\))", "", text))
    return shorter.strip(" \t\n\r,|")


def _read_tag(text: str, match: re.Match[str], end: int) -> str:
    """Return the normal form of the tag of a term. In quotes, it may be a keyword."""
    quoted = match["quoted"]
    try:
        return queried_tag_name(match["tag"]) if quoted is None else tag_name(quoted.replace('""', '"'))
    except InvalidTag as error:
        start, tag = match.start("tag"), match["tag"].strip()
        if quoted is None and tag.casefold() in KEYWORDS:
            message = f"Write '{tag}' alone between commas. It cannot be negated, counted or be an alternative"
            suggestion = insert(text, end, "", end + 1) if text[end:].startswith(CERTAIN) else None
            raise InvalidQuery(message, text, start, suggestion) from error
        raise InvalidQuery(str(error).removesuffix("."), text, start) from error


def _parse_counts(text: str, match: re.Match[str], end: int) -> tuple[int, int | None]:
    """Return the bounds of the count after a tag and its operator."""
    operator, start = match["operator"], match.end()
    if operator not in _BOUNDS:
        message = "Expected '>=', '<=', '>', '<', '=' or ':' and a number after the tag"
        correction = _OPERATOR_MISTAKES.get(operator)
        suggestion = correction and insert(text, match.start("operator"), correction, start)
        raise InvalidQuery(message, text, match.start("operator"), suggestion)
    value = next(_VALUE.finditer(text, start, end))  # the pattern also matches the empty text
    if value["range"]:
        return _parse_range(text, value, end, operator)
    count = _parse_count(text, value, "first", match)
    _require_end(text, value.end(), end)
    low, high = _BOUNDS[operator](count)
    if high is not None and high < 0:
        message, suggestion = "No count is less than 0", insert(text, match.start("operator"), "=0", value.end())
    elif low > MAX_COUNT:
        message, suggestion = f"No count is more than {MAX_COUNT}", insert(text, match.start("operator"), ">=", start)
    else:
        return low, high
    raise InvalidQuery(message, text, match.start("operator"), suggestion)


def _parse_range(text: str, value: re.Match[str], end: int, operator: str) -> tuple[int, int | None]:
    """Return the bounds in `2..5`, `2..` or `..5`."""
    if operator not in {":", "="}:
        start = value.start() - len(operator)
        raise InvalidQuery("Write ':' before a range", text, start, insert(text, start, ":", value.start()))
    first = _parse_count(text, value, "first") if value["first"] else 0
    last = _parse_count(text, value, "last") if value["last"] or not value["first"] else None
    _require_end(text, value.end(), end)
    if last is not None and last < first:
        swapped = insert(text, value.start(), f"{last}{RANGE}{first}", value.end())
        raise InvalidQuery("The end of a range must not be less than its start", text, value.start("last"), swapped)
    return first, last


def _require_end(text: str, position: int, end: int) -> None:
    if position != end:
        suggestion = insert(text, position, ", ") if text[position - 1].isspace() else None
        raise InvalidQuery("Expected a comma after the number", text, position, suggestion)


def _parse_count(text: str, value: re.Match[str], group: str, term: re.Match[str] | None = None) -> int:
    """Return a number. In the error, suggest the digits of a number in words, or leave out an operator without one."""
    number = value[group]
    if number.isascii() and number.isdigit() and len(number) <= len(str(MAX_COUNT)):
        return int(number)
    count, suggestion = read_number(number), None
    if count is not None and count <= MAX_COUNT:
        suggestion = insert(text, value.start(group), str(count), value.end(group))
    elif not number and term:
        suggestion = insert(text, term.start("operator"), "", value.end())
    elif term and (keyword := _KEYWORD_AT_END.search(term["tag"])):
        suggestion = insert(text, term.start("tag") + keyword.start(), ", ")
    raise InvalidQuery(f"Expected a whole number from 0 to {MAX_COUNT}", text, value.start(group), suggestion)


_BOUNDS: Final[Mapping[str, Callable[[int], tuple[int, int | None]]]] = {
    ">=": lambda count: (count, None),
    ":": lambda count: (count, None),
    "=": lambda count: (count, count),
    "<=": lambda count: (0, count),
    ">": lambda count: (count + 1, None),
    "<": lambda count: (0, count - 1),
}
