"""Undoes operations, many images in few calls of the store (ADR 60)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce

from app.domain.albums import limit_joins, remove_from_album
from app.domain.errors import AlbumNotFound, ChangedSinceOperation, ImageChanged, ImageNotFound
from app.domain.images import Image
from app.domain.operations import ImageChange, UndoRow
from app.domain.ports import Images, Operations
from app.domain.undo_values import undo_change


class Undo:
    """Undoes what operations changed. An undo can be interrupted and repeated.

    The first undo also undoes `rows`, which are rows of a request, together. The other calls return their results. An
    image that could not be written together with others is undone on its own, in its call, as in `BulkLibrary`.
    """

    def __init__(self, images: Images, operations: Operations, rows: Sequence[UndoRow] = ()) -> None:
        self._images = images
        self._operations = operations
        self._rows = rows
        self._results: dict[str, Image | Exception] = {}

    def undo(self, row: UndoRow) -> bool:
        """Restore the values of an image before an operation. Return False if the operation was undone already.

        Raises:
            ChangedSinceOperation: the image was changed after the operation. It stays as it is.
            ImageNotFound: the image was deleted permanently.
            Unavailable: see `Images.save`.
        """
        if row.undone:
            return False
        if rows := self._rows:
            self._rows = ()
            self._undo_together(rows)
        result = self._results.pop(row.image_id, None)
        if isinstance(result, Exception):
            raise result
        if result is None:
            return self._undo_alone(row)
        return True

    def _undo_together(self, rows: Sequence[UndoRow]) -> None:
        """Undo the changes of images that have not changed since, and that return to few albums."""
        due = {row.image_id: row for row in rows if not row.undone}
        now = datetime.now(UTC)
        changes = []
        for image in self._images.find_images(rows[0].owner, list(due)):
            row = due[image.id]
            with suppress(ChangedSinceOperation, ImageNotFound):
                after = undo_change(image, row, now)
                if limit_joins(image, after) == after:
                    changes.append(ImageChange(image, after, _mark_undone(row, image)))
        self._results = {**self._images.save_all(changes)}

    def _undo_alone(self, row: UndoRow) -> bool:
        image = self._images.find_image(row.owner, row.image_id)
        if image is None:
            raise ImageNotFound
        try:
            self._save(undo_change(image, row, datetime.now(UTC)), image, row)
        except (ChangedSinceOperation, ImageChanged) as error:
            current = self._operations.find_row(row)  # another request may have undone the operation
            if current and current.undone:
                return False
            raise ChangedSinceOperation from error
        return True

    def _save(self, after: Image, image: Image, row: UndoRow) -> None:
        """Save an image with its former values. It does not return to albums that were deleted.

        If it returns to many albums, a part of the change is saved before. Then an interrupted undo can be repeated.
        """
        first = limit_joins(image, after)
        if first != after:
            saved = self._save_without_deleted_albums(first, image, undone_to=row.version)
            after = reduce(remove_from_album, {*first.albums} - {*saved.albums}, after)
            image = saved
        self._save_without_deleted_albums(after, image, undo=_mark_undone(row, image))

    def _save_without_deleted_albums(
        self, after: Image, before: Image, *, undo: UndoRow | None = None, undone_to: int = 0
    ) -> Image:
        while True:
            try:
                return self._images.save(after, before, undo=undo, undone_to=undone_to)
            except AlbumNotFound as error:
                after = reduce(remove_from_album, error.album_ids, after)


def _mark_undone(row: UndoRow, image: Image) -> UndoRow:
    """Return the row after the undo of this image."""
    return replace(row, version=image.version + 1, undone=True)
