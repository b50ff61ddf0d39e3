"""Changes, trashes, restores and purges images. Every operation can be interrupted and repeated safely."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import partial, reduce
from itertools import chain, islice
from typing import Final

from app.domain.albums import add_to_album, remove_from_album
from app.domain.edits import TagChange, apply_once, mark_favourite, rename_tag, retag, retag_once
from app.domain.errors import AlbumNotFound, ImageChanged, InvalidState, PixTagError, VersionOutdated
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, RequestId, make_tombstone, move_to_trash, restore_from_trash
from app.domain.operations import Operation
from app.domain.outbox import make_purge
from app.domain.ports import Images, Objects, OwnerPreferences
from app.domain.preferences import remove_position
from app.domain.undo_values import make_undo_row
from app.domain.versions import ANY_VERSION, VersionCondition
from app.services.failures import contain_failure
from app.services.image_objects import abort_uploads, delete_objects, remove_objects
from app.services.purge_targets import find_errors, find_targets

MAX_ATTEMPTS: Final = 8


class Library:
    """Changes images. An operation raises ImageChanged if other requests keep changing the image.

    A change with an `operation` can be undone with it.
    """

    def __init__(self, images: Images, objects: Objects, preferences: OwnerPreferences) -> None:
        self._images = images
        self._objects = objects
        self._preferences = preferences

    def retag(
        self,
        owner: str,
        image_id: str,
        changes: Sequence[TagChange],
        request: RequestId | None = None,
        *,
        operation: Operation | None = None,
    ) -> bool:
        """Change the tags of a ready image.

        Returns:
            Whether this request changed the image, now or on an earlier attempt.

        Raises:
            ImageNotFound: the image does not exist.
            IdempotencyKeyReused, InvalidState, TooManyTags: see `edits.retag_once`.
        """

        def apply(image: Image) -> Image:
            now = datetime.now(UTC)
            return retag_once(image, changes, now, request) if request else retag(image, changes, now)

        image, changed = self.change(owner, image_id, apply, operation=operation)
        return changed or request in image.requests

    def change_boxes(
        self,
        owner: str,
        image_id: str,
        change: Callable[[Image], Image],
        *,
        request: RequestId | None = None,
        version: VersionCondition = ANY_VERSION,
    ) -> Image:
        """Change the boxes of a ready image with a function of `app.domain.boxes`. Return the current image.

        Raises:
            ImageNotFound: the image does not exist.
            DetectionNotFound, InvalidBox, InvalidState, TooManyBoxes, TooManyTags: the change is not possible.
            IdempotencyKeyReused: see `edits.apply_once`.
            VersionOutdated: see `change`.
        """
        apply = change if request is None else partial(apply_once, change=change, request=request)
        image, _ = self.change(owner, image_id, apply, request=request, version=version)
        return image

    def rename_tag(self, owner: str, image_id: str, old: str, new: str, *, operation: Operation | None = None) -> bool:
        """Rename a tag of a ready image and relabel its boxes. Return whether the image changed.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidState, TooManyTags: see `edits.rename_tag`.
        """
        apply = partial(rename_tag, old=old, new=new, at=datetime.now(UTC))
        return self.change(owner, image_id, apply, operation=operation)[1]

    def change_date(  # noqa: PLR0913 - the last three are named
        self,
        owner: str,
        image_id: str,
        change: Callable[[Image], Image],
        *,
        request: RequestId | None = None,
        version: VersionCondition = ANY_VERSION,
        operation: Operation | None = None,
    ) -> tuple[Image, bool]:
        """Change the capture time of a ready image with a function of `app.domain.dates`.

        Returns:
            The current image, and whether this request changed it, now or on an earlier attempt.

        Raises:
            ImageNotFound: the image does not exist.
            IdempotencyKeyReused: see `edits.apply_once`.
            InvalidDate, InvalidState: the change is not possible.
            VersionOutdated: the condition does not accept its version.
        """
        apply = change if request is None else partial(apply_once, change=change, request=request)
        image, changed = self.change(owner, image_id, apply, request=request, version=version, operation=operation)
        return image, changed or request in image.requests

    def mark_favourite(self, owner: str, image_id: str, *, favourite: bool, operation: Operation | None = None) -> bool:
        """Make a ready image a favourite, or no longer one. Return whether the image changed.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidState, TooManyTags: see `edits.mark_favourite`.
        """
        return self.change(owner, image_id, partial(mark_favourite, favourite=favourite), operation=operation)[1]

    def change_album(
        self, owner: str, image_id: str, album_id: str, *, removes: bool = False, operation: Operation | None = None
    ) -> bool:
        """Add a ready image to an album, or remove an image from it. Return whether the image changed.

        Raises:
            AlbumNotFound: the album does not exist.
            ImageNotFound: the image does not exist.
            InvalidState, TooManyTags: see `albums.add_to_album`.
        """
        change = partial(remove_from_album if removes else add_to_album, album_id=album_id)
        return self.change(owner, image_id, change, operation=operation)[1]

    def trash(
        self,
        owner: str,
        image_id: str,
        *,
        version: VersionCondition = ANY_VERSION,
        operation: Operation | None = None,
    ) -> bool:
        """Move a ready image to the trash. Purge a pending or failed image. Return whether the image changed.

        Raises:
            ImageNotFound: the image does not exist.
            VersionOutdated: the condition does not accept its version.
        """
        apply = partial(move_to_trash, at=datetime.now(UTC))
        image, changed = self.change(owner, image_id, apply, version=version, operation=operation)
        if image.state is ImageState.GONE:
            self._remove_objects_now_or_later(image)
        return changed

    def restore(self, owner: str, image_id: str, *, operation: Operation | None = None) -> bool:
        """Restore an image from the trash. Return whether the image was in the trash.

        Raises:
            ImageNotFound: the image does not exist.
        """
        return self.change(owner, image_id, restore_from_trash, operation=operation)[1]

    def purge(self, owner: str, image_id: str, *, version: int | None = None) -> None:
        """Permanently remove a trashed image and its objects. If the objects cannot be deleted now, they are later.

        Args:
            owner: The owner of the image.
            image_id: The image's id.
            version: If given, purge only this version of exactly this image. For a duplicate, do not purge the
                existing image with the same bytes.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidState: the image is not in the trash, or it does not have this version.
        """

        def bury(image: Image) -> Image:
            expected = version is None or (image.id, image.version) == (image_id, version)
            if image.state is not ImageState.TRASHED or not expected:
                raise InvalidState(image.state)
            return make_tombstone(image)

        image, _ = self.change(owner, image_id, bury)
        self._remove_objects_now_or_later(image)

    def _remove_objects_now_or_later(self, image: Image) -> None:
        """Delete the objects of a tombstone. If this fails, the outbox row of the tombstone makes the worker do it."""
        with contain_failure("deletion of the objects of", image.id):
            self.remove_objects(image)

    def purge_all(self, owner: str, image_ids: Sequence[str]) -> dict[str, PixTagError | None]:
        """Permanently remove up to 100 trashed images and their objects, in few calls of the stores.

        Returns:
            The error of each id, as in `purge`. None means that the image was removed.
        """
        images = find_targets(self._images, owner, image_ids)
        errors = find_errors(image_ids, images)
        trashed = [images[image_id] for image_id, error in errors.items() if error is None]
        purged = {image.id for image in self._images.purge(trashed, [make_purge(image) for image in trashed])}
        with contain_failure("deletion of the objects of", ", ".join(purged)):
            delete_objects(self._objects, owner, purged)
        for image_id, error in errors.items():
            if error is None and images[image_id].id not in purged:  # the image was changed after it was read
                try:
                    self.purge(owner, image_id)
                except PixTagError as failure:
                    errors[image_id] = failure
        return errors

    def purge_versions(self, owner: str, versions: AbstractSet[tuple[str, int]]) -> None:
        """Purge the trashed images that still have these versions, and complete the purges that were interrupted.

        Args:
            owner: The owner of the images.
            versions: Up to 100 pairs of an image's id and its version. For a duplicate, the existing image with the
                same bytes is not purged.
        """
        images = self._images.find_images(owner, [image_id for image_id, _ in versions])
        due = [image for image in images if image.state is ImageState.TRASHED and (image.id, image.version) in versions]
        gone = [image for image in images if image.state is ImageState.GONE] + self._images.purge(due)
        abort_uploads(self._objects, gone)
        delete_objects(self._objects, owner, [image.id for image in gone])

    def delete_images(self, owner: str, limit: int) -> bool:
        """Delete up to `limit` of the owner's images, at most 250, and their objects. No tombstones remain.

        If no images remain, remove unfinished uploads in parts, and then delete up to `limit` other objects.
        Interrupted work and expired uploads leave objects without an image. After their deletion, late notifications
        from S3 have no effect.

        Returns:
            Whether anything was deleted. If so, more images or objects may remain.
        """
        if ids := self._images.delete_images(owner, limit):
            delete_objects(self._objects, owner, ids)
            return True
        if self._objects.parts.abort_all(owner):
            return True
        stored = chain.from_iterable(self._objects.list_keys(rendition.key(owner, "")) for rendition in Rendition)
        if keys := list(islice(stored, limit)):
            self._objects.delete(*keys)
        return bool(keys)

    def change(  # noqa: PLR0913 - the last three are named
        self,
        owner: str,
        image_id: str,
        change: Callable[[Image], Image],
        *,
        request: RequestId | None = None,
        version: VersionCondition = ANY_VERSION,
        operation: Operation | None = None,
    ) -> tuple[Image, bool]:
        """Read an image, apply a change and write the result. Start over if another request has changed the image.

        Returns:
            The current image, and whether it was written.

        Raises:
            ImageNotFound: the image does not exist.
            VersionOutdated: the condition does not accept its version, and the given request has not changed it.
            ImageChanged: other requests changed the image during each of `MAX_ATTEMPTS` attempts.
        """
        deleted = set[str]()
        for _ in range(MAX_ATTEMPTS):
            before = self._images.get_image(owner, image_id)
            if not version.accepts(before.version) and request not in before.requests:
                raise VersionOutdated
            after = reduce(remove_from_album, deleted, change(before))
            if after == before:
                return before, False
            undo = make_undo_row(operation, before, after) if operation else None
            try:
                return self._images.save(after, before, undo=undo), True
            except AlbumNotFound as error:
                if not set(error.album_ids) <= set(before.albums):
                    raise
                deleted.update(error.album_ids)  # the albums of an image that returns from the trash
            except ImageChanged:
                pass
        raise ImageChanged

    def apply_preferences(self, image: Image) -> Image:
        """Return the image without what its owner does not want it to contain."""
        position = image.metadata.position or image.sidecar.position
        is_removed = position and self._preferences.get(image.owner).remove_positions
        return remove_position(image) if is_removed else image

    def remove_objects(self, image: Image) -> None:
        """Delete the objects that the image no longer needs in its current state."""
        remove_objects(self._objects, image)
