"""Parses the parts of queries: clauses, keywords, periods, and conditions on texts."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from app.domain.clauses import MAX_ALTERNATIVES, MAX_DEPTH, TooManyClauses, match_all, match_any
from app.domain.errors import InvalidQuery
from app.domain.mark_terms import parse_mark_term
from app.domain.nesting import Nesting
from app.domain.periods import Condition, parse_condition
from app.domain.tags import OPERATORS
from app.domain.terms import CERTAIN, SIGN, Clause, insert, parse_term
from app.domain.text_conditions import TextCondition, parse_text_condition, refuse_text_condition

FLAGS: Final = ("untagged", "undated")


@dataclass(slots=True)
class Draft:
    """A query that is being parsed. Negations are moved to the terms at once."""

    text: str
    nesting: Nesting
    max_terms: int
    max_texts: int
    bounds: dict[str, dict[str, date]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    texts: list[TextCondition] = field(default_factory=list)

    def parse_parts(self, start: int, end: int, depth: int = 0, *, negated: bool = False) -> list[Clause]:
        """Return the clauses of the parts between commas in `text[start:end]`.

        Keywords and periods are added to the query. They are allowed if the parts are not in a group.
        """
        parts: list[list[Clause]] = []
        for part in self.nesting.split(self.text, ",", start, end):
            if depth or not self._add_condition(*part):
                parts.append(self._parse_alternatives(*part, depth, negated=negated))
                if not negated:
                    self._check_size(match_all(parts), part[0])
        return self._match_any(parts, start) if negated else match_all(parts)

    def _add_condition(self, start: int, end: int) -> bool:
        """Add the keyword, the period or the text in `text[start:end]` to the query. Return False if it is none."""
        part = self.text[start:end].strip().casefold()
        if part in FLAGS:
            self.flags.add(part)
        elif condition := parse_condition(self.text, start, end):
            self._add_period(condition, start)
        elif text := parse_text_condition(self.text, start, end):
            self._add_text(text, start)
        else:
            return False
        return True

    def _add_text(self, condition: TextCondition, start: int) -> None:
        if not self.max_texts:
            raise InvalidQuery(f"An alert is about tags and dates. Remove '{condition}'", self.text, start)
        if len(self.texts) == self.max_texts:
            raise InvalidQuery(f"Use at most {self.max_texts} conditions on texts", self.text, start)
        self.texts.append(condition)

    def _add_period(self, condition: Condition, start: int) -> None:
        bounds = self.bounds.setdefault(condition.name, {})
        for name, day in (("first", condition.period.first), ("last", condition.period.last)):
            if day and name in bounds:
                raise InvalidQuery(f"Give the {name} day of '{condition.name}' only once", self.text, start)
            bounds |= {name: day} if day else {}

    def _parse_alternatives(self, start: int, end: int, depth: int, *, negated: bool) -> list[Clause]:
        pieces = self.nesting.split(self.text, "|", start, end)
        alternatives = [self._parse_alternative(*piece, depth, negated=negated) for piece in pieces]
        return match_all(alternatives) if negated else self._match_any(alternatives, start)

    def _parse_alternative(self, start: int, end: int, depth: int, *, negated: bool) -> list[Clause]:
        """Return the clauses of the group or the term in `text[start:end]`."""
        sign = SIGN.match(self.text, start, end)
        opening = sign.end() if sign else start
        if opening not in self.nesting.groups:
            refuse_text_condition(self.text, opening, end)
            term = parse_mark_term(self.text, start, end) or parse_term(self.text, start, end)
            return [(replace(term, negated=term.negated is not negated),)]
        if depth == MAX_DEPTH:
            raise InvalidQuery(f"Use at most {MAX_DEPTH} levels of parentheses", self.text, opening)
        closing = self.nesting.groups[opening]
        after = closing + 1 + len(self.text[closing + 1 : end]) - len(self.text[closing + 1 : end].lstrip())
        if after < end:
            if self.text[after] == CERTAIN:
                raise self._explain_mark(opening, after)
            raise _explain_rest(self.text, after)
        is_negated = negated is not bool(sign and sign["not"])
        return self.parse_parts(opening + 1, closing, depth + 1, negated=is_negated)

    def _explain_mark(self, opening: int, position: int) -> InvalidQuery:
        """Return the error of a `!` after a group."""
        clauses = [
            [str(replace(term, certain=True)) for term in clause]
            for clause in self.parse_parts(opening + 1, self.nesting.groups[opening], 1)
        ]
        group = f"({', '.join(map('|'.join, clauses))})"
        return InvalidQuery(
            "Write '!' after each tag", self.text, position, insert(self.text, opening, group, position + 1)
        )

    def _match_any(self, parts: list[list[Clause]], start: int) -> list[Clause]:
        try:
            clauses = match_any(parts)
        except TooManyClauses:
            raise self._explain_size(f"more than {self.max_terms} tags", start) from None
        self._check_size(clauses, start)
        return clauses

    def _check_size(self, clauses: list[Clause], start: int) -> None:
        if (terms := sum(map(len, clauses))) > self.max_terms:
            raise self._explain_size(f"{terms} tags", start)
        if (alternatives := max(map(len, clauses))) > MAX_ALTERNATIVES:
            raise self._explain_size(f"{alternatives} alternatives between two commas", start)

    def _explain_size(self, size: str, start: int) -> InvalidQuery:
        """Return the error of a query with too many terms or alternatives."""
        limits = f"Use at most {self.max_terms} tags in a query, and {MAX_ALTERNATIVES} alternatives between two commas"
        if not self.nesting.groups:
            return InvalidQuery(limits, self.text, start)
        return InvalidQuery(f"Without its parentheses, this query has {size}. {limits}", self.text, start)


def _explain_rest(text: str, position: int) -> InvalidQuery:
    """Return the error of a text that follows a group."""
    if text[position] in OPERATORS:
        return InvalidQuery("Write the count after each tag", text, position)
    return InvalidQuery("Expected a comma after the parenthesis", text, position, insert(text, position, ", "))
