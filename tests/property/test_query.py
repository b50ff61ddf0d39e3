from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.clauses import MAX_ALTERNATIVES, MAX_TERMS
from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.ids import EXAMPLE_ID, new_id
from app.domain.marks import FAVOURITE, album_mark, title_mark
from app.domain.periods import Period
from app.domain.plans import plan
from app.domain.query import Query, matches, parse
from app.domain.snapshots import Snapshot
from app.domain.tags import MAX_COUNT, Tags, normalize, tag_name
from app.domain.terms import Clause, Term
from app.domain.text_conditions import MAX_CONDITIONS, MAX_WORDS, TextCondition, TextField


def is_tag(text: str) -> bool:
    try:
        return tag_name(text) == text
    except InvalidTag:
        return False


keywords = ("taken", "added", "untagged", "undated", "after", "before", "is", "album", *TextField)
words = st.text("abcdefgzß éñ漢🏖#'_-!()\"0123456789", min_size=1, max_size=12) | st.sampled_from(
    [f"{keyword}{rest}" for keyword in keywords for rest in ("", " 2019", "s", " !")]
)
tags = words.map(str.casefold).filter(is_tag)
counts = st.integers(0, MAX_COUNT)
bounds = st.one_of(st.tuples(counts, st.none()), st.tuples(counts, counts).map(lambda pair: (min(pair), max(pair))))
terms = st.builds(
    lambda tag, bound, negated, certain: Term(tag, bound[0], bound[1], negated=negated, certain=certain),
    tags,
    bounds,
    st.booleans(),
    st.booleans(),
)
marks = st.builds(
    Term, st.sampled_from([FAVOURITE, album_mark(EXAMPLE_ID), title_mark('At, the "(sea')]), negated=st.booleans()
)
clauses = st.lists(st.lists(terms | marks, min_size=1, max_size=3).map(tuple), max_size=4).map(tuple)
days = st.none() | st.dates() | st.sampled_from([date.min, date(2018, 1, 1), date(2018, 12, 31), date(2020, 2, 29)])
periods = st.builds(Period, days, days)
text_words = st.text("abzßé漢:=<>-'_.0129", min_size=1, max_size=6).map(normalize).filter(bool)
phrases = st.text("abßé漢 ,|:=<>!()\"-'_.0129", min_size=1, max_size=12).map(normalize).map(str.strip).filter(bool)
conditions = st.builds(
    TextCondition,
    st.sampled_from(TextField),
    st.lists(text_words, min_size=1, max_size=MAX_WORDS).map(tuple) | st.tuples(phrases),
)
texts = st.lists(conditions, max_size=MAX_CONDITIONS, unique=True).map(tuple)
queries = st.builds(Query, clauses, periods, periods, st.booleans(), st.booleans(), texts).filter(
    lambda query: query != Query()
)
times = st.datetimes(max_value=datetime(9999, 12, 31)).map(lambda time: time.isoformat(timespec="seconds"))  # noqa: DTZ001 - local
tag_counts = st.dictionaries(tags, st.integers(1, MAX_COUNT), max_size=5)
snapshots = st.builds(
    lambda counts, share, image_id, time, undated: Snapshot(
        counts, image_id, time, undated, {tag: count // share for tag, count in counts.items() if count // share}
    ),
    tag_counts,
    st.integers(1, 3),
    st.builds(new_id),
    times | times.map("!{}".format),
    st.booleans(),
)


@given(queries)
def test_parse_of_a_formatted_query_returns_the_query(query: Query) -> None:
    assert parse(str(query)) == query


Expression = tuple[str, "Callable[[Tags], bool]"]
"""A text of the query language and its meaning."""


def write_term(tag: str, count: int) -> Expression:
    return f"{tag}>={count}", lambda tags: tags.get(tag, 0) >= count


def write_group(sign: str, parts: list[Expression], *, negated: bool) -> Expression:
    text = f"{'!' if negated else ''}({sign.join(text for text, _ in parts)})"
    combine = all if sign == "," else any
    return text, lambda tags: combine(holds(tags) for _, holds in parts) is not negated


expressions = st.recursive(
    st.builds(write_term, st.sampled_from("abc"), st.integers(1, 2)),
    lambda parts: st.builds(
        write_group, st.sampled_from(",|"), st.lists(parts, min_size=2, max_size=3), negated=st.booleans()
    ),
    max_leaves=6,
)


def holds(clauses: Iterable[Clause], tags: Tags) -> bool:
    return all(any(term.holds(tags, {}) for term in clause) for clause in clauses)


@given(expressions, st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 2)), min_size=1))
def test_parse_of_groups_keeps_their_meaning_or_names_the_limit(expression: Expression, images: list[Tags]) -> None:
    text, is_match = expression
    try:
        query = parse(text)
    except InvalidQuery as error:
        assert "Use at most 22 tags" in str(error)  # noqa: PT017 - most groups are small enough
    else:
        assert [holds(query.clauses, tags) for tags in images] == [is_match(tags) for tags in images]
        assert parse(str(query)) == query


@given(
    st.text('dogcat ,|!:=<>()"-.0123456789\0\n-untagedfrbk', max_size=60)
    | st.text(max_size=1200)
    | st.builds("{}:{}".format, st.sampled_from(TextField), st.text('aß\u0301\n ,|!:=<>()"-', max_size=20))
)
def test_parse_of_any_text_returns_a_valid_query_or_the_position_of_the_error(text: str) -> None:
    try:
        query = parse(text)
    except InvalidQuery as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - most texts raise, some do not
        assert error.suggestion is None or str(parse(error.suggestion)) == error.suggestion  # noqa: PT017
    else:
        assert parse(str(query)) == query
        assert all(len(clause) <= MAX_ALTERNATIVES for clause in query.clauses)
        assert sum(map(len, query.clauses)) <= MAX_TERMS


@given(queries, snapshots, st.dictionaries(tags, counts))
def test_plan_of_any_query_contains_every_match(query: Query, image: Snapshot, images: dict[str, int]) -> None:
    query_plan = plan(query, images)

    if matches(image, query):
        assert query_plan.start <= f"{image.sorted_at}#{image.id}" < query_plan.end
        assert not query_plan.tags or not image.tags.keys().isdisjoint(query_plan.tags)


@given(tag_counts, tag_counts, terms)
def test_negated_term_on_any_tags_is_the_opposite(counts: dict[str, int], certain: dict[str, int], term: Term) -> None:
    opposite = replace(term, negated=not term.negated)

    assert term.holds(counts, certain) is not opposite.holds(counts, certain)
