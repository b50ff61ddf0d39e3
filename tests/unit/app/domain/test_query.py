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
def test_the_language_says_what_the_design_says(text: str, query: Query) -> None:
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
def test_a_wrong_query_points_at_the_character(text: str, position: int) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert failure.value.position == position
    assert f"at character {position + 1}" in str(failure.value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("person>2", "Write person>=3 (at character 7: '>2')"),
        ("dog, traffic light < 2", "Write traffic light<=1 (at character 20: '< 2')"),
        ("dog>0|cat", "Write dog>=1 (at character 4: '>0|cat')"),
        ("dog<0", "Write dog<=0 (at character 4: '<0')"),
        ("dog>>2", "Behind a tag only >=, <= or = with a count can stand, or a comma (at character 4: '>>2')"),
        ("dog AND cat", "Write , for AND; or and, if a tag is called so (at character 5: 'AND cat')"),
        ("dog OR cat", "Write | for OR; or or, if a tag is called so (at character 5: 'OR cat')"),
        ("dog, NOT cat", "Write ! for NOT; or not, if a tag is called so (at character 6: 'NOT cat')"),
        ("NOT cat", "Write ! for NOT; or not, if a tag is called so (at character 1: 'NOT cat')"),
        ("dog, (cat|bird)", "Leave the parentheses out: a comma joins what | offers (at character 6: '(cat|bird)')"),
        ("(dog, cat)", "Leave the parentheses out: a comma joins what | offers (at character 1: '(dog, cat)')"),
    ],
)
def test_what_people_write_by_mistake_is_told_in_our_words(text: str, hint: str) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert str(failure.value) == hint


@pytest.mark.parametrize(
    "text", ["salt and pepper", "dog or cat", "not", "NOTHING", "ORANGE, SAND", "mouse (pet)", "(", "a)"]
)
def test_a_tag_may_look_like_a_mistake(text: str) -> None:
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
def test_a_query_takes_what_it_means(text: str) -> None:
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
def test_a_query_leaves_what_it_does_not_mean(text: str) -> None:
    assert not matches({"person": 2, "cat": 1}, ID, parse(text))


def test_untagged_takes_images_without_tags() -> None:
    assert matches({}, ID, parse("untagged"))


def test_the_plan_reads_the_rarest_clause() -> None:
    query = parse("person, dog|cat, !car, tree<=3")

    assert plan(query, {"person": 900, "dog": 10, "cat": 20}).tags == ("dog", "cat")
    assert plan(query, {"person": 9, "dog": 10}).tags == ("person",)


def test_a_query_that_no_index_serves_reads_all_images_of_its_days() -> None:
    chosen = plan(parse("!dog, cat<=2, cat|!car, after:2026-01-31, before:2026-02-01"))

    assert chosen == Plan((), min_id_at(datetime(2026, 1, 31, tzinfo=UTC)), min_id_at(datetime(2026, 2, 1, tzinfo=UTC)))
    assert plan(parse("untagged")) == Plan((), MIN_ID, MAX_ID)


CANONICAL = Path(__file__).parents[4] / "static" / "src" / "search" / "canonical.json"


@pytest.mark.parametrize(("text", "written"), json.loads(CANONICAL.read_text()))
def test_a_query_is_written_as_the_web_ui_writes_it(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(InvalidQuery):
            parse(text)
    else:
        assert str(parse(text)) == written


def test_counts_as_json_mean_the_same_as_in_words() -> None:
    assert query_all([("Person", 2), ("dog", 1)]) == parse("person>=2, dog")
    with pytest.raises(InvalidTag):
        query_all([("a,b", 1)])
