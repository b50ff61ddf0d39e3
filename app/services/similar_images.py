"""Finds copies of photos: images whose pictures look the same although their files differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.errors import DuplicatesNotFound
from app.domain.ids import is_id
from app.domain.images import ImageState, ImageSummary
from app.domain.pages import Page
from app.domain.ports import Images
from app.domain.similar_images import find_copies, list_groups, list_members, rank

MAX_COPIES: Final = 50


@dataclass(frozen=True, slots=True)
class Duplicates:
    """A group of copies, the best first. If `has_more`, the group has more images."""

    id: str
    images: Sequence[ImageSummary]
    has_more: bool


def find_originals(images: Images, owner: str, sha256: str, picture_hash: str) -> list[ImageSummary]:
    """Return the ready images with the same bytes or a similar picture: the same bytes first, then the most similar.

    Args:
        images: The store.
        owner: The owner of the images.
        sha256: The SHA-256 digest of a file.
        picture_hash: The hash of its picture, or an empty text.
    """
    same = images.find_by_hash(owner, sha256)
    ids = ([same] if same else []) + find_copies(images.similar, owner, picture_hash)
    return _load(images, owner, list(dict.fromkeys(ids))[:MAX_COPIES])


def list_duplicates(images: Images, owner: str, limit: int, cursor: str | None) -> tuple[list[Duplicates], str | None]:
    """Return a page of groups of copies, and the cursor of the next page or None. A page can have few or no groups.

    Raises:
        InvalidCursor: see `list_groups`.
    """
    page = list_groups(images.similar, owner, limit, cursor)
    loaded = {
        image.id: image for image in _load(images, owner, [each for group in page.groups for each in group.image_ids])
    }
    groups = []
    for group in page.groups:
        members = sorted((loaded[each] for each in group.image_ids if each in loaded), key=rank)
        if len(members) > 1 or group.has_more:
            groups.append(Duplicates(group.id, members, group.has_more))
    return groups, page.cursor


def list_duplicates_of_group(
    images: Images, owner: str, group: str, limit: int, cursor: str | None
) -> Page[ImageSummary]:
    """Return a page of the images in a group, latest first.

    Raises:
        DuplicatesNotFound: there is no such group.
        InvalidCursor: the cursor is not an id.
    """
    if not is_id(group):
        raise DuplicatesNotFound
    ids, next_cursor = list_members(images.similar, owner, group, limit, cursor)
    if not ids and cursor is None:
        raise DuplicatesNotFound
    return Page(_load(images, owner, ids), next_cursor)


def _load(images: Images, owner: str, ids: Sequence[str]) -> list[ImageSummary]:
    """Return the ready images with these ids, in this order."""
    loaded = {image.id: image for image in images.find_images(owner, ids)}
    return [loaded[each] for each in ids if each in loaded and loaded[each].state is ImageState.READY]
