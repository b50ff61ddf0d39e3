import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.domain.clauses import MAX_ALTERNATIVES, MAX_TERMS
from app.domain.errors import InvalidQuery, InvalidTag
from app.domain.ids import min_id_at
from app.domain.periods import Period
from app.domain.query import Query, matches, parse, query_all
from app.domain.snapshots import Snapshot
from app.domain.terms import Term

ID = min_id_at(datetime(2026, 1, 31, 12, tzinfo=UTC))
TAKEN = Snapshot({"person": 3, "cat": 1}, ID, "2019-07-14T23:59:59", undated=False, certain={"person": 2})


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
            Query(taken=Period(date(2026, 1, 31), date(2026, 1, 31))),
        ),
        ("taken:2019", Query(taken=Period(date(2019, 1, 1), date(2019, 12, 31)))),
        ("taken=2020-02", Query(taken=Period(date(2020, 2, 1), date(2020, 2, 29)))),
        ("taken:2019-07-14", Query(taken=Period(date(2019, 7, 14), date(2019, 7, 14)))),
        ("taken>=2018-06", Query(taken=Period(date(2018, 6, 1)))),
        ("taken<=2018", Query(taken=Period(last=date(2018, 12, 31)))),
        ("taken:2018-06..2018-08", Query(taken=Period(date(2018, 6, 1), date(2018, 8, 31)))),
        ("taken:2018..", Query(taken=Period(date(2018, 1, 1)))),
        ("taken:..2018", Query(taken=Period(last=date(2018, 12, 31)))),
        ("added:2026-01-31", Query(added=Period(date(2026, 1, 31), date(2026, 1, 31)))),
        ("added>=2026, taken<=2019", Query(taken=Period(last=date(2019, 12, 31)), added=Period(date(2026, 1, 1)))),
        ("before:2019", Query(taken=Period(last=date(2018, 12, 31)))),
        ("after:2019-08", Query(taken=Period(date(2019, 8, 1)))),
        ("after:2019, before:2018", Query(taken=Period(date(2019, 1, 1), date(2017, 12, 31)))),
        ("untagged", Query(untagged=True)),
        ("undated", Query(undated=True)),
        ("taken 2019", Query(((Term("taken 2019"),),))),
        ("person>=2 !", Query(((Term("person", 2, certain=True),),))),
        ('!dog!|"wow!"', Query(((Term("dog", negated=True, certain=True), Term("wow!")),))),
        ("!(dog!|cat)", Query(((Term("dog", negated=True, certain=True),), (Term("cat", negated=True),)))),
        ("after>=2", Query(((Term("after", 2),),))),
        ('"after":1..2', Query(((Term("after", 1, 2),),))),
        ("is:favourite", Query(((Term(":favourite"),),))),
        ("IS : Favorite , dog", Query(((Term(":favourite"),), (Term("dog"),)))),
        ("!is:favourite|dog", Query(((Term(":favourite", negated=True), Term("dog")),))),
        ("!(is:favourite, dog)", Query(((Term(":favourite", negated=True), Term("dog", negated=True)),))),
        ('"is":1..2', Query(((Term("is", 1, 2),),))),
        ("is>=2", Query(((Term("is", 2),),))),
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
        ("person>>2", 6),
        ("person<0", 6),
        ("person>999", 6),
        ("person>=2..3", 6),
        ("person:3..2", 10),
        ("person:..", 9),
        ("person: 2.5", 9),
        ("person: 2..5 x", 13),
        ('cat, "dog', 5),
        ('"dog" x', 6),
        ("cat, --(dog|bird)", 7),
        ("(dog|cat) bird", 10),
        ("(dog|cat) >=2", 10),
        ("((dog|cat)", 0),
        ("(dog|cat), :))", 12),
        ("bird, a (dog|cat)", 8),
        ("(dog, !taken:2019)", 7),
        ("x, (((((((((a, b)))))))))", 11),
        ("x, (a, b, c)|(d, e, f)|(g, h, i)", 2),
        ("x, (a, b, c, d, e)|(f, g, h)|(i, j, k)", 2),
        ("x, (a|b|c|d|e)|(f|g|h|i)", 2),
        ("person=1=2", 7),
        ("person: 2 x", 10),
        ("!!dog", 0),
        ("dog, !", 4),
        ("wow!>=2", 3),
        ("dog!!", 3),
        ("(dog|cat)!", 9),
        ("taken:2019 !", 11),
        ("dog, a\0b", 5),
        ("dog, after:yesterday", 11),
        ("after:2026-01-31, after:2026-01-31", 17),
        ("x" * 1001, 1000),
        ("dog" + "," * 2, 4),
        ("|".join(["dog"] * (MAX_ALTERNATIVES + 1)), 0),
        (",".join(["dog"] * (MAX_TERMS + 1)), 4 * MAX_TERMS),
        ("untagged|dog", 0),
        ("dog|undated", 4),
        ("taken", 5),
        (" taken  ", 6),
        ("taken , dog", 5),
        ("taken>9999", 6),
        ("taken:", 6),
        ("taken: 19", 7),
        ("taken:0000", 6),
        ("taken:2019-13", 11),
        ("taken:2019-07-32", 14),
        ("taken:2019-02-29", 14),
        ("taken:2019-07-14T10", 16),
        ("taken:2019x", 10),
        ("taken:2019 ..x", 13),
        ("taken: 2019 .. 2018", 15),
        ("taken:..", 8),
        ("taken>=2018..2019", 11),
        ("dog, taken:2018, taken>=2019", 16),
        ("before:2019, taken<=2018", 12),
        ("before:0001-01-01", 7),
        ("dog, !taken:2019", 6),
        ("dog|taken:2019", 4),
        ("taken:2019|dog", 10),
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
        (
            "dog>>2",
            "Expected '>=', '<=', '>', '<', '=' or ':' and a number after the tag (at character 4: '>>2')",
        ),
        ("dog<0", "No count is less than 0 (at character 4: '<0')"),
        ("dog>999", "No count is more than 999 (at character 4: '>999')"),
        ("dog AND cat", "Use ',' instead of AND. In a tag, write it in lower case (at character 5: 'AND cat')"),
        ("dog OR cat", "Use '|' instead of OR. In a tag, write it in lower case (at character 5: 'OR cat')"),
        ("dog, NOT cat", "Use '!' instead of NOT. In a tag, write it in lower case (at character 6: 'NOT cat')"),
        ("taken:2019-13", "Expected a month from 01 to 12 (at character 12: '13')"),
        ("taken:2019-02-30", "Expected a day from 01 to 28 (at character 15: '30')"),
        (
            "taken:2019-07 10",
            "Expected a date such as 2019, 2019-07 or 2019-07-14, or a comma (at character 14: ' 10')",
        ),
        ("taken:2019..2018", "The end of a period must not be before its start (at character 13: '2018')"),
        (
            "dog|taken:2019",
            (
                "Write 'taken' alone between commas. It cannot be negated, counted or be an alternative"
                " (at character 5: 'taken:2019')"
            ),
        ),
        (
            "!(a, b, c, d, e, f, g, h, i)",
            (
                "Without its parentheses, this query has 9 alternatives between two commas. Use at most 22 tags in a"
                " query, and 8 alternatives between two commas (at character 3: 'a, b, c, d, e, f, g,')"
            ),
        ),
        (
            "(a, b, c, d, e)|(f, g, h)|(i, j, k)",
            (
                "Without its parentheses, this query has more than 22 tags. Use at most 22 tags in a query, and 8"
                " alternatives between two commas (at character 1: '(a, b, c, d, e)|(f, ')"
            ),
        ),
        ("(dog|cat)>=2", "Write the count after each tag (at character 10: '>=2')"),
    ],
)
def test_parse_of_common_mistake_raises_with_an_explanation(text: str, message: str) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("dog,", "dog"),
        ("dog, ,cat||bird", "dog, cat|bird"),
        ("(dog, |cat|)", "dog, cat"),
        (",", None),
        ("dog>=, cat", "dog, cat"),
        ("dog>=two", "dog>=2"),
        ("dog: Twenty-one", "dog>=21"),
        ("dog>=\N{ARABIC-INDIC DIGIT TWO}", "dog>=2"),
        ("dog>=1000", None),
        ("dog>=²", None),
        ("dog:one..three", "dog:1..3"),
        ("dog=>2", "dog>=2"),
        ("dog=<2", "dog<=2"),
        ("dog==2", "dog=2"),
        ("dog>>2", "dog>=3"),
        ("dog<>2", None),
        ("dog>=2..3", "dog:2..3"),
        ("dog:3..2", "dog:2..3"),
        ("dog:..", None),
        ("dog<0", "dog=0"),
        ("dog>999", "dog>=999"),
        ("dog: 2 cat", "dog>=2, cat"),
        ("dog: 2.5", None),
        ('cat, "dog', "cat, dog"),
        ('"dog" cat', "dog, cat"),
        ("!!dog", "!dog"),
        ("dog!!", "dog!"),
        ("!dog!>=2", "!dog>=2!"),
        ("dog! >= 2 !", "dog>=2!"),
        ("dog!=2", "!dog=2"),
        ("dog>=two!", "dog>=2!"),
        ("(dog|cat>=2)!, bird", "dog!|cat>=2!, bird"),
        ("(dog|(cat, bird))!", "dog!|cat!, dog!|bird!"),
        ("untagged!", "untagged"),
        ("!taken!", None),
        ("taken:2019!, dog", "dog, taken:2019"),
        ("bird (dog|cat)", "bird, dog|cat"),
        ("(dog|cat) bird", "dog|cat, bird"),
        ("((dog|cat), bird", "dog|cat, bird"),
        ("(dog|cat)), bird", "dog|cat, bird"),
        ("(dog|cat)>=2", None),
        ("dog AND cat", "dog, cat"),
        ("dog AND NOT cat", "dog, !cat"),
        ("dog OR cat", "dog|cat"),
        ("dog AND cat OR bird", "dog|bird, cat|bird"),
        ("dog AND (cat OR bird)", "dog, cat|bird"),
        ("(dog AND cat) OR bird", "dog|bird, cat|bird"),
        ("bird, dog OR cat AND NOT cow", "bird, dog|cat, !cow"),
        ('dog AND "cat"', "dog, cat"),
        ('"rock AND roll", dog AND cat', None),
        ("dog taken:2019", "dog, taken:2019"),
        ("taken", None),
        ("taken:20190714", "taken:2019-07-14"),
        ("taken:2019/07/14, dog", "dog, taken:2019-07-14"),
        ("taken>=2019-07-14T10:00", "taken>=2019-07-14"),
        ("taken:2019-13-13", None),
        ("taken: 2019 .. 2018 ", "taken:2018..2019"),
        ("dog|taken:2019", None),
        ("dog, is:2..5", 'dog, "is":2..5'),
        ("is:starred, dog", "is:favourite, dog"),
        ("!is:, dog", "!is:favourite, dog"),
        ("dog, album:at (the) sea", 'dog, album:"at (the) sea"'),
        ('album:"a" b', None),
        ("album: ", None),
    ],
)
def test_parse_of_common_mistake_raises_with_a_correct_query(text: str, suggestion: str | None) -> None:
    with pytest.raises(InvalidQuery) as failure:
        parse(text)

    assert failure.value.suggestion == suggestion


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
        "person=3",
        "person<=3",
        "person!",
        "person=2!",
        "person:1..2!",
        "!cat!",
        "cat<=0!",
        "cat, person>=3, person<=2!",
        "dog<=0",
        "!dog",
        "!person>=4",
        "!person>=3!",
        "dog|person",
        "cat, person",
        "after:2019-07-14",
        "before:2019-07-15",
        "taken:2019",
        "taken:2019-07",
        "taken=2019-07-14",
        "taken:2019-06..2019-07",
        "taken>=2019-07-14, taken<=2019-07-14",
        "added:2026-01-31",
        "added>=2026-01-31",
        "added<=9999",
    ],
)
def test_matches_returns_true_for_a_matching_query(text: str) -> None:
    assert matches(TAKEN, parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "person>=4",
        "person>=3!",
        "cat!",
        "!person!",
        "person=1",
        "person<=1",
        "dog",
        "!cat",
        "dog|bird",
        "cat, dog",
        "after:2019-07-15",
        "before:2019-07-14",
        "taken:2018",
        "taken:2019-06",
        "taken:2019-08..",
        "taken>=2019-07-14, taken<=2019-07-13",
        "added:2026-02",
        "added<=2026-01-30",
        "added>=2026-02-01, added<=2026-01-31",
        "untagged",
        "undated",
    ],
)
def test_matches_returns_false_for_another_query(text: str) -> None:
    assert not matches(TAKEN, parse(text))


def test_matches_of_untagged_and_undated_without_tags_and_date_returns_true() -> None:
    assert matches(Snapshot({}, ID, "2026-01-31T12:00:00", undated=True), parse("untagged, undated, taken:2026-01-31"))


@pytest.mark.parametrize(("text", "is_match"), [("dog", True), ("taken<=9999", False), ("taken>=0001", False)])
def test_matches_of_implausible_time_is_in_no_period(text: str, *, is_match: bool) -> None:
    assert matches(Snapshot({"dog": 1}, ID, "!2106-02-07T06:28:15", undated=False), parse(text)) is is_match


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
    with pytest.raises(InvalidTag):
        query_all([("taken", 2)])
