import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain import tags
from app.domain.errors import InvalidTag
from app.domain.tags import MAX_TAG_LENGTH, MAX_TAGS, TagEdit, TagTotal, make_total
from tests.support.domain_images import make_detections

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CASES = Path(__file__).parents[4] / "static" / "src" / "library" / "tag-names.json"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dog", "dog"),
        ("  traffic \t light ", "traffic light"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i\N{COMBINING DOT ABOVE}"),
        ("👩\N{ZERO WIDTH JOINER}🔬", "👩\N{ZERO WIDTH JOINER}🔬"),
        ("__proto__", "__proto__"),
        ("#pk", "#pk"),
        ("x" * 64, "x" * 64),
    ],
)
def test_tag_name_of_any_spelling_returns_the_normal_form(text: str, name: str) -> None:
    assert tags.tag_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * 65,
        "a\0b",
        "a\x7fb",
        "\N{RIGHT-TO-LEFT OVERRIDE}god",
        "do\N{ZERO WIDTH SPACE}g",
        "\ud800",
        "a,b",
        "a|b",
        "a:2",
        "a=2",
        "<b>",
        "!dog",
        "Untagged",
    ],
)
def test_tag_name_of_misleading_or_unsearchable_text_raises_invalid_tag(text: str) -> None:
    with pytest.raises(InvalidTag):
        tags.tag_name(text)


@pytest.mark.parametrize(("text", "name"), json.loads(CASES.read_text()))
def test_new_tag_name_equals_the_name_in_the_web_ui(text: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(InvalidTag):
            tags.new_tag_name(text)
    else:
        assert tags.new_tag_name(text) == name


def test_tag_name_of_an_invisible_tag_from_an_earlier_version_is_accepted() -> None:
    assert tags.tag_name("\N{HANGUL FILLER}") == "\N{HANGUL FILLER}"


def test_tally_tags_adds_labels_that_are_the_same_tag() -> None:
    assert tags.tally_tags(make_detections(Dog=2, dog=1, cat=1)) == {"dog": 3, "cat": 1}


def test_tally_tags_of_too_many_labels_returns_the_most_frequent() -> None:
    many_detections = make_detections(**{f"label{number:02}": number for number in range(1, 31)})

    result = tags.tally_tags(many_detections)

    assert len(result) == MAX_TAGS
    assert min(result.values()) == 9


def test_apply_edits_with_too_many_tags_keeps_edited_tags_first() -> None:
    edits = {f"edited {number}": TagEdit(1, NOW) for number in range(3)}
    detected = {f"detected {number}": 2 for number in range(MAX_TAGS)}

    result = tags.apply_edits(detected, edits)

    assert len(result) == MAX_TAGS
    assert set(edits) <= set(result)


def test_tag_name_of_long_text_raises_before_it_is_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "normalize", lambda text: pytest.fail(f"normalized {len(text)} characters"))

    with pytest.raises(InvalidTag, match="This one has 300,000"):
        tags.tag_name("a\u0301\u0323" * 100_000)


def test_tag_name_of_decomposed_text_accepts_more_code_points_than_the_limit() -> None:
    assert tags.tag_name("e\u0301" * MAX_TAG_LENGTH) == "é" * MAX_TAG_LENGTH


@pytest.mark.parametrize(
    ("images", "objects", "total"),
    [(2, 5, (2, 5)), (2, 1, (2, 2)), (1, -3, (1, 1)), (0, 4, (0, 0)), (-1, 4, (0, 0))],
)
def test_total_of_wrong_numbers_is_possible(images: int, objects: int, total: tuple[int, int]) -> None:
    assert make_total("dog", images, objects) == TagTotal("dog", *total)


def test_apply_edits_keeps_edited_tags_then_detected_ones_then_keywords() -> None:
    edits = {"edited": TagEdit(3, NOW), "removed": TagEdit(0, NOW), "keyword 1": TagEdit(0, NOW)}
    detected = {f"detected {number}": 2 for number in range(MAX_TAGS - 2)} | {"removed": 4}
    keywords = ["keyword 1", "edited", "detected 0", "keyword 2", "keyword 3"]

    result = tags.apply_edits(detected, edits, keywords)

    assert list(result) == ["edited", *(f"detected {number}" for number in range(MAX_TAGS - 2)), "keyword 2"]
    assert (result["edited"], result["detected 0"], result["keyword 2"]) == (3, 2, 1)
