"""Reads the photos of shares: single photos, an album, or a saved search. All of them leave out private photos.

The work of each method is bounded, and does not depend on the size of the library.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from typing_extensions import override

from app.domain.albums import Album, AlbumOrder
from app.domain.images import ImageState, ImageSummary
from app.domain.pages import Page
from app.domain.ports import Albums, Images
from app.domain.query import Query, leave_out, make_matcher
from app.domain.shares import PRIVATE
from app.services.albums import AlbumReader, is_shown, select_album

WINDOW: Final = 20  # photos in which the next one of a list is looked for, because some may have been deleted


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The ids of the photos before and after a photo. None at an end."""

    previous: str | None = None
    next: str | None = None


class SharedSource(Protocol):
    """The photos of a share."""

    def list(self, limit: int, cursor: str | None) -> Page[ImageSummary]:
        """Return a page of photos in the order of the share.

        Raises:
            InvalidCursor: the cursor is not from this share.
        """

    def contains(self, image: ImageSummary) -> bool:
        """Return whether the share contains a photo now."""

    def find_neighbours(self, image: ImageSummary) -> Neighbours:
        """Return the photos before and after a photo that the share contains."""


def is_shareable(image: ImageSummary) -> bool:
    """Return whether a photo can be in a share at all."""
    return image.state is ImageState.READY and not image.tags.get(PRIVATE)


@dataclass(frozen=True, slots=True)
class SharedIds(SharedSource):
    """Single photos, in the order in which the owner chose them. Cursors are their places."""

    owner: str
    images: Images
    ids: Sequence[str]

    @override
    def list(self, limit: int, cursor: str | None) -> Page[ImageSummary]:
        # Full pages do not reveal how many photos were deleted or are private.
        end, shown = int(cursor or 0), list[ImageSummary]()
        while len(shown) <= limit and end < len(self.ids):
            start, end = end, end + limit + 1  # one more, which shows whether there is another page
            shown += self._find(self.ids[start:end])
        page = shown[:limit]
        return Page(page, str(self.ids.index(page[-1].id) + 1) if len(shown) > limit else None)

    @override
    def contains(self, image: ImageSummary) -> bool:
        return is_shareable(image) and image.id in self.ids

    @override
    def find_neighbours(self, image: ImageSummary) -> Neighbours:
        return _find_beside(self.ids, image.id, self._find)

    def _find(self, ids: Sequence[str]) -> Sequence[ImageSummary]:
        return _find_in_order(self.images, self.owner, ids, is_shareable)


@dataclass(frozen=True, slots=True)
class SharedSearch(SharedSource):
    """The current matches of a saved search, newest first. Cursors are sort keys."""

    owner: str
    images: Images
    query: Query

    @override
    def list(self, limit: int, cursor: str | None) -> Page[ImageSummary]:
        return self.images.search(self.owner, leave_out(self.query, PRIVATE), limit, cursor)

    @override
    def contains(self, image: ImageSummary) -> bool:
        return is_shareable(image) and make_matcher(self.query)(image.snapshot)

    @override
    def find_neighbours(self, image: ImageSummary) -> Neighbours:
        find = partial(_find_first, self.images, self.owner, leave_out(self.query, PRIVATE), image.sort_key)
        return Neighbours(find(newest_first=False), find(newest_first=True))


@dataclass(frozen=True, slots=True)
class SharedAlbum(SharedSource):
    """The current photos of an album, in its order."""

    owner: str
    images: Images
    albums: Albums
    album: Album

    @override
    def list(self, limit: int, cursor: str | None) -> Page[ImageSummary]:
        return AlbumReader(self.albums, self.images).list_images(self.owner, self.album, limit, cursor, hidden=PRIVATE)

    @override
    def contains(self, image: ImageSummary) -> bool:
        return is_shareable(image) and is_shown(image, self.album)

    @override
    def find_neighbours(self, image: ImageSummary) -> Neighbours:
        placed = self.albums.list_placed(self.owner, self.album.id) if self.album.order is AlbumOrder.HAND else ()
        query = select_album(self.album, hidden=PRIVATE)
        find = partial(_find_first, self.images, self.owner, query, excluded=frozenset(placed))
        if image.id in placed:
            beside = _find_beside(placed, image.id, self._find)
            return Neighbours(beside.previous, beside.next or find(None, newest_first=False))
        previous = find(image.sort_key, newest_first=True)
        if not previous and placed:
            previous = next((each.id for each in reversed(self._find(placed[-WINDOW:]))), None)
        return Neighbours(previous, find(image.sort_key, newest_first=False))

    def _find(self, ids: Sequence[str]) -> Sequence[ImageSummary]:
        return _find_in_order(self.images, self.owner, ids, self.contains)


def _find_in_order(
    images: Images, owner: str, ids: Sequence[str], is_wanted: Callable[[ImageSummary], bool]
) -> list[ImageSummary]:
    """Return the wanted images with these ids, in the order of the ids."""
    found = {image.id: image for image in images.find_images(owner, ids)}
    return [found[image_id] for image_id in ids if image_id in found and is_wanted(found[image_id])]


def _find_beside(
    ids: Sequence[str], image_id: str, find: Callable[[Sequence[str]], Sequence[ImageSummary]]
) -> Neighbours:
    """Return the neighbours in a list of ids. `find` returns the images with some ids that are shown."""
    place = ids.index(image_id)
    before, after = ids[max(0, place - WINDOW) : place], ids[place + 1 : place + 1 + WINDOW]
    shown = {image.id for image in find([*before, *after])}
    return Neighbours(
        next((each for each in reversed(before) if each in shown), None),
        next((each for each in after if each in shown), None),
    )


def _find_first(  # noqa: PLR0913 - the last two are named
    images: Images,
    owner: str,
    query: Query,
    cursor: str | None,
    *,
    newest_first: bool,
    excluded: frozenset[str] = frozenset(),
) -> str | None:
    """Return the id of the first match after a cursor, or None."""
    page = images.search(owner, query, 1, cursor, newest_first=newest_first, excluded=excluded)
    return page.images[0].id if page.images else None
