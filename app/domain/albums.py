"""Defines albums, and which images are in them."""

import unicodedata
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from itertools import count
from typing import Final

from app.domain.edits import require_room
from app.domain.errors import InvalidTitle
from app.domain.ids import is_id
from app.domain.images import Image, ImageState
from app.domain.marks import MAX_TITLE, title_key
from app.domain.tags import OPERATORS, is_refused

MAX_ALBUMS: Final = 1_000
MAX_JOINED: Final = 4  # albums with a change of all tags, so that the transaction on AWS has at most 100 actions
MAX_PLACED: Final = 1_000  # images of an album that a person places


class AlbumOrder(StrEnum):
    """The order of the images of an album."""

    TAKEN = "taken"  # oldest capture time first
    HAND = "hand"  # the placed images first, then the others by their capture times


@dataclass(frozen=True, slots=True)
class Album:
    """An album. The images know in which albums they are.

    Attributes:
        id: A ULID.
        title: The title as the person wrote it. No two albums of an owner have equal titles.
        created_at: When it was created.
        cover: The id of the image that the person chose as the cover. It is empty if the newest image is the cover.
        order: The order of its images.
        version: The stored version. It grows with each change of the album or its order.
    """

    id: str
    title: str
    created_at: datetime
    cover: str = ""
    order: AlbumOrder = AlbumOrder.TAKEN
    version: int = 1

    @property
    def key(self) -> str:
        """The normal form of the title. Equivalent titles have the same one."""
        return title_key(self.title)


def clean_title(text: str) -> str:
    """Return a title with single spaces.

    Raises:
        InvalidTitle: it is empty or too long, it contains a control character, or it has the form of an id.
    """
    if len(text) > MAX_TITLE:
        raise InvalidTitle(f"A title has 1 to {MAX_TITLE} characters. This one has {len(text):,}.")
    title = " ".join(unicodedata.normalize("NFC", text).split())
    if not title_key(title):
        raise InvalidTitle(f"A title has 1 to {MAX_TITLE} characters. This one has none.")
    if refused := next((letter for letter in title if is_refused(letter) and letter not in OPERATORS), None):
        raise InvalidTitle(f"A title cannot contain the character {refused!a}.")
    if is_id(title_key(title)):
        raise InvalidTitle("This title has the form of an id. Choose another one.")
    return title


def find_free_title(title: str, keys: Container[str]) -> str:
    """Return the title with a number, so that its normal form is not one of these."""
    numbered = (f"{title[: MAX_TITLE - 7]} ({number})" for number in count(2))
    return next(each for each in numbered if title_key(each) not in keys)


def list_joined(before: Image | None, after: Image) -> list[str]:
    """Return the albums that a change lets an image join, so that they must exist. Only ready images are in albums."""
    old, new = (each.albums if each and each.state is ImageState.READY else () for each in (before, after))
    return [album_id for album_id in new if album_id not in old]


def limit_joins(before: Image, after: Image) -> Image:
    """Return the result of a change without some of the albums that a ready image joins.

    It joins up to `MAX_JOINED`. The others can join in one further change, because its tags stay or give way to them.
    """
    joined = list_joined(before, after) if before.state is ImageState.READY else []
    return reduce(remove_from_album, joined[MAX_JOINED:], after)


def add_to_album(image: Image, album_id: str) -> Image:
    """Return a ready image as a part of an album.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: the image has as many tags and marks as it can have.
    """
    return require_room(image, replace(image, albums=tuple(sorted({*image.albums, album_id}))))


def remove_from_album(image: Image, album_id: str) -> Image:
    """Return an image in any state without an album."""
    return replace(image, albums=tuple(each for each in image.albums if each != album_id))
