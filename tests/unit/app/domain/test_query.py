import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.ids import min_id_at
from app.domain.query import (
    MAX_ALTERNATIVES,
    MAX_ID,
    MAX_TERMS,
    MIN_ID,
    Plan,
    Query,
    Term,
    matches,
    parse,
    plan,
    query_all,
)

ID = min_id_at(datetime(2026, 1, 31, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("dog", Query(((Term("dog"),),))),
        ("person: 2, car: 1", Query(((Term("person", 2),), (Term("car"),)))),
        ("person>=2,dog", Query(((Term("person", 2),), (Term("dog"),)))),
        ("traffic light=1", Query(((Term("traffic light", 1, 1),),))),
        ("dog<=3", Query(((Term("dog", 0, 3),),))),
        ("! dog", Query(((Term("dog", negated=True),),))),
        ("cat|!Bird >= 2 ", Query(((Term("cat"), Term("bird", 2, negated=True)),))),
        (
            "after:2026-01-31, Before: 2026-02-01",
            Query(after=date(2026, 1, 31), before=date(2026, 2, 1)),
        ),
        ("untagged", Query(untagged=True)),
        ("after>=2", Query(((Term("after", 2),),))),
    ],
)
def test_parse_of_valid_query_returns_its_meaning(text: str, query: Query) -> None:
    assert parse(text) == query
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("dog,", 4),
        ("dog, ,cat", 4),
        ("dog|", 4),
        ("person>=", 8),
        ("person>=two", 8),
        ("person>=-1", 8),
        ("person>=1000", 8),
        ("person>=\N{ARABIC-INDIC DIGIT TWO}", 8),
        ("person>2", 6),
        ("person=1=2", 7),
        ("person: 2 x", 10),
        ("!!dog", 0),
        ("dog, a\0b", 5),
        ("dog, after:yesterday", 11),
        ("after:2026-01-31, after:2026-01-31", 17),
        ("x" * 1001, 1000),
        ("dog" + "," * 2, 4),
        ("|".join(["dog"] * (MAX_ALTERNATIVES + 1)), 0),
        (",".join(["dog"] * (MAX_TERMS + 1)), 4 * MAX_TERMS),
        ("untagged|dog", 0),
    ],
)
def test_parse_of_invalid_query_raises_with_the_position(text: str, position: int) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert failure.value.position == position
    assert f"at character {position + 1}" in str(failure.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("person>2", "Use person>=3 (at character 7: '>2')"),
        ("dog, traffic light < 2", "Use traffic light<=1 (at character 20: '< 2')"),
        ("dog>0|cat", "Use dog>=1 (at character 4: '>0|cat')"),
        ("dog<0", "Use dog<=0 (at character 4: '<0')"),
        ("dog>>2", "Expected >=, <= or = and a number after the tag, or a comma (at character 4: '>>2')"),
        ("dog AND cat", "Use ',' instead of AND. In a tag, write it in lower case (at character 5: 'AND cat')"),
        ("dog OR cat", "Use '|' instead of OR. In a tag, write it in lower case (at character 5: 'OR cat')"),
        ("dog, NOT cat", "Use '!' instead of NOT. In a tag, write it in lower case (at character 6: 'NOT cat')"),
        ("NOT cat", "Use '!' instead of NOT. In a tag, write it in lower case (at character 1: 'NOT cat')"),
        ("dog, (cat|bird)", "Remove the parentheses. '|' binds more tightly than ',' (at character 6: '(cat|bird)')"),
        ("(dog, cat)", "Remove the parentheses. '|' binds more tightly than ',' (at character 1: '(dog, cat)')"),
    ],
)
def test_parse_of_common_mistake_raises_with_a_suggestion(text: str, message: str) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert str(failure.value) == message


@pytest.mark.parametrize(
    "text", ["salt and pepper", "dog or cat", "not", "NOTHING", "ORANGE, SAND", "mouse (pet)", "(", "a)"]
)
def test_parse_of_tag_that_looks_like_a_mistake_succeeds(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "person",
        "person>=2",
        "person:1",
        "person=2",
        "person<=2",
        "dog<=0",
        "!dog",
        "!person>=3",
        "dog|person",
        "cat, person",
        "after:2026-01-31",
        "before:2026-02-01",
    ],
)
def test_matches_returns_true_for_a_matching_query(text: str) -> None:
    assert matches({"person": 2, "cat": 1}, ID, parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "person>=3",
        "person=1",
        "person<=1",
        "dog",
        "!cat",
        "dog|bird",
        "cat, dog",
        "after:2026-02-01",
        "before:2026-01-31",
        "untagged",
    ],
)
def test_matches_returns_false_for_another_query(text: str) -> None:
    assert not matches({"person": 2, "cat": 1}, ID, parse(text))


def test_matches_of_untagged_without_tags_returns_true() -> None:
    assert matches({}, ID, parse("untagged"))


def test_plan_of_several_clauses_reads_the_rarest() -> None:
    query = parse("person, dog|cat, !car, tree<=3")

    assert plan(query, {"person": 900, "dog": 10, "cat": 20}).tags == ("dog", "cat")
    assert plan(query, {"person": 9, "dog": 10}).tags == ("person",)


def test_plan_without_indexed_clause_reads_all_images_of_the_days() -> None:
    rows = plan(parse("!dog, cat<=2, cat|!car, after:2026-01-31, before:2026-02-01"))

    assert rows == Plan((), min_id_at(datetime(2026, 1, 31, tzinfo=UTC)), min_id_at(datetime(2026, 2, 1, tzinfo=UTC)))
    assert plan(parse("untagged")) == Plan((), MIN_ID, MAX_ID)


CANONICAL = Path(__file__).parents[4] / "static" / "src" / "search" / "canonical.json"


@pytest.mark.parametrize(("text", "canonical"), json.loads(CANONICAL.read_text()))
def test_query_as_text_equals_the_text_of_the_web_ui(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(InvalidQuery):
            parse(text)
    else:
        assert str(parse(text)) == canonical


def test_query_all_equals_the_parsed_query() -> None:
    assert query_all([("Person", 2), ("dog", 1)]) == parse("person>=2, dog")
    with pytest.raises(InvalidTag):
        query_all([("a,b", 1)])
