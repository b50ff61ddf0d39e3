"""Finds queries that a person may mean by a query that names an unknown tag or finds nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from app.domain.clauses import MAX_ALTERNATIVES, TooManyClauses, match_all, match_any
from app.domain.errors import InvalidQuery
from app.domain.marks import is_mark
from app.domain.periods import UNLIMITED, Period
from app.domain.query import Query, parse
from app.domain.sentences import Reading, read_sentence
from app.domain.tags import TagTotal
from app.domain.terms import Clause, Term
from app.domain.text_conditions import MAX_WORDS, TextCondition, TextField
from app.domain.vocabulary import MAX_PHRASE, Certainty, Meaning, Vocabulary, split_words

MAX_SUGGESTIONS: Final = 5

_SIGNS: Final = re.compile(r'[|:=<>()"!]|(?<![^\s,])-(?=\S)')  # besides the comma, which sentences contain too


@dataclass(frozen=True, slots=True)
class Candidate:
    """A query that a person may mean, and the words of the original query that it does not contain."""

    query: Query
    ignored: tuple[str, ...] = ()


def find_unknown(query: Query, totals: Iterable[TagTotal]) -> list[str]:
    """Return the tags of a query that no image of the library has."""
    known = {total.tag for total in totals if total.images}
    tags = dict.fromkeys(term.tag for clause in query.clauses for term in clause)
    return [tag for tag in tags if tag not in known and not is_mark(tag)]


def suggest(text: str, query: Query, totals: Sequence[TagTotal], *, allows_texts: bool = True) -> list[Candidate]:
    """Return up to `MAX_SUGGESTIONS` other queries, the most probable one first.

    Args:
        text: The query as the person typed it.
        query: The parsed query.
        totals: The totals of all tags of the library, most frequent first.
        allows_texts: Whether the other queries may have conditions on texts.
    """
    if not find_unknown(query, totals):
        return _select(_loosen(query), query)
    vocabulary = Vocabulary(totals)
    is_sentence = not _SIGNS.search(text) and query == Query(query.clauses)
    found = _read_text(text, vocabulary, has_cameras=allows_texts) if is_sentence else _replace_terms(query, vocabulary)
    return _select(found, query)


def suggest_text(query: Query, totals: Iterable[TagTotal], best: Candidate | None) -> Candidate | None:
    """Return a query for the unknown words of a query in names, titles and descriptions, or None if there are none.

    If the best suggestion ignores words, these words are looked for in its photos. A word such as `img_2034` is not
    separated into parts.
    """
    unknown = {*find_unknown(query, totals)}
    if best and best.ignored and {*best.ignored} <= {word for tag in unknown for word in tag.split()}:
        return _look_for(best.query, best.ignored)
    clauses = tuple(clause for clause in query.clauses if not any(term.tag in unknown for term in clause))
    replaced = [clause for clause in query.clauses if clause not in clauses]
    if not replaced or any(clause != (Term(clause[0].tag),) for clause in replaced):
        return None
    return _look_for(replace(query, clauses=clauses), [clause[0].tag for clause in replaced])


def _look_for(query: Query, texts: Iterable[str]) -> Candidate | None:
    words = tuple(word for text in texts for word in text.split())
    if not words or len(words) > MAX_WORDS:
        return None
    found = replace(query, texts=(*query.texts, TextCondition(TextField.TEXT, words)))
    return Candidate(found) if _is_valid(found) else None


def read_text(text: str, totals: Sequence[TagTotal]) -> list[Candidate]:
    """Return up to `MAX_SUGGESTIONS` queries that a text without signs may mean, such as a long sentence."""
    return [] if _SIGNS.search(text) else _select(_read_text(text, Vocabulary(totals)), Query())


def _select(candidates: Iterable[Candidate], query: Query) -> list[Candidate]:
    """Return the first valid candidates that differ from each other and from the query."""
    selected: dict[Query, Candidate] = {}
    for candidate in candidates:
        if candidate.query not in {query, Query()} and _is_valid(candidate.query):
            selected.setdefault(candidate.query, candidate)
        if len(selected) == MAX_SUGGESTIONS:
            break
    return list(selected.values())


def _is_valid(query: Query) -> bool:
    with suppress(InvalidQuery):
        return parse(str(query)) == query
    return False


def _loosen(query: Query) -> Iterator[Candidate]:
    """Yield less strict queries: with uncertain objects, with counts of one, and without one of the parts."""
    yield Candidate(replace(query, clauses=tuple(tuple(map(_accept_uncertain, clause)) for clause in query.clauses)))
    lower = [tuple(map(_lower_count, clause)) for clause in query.clauses]
    for index, clause in enumerate(lower):
        yield Candidate(replace(query, clauses=(*query.clauses[:index], clause, *query.clauses[index + 1 :])))
    for index in range(len(query.clauses)):
        yield Candidate(replace(query, clauses=(*query.clauses[:index], *query.clauses[index + 1 :])))
    yield Candidate(replace(query, taken=UNLIMITED))
    yield Candidate(replace(query, added=UNLIMITED))
    for index in range(len(query.texts)):
        yield Candidate(replace(query, texts=(*query.texts[:index], *query.texts[index + 1 :])))
    yield Candidate(replace(query, untagged=False))
    yield Candidate(replace(query, undated=False))


def _lower_count(term: Term) -> Term:
    return term if term.negated or not term.min_count else Term(term.tag, certain=term.certain)


def _accept_uncertain(term: Term) -> Term:
    return term if term.negated or not term.min_count else replace(term, certain=False)


def _read_text(text: str, vocabulary: Vocabulary, *, has_cameras: bool = True) -> Iterator[Candidate]:
    """Yield what a text without signs means. The other meanings of a single word or phrase come last."""
    words = split_words(text)
    readings = [read_sentence(text, vocabulary, certainty, has_cameras=has_cameras) for certainty in Certainty]
    is_short = len(words) <= MAX_PHRASE  # each word is probably meant to be a tag
    yield from map(_to_candidate, reversed(readings) if is_short else readings)
    if is_short:
        meanings = vocabulary.list_meanings(words, Certainty.SPELLING)
        yield from (Candidate(Query(_write(meaning))) for meaning in meanings)
        groups = [meaning[0] for meaning in meanings if len(meaning) == 1]
        yield from (Candidate(Query(((Term(tag),),))) for tags in groups for tag in tags)
    yield from map(_keep_heads, readings)
    yield from map(_simplify, readings)
    yield from map(_widen_to_years, readings)
    if any(reading.texts for reading in readings):
        yield _to_candidate(read_sentence(text, vocabulary))


def _to_candidate(reading: Reading) -> Candidate:
    return Candidate(_write_query(reading, reading.clauses), reading.ignored)


def _write_query(reading: Reading, clauses: tuple[Clause, ...]) -> Query:
    return Query(clauses, reading.taken, texts=reading.texts)


def _keep_heads(reading: Reading) -> Candidate:
    """Return a query without the first parts of compounds. A TV remote is not a TV."""
    return Candidate(_write_query(reading, reading.heads), reading.ignored)


def _simplify(reading: Reading) -> Candidate:
    """Return a less strict query: without words for many tags and without counts."""
    exact = tuple(clause for clause in reading.clauses if len(clause) == 1)
    clauses = (
        exact if exact and exact != reading.clauses else tuple(tuple(map(_lower_count, c)) for c in reading.clauses)
    )
    return Candidate(_write_query(reading, clauses), reading.ignored)


def _widen_to_years(reading: Reading) -> Candidate:
    """Return a query for the whole years of a period. Seasons differ between hemispheres, and people mistake months."""
    first, last = reading.taken.first, reading.taken.last
    taken = Period(date(first.year, 1, 1), date(last.year, 12, 31)) if first and last else reading.taken
    return Candidate(Query(reading.clauses, taken, texts=reading.texts), reading.ignored)


def _write(meaning: Meaning) -> tuple[Clause, ...]:
    return tuple(tuple(map(Term, tags)) for tags in meaning)


def _replace_terms(query: Query, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Yield queries with other tags in place of the unknown ones. The best choice for each term comes first."""
    terms = {term: _list_choices(term, vocabulary) for clause in query.clauses for term in clause}
    best = {term: choices[0] for term, choices in terms.items()}
    others = [best | {term: choice} for term, choices in terms.items() for choice in choices[1:]]
    for choice in [best, *others]:
        with suppress(TooManyClauses):
            parts = [each for clause in query.clauses if (each := _list_parts(clause, choice))]
            clauses = map(_shorten, match_all(map(match_any, parts)))
            unread = [term.tag for term, part in choice.items() if not part]
            yield Candidate(replace(query, clauses=tuple(clauses)), tuple(unread))


def _shorten(clause: Clause) -> Clause:
    """Return the first alternatives, as many as a clause may have. If one is negated, all of them are needed."""
    return clause if any(term.negated for term in clause) else tuple(dict.fromkeys(clause))[:MAX_ALTERNATIVES]


def _list_parts(clause: Clause, choice: dict[Term, list[Clause]]) -> list[list[Clause]]:
    return [choice[term] for term in clause if choice[term]]


def _list_choices(term: Term, vocabulary: Vocabulary) -> list[list[Clause]]:
    """Return the possible clauses for a term. A tag that is not understood has one choice without a clause."""
    if vocabulary.has(term.tag) or is_mark(term.tag):
        return [[(term,)]]
    readings = [read_sentence(term.tag, vocabulary, certainty) for certainty in Certainty]
    choices = [list(reading.clauses) for reading in readings if reading.clauses]
    words = split_words(term.tag)
    if len(words) <= MAX_PHRASE:
        choices += [list(_write(meaning)) for meaning in vocabulary.list_meanings(words, Certainty.SPELLING)]
    unique = list({str(choice): choice for choice in choices}.values())
    return [_apply(term, clauses) for clauses in unique] or [[]]


def _apply(term: Term, clauses: list[Clause]) -> list[Clause]:
    """Return clauses with the count of a term at their last tag, certain and negated if the term is."""
    if term.certain:
        clauses = [tuple(replace(each, certain=True) for each in clause) for clause in clauses]
    if (term.min_count, term.max_count) != (1, None):
        last = tuple(replace(each, min_count=term.min_count, max_count=term.max_count) for each in clauses[-1])
        clauses = [*clauses[:-1], last]
    if not term.negated:
        return clauses
    return match_any([[(replace(each, negated=not each.negated),) for each in clause] for clause in clauses])
