"""Finds and keeps the originals of images that are not ready.

A file can have 200 MiB, and its decoding needs memory too. So a second file is compared with it in pieces.
"""

from contextlib import suppress
from dataclasses import replace

from app.domain.errors import ObjectTooLarge, ObjectUnreadable
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.media_types import find_media_type
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
        key = Rendition.INCOMING.key(image.owner, image.id)
        return None if self._objects.find_equal(key, upload.data) else self._objects.find(key)

    def claim(self, image: Image, upload: Upload) -> Upload:
        """Store the original, unless another attempt has stored one. Return the stored original.

        The original of a failed image is replaced. The media type of an original with these bytes is corrected.
        """
        key = Rendition.ORIGINAL.key(image.owner, image.id)
        if self._objects.claim(key, upload):
            return upload
        if equal := self._objects.find_equal(key, upload.data):
            if equal != upload:
                self._objects.replace(key, upload)
            return upload
        if image.state is ImageState.FAILED and self.has_original(image):
            self._objects.delete(key)
            return self.claim(image, upload)
        return self._objects.find(key) or upload  # it may have been deleted since then

    def keep(self, image: Image, upload: Upload) -> None:
        """Store the upload of an image that cannot be processed, with its true media type.

        Incoming objects expire.
        """
        key = Rendition.ORIGINAL.key(image.owner, image.id)
        typed = replace(upload, media_type=find_media_type(upload.data))
        if self._objects.claim(key, typed) or typed == upload:
            return
        if self._objects.find_equal(key, upload.data) == upload:
            self._objects.replace(key, typed)

    def keep_incoming(self, image: Image) -> Image:
        """Store the upload of an image that cannot be processed, unless it is missing, too large or unreadable.

        Return the image with its true media type, if that is known.
        """
        with suppress(ObjectTooLarge, ObjectUnreadable):
            if upload := self.find_upload(image):
                self.keep(image, upload)
                return replace(image, media_type=find_media_type(upload.data))
        return image

    def has_original(self, image: Image) -> bool:
        """Return whether the original is stored."""
        return self._objects.find_entry(Rendition.ORIGINAL.key(image.owner, image.id)) is not None
