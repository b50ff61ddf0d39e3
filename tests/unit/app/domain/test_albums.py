import pytest

from app.domain.albums import MAX_ALBUMS, add_to_album, clean_title, list_joined, remove_from_album
from app.domain.errors import InvalidState, InvalidTitle, TooManyTags
from app.domain.ids import EXAMPLE_ID, new_id
from app.domain.images import ImageState
from app.domain.marks import MAX_TITLE, title_key
from app.domain.query import parse, resolve_albums
from app.domain.tags import MAX_TAGS
from tests.support.domain_images import make_detections, make_image, make_keywords


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Summer 2019", "Summer 2019"),
        ("  At   the sea ", "At the sea"),
        ("a|b, (c) = <d> : !", "a|b, (c) = <d> : !"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("x" * MAX_TITLE, "x" * MAX_TITLE),
    ],
)
def test_clean_title_keeps_all_visible_characters(text: str, title: str) -> None:
    assert clean_title(text) == title


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 to 200 characters. This one has none"),
        (" \n", "This one has none"),
        ("x" * 10_000, "This one has 10,000"),
        ("a\x07", r"cannot contain the character '\\x07'"),
        ("a\u202eb", "cannot contain the character"),
        (EXAMPLE_ID, "the form of an id"),
        (EXAMPLE_ID.upper(), "the form of an id"),
    ],
)
def test_clean_title_of_bad_title_raises_invalid_title(text: str, message: str) -> None:
    with pytest.raises(InvalidTitle, match=message):
        clean_title(text)


def test_title_key_is_the_same_for_equivalent_titles() -> None:
    assert title_key("Stra\u00dfe  AM See") == title_key("STRASSE am see")
    assert title_key("x" * 300) != title_key("x" * MAX_TITLE)
    assert MAX_ALBUMS >= 1


def test_add_to_album_adds_once() -> None:
    first, second = sorted([new_id(), new_id()])
    image = make_image(detections=make_detections(dog=1))

    both = add_to_album(add_to_album(add_to_album(image, second), first), second)

    assert both.albums == (first, second)
    assert both.tags == {"dog": 1}
    assert both.is_in_album(first)
    assert remove_from_album(both, first).albums == (second,)
    assert remove_from_album(image, first) == image


def test_add_to_album_of_image_that_is_not_ready_raises_invalid_state() -> None:
    with pytest.raises(InvalidState):
        add_to_album(make_image(state=ImageState.TRASHED), new_id())


def test_albums_count_as_tags() -> None:
    full = make_image(detections=make_detections(**{f"tag{number}": 1 for number in range(MAX_TAGS)}))
    empty = make_image(albums=tuple(new_id() for _ in range(MAX_TAGS)))
    of_file = make_image(metadata=make_keywords(*(f"tag{number}" for number in range(MAX_TAGS))))

    with pytest.raises(TooManyTags, match="at most 21 tags, because albums and a favourite mark count as tags"):
        add_to_album(full, new_id())
    with pytest.raises(TooManyTags):
        add_to_album(empty, new_id())
    album_id = new_id()
    assert remove_from_album(add_to_album(of_file, album_id), album_id) == of_file


def test_list_joined_returns_new_albums_of_ready_images() -> None:
    album_id = new_id()
    outside, inside = make_image(), make_image(albums=(album_id,))
    trashed = make_image(state=ImageState.TRASHED, albums=(album_id,))

    assert list_joined(outside, inside) == list_joined(None, inside) == list_joined(trashed, inside) == [album_id]
    assert list_joined(inside, inside) == list_joined(inside, trashed) == list_joined(inside, outside) == []


def test_resolve_albums_replaces_known_titles() -> None:
    album_id = new_id()
    query = parse('album:"Summer", !album:Other|dog')

    resolved = resolve_albums(query, lambda keys: {"summer": album_id} if keys == {"summer", "other"} else {})

    assert str(resolved) == f'album:"{album_id}", !album:"Other"|dog'
    assert parse(str(resolved)) == resolved
    assert resolve_albums(resolved, lambda _: {}) == resolved
