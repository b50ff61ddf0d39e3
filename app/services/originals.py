"""Finds and keeps the originals of images that are not ready."""

from contextlib import suppress

from app.domain.errors import ObjectTooLarge, ObjectUnreadable
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.ports import Objects
from app.domain.uploads import Upload


class Originals:
    """The originals and the incoming uploads of images. An image has one of them until it is deleted."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def find_upload(self, image: Image) -> Upload | None:
        """Return the original that an earlier attempt stored, the incoming upload, or None."""
        for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
            if upload := self._objects.find(rendition.key(image.owner, image.id)):
                return upload
        return None

    def find_newer(self, image: Image, upload: Upload) -> Upload | None:
        """Return another upload with the form of a failed image, whose original cannot be decoded, or None."""
        if image.state is not ImageState.FAILED:
            return None
        newer = self._objects.find(Rendition.INCOMING.key(image.owner, image.id))
        return newer if newer and newer.data != upload.data else None

    def claim(self, image: Image, upload: Upload) -> Upload:
        """Store the original, unless another attempt has stored one. Return the stored original.

        The original of a failed image is replaced.
        """
        key = Rendition.ORIGINAL.key(image.owner, image.id)
        stored = None if self._objects.claim(key, upload) else self._objects.find(key)
        if stored and stored.data != upload.data and image.state is ImageState.FAILED:
            self._objects.delete(key)
            return self.claim(image, upload)
        return stored or upload

    def keep(self, image: Image, upload: Upload) -> None:
        """Store the upload of an image that cannot be processed, because incoming objects expire."""
        self._objects.claim(Rendition.ORIGINAL.key(image.owner, image.id), upload)

    def keep_incoming(self, image: Image) -> None:
        """Store the upload of an image that nobody can process, unless it is missing, too large or unreadable."""
        with suppress(ObjectTooLarge, ObjectUnreadable):
            if upload := self.find_upload(image):
                self.keep(image, upload)

    def has_original(self, image: Image) -> bool:
        """Return whether the original is stored."""
        return self._objects.find_entry(Rendition.ORIGINAL.key(image.owner, image.id)) is not None
