import pytest

from app.domain.errors import InvalidCursor
from app.domain.plans import Plan, View, continue_plan, counted_tags, plan
from app.domain.query import MAX_KEY, MIN_KEY, parse

ID = "01jd8xk3v5m0z8q4n2c7r9t1wy"
KEY = f"2019-07-14T01:03:00#{ID}"
IMPLAUSIBLE = f"!2106-02-07T06:28:15#{ID}"


def test_plan_of_several_clauses_reads_the_rarest() -> None:
    query = parse("person, dog|cat, !car, tree<=3, untagged")

    assert plan(query, {"person": 900, "dog": 10, "cat": 20}).tags == ("dog", "cat")
    assert plan(query, {"person": 9, "dog": 10}).tags == ("person",)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("!dog, cat<=2, cat|!car", View.READY),
        ("untagged", View.UNTAGGED),
        ("undated, !dog", View.UNDATED),
        ("undated, untagged", View.UNTAGGED),
    ],
)
def test_plan_without_indexed_clause_reads_the_smallest_view(text: str, view: View) -> None:
    assert plan(parse(text)) == Plan((), view, MIN_KEY, MAX_KEY)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("dog", "!", "~"),
        ("taken:2019", "2019-01-01", "2019-12-31~"),
        ("taken>=2018-06", "2018-06-01", "~"),
        ("taken<=2018", "0", "2018-12-31~"),
        ("added:2019", "!", "~"),
    ],
)
def test_plan_reads_the_keys_of_the_period(text: str, start: str, end: str) -> None:
    rows = plan(parse(text), newest_first=False)

    assert (rows.start, rows.end, rows.newest_first) == (start, end, False)


@pytest.mark.parametrize("key", [KEY, IMPLAUSIBLE])
def test_continue_plan_after_key_excludes_only_this_key(key: str) -> None:
    newest, oldest = Plan(start="!"), Plan(start="!", newest_first=False)

    assert continue_plan(newest, key) == Plan(end=key)
    start = continue_plan(oldest, key).start
    assert key < start <= key[:-1] + chr(ord(key[-1]) + 1)


def test_continue_plan_at_month_begins_with_its_images() -> None:
    assert continue_plan(Plan(), "2019-07") == Plan(end="2019-07~")
    assert continue_plan(Plan(newest_first=False), "2019-07") == Plan(start="2019-07", newest_first=False)
    assert "2019-07" < KEY < "2019-07~"


def test_continue_plan_outside_of_its_range_does_not_widen_it() -> None:
    rows = Plan(start="2018-06", end="2018-08-31~")

    assert continue_plan(rows, None) == rows
    assert continue_plan(rows, "2019-07").end == rows.end
    assert continue_plan(Plan((), View.READY, "2018-06", "2018-08", newest_first=False), "2017-01").start == "2018-06"


@pytest.mark.parametrize(
    "cursor",
    ["", ID, "2019", "2019-13", "0000-01", "2019-07-14", KEY[:-1], f"{KEY}x", f"!{IMPLAUSIBLE}", "٢٠١٩-07", f"{KEY}\n"],
)
def test_continue_plan_with_another_text_raises(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        continue_plan(Plan(), cursor)


def test_counted_tags_of_one_clause_are_none() -> None:
    assert counted_tags(parse("dog|cat")) == set()
    assert counted_tags(parse("dog|cat, person, !car")) == {"dog", "cat", "person"}
    assert counted_tags(parse("a|b|c|d|e|f, g|h|i|j|k|l, m")) == set("abcdefghijkl")
