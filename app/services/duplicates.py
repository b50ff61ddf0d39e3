"""Finds the images that already have the bytes of an upload. The bytes are kept only once, so they must be intact."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from app.domain.errors import ImageNotFound
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, make_tombstone, restore_from_trash
from app.domain.metadata import NO_METADATA
from app.domain.ports import Images, Objects
from app.domain.sidecars import receive_sidecar
from app.domain.uploads import Upload
from app.observability.timings import Timings
from app.services.detection import Photo
from app.services.library import Library
from app.services.previews import store_previews
from detector.metadata.values import Metadata

logger: Final = logging.getLogger(__name__)


class Duplicates:
    """Makes uploads with known bytes duplicates of the existing images."""

    def __init__(self, images: Images, objects: Objects, library: Library) -> None:
        self._images = images
        self._objects = objects
        self._library = library

    def find_known(self, owner: str, sha256: str, sidecar: Metadata = NO_METADATA) -> Image | None:
        """Return the owner's image with exactly these bytes, or None. A trashed image is restored.

        The image receives the sidecar of the upload.

        If its original is lost or damaged, return None, so that the client sends the bytes.
        """

        def restore(image: Image) -> Image:
            if not self._is_intact(image):
                raise ImageNotFound
            return self._receive(image, sidecar)

        image_id = self._images.find_by_hash(owner, sha256)
        if image_id is None:
            return None
        with suppress(ImageNotFound):  # or the image was purged after the look-up
            image, _ = self._library.change(owner, image_id, restore)
            return image
        return None

    def merge(self, image: Image, existing_id: str, upload: Upload, decode: Callable[[], Photo]) -> Image:
        """Restore the existing image with the same bytes, and its original. Return a tombstone for the new image.

        The existing image receives the sidecar of the new image.

        If an interruption prevents writing the tombstone, the next attempt merges the images again.

        Raises:
            ImageNotFound: the existing image was purged.
            InvalidPhoto: the original was repaired, but its previews cannot be made.
        """
        receive = partial(self._receive, sidecar=image.sidecar)
        existing, _ = self._library.change(image.owner, existing_id, receive)
        if not self._is_intact(existing):
            self._repair(existing, upload, decode)
        return make_tombstone(image, duplicate_of=existing_id)

    def _receive(self, image: Image, sidecar: Metadata) -> Image:
        """Return an image after another upload of its bytes, restored from the trash and with the sidecar."""
        restored = restore_from_trash(image)
        received = receive_sidecar(restored, sidecar, datetime.now(UTC))
        return restored if received is restored else self._library.apply_preferences(received)

    def _is_intact(self, image: Image) -> bool:
        """Return whether the original has the bytes that were uploaded, as far as `Objects.is_intact` compares them."""
        return self._objects.is_intact(Rendition.ORIGINAL.key(image.owner, image.id), image.size, image.sha256)

    def _repair(self, image: Image, upload: Upload, decode: Callable[[], Photo]) -> None:
        """Replace the lost or damaged original of an image with the bytes of a new upload, and its previews."""
        original = replace(upload, media_type=image.media_type, name=image.name)
        self._objects.replace(Rendition.ORIGINAL.key(image.owner, image.id), original)
        store_previews(self._objects, image.owner, image.id, decode(), Timings())
        current = self._images.find_image(image.owner, image.id)
        if current is None or current.state is ImageState.GONE:  # it was deleted during the repair
            self._library.remove_objects(make_tombstone(image))
            raise ImageNotFound
        logger.warning("replaced the lost or damaged original of %s with the bytes of a new upload", image.id)
