"""Changes, trashes, restores and purges images. Every operation can be interrupted and repeated safely."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from app.domain.edits import TagChange, relabel, rename_tag, retag, retag_once
from app.domain.errors import ImageChanged, ImageNotFound, InvalidState, VersionOutdated
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, RequestId, make_tombstone, move_to_trash, restore_from_trash
from app.domain.ports import Images, Objects
from app.services.failures import contain_failure

MAX_ATTEMPTS: Final = 8


class Library:
    """Changes images. An operation raises ImageChanged if other requests keep changing the image."""

    def __init__(self, images: Images, objects: Objects) -> None:
        self._images = images
        self._objects = objects

    def retag(self, owner: str, image_id: str, changes: Sequence[TagChange], request: RequestId | None = None) -> bool:
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

        image, changed = self.change(owner, image_id, apply)
        return changed or request in image.requests

    def relabel(
        self, owner: str, image_id: str, detection_id: str, label: str | None, *, version: int | None = None
    ) -> Image:
        """Relabel a detection of a ready image and update the tag counts. A label of None dismisses the detection.

        Raises:
            ImageNotFound: the image does not exist.
            DetectionNotFound, InvalidState, TooManyTags: see `edits.relabel`.
            VersionOutdated: the image no longer has this version.
        """
        image, _ = self.change(
            owner, image_id, lambda image: relabel(image, detection_id, label, datetime.now(UTC)), version=version
        )
        return image

    def rename_tag(self, owner: str, image_id: str, old: str, new: str) -> bool:
        """Rename a tag of a ready image and relabel its detections. Return whether the image changed.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidState, TooManyTags: see `edits.rename_tag`.
        """
        _, changed = self.change(owner, image_id, lambda image: rename_tag(image, old, new, datetime.now(UTC)))
        return changed

    def trash(self, owner: str, image_id: str, *, version: int | None = None) -> bool:
        """Move a ready image to the trash. Purge a pending or failed image. Return whether the image changed.

        Raises:
            ImageNotFound: the image does not exist.
            VersionOutdated: the image no longer has this version.
        """
        image, changed = self.change(
            owner, image_id, lambda image: move_to_trash(image, datetime.now(UTC)), version=version
        )
        if image.state is ImageState.GONE:
            self._remove_objects_now_or_later(image)
        return changed

    def restore(self, owner: str, image_id: str) -> bool:
        """Restore an image from the trash. Return whether the image was in the trash.

        Raises:
            ImageNotFound: the image does not exist.
        """
        _, changed = self.change(owner, image_id, restore_from_trash)
        return changed

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

    def finish_purge(self, owner: str, image_id: str) -> None:
        """Remove the objects that an interrupted purge left behind."""
        image = self._images.find_image(owner, image_id)
        if image and image.state is ImageState.GONE:
            self.remove_objects(image)

    def delete_images(self, owner: str, limit: int) -> bool:
        """Purge up to `limit` of the owner's images, in any state. If no images remain, delete the remaining objects.

        Interrupted work and expired uploads leave objects without an image. After their deletion, late notifications
        from S3 have no effect.

        Returns:
            Whether anything was deleted. If so, more images or objects may remain.
        """
        ids = list(islice(self._images.list_ids(owner), limit))
        for image_id in ids:
            with suppress(ImageNotFound):  # the image was purged after it was listed
                image, _ = self.change(owner, image_id, make_tombstone)
                self.remove_objects(image)
        prefixes = [] if ids else [rendition.key(owner, "") for rendition in Rendition]
        keys = [key for prefix in prefixes for key in islice(self._objects.list_keys(prefix), limit)]
        if keys:
            self._objects.delete(*keys)
        return bool(ids or keys)

    def change(
        self, owner: str, image_id: str, change: Callable[[Image], Image], *, version: int | None = None
    ) -> tuple[Image, bool]:
        """Read an image, apply a change and write the result. Start over if another request has changed the image.

        Returns:
            The current image, and whether it was written.

        Raises:
            ImageNotFound: the image does not exist.
            VersionOutdated: the image does not have the given version.
            ImageChanged: other requests changed the image during each of `MAX_ATTEMPTS` attempts.
        """
        for _ in range(MAX_ATTEMPTS):
            before = self._images.get_image(owner, image_id)
            if version not in {None, before.version}:
                raise VersionOutdated
            after = change(before)
            if after == before:
                return before, False
            with suppress(ImageChanged):
                return self._images.save(after, before), True
        raise ImageChanged

    def remove_objects(self, image: Image) -> None:
        """Delete the objects that the image no longer needs in its current state."""
        renditions = list(Rendition) if image.state is ImageState.GONE else [Rendition.INCOMING]
        self._objects.delete(*(rendition.key(image.owner, image.id) for rendition in renditions))
