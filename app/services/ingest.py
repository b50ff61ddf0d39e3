"""Receives uploads, detects objects and stores images. Every step can be interrupted and repeated safely."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from app.domain.edits import require_ready
from app.domain.errors import (
    ImageChanged,
    ImageNotFound,
    InvalidPhoto,
    ObjectTooLarge,
    PhotoExists,
    VersionOutdated,
)
from app.domain.ids import Rendition
from app.domain.images import MAX_UPLOAD_BYTES, Image, ImageState, give_up, make_tombstone
from app.domain.media_types import choose_type_of_bytes, find_media_type
from app.domain.metadata import NO_METADATA
from app.domain.ports import Images, Objects, Quotas
from app.domain.similar_images import link_similar
from app.domain.uploads import Upload, UploadForm, make_pending, require_size
from app.domain.versions import ANY_VERSION, VersionCondition
from app.observability.timings import Step, Timings
from app.services.decode_memory import DecodeMemory
from app.services.detection import DetectionResult, Photo, apply_result, decode, detect, make_ready
from app.services.duplicates import Duplicates
from app.services.library import Library
from app.services.originals import Originals
from app.services.previews import store_previews
from detector import Detector
from detector.metadata.values import Metadata


class Ingest:
    """Turns uploads into images. `detector` returns the model and loads it on first use. `memory` limits decodes.

    `duplicates` finds the images that already have the bytes of an upload.
    """

    def __init__(
        self, images: Images, objects: Objects, library: Library, quotas: Quotas, detector: Callable[[], Detector]
    ) -> None:
        self._images = images
        self._objects = objects
        self._originals = Originals(objects)
        self._library = library
        self._quotas = quotas
        self._detector = detector
        self.duplicates = Duplicates(images, objects, library)
        self.memory = DecodeMemory()

    def offer(  # noqa: PLR0913 - all are named
        self,
        owner: str,
        *,
        name: str,
        media_type: str,
        size: int,
        file_time: datetime | None = None,
        sidecar: Metadata = NO_METADATA,
    ) -> tuple[Image, UploadForm]:
        """Create a pending image. Return it with a form that uploads its bytes.

        Raises:
            DailyLimitReached: the owner has uploaded too many bytes today. The bytes of the form count now.
            UnsupportedType: the file is certainly not a photo. See `choose_media_type`.
            WrongSize: the size in bytes is 0 or more than `MAX_UPLOAD_BYTES`.
        """
        image = make_pending(owner, name=name, media_type=media_type, size=size, max_bytes=MAX_UPLOAD_BYTES)
        image = replace(image, file_time=file_time, sidecar=sidecar)
        key = Rendition.INCOMING.key(owner, image.id)
        form = self._objects.upload_form(key, image.media_type, image.name, size, file_time)
        self._quotas.receive(owner, size)
        return self._images.save(image), form

    def receive(self, owner: str, upload: Upload, *, max_bytes: int) -> Image:
        """Create a pending image and store the bytes, or nothing if that fails. The worker ingests them.

        Raises:
            DailyLimitReached: see `offer`.
            UnsupportedType: neither the bytes nor the client say that this is a photo.
            WrongSize: the size in bytes is 0 or more than `max_bytes`.
        """
        size = len(upload.data)
        media_type = choose_type_of_bytes(upload.data, upload.media_type, upload.name)
        image = make_pending(owner, name=upload.name, media_type=media_type, size=size, max_bytes=max_bytes)
        self._quotas.receive(owner, size)
        image = self._images.save(image)
        with ExitStack() as undo:
            undo.callback(self._library.trash, owner, image.id)
            self._objects.claim(
                Rendition.INCOMING.key(owner, image.id), Upload(upload.data, image.media_type, image.name)
            )
            undo.pop_all()
        return image

    def ingest(self, owner: str, image_id: str, timings: Timings | None = None, posted_bytes: int = 0) -> Image | None:
        """Process a completed upload. Its image becomes ready, or failed with a reason.

        The first upload whose original is stored wins. Later uploads with the same form and repeated notifications
        change nothing. If the library already has these bytes, the existing image is restored if it is in the trash or
        if its original is lost. The new image becomes a tombstone that refers to the existing image. The original of a
        failed image is kept.

        Args:
            owner: The owner of the image.
            image_id: The image's id.
            timings: Records the duration of each step.
            posted_bytes: The size of an object that a form has just created. If it is not the first one of the form,
                its bytes are counted too. 0 if the bytes are already counted.

        Returns:
            The current image, or None if there is neither an image nor an upload.
        """
        image = self._images.find_image(owner, image_id)
        if image and image.state is not ImageState.PENDING:
            self._receive_again(owner, posted_bytes)
            posted_bytes = 0
        if image is None or image.state in {ImageState.PENDING, ImageState.FAILED}:
            image = self._process(owner, image_id, image, timings or Timings(), posted_bytes)
        else:
            link_similar(self._images.similar, image)  # the delivery before may have been interrupted
        if image:
            self._remove_needless_objects(image)
        return image

    def give_up(self, owner: str, image_id: str) -> bool:
        """Mark a pending image as failed, and keep its original for a retry. Return whether it was pending."""
        image = self._images.find_image(owner, image_id)
        if image is None or image.state is not ImageState.PENDING:
            return False
        media_type = self._originals.keep_incoming(image).media_type

        def fail(current: Image) -> Image:
            failed = give_up(current)
            return failed if failed is current else replace(failed, media_type=media_type)

        try:
            image, changed = self._library.change(owner, image_id, fail)
        except ImageNotFound:
            image, changed = make_tombstone(image), False
        self._remove_needless_objects(image)
        return changed

    def _remove_needless_objects(self, image: Image) -> None:
        if image.state is not ImageState.FAILED or self._originals.has_original(image):
            self._library.remove_objects(image)

    def _receive_again(self, owner: str, posted_bytes: int) -> None:
        if posted_bytes:
            self._quotas.receive_again(owner, posted_bytes)

    def _process(
        self, owner: str, image_id: str, before: Image | None, timings: Timings, posted_bytes: int
    ) -> Image | None:
        image = before or Image(owner=owner, id=image_id, state=ImageState.PENDING, name="photo", media_type="", size=0)
        try:
            with timings.measure(Step.READ):
                upload = self._originals.find_upload(image)
            if upload is None:
                return before
            media_type = find_media_type(upload.data)
            file_time = image.file_time or upload.file_time  # the pending image may have expired
            image = replace(image, size=len(upload.data), upload_id="", media_type=media_type, file_time=file_time)
            after = self._develop_or_keep(image, upload, timings)
        except (InvalidPhoto, ObjectTooLarge) as error:
            size = error.size if isinstance(error, ObjectTooLarge) else image.size
            failed = replace(image, state=ImageState.FAILED, reason=str(error), size=size)
            after = self._library.apply_preferences(failed)
        except ImageNotFound:  # the image with the same bytes was just purged, so these bytes are new
            return self._process(owner, image_id, before, timings, posted_bytes)
        if after == before:
            return before
        try:
            with timings.measure(Step.WRITE):
                return self._images.save(after, before)
        except ImageChanged:
            self._receive_again(owner, posted_bytes)  # another post of the same form came first
            return self._find_current(image)
        except PhotoExists:  # an image with the same bytes just became ready, so these bytes are known
            return self._process(owner, image_id, before, timings, posted_bytes)

    def _find_current(self, image: Image) -> Image | None:
        """Return the image that another request has written. If its account was deleted, remove the objects."""
        current = self._images.find_image(image.owner, image.id)
        if current is None:
            self._library.remove_objects(make_tombstone(image))
        return current

    def _develop(self, image: Image, upload: Upload, timings: Timings) -> Image:
        """Store the original and the previews, and return the ready image. For known bytes, return a tombstone.

        A second thread processes the pixels while this thread sends requests to AWS. It decodes the photo during the
        look-up by hash, and detects objects during the uploads to S3. The order of the AWS requests is fixed.
        """
        sha256 = upload.sha256
        with ThreadPoolExecutor(1) as executor:
            decoding = executor.submit(decode, upload.data, timings)
            existing = self._images.find_by_hash(image.owner, sha256)
            if existing not in {None, image.id}:
                return self.duplicates.merge(image, str(existing), upload, decoding.result)
            photo = decoding.result()
            detecting = executor.submit(detect, self._detector, photo, timings)
            try:
                stored = self._store_objects(image, upload, photo, timings)
            finally:  # if both fail, both errors are reported
                result = detecting.result()
        if stored != upload:
            return self._develop(image, stored, timings)
        return self._library.apply_preferences(make_ready(image, upload, sha256, result))

    def _develop_or_keep(self, image: Image, upload: Upload, timings: Timings) -> Image:
        """Develop an image. If its photo cannot be decoded, keep it, because incoming objects expire."""
        try:
            return self._develop(image, upload, timings)
        except InvalidPhoto:
            if newer := self._originals.find_newer(image, upload):
                return self._develop_or_keep(image, newer, timings)
            self._originals.keep(image, upload)
            raise

    def _store_objects(self, image: Image, upload: Upload, photo: Photo, timings: Timings) -> Upload:
        """Store the original with its true media type, the preview and the thumbnails. Return the stored original.

        If another attempt has stored a different original, return that original and store nothing.
        """
        typed = replace(upload, media_type=photo.header.media_type)
        with timings.measure(Step.WRITE):
            stored = self._originals.claim(image, typed)
        if stored.data != upload.data:
            return stored
        store_previews(self._objects, image.owner, image.id, photo, timings)
        return upload

    def detect_picture(self, data: bytes, *, max_bytes: int) -> DetectionResult:
        """Return what PixTag detects in a photo. Nothing is stored.

        Raises:
            InvalidPhoto: the bytes are not a photo that PixTag can read.
            WrongSize: the size in bytes is 0 or more than `max_bytes`.
        """
        require_size(len(data), max_bytes)
        timings = Timings()
        with self.memory.reserve_for(data):
            return detect(self._detector, decode(data, timings), timings)

    def redetect(
        self,
        owner: str,
        image_id: str,
        *,
        version: VersionCondition = ANY_VERSION,
        redetection: str = "",
        timings: Timings | None = None,
    ) -> Image:
        """Redetect an image with the current model. Keep its edits and corrections. Retry a failed image.

        Args:
            owner: The owner of the image.
            image_id: The image's id.
            version: A condition on the version of the image.
            redetection: If given, the id of the redetection job. The job counts each image once.
            timings: Records the duration of each step.

        Raises:
            ImageNotFound: the image does not exist.
            InvalidPhoto: PixTag cannot read the original.
            InvalidState: the image is pending or in the trash.
            VersionOutdated: the condition does not accept its version.
        """
        image = self._images.get_image(owner, image_id)
        if not version.accepts(image.version):
            raise VersionOutdated
        if image.state is ImageState.FAILED:
            with self.memory.reserve():
                return self.ingest(owner, image.id, timings) or image
        require_ready(image)
        timings = timings or Timings()
        with self.memory.reserve_for_original(image):
            with timings.measure(Step.READ):
                original = self._objects.find(Rendition.ORIGINAL.key(owner, image.id))
            if original is None:  # the image was purged after it was read
                raise ImageNotFound
            result = detect(self._detector, decode(original.data, timings), timings)

        def update(current: Image) -> Image:
            require_ready(current)
            redetected = replace(apply_result(current, result), redetection=redetection or current.redetection)
            return self._library.apply_preferences(redetected)

        with timings.measure(Step.WRITE):
            redetected, _ = self._library.change(owner, image_id, update, version=version)
            return redetected
