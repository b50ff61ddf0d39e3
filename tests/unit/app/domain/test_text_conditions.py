import pytest

from app.domain.errors import InvalidQuery
from app.domain.plans import Plan, counted_tags, plan
from app.domain.query import Query, parse
from app.domain.query_descriptions import describe
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import subscribe
from app.domain.terms import Term
from app.domain.text_conditions import TextCondition, TextField
from app.domain.texts import PhotoTexts

TEXTS = PhotoTexts("img_2034.jpg", "cafe at the lake", "a long day", "fujifilm x-t4", "xf35mm")


@pytest.mark.parametrize(
    ("text", "query", "canonical"),
    [
        ("NAME : IMG_2034", Query(texts=(TextCondition(TextField.NAME, ("img_2034",)),)), "name:img_2034"),
        ("title:Café  Lake", Query(texts=(TextCondition(TextField.TITLE, ("café", "lake")),)), "title:café lake"),
        ('text:" a, (b) "', Query(texts=(TextCondition(TextField.TEXT, ("a, (b)",)),)), 'text:"a, (b)"'),
        ('lens:"x"', Query(texts=(TextCondition(TextField.LENS, ("x",)),)), "lens:x"),
        ('name:"5"" |"', Query(texts=(TextCondition(TextField.NAME, ('5" |',)),)), 'name:"5"" |"'),
        ("name:12:30, name:12:30", Query(texts=(TextCondition(TextField.NAME, ("12:30",)),)), "name:12:30"),
        (
            "camera:x-t4, dog",
            Query(((Term("dog"),),), texts=(TextCondition(TextField.CAMERA, ("x-t4",)),)),
            "dog, camera:x-t4",
        ),
        ("name>=2, text", Query(((Term("name", 2),), (Term("text"),))), "name>=2, text"),
        ('"name":2..3', Query(((Term("name", 2, 3),),)), '"name":2..3'),
    ],
)
def test_parse_of_condition_on_text_returns_its_meaning(text: str, query: Query, canonical: str) -> None:
    assert parse(text) == parse(canonical) == query
    assert str(query) == canonical


@pytest.mark.parametrize(
    ("text", "message", "position", "suggestion"),
    [
        ("name:", "Expected words after 'name:'", 5, None),
        ("text:\u0301 \u0300", "Expected words after 'text:'", 5, None),  # without accents, nothing is left
        ('dog, title:" "', "Expected words after 'title:'", 11, None),
        ("name:a|b", "Write quotes around a text that contains '|'", 6, 'name:"a|b"'),
        ("dog, name:IMG (1) ,cat", "Write quotes around a text that contains '('", 14, 'dog, cat, name:"img (1)"'),
        ('name:5"', "Write quotes around a text that contains '\"'", 6, 'name:"5"""'),
        ('name:"a" b', "Expected a comma after the text", 9, None),
        ("name:a b c d e f g h i", "Use at most 8 words in a condition", 5, None),
        ("name:a,name:b,name:c,name:d,name:e,name:f", "Use at most 5 conditions on texts", 35, None),
        ("! name:a", "Write 'name:' between commas", 2, None),
        ("dog|Text:a", "Write 'Text:' between commas", 4, None),
        ("(lens:a, dog)|cat", "Write 'lens:' between commas", 1, None),
        ('(lens:"a")', "Write 'lens:' between commas", 1, None),
    ],
)
def test_parse_of_wrong_condition_on_text_explains_it(
    text: str, message: str, position: int, suggestion: str | None
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse(text)

    assert str(caught.value).startswith(message)
    assert (caught.value.position, caught.value.suggestion) == (position, suggestion)


@pytest.mark.parametrize(
    ("query", "is_match"),
    [
        ("name:2034", True),
        ("name:2034 JPG img", True),
        ("name:lake", False),
        ("name:2034 lake", False),
        ("title:CAFÉ", True),
        ("title:lake cafe", True),
        ('title:"lake cafe"', False),
        ('title:"at the lake"', True),
        ("title:day", False),
        ("text:day cafe 2034", True),
        ("text:fujifilm", False),
        ('text:"lake a"', False),
        ("camera:x-t4, lens:35mm", True),
        ("camera:x-t4, lens:50mm", False),
        ("dog", True),
    ],
)
def test_condition_on_text_holds_if_it_contains_each_word(query: str, is_match: bool) -> None:  # noqa: FBT001
    assert parse(query).holds_texts(TEXTS) is is_match


def test_plan_of_condition_on_text_reads_all_ready_images_of_the_period() -> None:
    query = parse("dog, cat, name:a, taken:2019, untagged")

    assert plan(query, {"dog": 1}) == Plan(start="2019-01-01", end="2019-12-31~")
    assert counted_tags(query) == set()


def test_condition_on_text_in_words_is_quoted() -> None:
    assert describe(parse('dog, title:"at the sea", taken:2019')) == 'dog, title contains "at the sea", taken 2019'
    assert describe(parse("text:a b")) == 'name, title or description contains "a b"'


def test_condition_on_text_is_not_checked_for_a_snapshot() -> None:
    assert parse("name:a").holds(Snapshot({}, "", "", undated=True))


def test_subscription_to_condition_on_text_is_refused() -> None:
    with pytest.raises(InvalidQuery, match=r"An alert is about tags and dates\. Remove 'name:a'") as caught:
        subscribe([], parse("dog, name:a"))

    assert caught.value.position == 4
