from dataclasses import replace

import pytest

from app.domain.edits import TagChange, mark_favourite, retag
from app.domain.errors import InvalidState, TooManyTags
from app.domain.ids import new_id
from app.domain.images import ImageState
from app.domain.marks import FAVOURITE, album_mark, describe_tag
from app.domain.tags import MAX_TAGS
from tests.support.boxes import NOW
from tests.support.domain_images import make_detections, make_image, make_keywords

FULL = {f"tag{number}": 1 for number in range(MAX_TAGS)}


def test_favourite_has_a_mark_and_no_further_tag() -> None:
    image = mark_favourite(make_image(id=new_id(), detections=make_detections(dog=2)), favourite=True)

    assert (image.is_favourite, image.tags) == (True, {"dog": 2})
    assert image.snapshot.tags == image.indexed_tags == {"dog": 2, FAVOURITE: 1}
    assert mark_favourite(image, favourite=False) == replace(image, favourite=False)


def test_favourite_without_tags_is_untagged() -> None:
    assert make_image(id=new_id(), favourite=True).snapshot.is_untagged
    assert not make_image(id=new_id(), favourite=True, detections=make_detections(dog=1)).snapshot.is_untagged


def test_favourite_mark_counts_as_a_tag() -> None:
    full = make_image(detections=make_detections(**FULL))

    with pytest.raises(TooManyTags, match=r"at most 21 tags, because albums and a favourite mark count as tags\. "):
        mark_favourite(full, favourite=True)
    smaller = retag(full, [TagChange("tag0", None, removes=True)], NOW)
    favourite = mark_favourite(smaller, favourite=True)
    with pytest.raises(TooManyTags, match="at most 21 tags"):
        retag(favourite, [TagChange("cat", 1)], NOW)
    assert favourite.tags == smaller.tags


def test_favourite_mark_takes_the_place_of_a_tag_of_the_file() -> None:
    image = make_image(metadata=make_keywords(*FULL))

    favourite = mark_favourite(image, favourite=True)

    assert len(favourite.tags) == MAX_TAGS - 1
    assert mark_favourite(favourite, favourite=False).tags == image.tags


def test_mark_favourite_of_trashed_image_raises_invalid_state() -> None:
    with pytest.raises(InvalidState):
        mark_favourite(make_image(state=ImageState.TRASHED), favourite=True)


def test_describe_tag_of_album_contains_its_id() -> None:
    assert describe_tag(album_mark("x")) == "the album x"
