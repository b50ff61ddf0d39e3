import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.capture_times import load_capture_time
from app.domain.images import ImageSummary
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.query import Query, parse
from app.services import suggestions
from app.services.suggestions import Suggestion, correct_sentence, suggest_for_alert, suggest_for_search
from tests.support.coco_names import COCO_NAMES
from tests.support.fakes import PHOTO_METADATA
from tests.support.fakes import image as picture

FIXTURES = Path(__file__).parents[3] / "fixtures"


def search(images: Images, owner: str, text: str) -> list[Suggestion]:
    query = parse(text)
    return suggest_for_search(images, owner, text, query, images.search(owner, query, 10))


def numbers(suggestions: list[Suggestion]) -> list[tuple[str, int, bool]]:
    return [(str(each.query), each.images, each.is_exact) for each in suggestions]


@pytest.mark.parametrize(("name", "number", "needed"), [("everyday", 60, 55), ("further", 30, 24)])
def test_everyday_queries_are_answered_within_one_click(
    images: Images, owner: str, name: str, number: int, needed: int
) -> None:
    for start in range(0, len(COCO_NAMES), 20):
        images.save(picture(owner, counts=dict.fromkeys(COCO_NAMES[start : start + 20], 5)))
    metadata = replace(PHOTO_METADATA, camera_make="Canon")
    images.save(replace(picture(owner), name="DSC_0412.JPG", metadata=metadata))
    queries = json.loads((FIXTURES / f"{name}-queries.json").read_text())

    offers = {query["text"]: [str(each.query) for each in search(images, owner, query["text"])] for query in queries}
    wrong = [
        (query["text"], offers[query["text"]])
        for query in queries
        if not {query["text"], *offers[query["text"]]}.intersection(query["right"])
    ]

    assert len(queries) == number
    assert len(queries) - len(wrong) >= needed, wrong


def test_suggestions_count_images_exactly_for_a_tag_and_up_to_a_bound_otherwise(images: Images, owner: str) -> None:
    for _ in range(21):
        images.save(picture(owner, dog=2, couch=1))
    images.save(picture(owner, cat=1))

    assert numbers(search(images, owner, "dogs")) == [("dog", 21, True)]
    assert numbers(search(images, owner, "two dogs")) == [("dog>=2", 20, False), ("dog", 21, True)]
    assert numbers(search(images, owner, "sofa and kitten")) == [("couch, cat", 0, True)]
    assert numbers(search(images, owner, "cats or puppies")) == [("cat|dog", 21, False)]
    assert numbers(search(images, owner, "no dogs")) == [("!dog", 1, True)]


def test_suggestions_without_images_come_last(images: Images, owner: str) -> None:
    images.save(picture(owner, dog=1))

    assert numbers(search(images, owner, "two dogs")) == [("dog", 1, True), ("dog>=2", 0, True)]


def test_suggestions_with_many_alternatives_are_counted_within_a_bound(images: Images, owner: str) -> None:
    tags = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear"]
    images.save(picture(owner, counts=dict.fromkeys([*tags, "person", "stop sign", "umbrella"], 2)))

    found = numbers(search(images, owner, "two animals and a person near a stop with an umbrela"))

    animals = "|".join(f"{tag}>=2" for tag in tags)
    assert found[:4] == [
        (f"{animals}, person", 1, True),
        (f"{animals}, person, stop sign", 1, True),
        (f"{animals}, person, stop sign, umbrella", 0, False),
        ("person", 1, True),
    ]


def test_suggestions_use_the_tags_and_dates_of_the_owner(images: Images, owner: str) -> None:
    taken = load_capture_time("2019-07-28")
    images.save(replace(picture(owner, counts={"holiday home": 1, "-5": 1}), taken=taken))
    images.save(picture("8b1f9a2e-0000-4000-8000-000000000000", cat=1))

    (home, *_) = search(images, owner, "the holiday homes in july 2019")
    assert (str(home.query), home.images, home.ignored) == ("holiday home, taken:2019-07", 1, ())
    assert numbers(search(images, owner, "cats")) == []


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("dog", []),
        ("dog|kitten", ["dog|cat"]),
        ("dog, !kitten", ["dog, !cat"]),
        ("dog, !bird", []),
        ("dog, !xyzzy", []),
    ],
)
def test_suggestions_for_search_with_results_exist_if_a_tag_is_unknown(
    images: Images, owner: str, text: str, queries: list[str]
) -> None:
    images.save(picture(owner, dog=1))
    images.save(picture(owner, cat=1, bird=1))

    assert [str(each.query) for each in search(images, owner, text)][:1] == queries


def test_suggestions_for_known_tags_without_results_are_less_strict(images: Images, owner: str) -> None:
    images.save(picture(owner, dog=1))
    images.save(picture(owner, cat=1))

    assert numbers(search(images, owner, "dog, cat")) == [("cat", 1, True), ("dog", 1, True)]


def test_suggestions_for_alert_exist_only_if_a_tag_is_unknown(images: Images, owner: str) -> None:
    images.save(picture(owner, dog=1))

    def suggest(text: str) -> list[tuple[str, int, bool]]:
        return numbers(suggest_for_alert(images, owner, text, parse(text)))

    assert suggest("puppy") == [("dog", 1, True)]
    assert suggest("dog>=5") == []


def test_correction_of_a_long_sentence_is_its_query(images: Images, owner: str) -> None:
    images.save(picture(owner, dog=1, person=1))
    sentence = "please find all of the photos that show a dog and at least two people on the beach"

    assert correct_sentence(images, owner, sentence) == "dog, person>=2"
    assert correct_sentence(images, owner, "please find all of the photographs in which nothing is to be seen") is None
    assert correct_sentence(images, owner, "a dog") is None


@pytest.fixture
def photos(images: Images, owner: str) -> Images:
    """Photos with dogs and names."""
    for name in ("IMG_2034.jpg", "beach day.jpg", "beach.jpg"):
        images.save(replace(picture(owner, dog=2), name=name))
    return images


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IMG_2034", [("text:img_2034", 1, True)]),
        ("day beach", [("text:day beach", 1, True)]),
        ("beach", [("text:beach", 2, True)]),
        ("dog>=2, beach", [("dog>=2", 3, True), ("dog>=2, text:beach", 2, True)]),
        ("two dogs on a beach", [("dog>=2", 3, True), ("dog>=2, text:beach", 2, True), ("dog", 3, True)]),
        ("dogs, IMG_2034.jpg", []),
        ("mountain", []),
        ("!beach", []),
        ("beach|sea", []),
        ("beach=2", []),
        ("a b c d e f g h beach", []),
    ],
)
def test_unknown_words_are_looked_for_in_texts(
    photos: Images, owner: str, text: str, expected: list[tuple[str, int, bool]]
) -> None:
    found = numbers(search(photos, owner, text))

    assert [each for each in found if "text:" in each[0]] == [each for each in expected if "text:" in each[0]]
    assert {each[0] for each in found} >= {each[0] for each in expected}


def test_search_for_words_in_texts_is_the_last_suggestion_with_images(photos: Images, owner: str) -> None:
    photos.save(picture(owner, bench=1))

    assert [str(each.query) for each in search(photos, owner, "dogs, beach")] == ["dog", "dog, text:beach"]


def test_number_of_photos_with_words_in_texts_is_a_lower_bound_if_not_all_were_compared(
    photos: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "_COUNTED", 1)

    assert numbers(search(photos, owner, "beach")) == [("text:beach", 1, False)]


def test_alert_for_unknown_words_is_not_looked_for_in_texts(photos: Images, owner: str) -> None:
    assert suggest_for_alert(photos, owner, "beach", parse("beach")) == []


def test_search_for_text_without_match_suggests_to_leave_it_out(photos: Images, owner: str) -> None:
    assert numbers(search(photos, owner, "dog, name:sea")) == [("dog", 3, True), ("name:sea", 0, True)]


def test_camera_in_a_sentence_is_looked_for(images: Images, owner: str) -> None:
    for make in ("Canon", "Canon", "Apple"):
        metadata = replace(PHOTO_METADATA, camera_make=make)
        images.save(replace(picture(owner, counts={"dog": 1, "cell phone": 1}), metadata=metadata))

    assert numbers(search(images, owner, "my Canon")) == [("camera:canon", 2, True)]
    assert numbers(search(images, owner, "dogs with my iPhone")) == [
        ("dog, cell phone", 3, True),
        ("dog, camera:iphone", 0, True),
    ]
    assert suggest_for_alert(images, owner, "my Canon", parse("my Canon")) == []


@pytest.fixture
def list_pages(images: Images, owner: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, int]]:
    """A function that returns the largest number of pages that each suggestion for a text reads."""

    def list_all(text: str) -> dict[str, int]:
        pages, search_images = dict[str, int](), images.search

        def spy(owner: str, query: Query, *args: Any, max_pages: int = 8, **options: Any) -> Page[ImageSummary]:
            pages[str(query)] = max_pages
            return search_images(owner, query, *args, max_pages=max_pages, **options)

        with monkeypatch.context() as patch:
            patch.setattr(images, "search", spy)
            search(images, owner, text)
        del pages[str(parse(text))]
        return pages

    return list_all


@pytest.mark.parametrize(("few", "pages"), [(60, 2), (2, 1)])
def test_suggestion_with_many_images_reads_one_page(
    photos: Images, list_pages: Callable[[str], dict[str, int]], monkeypatch: pytest.MonkeyPatch, few: int, pages: int
) -> None:
    monkeypatch.setattr(suggestions, "_FEW", few)

    assert list_pages("two puppies") == {"dog>=2": pages, "text:two puppies": 2}
    assert list_pages("no dogs") == {"!dog": 2, "text:no dogs": 5}
    assert list_pages("two dogs with a Canon")["dog>=2, camera:canon"] == 2
    assert list_pages("two animals in July 2019")["dog>=2, taken:2019-07"] == pages


def test_search_for_words_in_texts_reads_many_pages_only_if_nothing_else_was_found(
    photos: Images, list_pages: Callable[[str], dict[str, int]]
) -> None:
    texts = ("beach", "puppies", "two dogs on a beach", "dog beach 2019", "my Canon")

    assert [{query: number for query, number in list_pages(text).items() if "text:" in query} for text in texts] == [
        {"text:beach": 5},
        {"text:puppies": 2},
        {"dog>=2, text:beach": 5},
        {"dog, text:beach, taken:2019": 2},
        {"text:my canon": 2},
    ]


def test_search_for_understood_words_in_texts_is_suggested_only_if_it_finds_something(
    photos: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos.save(replace(picture(owner), name="puppies.jpg"))
    assert ("text:puppies", 1, True) in numbers(search(photos, owner, "puppies"))

    monkeypatch.setattr(photos, "search", lambda *_, **__: Page([], "more"))

    nothing: Page[ImageSummary] = Page([], None)
    puppies, mountain = (
        suggest_for_search(photos, owner, text, parse(text), nothing) for text in ("puppies", "mountain")
    )
    assert (numbers(puppies), numbers(mountain)) == ([("dog", 3, True)], [("text:mountain", 0, False)])
