"""Combines the conditions of groups in parentheses into clauses: lists of alternatives that must all match."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from app.domain.terms import Clause

MAX_TERMS: Final = 22  # in all clauses of a new query
MAX_ALTERNATIVES: Final = 8
MAX_DEPTH: Final = 8  # of groups in groups

_MAX_PRODUCT: Final = 2 * MAX_TERMS


class TooManyClauses(Exception):
    """The clauses would have far more terms than a query may have."""


def match_all(parts: Iterable[Sequence[Clause]]) -> list[Clause]:
    """Return the clauses that hold if all parts hold."""
    return list(chain.from_iterable(parts))


def match_any(parts: Sequence[Sequence[Clause]]) -> list[Clause]:
    """Return the clauses that hold if at least one of the parts holds: `(a, b)|c` becomes `a|c, b|c`.

    Raises:
        TooManyClauses: the number of clauses is not reasonable.
    """
    if all(len(clauses) == 1 and len(clauses[0]) == 1 for clauses in parts):
        return [tuple(clauses[0][0] for clauses in parts)]
    product = list(parts[0])
    for clauses in parts[1:]:
        if len(product) * len(clauses) > _MAX_PRODUCT:
            raise TooManyClauses
        product = _simplify([*earlier, *clause] for earlier in product for clause in clauses)
    return product


def _simplify(clauses: Iterable[Iterable[object]]) -> list[Clause]:
    """Leave out equal alternatives, and clauses that hold whenever another one holds."""
    unique = dict.fromkeys(tuple(dict.fromkeys(clause)) for clause in clauses)
    return [clause for clause in unique if not any({*other} < {*clause} for other in unique)]  # type: ignore[misc]
