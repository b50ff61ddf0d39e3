"""Makes copies of originals without metadata, for the visitors of shares.

A copy is made at the first download, and kept for some days, so that a link to it can be signed. It is deleted with the
image. An empty copy remembers that the metadata of an original cannot be removed.
"""

from threading import Lock
from typing import Final

from app.domain.errors import OriginalNotShared, SharedPhotoNotFound, TooManyRequests
from app.domain.ids import Rendition
from app.domain.images import ImageState, ImageSummary
from app.domain.media_types import STRIPPABLE_TYPES
from app.domain.ports import Images, Objects

MAX_BYTES: Final = 50 * 2**20  # of an original; a copy needs three times as much memory
WAIT_SECONDS: Final = 2


class SharedOriginals:
    """Makes copies, one at a time, because each needs memory.

    Attributes:
        lock: Is held while a copy is made.
    """

    def __init__(self, images: Images, objects: Objects) -> None:
        self._images = images
        self._objects = objects
        self.lock = Lock()

    def can_offer(self, image: ImageSummary) -> bool:
        """Return whether the original can have a copy, as far as it is known: an attempt may have shown that not."""
        if not _may_be_stripped(image):
            return False
        entry = self._objects.find_entry(Rendition.SHARED_ORIGINAL.key(image.owner, image.id))
        return not entry or entry.size > 0

    def prepare(self, image: ImageSummary) -> str:
        """Return the key of the copy of a ready image. Make it if it does not exist.

        Raises:
            OriginalNotShared: the metadata of the original cannot be removed.
            SharedPhotoNotFound: the image was deleted in the meantime.
            StorageFull: the copy does not fit on the disk.
            TooManyRequests: other copies are being made.
        """
        if not _may_be_stripped(image):
            raise OriginalNotShared
        key = Rendition.SHARED_ORIGINAL.key(image.owner, image.id)
        entry = self._objects.find_entry(key)
        if not entry:
            if not self.lock.acquire(timeout=WAIT_SECONDS):
                raise TooManyRequests("Other originals are being prepared.", WAIT_SECONDS)
            try:
                is_empty = not self._make(image, key)
            finally:
                self.lock.release()
        else:
            is_empty = not entry.size
        if is_empty:
            raise OriginalNotShared
        return key

    def _make(self, image: ImageSummary, key: str) -> bytes:
        """Store the copy and return it. It is empty if there can be none."""
        from detector.stripping import strip_metadata  # noqa: PLC0415 - few requests need it

        original = self._objects.find(Rendition.ORIGINAL.key(image.owner, image.id))
        copy = (original and strip_metadata(original.data)) or b""
        self._objects.put_copy(key, copy, image.media_type)
        current = self._images.find_image(image.owner, image.id)
        if not current or current.state is ImageState.GONE:  # its objects were deleted before the copy was stored
            self._objects.delete(key)
            raise SharedPhotoNotFound
        return copy


def _may_be_stripped(image: ImageSummary) -> bool:
    """Return whether its type and size allow a copy of an original. A file with a rare structure can have none."""
    return image.media_type in STRIPPABLE_TYPES and image.size <= MAX_BYTES
