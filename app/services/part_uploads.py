"""Offers uploads in parts, and completes them. Every step can be interrupted and repeated safely."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from app.domain.errors import UploadExpired, UploadHasNoParts
from app.domain.ids import Rendition
from app.domain.images import MAX_UPLOAD_BYTES, Image, ImageState
from app.domain.metadata import NO_METADATA
from app.domain.parts import Part, PartLink, PartRule, list_missing
from app.domain.ports import Images, Objects, Quotas
from app.domain.uploads import make_pending
from detector.metadata.values import Metadata


class PartUploads:
    """Receives large files in parts. `rule` decides which files, and the sizes of the parts."""

    def __init__(self, images: Images, objects: Objects, quotas: Quotas) -> None:
        self._images = images
        self._objects = objects
        self._quotas = quotas
        self.rule = PartRule()

    def offer(  # noqa: PLR0913 - all are named
        self,
        owner: str,
        *,
        name: str,
        media_type: str,
        size: int,
        file_time: datetime | None = None,
        sidecar: Metadata = NO_METADATA,
    ) -> tuple[Image, list[PartLink]]:
        """Create a pending image. Return it with the links of all parts.

        Raises:
            DailyLimitReached: the owner has uploaded too many bytes today. The bytes of the file count now.
            StorageFull: the file does not fit on the disk.
            UnsupportedType: the media type is not one of `MEDIA_TYPES`.
            WrongSize: the size in bytes is more than `MAX_UPLOAD_BYTES`.
        """
        image = make_pending(owner, name=name, media_type=media_type, size=size, max_bytes=MAX_UPLOAD_BYTES)
        image = replace(image, file_time=file_time, sidecar=sidecar)
        image = replace(image, upload_id=self._objects.parts.begin(image))
        with ExitStack() as undo:
            undo.callback(self._objects.parts.abort, image)
            self._quotas.receive(owner, size)
            image = self._images.save(image)
            undo.pop_all()
        return image, self._link(image, self.rule.split(size))

    def resume(self, owner: str, image_id: str) -> tuple[Image, list[PartLink]]:
        """Return the image, and new links of the parts that are missing. The list is empty if the upload is complete.

        Raises:
            ImageNotFound: the owner has no image with this id.
            UploadExpired: the parts were removed.
            UploadHasNoParts: the image is uploaded with a form.
        """
        image = self._images.get_image(owner, image_id)
        if not _is_open(image):
            return image, []
        try:
            received = self._objects.parts.received(image)
        except UploadExpired:
            return self._require_complete(image), []
        return image, self._link(image, list_missing(self.rule.split(image.size), received))

    def complete(self, owner: str, image_id: str) -> Image:
        """Join the parts, so that the worker ingests the file. Repeated calls have no further effect.

        Returns:
            The current image.

        Raises:
            ImageChanged: a part was sent again at the same time.
            ImageNotFound: the owner has no image with this id.
            StorageFull: the file does not fit on the disk. The parts remain.
            UploadExpired: the parts were removed.
            UploadHasNoParts: the image is uploaded with a form.
            UploadIncomplete: parts are missing.
        """
        image = self._images.get_image(owner, image_id)
        if not _is_open(image):
            return image
        try:
            self._objects.parts.complete(image, self.rule.split(image.size))
        except UploadExpired:
            return self._require_complete(image)
        return image

    def _link(self, image: Image, parts: list[Part]) -> list[PartLink]:
        return [PartLink(part, self._objects.parts.link(image, part)) for part in parts]

    def _require_complete(self, image: Image) -> Image:
        """Return the current image if its parts were joined.

        The worker changes the image before it deletes the incoming object, so the object is looked up first.
        """
        has_object = self._objects.find_entry(Rendition.INCOMING.key(image.owner, image.id)) is not None
        current = self._images.get_image(image.owner, image.id)
        if current.state is ImageState.PENDING and not has_object:
            raise UploadExpired
        return current


def _is_open(image: Image) -> bool:
    """Return whether the image waits for parts, or for the worker.

    Raises:
        UploadHasNoParts: the image is uploaded with a form.
    """
    if image.state is not ImageState.PENDING:
        return False
    if not image.upload_id:
        raise UploadHasNoParts
    return True
