import pytest

from app.domain.query import parse
from app.domain.sentence_cameras import read_camera
from app.domain.suggestions import suggest
from app.domain.vocabulary import Vocabulary, split_words
from tests.support.coco_names import make_totals

VOCABULARY = Vocabulary(make_totals("leica", "phase-one"))


@pytest.mark.parametrize(
    ("text", "camera", "length"),
    [
        ("my | canon", "camera:canon", 1),
        ("| canon camera on a table", "camera:canon", 2),
        ("| cyber-shot", "camera:sony", 2),
        ("| lumix", "camera:panasonic", 1),
        ("taken with my | nikon d750", "camera:nikon 750", 3),
        ("| canon 5d dogs", "camera:canon 5", 3),
        ("| canon 2 dogs", "camera:canon", 1),
        ("| canon 2019", "camera:canon", 1),
        ("| galaxy s21 phone", "camera:samsung", 4),
        ("my | iphone 12", "camera:iphone 12", 2),
        ("my | iphone 2019", "camera:iphone", 1),
        ("our | iphone", "camera:iphone", 1),
        ("photos from an | iphone", "camera:iphone", 1),
        ("taken with the | iphone", "camera:iphone", 1),
        ("shot on | iphone", "camera:iphone", 1),
        ("| iphone pictures", "camera:iphone", 1),
        ("| pixel 6", "camera:pixel 6", 2),
        ("| iphone", "", 0),
        ("a person with an | iphone", "", 0),
        ("an | apple from a tree", "", 0),
        ("my | leica", "", 0),
        ("my | phase one", "", 0),
        ("my | dog", "", 0),
        ("|", "", 0),
    ],
)
def test_read_camera_returns_the_condition_and_its_words(text: str, camera: str, length: int) -> None:
    before, _, after = text.partition("|")

    condition, words = read_camera(split_words(f"{before}{after}"), len(split_words(before)), VOCABULARY)

    assert (str(condition or ""), words) == (camera, length)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("my Canon", ["camera:canon"]),
        ("photos from my iPhone", ["camera:iphone", "cell phone"]),
        ("dogs with my Nikon in 2019", ["dog, camera:nikon, taken:2019", "dog, taken:2019"]),
        ("two dogs, my Canon", ["dog>=2, camera:canon", "dog, camera:canon", "dog>=2"]),
        ("Canon, Christmas 2018", ["camera:canon, taken:2018-12-24..2018-12-26", "camera:canon, taken:2018"]),
        ("no Canon", []),
        ("dogs but no Canon", ["dog"]),
    ],
)
def test_suggest_for_camera_looks_for_it_and_then_for_the_tags_alone(text: str, queries: list[str]) -> None:
    found = [str(each.query) for each in suggest(text, parse(text), make_totals())]

    assert found[: len(queries)] == queries
    assert queries or not found


def test_suggest_without_texts_reads_cameras_as_other_words() -> None:
    texts = ("my Canon", "my iPhone", "dogs with my Nikon")
    found = [suggest(text, parse(text), make_totals(), allows_texts=False) for text in texts]

    assert [[str(each.query) for each in candidates] for candidates in found] == [[], ["cell phone"], ["dog"]]
