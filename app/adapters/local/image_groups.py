"""Writes changes of many images in one transaction, which waits for the disk once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from sqlite3 import Connection

from app.adapters.local.albums import require_albums
from app.adapters.local.database import Database
from app.adapters.local.image_writes import require_version, write_image, write_tags
from app.adapters.local.operations import put_undo_row
from app.adapters.local.outbox import insert_outbox_row, put_announcement
from app.adapters.local.similar_images import SqliteSimilarImages
from app.domain.albums import list_joined
from app.domain.announcements import announce_change
from app.domain.errors import AlbumNotFound, ImageChanged
from app.domain.images import Image, make_tombstone
from app.domain.operations import ImageChange, UndoRow
from app.domain.outbox import OutboxRow, follow_up
from app.domain.similar_images import link_similar, must_link


class ImageGroups:
    """The part of the store of images that changes many images together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._similar = SqliteSimilarImages(database)

    def save_all(self, changes: Sequence[ImageChange]) -> Mapping[str, Image | Exception]:
        """Write changes, as `Images.save_all` describes it. They are in one transaction: a full disk prevents all."""
        saved = {}
        with self._database.write() as connection:
            for change in changes:
                before, after = change.before, change.result
                with suppress(ImageChanged, AlbumNotFound):
                    require_version(connection, after, before.version)
                    require_albums(connection, after.owner, list_joined(before, after))
                    self._write(connection, before, after, change.undo)
                    saved[after.id] = after
        return saved

    def _write(self, connection: Connection, before: Image | None, after: Image, undo: UndoRow | None) -> None:
        """Write an image, what follows from it, and the work that its change requires."""
        write_image(connection, before, after)
        write_tags(connection, before, after)
        if row := follow_up(after):
            insert_outbox_row(connection, row)
        if announcement := announce_change(before, after):
            put_announcement(connection, announcement)
        put_undo_row(connection, undo)
        if must_link(before, after):
            link_similar(self._similar, after)

    def purge(self, images: Sequence[Image], rows: Sequence[OutboxRow] = ()) -> list[Image]:
        """Purge images, as `Images.purge` describes it."""
        rows_by_image = {row.image_id: row for row in rows}
        tombstones = []
        with self._database.write() as connection:
            for image in images:
                tombstone = replace(make_tombstone(image), version=image.version + 1)
                with suppress(ImageChanged):
                    require_version(connection, image, image.version)
                    write_image(connection, image, tombstone)
                    tombstones.append(tombstone)
                    if row := rows_by_image.get(image.id):
                        insert_outbox_row(connection, row)
        return tombstones
