"""Groups images whose pictures look the same although their files differ (ADR 43)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from app.domain.errors import InvalidCursor
from app.domain.ids import is_id, new_id
from app.domain.images import Image, ImageState, ImageSummary
from app.domain.pages import MAX_PAGES
from app.domain.picture_hashes import CROP_WEAK_BITS, MAX_CROP_DISTANCE, HashedImage, find_near, list_prefixes
from app.domain.ports.similar_images import SimilarImages

MAX_MEMBERS: Final = 12  # of a group in a list of groups

_MAX_ATTEMPTS: Final = 8
_MAX_TOGETHER: Final = 50  # images that one transaction puts into a group
_PAGE: Final = 100  # more than two groups with `MAX_MEMBERS`
_END: Final = "~"  # after all keys


@dataclass(frozen=True, slots=True)
class SimilarGroup:
    """The ids of copies, latest first. If `has_more`, the group has more than `MAX_MEMBERS`."""

    id: str
    image_ids: Sequence[str]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of groups. The cursor is None on the last page, and otherwise the id of the last group."""

    groups: Sequence[SimilarGroup]
    cursor: str | None


def must_link(before: Image | None, after: Image) -> bool:
    """Return whether a change has brought an image into the list of ready images, or has changed its picture hash."""
    if after.state is not ImageState.READY or not after.picture_hash:
        return False
    return before is None or (before.state, before.picture_hash) != (after.state, after.picture_hash)


def link_similar(similar: SimilarImages, image: Image) -> None:
    """Put an image into the group of its copies. Repeating it changes nothing.

    The image joins the group of its nearest copy that has one. Copies without a group join too. If other requests keep
    changing the same images, nothing is written, and `pixtag doctor` finds it.
    """
    for _ in range(_MAX_ATTEMPTS):
        images, group = find_links(similar, image)
        if not images or similar.put_into_group(image.owner, images, group):
            return


def find_links(similar: SimilarImages, image: Image) -> tuple[list[HashedImage], str]:
    """Return the images that must join the group of an image and its copies, and the id of this group.

    A new group has a new id, because an image can leave its group and found another one.
    """
    if image.state is not ImageState.READY or not image.picture_hash:
        return [], ""
    hashed = similar.find_hashed(image.owner, list_prefixes(image.picture_hash))
    near = find_near(image.picture_hash, hashed)
    itself = next((each for each in near if each.id == image.id), HashedImage(image.id, image.picture_hash))
    others = [each for each in near if each.id != image.id]
    if not others:
        return [], ""
    group = next((each.group for each in [itself, *others] if each.group), None) or new_id()
    return [each for each in [itself, *others] if not each.group][:_MAX_TOGETHER], group


def list_groups(similar: SimilarImages, owner: str, limit: int, cursor: str | None) -> GroupPage:
    """Return a page of groups with at least two images, latest group first. It reads a limited number of rows.

    Raises:
        InvalidCursor: the cursor is not the id of a group.
    """
    before = _END if cursor is None else f"{require_group(cursor)}#"
    groups: list[SimilarGroup] = []
    for _ in range(MAX_PAGES):
        rows = similar.list_grouped(owner, before, _PAGE)
        found = [(group, [row.id for row in members]) for group, members in groupby(rows, key=lambda row: row.group)]
        if len(rows) == _PAGE and len(found) > 1:
            found.pop()  # the next read begins with it, because this one may lack some of its images
        for group, ids in found:
            if len(ids) > 1:
                groups.append(SimilarGroup(group, ids[:MAX_MEMBERS], len(ids) > MAX_MEMBERS))
            before = f"{group}#"
            if len(groups) == limit:
                return GroupPage(groups, group)
        if len(rows) < _PAGE:
            return GroupPage(groups, None)
    return GroupPage(groups, before.removesuffix("#"))


def list_members(
    similar: SimilarImages, owner: str, group: str, limit: int, cursor: str | None
) -> tuple[list[str], str | None]:
    """Return a page of the ids in a group, latest first, and the cursor of the next page or None.

    Raises:
        InvalidCursor: the cursor is not an id.
    """
    before = f"{group}#{_END if cursor is None else require_group(cursor)}"
    ids = [row.id for row in similar.list_grouped(owner, before, limit, group)]
    return ids, ids[-1] if len(ids) == limit else None


def require_group(cursor: str) -> str:
    """Return a cursor that is an id.

    Raises:
        InvalidCursor: it is none.
    """
    if not is_id(cursor):
        raise InvalidCursor
    return cursor


def rank(image: ImageSummary) -> tuple[bool, int, int, str]:
    """Return a key that sorts copies, the best first.

    Intact photos come first, then those with the most pixels, then the largest files, then the earliest uploads.
    """
    return bool(image.damage), -image.width * image.height, -image.size, image.id


def find_copies(similar: SimilarImages, owner: str, picture_hash: str) -> list[str]:
    """Return the ids of the images that are copies or crops of a picture with this hash, the most similar first."""
    if not picture_hash:
        return []
    hashed = similar.find_hashed(owner, list_prefixes(picture_hash, CROP_WEAK_BITS))
    return [each.id for each in find_near(picture_hash, hashed, MAX_CROP_DISTANCE)]
