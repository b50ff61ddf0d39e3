"""Receives uploads, detects objects and stores images. Every step can be interrupted and repeated safely."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.domain.edits import require_ready
from app.domain.errors import (
    ImageChanged,
    ImageNotFound,
    InvalidPhoto,
    PhotoExists,
    UnsupportedType,
    VersionOutdated,
    WrongSize,
)
from app.domain.ids import Rendition, new_id
from app.domain.images import (
    MAX_UPLOAD_BYTES,
    MEDIA_TYPES,
    Image,
    ImageState,
    clean_file_name,
    make_tombstone,
    restore_from_trash,
)
from app.domain.ports import Images, Objects
from app.domain.tags import Tags, tally_tags
from app.domain.uploads import Upload, UploadForm
from app.observability.timings import Step, Timings
from app.services.detection import DetectionResult, decode, detect
from app.services.library import Library
from app.services.previews import store_previews
from detector import Detector

if TYPE_CHECKING:
    from detector.pixels import Pixels

GIVEN_UP: Final = "PixTag could not process this photo after several attempts. Try again, or delete it."


class Ingest:
    """Turns uploads into images. `detector` returns the model and loads it on first use."""

    def __init__(self, images: Images, objects: Objects, library: Library, detector: Callable[[], Detector]) -> None:
        self._images = images
        self._objects = objects
        self._library = library
        self._detector = detector

    def offer(self, owner: str, *, name: str, media_type: str, size: int) -> tuple[Image, UploadForm]:
        """Create a pending image. Return it with a form that uploads its bytes.

        Raises:
            UnsupportedType: the media type is not one of `MEDIA_TYPES`.
            WrongSize: the size in bytes is 0 or more than `MAX_UPLOAD_BYTES`.
        """
        image = _make_pending(owner, name=name, media_type=media_type, size=size, max_bytes=MAX_UPLOAD_BYTES)
        form = self._objects.upload_form(Rendition.INCOMING.key(owner, image.id), media_type, image.name)
        return self._images.save(image), form

    def receive(self, owner: str, upload: Upload, *, max_bytes: int) -> Image:
        """Create a pending image and store the uploaded bytes. The worker ingests them.

        If the bytes cannot be stored, no image remains.

        Raises:
            UnsupportedType: see `offer`.
            WrongSize: the size in bytes is 0 or more than `max_bytes`.
        """
        image = self._images.save(
            _make_pending(
                owner, name=upload.name, media_type=upload.media_type, size=len(upload.data), max_bytes=max_bytes
            )
        )
        with ExitStack() as undo:
            undo.callback(self._library.trash, owner, image.id)
            self._objects.claim(Rendition.INCOMING.key(owner, image.id), replace(upload, name=image.name))
            undo.pop_all()
        return image

    def find_known(self, owner: str, sha256: str) -> Image | None:
        """Return the owner's image with exactly these bytes, or None. A trashed image is restored."""
        image_id = self._images.find_by_hash(owner, sha256)
        if image_id is None:
            return None
        with suppress(ImageNotFound):  # the image was purged after the look-up
            image, _ = self._library.change(owner, image_id, restore_from_trash)
            return image
        return None

    def ingest(self, owner: str, image_id: str, timings: Timings | None = None) -> Image | None:
        """Process a completed upload. Its image becomes ready, or failed with a reason.

        The first upload whose original is stored wins. Later uploads with the same form and repeated notifications
        change nothing. If the library already has these bytes, the existing image is restored if it is in the trash.
        The new image becomes a tombstone that refers to the existing image.

        Args:
            owner: The owner of the image.
            image_id: The image's id.
            timings: Records the duration of each step.

        Returns:
            The current image, or None if there is neither an image nor an upload.
        """
        image = self._images.find_image(owner, image_id)
        if image is None or image.state in {ImageState.PENDING, ImageState.FAILED}:
            image = self._process(owner, image_id, image, timings or Timings())
        if image and image.state is not ImageState.FAILED:
            self._library.remove_objects(image)
        return image

    def give_up(self, owner: str, image_id: str) -> bool:
        """Mark a pending image as failed, so that it can be retried. Return whether it was pending."""
        try:
            _, changed = self._library.change(owner, image_id, _give_up)
        except ImageNotFound:
            return False
        return changed

    def _process(self, owner: str, image_id: str, before: Image | None, timings: Timings) -> Image | None:
        image = before or Image(owner=owner, id=image_id, state=ImageState.PENDING, name="photo", media_type="", size=0)
        try:
            with timings.measure(Step.READ):
                upload = self._find_upload(image)
            if upload is None:
                return before
            after = self._develop(image, upload, timings)
        except (InvalidPhoto, WrongSize) as error:
            after = replace(image, state=ImageState.FAILED, reason=str(error))
        except ImageNotFound:  # the image with the same bytes was just purged, so these bytes are new
            return self._process(owner, image_id, before, timings)
        if after == before:
            return before
        try:
            with timings.measure(Step.WRITE):
                return self._images.save(after, before)
        except ImageChanged:
            return self._images.find_image(owner, image_id)
        except PhotoExists:  # an image with the same bytes just became ready, so these bytes are known
            return self._process(owner, image_id, before, timings)

    def _find_upload(self, image: Image) -> Upload | None:
        """Return the original that an interrupted attempt stored, the incoming upload, or None."""
        for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
            if upload := self._objects.find(rendition.key(image.owner, image.id)):
                return upload
        return None

    def _merge_duplicate(self, image: Image, existing: str) -> Image:
        """Restore the existing image with the same bytes. Return a tombstone for the new image.

        If an interruption prevents writing the tombstone, the next attempt restores the existing image again.
        """
        self._library.restore(image.owner, existing)
        return make_tombstone(image, duplicate_of=existing)

    def _develop(self, image: Image, upload: Upload, timings: Timings) -> Image:
        """Store the original, preview and thumbnail, and return the ready image. For known bytes, return a tombstone.

        A second thread processes the pixels while this thread sends requests to AWS. It decodes the photo during the
        look-up by hash, and detects objects during the uploads to S3. The order of the AWS requests is fixed.
        """
        sha256 = upload.sha256
        with ThreadPoolExecutor(1) as executor:
            decoding = executor.submit(decode, upload.data, timings)
            existing = self._images.find_by_hash(image.owner, sha256)
            if existing not in {None, image.id}:
                return self._merge_duplicate(image, str(existing))
            photo = decoding.result()
            detecting = executor.submit(detect, self._detector, photo, timings)
            try:
                stored = self._store_objects(image, upload, photo.pixels, timings)
            finally:  # if both fail, both errors are reported
                result = detecting.result()
        if stored != upload:
            return self._develop(image, stored, timings)
        return _make_ready(image, upload, sha256, result)

    def _store_objects(self, image: Image, upload: Upload, decoded: "Pixels", timings: Timings) -> Upload:
        """Store the original, preview and thumbnail, and return the stored original.

        If another attempt has stored a different original, return that original and store nothing.
        """
        original = Rendition.ORIGINAL.key(image.owner, image.id)
        with timings.measure(Step.WRITE):
            stored = None if self._objects.claim(original, upload) else self._objects.find(original)
        if stored and stored != upload:
            return stored
        store_previews(self._objects, image.owner, image.id, decoded, timings)
        return upload

    def detect_tags(self, data: bytes, *, max_bytes: int) -> Tags:
        """Return the tags that PixTag detects in a photo. Nothing is stored.

        Raises:
            InvalidPhoto: the bytes are not a photo that PixTag can read.
            WrongSize: the size in bytes is 0 or more than `max_bytes`.
        """
        _require_size(len(data), max_bytes)
        timings = Timings()
        return tally_tags(detect(self._detector, decode(data, timings), timings).detections)

    def redetect(
        self,
        owner: str,
        image_id: str,
        *,
        version: int | None = None,
        redetection: str = "",
        timings: Timings | None = None,
    ) -> Image:
        """Redetect an image with the current model. Keep its edits and corrections. Retry a failed image.

        Args:
            owner: The owner of the image.
            image_id: The image's id.
            version: If given, redetect only this version of the image.
            redetection: If given, the id of the redetection job. The job counts each image once.
            timings: Records the duration of each step.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidPhoto: PixTag cannot read the original.
            InvalidState: the image is pending or in the trash.
            VersionOutdated: the image no longer has this version.
        """
        image = self._images.get_image(owner, image_id)
        if version not in {None, image.version}:
            raise VersionOutdated
        if image.state is ImageState.FAILED:
            return self.ingest(owner, image.id, timings) or image
        require_ready(image)
        timings = timings or Timings()
        with timings.measure(Step.READ):
            original = self._objects.find(Rendition.ORIGINAL.key(owner, image.id))
        if original is None:  # the image was purged after it was read
            raise ImageNotFound
        result = detect(self._detector, decode(original.data, timings), timings)

        def update(current: Image) -> Image:
            require_ready(current)
            job = redetection or current.redetection
            return replace(current, model=result.model, detections=result.detections, redetection=job)

        with timings.measure(Step.WRITE):
            redetected, _ = self._library.change(owner, image_id, update, version=version)
            return redetected


def _make_pending(owner: str, *, name: str, media_type: str, size: int, max_bytes: int) -> Image:
    if media_type not in MEDIA_TYPES:
        raise UnsupportedType(media_type, MEDIA_TYPES)
    _require_size(size, max_bytes)
    return Image(
        owner=owner,
        id=new_id(),
        state=ImageState.PENDING,
        name=clean_file_name(name),
        media_type=media_type,
        size=size,
    )


def _require_size(size: int, max_bytes: int) -> None:
    if not 1 <= size <= max_bytes:
        raise WrongSize(f"This file has {size:,} bytes. Send a file with 1 to {max_bytes:,} bytes.")


def _give_up(image: Image) -> Image:
    if image.state is not ImageState.PENDING:
        return image
    return replace(image, state=ImageState.FAILED, reason=GIVEN_UP)


def _make_ready(image: Image, upload: Upload, sha256: str, result: DetectionResult) -> Image:
    return replace(
        image,
        state=ImageState.READY,
        reason="",
        name=clean_file_name(upload.name),
        media_type=result.header.media_type,
        size=len(upload.data),
        width=result.header.width,
        height=result.header.height,
        taken_at=result.header.taken_at,
        sha256=sha256,
        model=result.model,
        detections=result.detections,
    )
