"""Describes queries in words: `cat or dog (at least 2), no person, taken 2019-07`."""

from app.domain.marks import describe_mark, is_mark
from app.domain.periods import Period
from app.domain.query import Query
from app.domain.terms import Term
from app.domain.text_conditions import TextCondition, TextField


def describe(query: Query) -> str:
    """Return a query in words, for people who do not know the query language."""
    parts = [" or ".join(map(_describe_term, clause)) for clause in query.clauses]
    parts += [_describe_text(condition) for condition in query.texts]
    parts += [_describe_period(query.taken, "taken")] if query.taken else []
    parts += [_describe_period(query.added, "added")] if query.added else []
    parts += ["no tags"] if query.untagged else []
    parts += ["no date"] if query.undated else []
    return ", ".join(parts)


def _describe_text(condition: TextCondition) -> str:
    name = "name, title or description" if condition.field is TextField.TEXT else condition.field
    return f'{name} contains "{" ".join(condition.words)}"'


def _describe_period(period: Period, name: str) -> str:
    text = period.format(name)
    for sign, word in ((":", " "), ("..", " to "), (">=", " from "), ("<=", " until ")):
        text = text.replace(sign, word)
    return text


def _describe_term(term: Term) -> str:
    if is_mark(term.tag):
        return f"{'not ' if term.negated else ''}{describe_mark(term.tag)}"
    amount = _describe_amount(term)
    tag = f"{term.tag} ({amount})" if amount else term.tag
    return f"{'not' if amount else 'no'} {tag}" if term.negated else tag


def _describe_amount(term: Term) -> str:
    """Return the number of objects in words. It is empty for at least one, unless only certain objects count."""
    low, high = term.min_count, term.max_count
    amount = f"{low} to {high}" if low else f"at most {high}"
    if high is None:
        amount = "" if low == 1 else f"at least {low}"
    elif low == high:
        amount = f"exactly {low}"
    return f"{amount} certain".lstrip() if term.certain else amount
