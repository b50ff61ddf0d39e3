import pytest

from app.domain.query import parse
from app.domain.suggestions import MAX_SUGGESTIONS, find_unknown, read_text, suggest
from app.domain.tags import TagTotal
from tests.support.coco_names import make_totals

TOTALS = make_totals("beach", "-5")


def suggest_texts(text: str) -> list[str]:
    return [str(candidate.query) for candidate in suggest(text, parse(text), TOTALS)]


def test_find_unknown_returns_tags_without_images() -> None:
    assert find_unknown(parse("dog, sofa|cat|!sofa, bear"), [TagTotal("dog", 1, 1), TagTotal("bear", 0, 0)]) == [
        "sofa",
        "cat",
        "bear",
    ]


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("sofa", ["couch"]),
        ("baseball", ["baseball bat|baseball glove", "baseball bat", "baseball glove"]),
        ("two dogs on a lake", ["dog>=2", "dog"]),
        ("dog, catz", ["dog, cat", "dog"]),
        ("a catz and a very big dog", ["dog", "cat, dog"]),
        ("cats, dogs or birds", ["cat|dog|bird"]),
        ("dogs on July 14th, 2019", ["dog, taken:2019-07-14"]),
        ("two dogs, the 4th of July 2019", ["dog>=2, taken:2019-07-04"]),
        ("sofa 2019-07-14", ["couch, taken:2019-07-14", "couch, taken:2019"]),
        ("summer 2019", ["taken:2019-06..2019-08", "taken:2019"]),
        ("winter 2019", ["taken:2019-12..2020-02", "taken:2019..2020"]),
        ("dog since july 2019", ["dog, taken>=2019-07"]),
        ("Christmas 2018", ["taken:2018-12-24..2018-12-26", "taken:2018"]),
        ("a dog on New Year's Eve 2018", ["dog, taken:2018-12-31", "dog, taken:2018"]),
        ("TV remote", ["remote"]),
        ("two dog bowls", ["dog>=2, bowl", "bowl", "dog, bowl"]),
        ("sofa and dog bed", ["couch, dog, bed", "couch, bed"]),
        (
            "dinner with two friends",
            ["banana|apple|sandwich|orange|broccoli|carrot|hot dog|pizza, person>=2", "person>=2"],
        ),
        ("dogs>=2", ["dog>=2", "hot dog>=2"]),
        ("person dogs>=2", ["person, dog>=2"]),
        ("!people", ["!person"]),
        ("!cyclist", ["!person|!bicycle"]),
        ("-sofa|cat", ["!couch|cat"]),
        ("sofa|kitten, person:2..3", ["couch|cat, person:2..3"]),
        ("cyclist|cat", ["person|cat, bicycle|cat"]),
        ("-minus five, dog>=2", ["dog>=2"]),
        ("sofas, taken:2019", ["couch, taken:2019"]),
        ("sofas>=2!|!catz!", ["couch>=2!|!cat!"]),
        ("xyzzy", []),
        ("xyzzy=2", []),
        ("(dog)", ["dog"]),
        ("the very big and old dogs|cat", ["dog|cat"]),
    ],
)
def test_suggest_for_unknown_tag_returns_the_queries_that_it_may_mean(text: str, queries: list[str]) -> None:
    assert suggest_texts(text)[: len(queries)] == queries
    assert queries or not suggest_texts(text)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("dog", []),
        ("dog>=3", ["dog"]),
        ("dog>=3!, !cat!", ["dog>=3, !cat!", "dog!, !cat!", "!cat!", "dog>=3!"]),
        ("dog>=3, !cat", ["dog, !cat", "!cat", "dog>=3"]),
        ("dog<=3|cat:2..3, taken:2019, untagged", ["dog<=3|cat, taken:2019, untagged", "taken:2019, untagged"]),
        ("taken:2019, added:2019, undated", ["added:2019, undated", "taken:2019, undated", "taken:2019, added:2019"]),
    ],
)
def test_suggest_for_known_tags_returns_less_strict_queries(text: str, queries: list[str]) -> None:
    assert suggest_texts(text)[: len(queries)] == queries


def test_suggest_returns_at_most_five_valid_queries() -> None:
    text = "animals|food"

    assert len(suggest_texts("animals")) == MAX_SUGGESTIONS
    assert suggest_texts(text)[0] == "bird|cat|dog|horse|sheep|cow|elephant|bear"
    assert all(str(parse(query)) == query for query in suggest_texts(text))
    assert suggest_texts("!cyclist|!skier|!rider|!skater|!driver|!sailor|!motorcyclist|!reader") == []
    assert suggest_texts("dog cat|bird horse|cow sheep|bear zebra|car bus|train boat") == []


def test_suggest_names_the_words_that_it_ignores() -> None:
    ignored = [suggest(text, parse(text), TOTALS)[0].ignored for text in ("a dog on the lake", "dog=1, xyzzy=2")]

    assert ignored == [("lake",), ("xyzzy",)]


def test_read_text_returns_what_a_long_sentence_means() -> None:
    sentence = "please find all of the photos that show a dog and at least two people on the beach of an island"

    assert str(read_text(sentence, TOTALS)[0].query) == "dog, person>=2, beach"
    assert read_text("dog>=2", TOTALS) == []
