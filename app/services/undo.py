"""Undoes operations, image by image."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce

from app.domain.albums import limit_joins, remove_from_album
from app.domain.errors import AlbumNotFound, ChangedSinceOperation, ImageChanged, ImageNotFound
from app.domain.images import Image
from app.domain.operations import UndoRow
from app.domain.ports import Images, Operations
from app.domain.undo_values import undo_change


class Undo:
    """Undoes what operations changed. An undo can be interrupted and repeated."""

    def __init__(self, images: Images, operations: Operations) -> None:
        self._images = images
        self._operations = operations

    def undo(self, row: UndoRow) -> bool:
        """Restore the values of an image before an operation. Return False if the operation was undone already.

        Raises:
            ChangedSinceOperation: the image was changed after the operation. It stays as it is.
            ImageNotFound: the image was deleted permanently.
            Unavailable: see `Images.save`.
        """
        if row.undone:
            return False
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
        undone = replace(row, version=image.version + 1, undone=True)
        self._save_without_deleted_albums(after, image, undo=undone)

    def _save_without_deleted_albums(
        self, after: Image, before: Image, *, undo: UndoRow | None = None, undone_to: int = 0
    ) -> Image:
        while True:
            try:
                return self._images.save(after, before, undo=undo, undone_to=undone_to)
            except AlbumNotFound as error:
                after = reduce(remove_from_album, error.album_ids, after)
