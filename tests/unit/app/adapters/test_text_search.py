"""Searches for the texts of photos, in both stores."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.images import Image, ImageState, ImageSummary, move_to_trash
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.query import parse
from detector.metadata.values import Metadata
from tests.support.fakes import OTHER_OWNER, image

PHOTOS = {
    "IMG_2034.JPG": Metadata(title="Café at the lake", camera_make="FUJIFILM", camera_model="X-T4"),
    "IMG_2035.JPG": Metadata(description="The lake again", lens="XF35mmF2"),
    "dog.png": Metadata(),
}


@pytest.fixture
def library(images: Images, owner: str) -> Images:
    """Three photos: the first one has a dog and a cat, the second one a dog, and the last one no tags."""
    for (name, metadata), dogs, cats in zip(PHOTOS.items(), (1, 2, 0), (1, 0, 0), strict=True):
        images.save(replace(image(owner, dog=dogs, cat=cats), name=name, metadata=metadata))
    images.save(replace(image(owner, ImageState.FAILED), name="IMG_2034.JPG"))
    images.save(replace(image(OTHER_OWNER), name="IMG_2034.JPG"))
    return images


def list_names(page: Page[ImageSummary]) -> list[str]:
    assert page.cursor is None
    return [each.name for each in page.images]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("name:img", [1, 0]),
        ("name:2034 img", [0]),
        ("name:2034, name:2035", []),
        ("title:cafe", [0]),
        ("title:again", []),
        ("text:lake", [1, 0]),
        ("text:dog", [2]),
        ("camera:x-t4", [0]),
        ("lens:35mm, dog>=2", [1]),
        ("name:img, !cat", [1]),
        ("name:img, cat|bird", [0]),
        ("name:png, untagged", [2]),
        ("name:img, untagged", []),
        ("name:img, undated, added>=2026", [1, 0]),
        ("name:img, taken:1999", []),
        ('name:"\' OR 1=1"', []),
    ],
)
def test_search_for_text_returns_matches_newest_first(
    library: Images, owner: str, query: str, numbers: list[int]
) -> None:
    names = [list(PHOTOS)[number] for number in numbers]

    assert list_names(library.search(owner, parse(query), 10)) == names
    assert list_names(library.search(owner, parse(query), 10, newest_first=False)) == names[::-1]


def test_search_for_text_stops_after_its_pages_and_continues(library: Images, owner: str) -> None:
    found: list[str] = []
    cursor: str | None = None
    reads = 0
    while True:
        page = library.search(owner, parse("name:img"), 1, cursor)
        found += [each.name for each in page.images]
        reads, cursor = reads + 1, page.cursor
        if cursor is None:
            break

    assert found == ["IMG_2035.JPG", "IMG_2034.JPG"]
    assert reads > 1


def test_search_for_text_finds_the_texts_after_a_change(library: Images, owner: str) -> None:
    before = library.find_images(owner, [library.search(owner, parse("name:2035"), 1).images[0].id])[0]

    library.save(replace(before, metadata=Metadata(title="Mountain")), before)

    assert list_names(library.search(owner, parse("text:lake"), 10)) == ["IMG_2034.JPG"]
    assert list_names(library.search(owner, parse("title:mountain"), 10)) == ["IMG_2035.JPG"]


def test_search_for_text_in_the_trash_reads_the_images(library: Images, owner: str) -> None:
    for name in PHOTOS:
        before: Image = library.find_images(owner, [library.search(owner, parse(f"name:{name}"), 1).images[0].id])[0]
        library.save(move_to_trash(before, datetime.now(UTC)), before)

    assert list_names(library.search_trash(owner, parse("title:cafe, dog"), 10)) == ["IMG_2034.JPG"]
    assert list_names(library.search_trash(owner, parse("lens:35mm"), 10)) == ["IMG_2035.JPG"]
    assert len(list_names(library.search_trash(owner, parse("dog"), 10))) == 2
