"""Defines marks: hidden tags. The tag index finds favourites and the images of albums with them.

No tag has the name of a mark, because it begins with an operator of the query language.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from app.domain.tags import MAX_TAGS, Tags, normalize

MARK: Final = ":"
FAVOURITE: Final = f"{MARK}favourite"
MAX_TITLE: Final = 200  # of an album
_ALBUM: Final = f"{MARK}album "
_TITLE: Final = f"{MARK}title "
NO_MARKS: Final[Tags] = MappingProxyType({})


def is_mark(tag: str) -> bool:
    """Return whether a name in the tag index is that of a mark."""
    return tag.startswith(MARK)


def make_marks(*, favourite: bool, albums: Iterable[str]) -> Tags:
    """Return the marks of an image and their counts."""
    return ({FAVOURITE: 1} if favourite else {}) | {album_mark(album_id): 1 for album_id in albums}


def album_mark(album_id: str) -> str:
    """Return the mark of the images in an album."""
    return f"{_ALBUM}{album_id}"


def find_album(mark: str) -> str | None:
    """Return the id of the album of a mark, or None for another mark."""
    return mark.removeprefix(_ALBUM) if mark.startswith(_ALBUM) else None


def title_key(title: str) -> str:
    """Return the normal form of a title of at most `MAX_TITLE` characters. A longer one is cut, so it equals none."""
    return normalize(title[: MAX_TITLE + 1]).strip()


def title_mark(title: str) -> str:
    """Return what a query contains instead of the mark of an album until the album is found. No image has it."""
    return f"{_TITLE}{title}"


def find_title(mark: str) -> str | None:
    """Return the title in a mark, or None if it has none."""
    return mark.removeprefix(_TITLE) if mark.startswith(_TITLE) else None


def limit_tags(marks: Tags) -> int:
    """Return how many tags an image with these marks can have."""
    return MAX_TAGS - sum(marks.values())


def describe_limit(marks: Tags) -> str:
    """Return how many tags an image with these marks can have, for an error."""
    if not marks:
        return f"An image can have at most {MAX_TAGS} tags"
    return f"This image can have at most {limit_tags(marks)} tags, because albums and a favourite mark count as tags"


def write_mark(mark: str) -> str:
    """Return a mark as a query contains it: `is:favourite`, `album:"At the sea"`."""
    if mark == FAVOURITE:
        return f"is{mark}"
    text = (find_album(mark) or find_title(mark) or "").replace('"', '""')
    return f'album:"{text}"'


def describe_mark(mark: str) -> str:
    """Return what an image with a mark is, for people who do not know the query language."""
    if mark == FAVOURITE:
        return "a favourite"
    return f'in the album "{find_album(mark) or find_title(mark)}"'


def describe_tag(tag: str) -> str:
    """Return the name of a tag or a mark for a sentence: `the tag dog`."""
    if album_id := find_album(tag):
        return f"the album {album_id}"
    return "the favourites" if tag == FAVOURITE else f"the tag {tag}"
