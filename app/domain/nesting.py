"""Finds the groups in parentheses and the quoted tags of a query."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.errors import InvalidQuery
from app.domain.tags import OPERATORS
from app.domain.terms import SIGN, insert
from app.domain.text_conditions import FIELD

_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_TEXT: Final = re.compile(rf'(?:{FIELD}|album\s*:\s*)(?=")', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Nesting:
    """The groups and quoted tags of a text: the index of each first character, and that of its last one."""

    groups: Mapping[int, int]
    quotes: Mapping[int, int]

    def split(self, text: str, separator: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each piece of `text[start:end]` between separators.

        Separators in groups and in quotes do not count.
        """
        position = start
        while position < end:
            if text[position] == separator:
                yield start, position
                start = position + 1
            position = self.groups.get(position, self.quotes.get(position, position)) + 1
        yield start, end


def find_nesting(text: str) -> Nesting:
    """Return the groups and quoted tags of a query.

    Parentheses are a group if they begin where a tag can begin, and contain an operator. Others belong to a tag, such
    as `mouse (pet)`. So do single parentheses if the query has no group.

    Raises:
        InvalidQuery: a parenthesis is not in its place.
    """
    return _Walker(text).walk()


@dataclass(slots=True)
class _Parenthesis:
    position: int
    begins_term: bool
    has_operator: bool = False


@dataclass(slots=True)
class _Walker:
    text: str
    open: list[_Parenthesis] = field(default_factory=list)
    groups: dict[int, int] = field(default_factory=dict)
    quotes: dict[int, int] = field(default_factory=dict)
    unopened: list[int] = field(default_factory=list)

    def walk(self) -> Nesting:
        position, begins_term = 0, True
        while position < len(self.text):
            if begins_term and (sign := SIGN.match(self.text, position)):
                position = sign.end()
                if text := _TEXT.match(self.text, position):
                    self._mark_open()
                    position = text.end()
                if quoted := _QUOTED.match(self.text, position):
                    self.quotes[position] = quoted.end() - 1
                    position = quoted.end()
            begins_term = self._read(position, begins_term=begins_term)
            position += 1
        self._check_single()
        return Nesting(self.groups, self.quotes)

    def _read(self, position: int, *, begins_term: bool) -> bool:
        """Read a character. Return whether a tag can begin after it."""
        letter = self.text[position : position + 1]
        if letter == "(":
            self.open.append(_Parenthesis(position, begins_term))
        elif letter == ")":
            self._close(position)
        elif letter in OPERATORS:
            self._mark_open()
        return letter in {"(", ",", "|"}

    def _mark_open(self) -> None:
        for parenthesis in reversed(self.open):
            if parenthesis.has_operator:
                return
            parenthesis.has_operator = True

    def _close(self, position: int) -> None:
        if not self.open:
            self.unopened.append(position)
            return
        opened = self.open.pop()
        if opened.has_operator and not opened.begins_term:
            message = "Expected a comma before the parenthesis"
            raise InvalidQuery(message, self.text, opened.position, insert(self.text, opened.position, ", "))
        if opened.has_operator:
            self.groups[opened.position] = position

    def _check_single(self) -> None:
        if not self.groups:
            return
        if self.unopened:
            position = self.unopened[0]
            suggestion = insert(self.text, position, "", position + 1)
            raise InvalidQuery("Remove this parenthesis, or open it before", self.text, position, suggestion)
        if self.open:
            message = "Close this parenthesis"
            raise InvalidQuery(message, self.text, self.open[-1].position, self.text + ")" * len(self.open))
