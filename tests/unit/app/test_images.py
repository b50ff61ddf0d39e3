from datetime import UTC, datetime, timedelta

import pytest

from app import images
from app.errors import ImageNotFound, InvalidTag
from app.images import Edit, Image, Rendition, State
from detector import BoundingBox, Detection

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def detections(**counts: int) -> tuple[Detection, ...]:
    box = BoundingBox(0, 0, 1, 1)
    return tuple(Detection(label, 0.5, box) for label, count in counts.items() for _ in range(count))


def image(**facts: object) -> Image:
    known = {"owner": "o", "id": "i", "state": State.READY, "name": "n", "media_type": "image/png", "size": 1}
    return Image(**{**known, **facts})  # type: ignore[arg-type]  # tests name what they are about


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
def test_a_tag_has_one_spelling(text: str, name: str) -> None:
    assert images.tag_name(text) == name


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
def test_what_could_mislead_or_not_be_searched_is_no_tag(text: str) -> None:
    with pytest.raises(InvalidTag):
        images.tag_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("beach.jpg", "beach.jpg"),
        ("C:\\holidays\\beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "gpj.exe"),
        ("..", "photo"),
        ("ä" * 200, "ä" * 127),
    ],
)
def test_a_file_name_has_no_folder_and_nothing_invisible(text: str, name: str) -> None:
    assert images.file_name(text) == name


def test_ids_sort_by_the_time_they_were_made() -> None:
    earlier = images.first_id(NOW)
    later = images.first_id(NOW + timedelta(milliseconds=1))

    assert earlier < later
    assert images.created_at(earlier) == NOW
    assert images.first_id(datetime(1, 1, 1, tzinfo=UTC)) == "0" * 26


def test_a_new_id_is_valid_and_made_now() -> None:
    made = images.new_id()

    assert images.valid_id(made) == made
    assert abs(images.created_at(made) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "x", "8" + "0" * 25, "0" * 25 + "I", "0" * 27, "0" * 26 + "\n"])
def test_what_cannot_be_an_id_is_not_there(text: str) -> None:
    with pytest.raises(ImageNotFound):
        images.valid_id(text)


def test_an_incoming_key_tells_owner_and_image() -> None:
    owner, image_id = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f", images.new_id()

    key = Rendition.INCOMING.key(owner, image_id)

    assert images.owner_and_id(key) == (owner, image_id)


@pytest.mark.parametrize("key", ["", "incoming/", "incoming/a/b", "originals/x/y", "incoming/../x"])
def test_any_other_key_tells_nothing(key: str) -> None:
    assert images.owner_and_id(key) is None


def test_detections_become_tags_with_counts() -> None:
    assert image(detections=detections(dog=1, person=2)).tags == {"person": 2, "dog": 1}


def test_an_edit_replaces_what_was_detected_and_nought_rejects_it() -> None:
    edits = {"person": Edit(3, NOW), "dog": Edit(0, NOW), "beach": Edit(1, NOW)}

    assert image(detections=detections(dog=1, person=2, cat=1), edits=edits).tags == {
        "person": 3,
        "cat": 1,
        "beach": 1,
    }


def test_the_most_frequent_tags_are_kept_when_there_are_too_many() -> None:
    many = detections(**{f"label{number:02}": number for number in range(1, 31)})

    tags = images.tags_of(many)

    assert len(tags) == images.MAX_TAGS
    assert min(tags.values()) == 7
