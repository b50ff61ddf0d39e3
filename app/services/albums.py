"""Changes albums, finds their covers, and reads their images page by page."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from app.domain.albums import Album, AlbumOrder
from app.domain.errors import AlbumChanged, VersionOutdated
from app.domain.images import ImageState, ImageSummary
from app.domain.marks import album_mark
from app.domain.pages import Page
from app.domain.ports import Albums, Images
from app.domain.query import Query, leave_out
from app.domain.terms import Term
from app.domain.versions import ANY_VERSION, VersionCondition

MAX_ATTEMPTS: Final = 8
_PLACE: Final = re.compile(r"placed:(\d{1,4})", re.ASCII)


def change_album(  # noqa: PLR0913 - the last two are named
    albums: Albums,
    owner: str,
    album_id: str,
    change: Callable[[Album], Album],
    *,
    version: VersionCondition = ANY_VERSION,
    placed: Sequence[str] | None = None,
) -> Album:
    """Read an album, apply a change, write it, and place images in it. Start over if another request has changed it.

    Returns:
        The current album.

    Raises:
        AlbumChanged: other requests changed the album during each of `MAX_ATTEMPTS` attempts.
        AlbumExists: another album has an equal title.
        AlbumNotFound: the album does not exist.
        VersionOutdated: the condition does not accept its version.
    """
    for _ in range(MAX_ATTEMPTS):
        before = albums.get(owner, album_id)
        if not version.accepts(before.version):
            raise VersionOutdated("album")
        after = change(before)
        if after == before and placed is None:
            return before
        try:
            return albums.save(owner, after, before, placed)
        except AlbumChanged:
            pass
    raise AlbumChanged


@dataclass(frozen=True, slots=True)
class AlbumReader:
    """Reads the images of albums."""

    albums: Albums
    images: Images

    def find_covers(self, owner: str, albums: Sequence[Album]) -> dict[str, ImageSummary]:
        """Return the cover of each album that has ready images, by the id of the album.

        One row of the tag index is read for each album without a chosen image.
        """
        chosen = self._find(owner, [each.cover for each in albums if each.cover])
        covers: dict[str, ImageSummary] = {}
        for album in albums:
            cover = chosen.get(album.cover)
            if cover and is_shown(cover, album):
                covers[album.id] = cover
            elif newest := self.images.search(owner, select_album(album), 1, max_pages=1).images:
                covers[album.id] = newest[0]
        return covers

    def list_images(
        self, owner: str, album: Album, limit: int, cursor: str | None, *, hidden: str = ""
    ) -> Page[ImageSummary]:
        """Return a page of the ready images of an album in its order, without those that have the tag `hidden`.

        In the order by hand, the cursor is a place until all placed images were read, and then a sort key.

        Raises:
            InvalidCursor: see `continue_plan`.
        """
        if album.order is AlbumOrder.TAKEN:
            return self.images.search(owner, select_album(album, hidden), limit, cursor, newest_first=False)
        placed = self.albums.list_placed(owner, album.id)
        place = _PLACE.fullmatch("placed:0" if cursor is None else cursor)
        query = select_album(album, hidden)
        others = partial(self.images.search, owner, query, newest_first=False, excluded=frozenset(placed))
        if not place:
            return others(limit, cursor)
        end = int(place[1]) + limit
        ids = placed[end - limit : end]
        found = self._find(owner, ids)
        images = [found[image_id] for image_id in ids if image_id in found]
        shown = [image for image in images if is_shown(image, album) and not image.tags.get(hidden)]
        if end < len(placed) or len(shown) == limit:
            return Page(shown, f"placed:{end}")
        page = others(limit - len(shown))
        return Page([*shown, *page.images], page.cursor)

    def _find(self, owner: str, image_ids: Sequence[str]) -> dict[str, ImageSummary]:
        return {image.id: image for image in self.images.find_images(owner, image_ids)}


def is_shown(image: ImageSummary, album: Album) -> bool:
    """Return whether an image is a ready image of an album."""
    return image.state is ImageState.READY and image.is_in_album(album.id)


def select_album(album: Album, hidden: str = "") -> Query:
    """Return the query for the images of an album, without those that have the tag `hidden`."""
    query = Query(((Term(album_mark(album.id)),),))
    return leave_out(query, hidden) if hidden else query
