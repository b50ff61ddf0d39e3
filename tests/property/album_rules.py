"""Rules that order the images of an album, list them, and delete albums."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.albums import Album, AlbumOrder
from app.domain.errors import AlbumNotFound
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.services.albums import AlbumReader
from tests.property.library_model import images, owners
from tests.property.undo_rules import ALBUM, Key, UndoRules


class AlbumRules(UndoRules):
    """The order and the cover of the album that operations fill, and albums that are deleted.

    Attributes:
        placed: The ids that each owner has placed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.albums = self.services.albums
        self.placed: dict[str, list[str]] = {}

    @rule(owner=owners, keys=st.lists(images, max_size=4, unique=True), by_hand=st.booleans())
    def order_album(self, owner: str, keys: list[Key], by_hand: bool) -> None:  # noqa: FBT001
        """Place images in an album, and add all but the first to it. They may be images of the other owner."""
        if not self.albums.list(owner):
            self.albums.put(owner, ALBUM)
        album = self.albums.get(owner, ALBUM.id)
        order = AlbumOrder.HAND if by_hand else AlbumOrder.TAKEN
        self.placed[owner] = [image_id for _, image_id in keys]
        saved = self.albums.save(owner, replace(album, order=order), album, self.placed[owner])
        assert self.albums.list(owner) == [saved] == [replace(album, order=order, version=album.version + 1)]
        for key in keys[1:]:
            if key[0] == owner and self.expected[key].state is ImageState.READY:
                self.library.change_album(*key, ALBUM.id)
                self.learn(key)
        self.check_album(owner, 2)

    @rule(owner=owners, limit=st.integers(1, 3))
    def list_album(self, owner: str, limit: int) -> None:
        self.check_album(owner, limit)

    def check_album(self, owner: str, limit: int) -> None:
        """Assert that the album contains the expected images, in their order."""
        album = next(iter(self.albums.list(owner)), None)
        shown = [
            image
            for (other, _), image in sorted(self.expected.items())
            if other == owner and image.state is ImageState.READY and album and image.is_in_album(album.id)
        ]
        shown.sort(key=lambda image: image.sort_key)
        assert self.albums.count(owner) == ({ALBUM.id: len(shown)} if shown else {})
        if album is None:
            return
        reader = AlbumReader(self.albums, self.images)
        covers = reader.find_covers(owner, [album])
        assert {key: cover.id for key, cover in covers.items()} == ({ALBUM.id: shown[-1].id} if shown else {})
        places = self.placed.get(owner, []) if album.order is AlbumOrder.HAND else []
        shown.sort(key=lambda image: places.index(image.id) if image.id in places else len(places))
        assert self.list_ids(reader, owner, album, limit) == [image.id for image in shown]

    @staticmethod
    def list_ids(reader: AlbumReader, owner: str, album: Album, limit: int) -> list[str]:
        """Return the ids of the images on all pages."""
        ids: list[str] = []
        cursor: str | None = None
        while True:
            page = reader.list_images(owner, album, limit, cursor)
            ids += [image.id for image in page.images]
            cursor = page.cursor
            if cursor is None:
                return ids

    @rule(key=images)
    def delete_album(self, key: Key) -> None:
        """Make an album with an image, and delete it. The worker finds nothing left to do."""
        before: Image = self.expected[key]
        if before.state is not ImageState.READY or len(before.tags) + len(before.marks) > 20:
            return
        album = Album(new_id(), f"Album {len(self.expected)}", datetime.now(UTC))
        self.albums.put(key[0], album)
        assert self.library.change_album(*key, album.id)
        self.albums.delete(key[0], album.id)
        assert self.library.change_album(*key, album.id, removes=True)
        with pytest.raises(AlbumNotFound):
            self.library.change_album(*key, album.id)
        assert self.learn(key) == replace(before, version=before.version + 2, undone_to=0)
