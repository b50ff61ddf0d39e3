"""Finds the photos that the visitors of a share see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from app.domain.errors import (
    AlbumNotFound,
    InvalidCursor,
    SharedPhotoNotFound,
    ShareLinkInvalid,
    SubscriptionNotFound,
)
from app.domain.ids import is_id
from app.domain.images import ImageSummary
from app.domain.ports import Albums, Images, Shares, Subscriptions
from app.domain.query import resolve_albums
from app.domain.sealed_positions import Position, seal, unseal
from app.domain.shares import ShareKind
from app.services.shared_sources import Neighbours, SharedAlbum, SharedIds, SharedSearch, SharedSource
from app.services.shares import OpenedShare

PAGE_SIZE: Final = 60


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """A page of photos.

    Attributes:
        photos: The photos.
        first: The number of the first photo on the page, from 1.
        next: What names the next page. None on the last page.
    """

    photos: Sequence[ImageSummary]
    first: int
    next: str | None


@dataclass(frozen=True, slots=True)
class SharedPhotos:
    """Reads the photos of opened shares. Each request checks again what the share contains."""

    shares: Shares
    albums: Albums
    subscriptions: Subscriptions
    images: Images

    def list_page(self, opened: OpenedShare, page: str | None) -> PhotoPage:
        """Return the first page of a share, or the one that `next` of the page before it names.

        Raises:
            ShareLinkInvalid: there is no such page, or the album or the saved search was deleted.
        """
        secret = opened.stored.secret
        position = Position() if page is None else unseal(page, secret)
        if not position:
            raise ShareLinkInvalid
        try:
            found = self._find_source(opened).list(PAGE_SIZE, position.cursor)
        except InvalidCursor as error:  # the order of an album has changed
            raise ShareLinkInvalid from error
        after = Position(found.cursor, position.shown + len(found.images))
        return PhotoPage(found.images, position.shown + 1, seal(after, secret) if found.cursor else None)

    def record_view(self, opened: OpenedShare) -> None:
        """Count a view of the page of a share."""
        self.shares.record_view(opened.address, datetime.now(UTC).date())

    def get_photo(self, opened: OpenedShare, image_id: str) -> ImageSummary:
        """Return a photo that the share contains now.

        Raises:
            SharedPhotoNotFound: the share does not contain it.
            ShareLinkInvalid: the album or the saved search was deleted.
        """
        source = self._find_source(opened)
        found = self.images.find_images(opened.owner, [image_id]) if is_id(image_id) else []
        if not found or not source.contains(found[0]):
            raise SharedPhotoNotFound
        return found[0]

    def find_neighbours(self, opened: OpenedShare, photo: ImageSummary) -> Neighbours:
        """Return the ids of the photos before and after a photo of the share."""
        return self._find_source(opened).find_neighbours(photo)

    def _find_source(self, opened: OpenedShare) -> SharedSource:
        owner, share = opened.owner, opened.share
        try:
            if share.kind is ShareKind.ALBUM:
                return SharedAlbum(owner, self.images, self.albums, self.albums.get(owner, share.source))
            if share.kind is ShareKind.SUBSCRIPTION:
                return self._find_search(opened)
        except (AlbumNotFound, SubscriptionNotFound) as error:
            raise ShareLinkInvalid from error
        return SharedIds(owner, self.images, self.shares.list_images(opened.address))

    def _find_search(self, opened: OpenedShare) -> SharedSearch:
        """Return the saved search. One that was deleted and saved again has the same id, but is not shared."""
        subscription = self.subscriptions.get(opened.owner, opened.share.source)
        if not subscription.query or subscription.created_at > opened.share.created_at:
            raise ShareLinkInvalid
        find_albums = partial(self.albums.find_titles, opened.owner)
        return SharedSearch(opened.owner, self.images, resolve_albums(subscription.query, find_albums))
