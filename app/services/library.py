"""Operations on the library that touch more than one store, each safe to repeat and to cut off anywhere."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from app.adapters.aws.bucket import Bucket, Form, Upload
from app.adapters.aws.table import Table
from app.domain.errors import (
    ImageChanged,
    ImageNotFound,
    InvalidPhoto,
    NotReady,
    PhotoExists,
    UnsupportedType,
    VersionOutdated,
    WrongSize,
)
from app.domain.images import (
    MAX_UPLOAD_BYTES,
    MEDIA_TYPES,
    Change,
    Image,
    Rendition,
    RequestId,
    State,
    Tags,
    file_name,
    new_id,
    relabelled,
    renamed,
    retagged,
    retagged_once,
    rounded,
    tags_of,
    tombstone,
)
from app.observability.timings import Step, Steps
from detector import Detection, Detector

if TYPE_CHECKING:
    from detector.pixels import Header, Pixels

MAX_TRIES: Final = 8
GIVEN_UP: Final = "PixTag tried to look at this photograph several times and could not. Try again, or delete it."


class Catalog:
    """The library of everybody; `detector` is called for the model when the first photograph needs it."""

    def __init__(self, table: Table, bucket: Bucket, detector: Callable[[], Detector]) -> None:
        self._table = table
        self._bucket = bucket
        self._detector = detector

    def offer(self, owner: str, *, name: str, media_type: str, size: int) -> tuple[Image, Form]:
        """Note an image that is about to come, and make the form with which its bytes are sent.

        Raises:
            UnsupportedType: the media type is none of `MEDIA_TYPES`.
            WrongSize: the size, in bytes, is nothing or more than `MAX_UPLOAD_BYTES`.
        """
        image = self._begin(owner, name=name, media_type=media_type, size=size, most=MAX_UPLOAD_BYTES)
        key = Rendition.INCOMING.key(owner, image.id)
        return image, self._bucket.upload_form(key, media_type, image.name)

    def receive(self, owner: str, upload: Upload, *, most: int) -> Image:
        """Take in bytes of at most `most` that came with the request; they go the way of any upload.

        Raises:
            UnsupportedType, WrongSize: as `offer`.
        """
        image = self._begin(owner, name=upload.name, media_type=upload.media_type, size=len(upload.data), most=most)
        self._bucket.claim(Rendition.INCOMING.key(owner, image.id), replace(upload, name=image.name))
        return image

    def _begin(self, owner: str, *, name: str, media_type: str, size: int, most: int) -> Image:
        if media_type not in MEDIA_TYPES:
            raise UnsupportedType(media_type, MEDIA_TYPES)
        _require_size(size, most)
        return self._table.save(
            Image(
                owner=owner,
                id=new_id(),
                state=State.PENDING,
                name=file_name(name),
                media_type=media_type,
                size=size,
            )
        )

    def find_known(self, owner: str, sha256: str) -> Image | None:
        """The owner's image of exactly these bytes, brought back if it is in the trash; None if there is none."""
        known = self._table.find_by_hash(owner, sha256)
        if known is None:
            return None
        with suppress(ImageNotFound):  # purged meanwhile
            return self._change(owner, known, _restored)[0]
        return None

    def ingest(self, owner: str, image_id: str, steps: Steps | None = None) -> Image | None:
        """Look at an upload that has arrived and make its image ready, or failed with a reason.

        The first upload whose original is written wins: a later one under the same form, or a second
        notification, changes nothing. Whoever loses a race leaves the winner's work as it is. Bytes that the
        library has already make no second image: they bring theirs back from the trash, and this one is gone.
        `steps` is told how long each step took.

        Returns:
            The image as it is now; None when there is neither an image nor an upload (any more).
        """
        image = self._table.find_image(owner, image_id)
        if image is None or image.state in {State.PENDING, State.FAILED}:
            image = self._take_in(owner, image_id, image, steps or Steps())
        if image and image.state is not State.FAILED:
            self._tidy(image)
        return image

    def give_up(self, owner: str, image_id: str) -> bool:
        """Call an image that still waits failed, and tell whether it did; whoever looks at it later changes that."""
        try:
            return self._change(owner, image_id, _given_up)[1]
        except ImageNotFound:
            return False

    def _take_in(self, owner: str, image_id: str, before: Image | None, steps: Steps) -> Image | None:
        image = before or Image(owner=owner, id=image_id, state=State.PENDING, name="photo", media_type="", size=0)
        try:
            with steps.timed(Step.READ):
                upload = self._first_upload(image)
            if upload is None:
                return before
            after = self._develop(image, upload, steps)
        except (InvalidPhoto, WrongSize) as error:
            after = replace(image, state=State.FAILED, reason=str(error))
        except ImageNotFound:  # the image with the same bytes was purged meanwhile: now they are new
            return self._take_in(owner, image_id, before, steps)
        if after == before:
            return before
        try:
            with steps.timed(Step.WRITE):
                return self._table.save(after, before)
        except ImageChanged:
            return self._table.find_image(owner, image_id)
        except PhotoExists:  # the same bytes became ready meanwhile: now they are known
            return self._take_in(owner, image_id, before, steps)

    def _first_upload(self, image: Image) -> Upload | None:
        """What an earlier try that was cut off has kept already, else what has arrived."""
        for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
            if upload := self._bucket.find(rendition.key(image.owner, image.id)):
                return upload
        return None

    def _fold(self, image: Image, known: str) -> Image:
        """The tombstone of an image whose bytes another has, and that other one out of the trash.

        Cut off before the tombstone is written, the other one comes out of the trash once more when this is repeated.
        """
        self.restore(image.owner, known)
        return tombstone(image, duplicate_of=known)

    def _develop(self, image: Image, upload: Upload, steps: Steps) -> Image:
        """The image ready, with its original, preview and thumbnail written; or gone, if another has its bytes.

        Pixels are worked on aside while this thread calls AWS: they are decoded while the library is asked for the
        same bytes, and the model looks at them while the objects are written. So all calls stay in their order.
        """
        sha256 = upload.sha256
        with ThreadPoolExecutor(1) as aside:
            decoding = aside.submit(_decode, upload.data, steps)
            known = self._table.find_by_hash(image.owner, sha256)
            if known not in {None, image.id}:
                return self._fold(image, str(known))
            photo = decoding.result()
            looking = aside.submit(self._detect, photo, steps)
            try:
                kept = self._keep(image, upload, photo.pixels, steps)
            finally:  # should both fail, both are told
                sight = looking.result()
        if kept != upload:
            return self._develop(image, kept, steps)
        return _ready(image, upload, sha256, sight)

    def _keep(self, image: Image, upload: Upload, decoded: "Pixels", steps: Steps) -> Upload:
        """Write original, preview and thumbnail; if another try kept other bytes meanwhile, only return those."""
        from detector import pixels

        original = Rendition.ORIGINAL.key(image.owner, image.id)
        with steps.timed(Step.WRITE):
            kept = None if self._bucket.claim(original, upload) else self._bucket.find(original)
        if kept and kept != upload:
            return kept
        sides = {Rendition.PREVIEW: pixels.PREVIEW_SIDE, Rendition.THUMBNAIL: pixels.THUMBNAIL_SIDE}
        with steps.timed(Step.ENCODE):
            preview = pixels.reduced(decoded, pixels.PREVIEW_SIDE)
            derived = {rendition: pixels.thumbnail(preview, side) for rendition, side in sides.items()}
        with steps.timed(Step.WRITE):
            for rendition, data in derived.items():
                self._bucket.put_derived(rendition.key(image.owner, image.id), data)
        return upload

    def _look_at(self, data: bytes, steps: Steps) -> "_Sight":
        return self._detect(_decode(data, steps), steps)

    def _detect(self, photo: "_Photo", steps: Steps) -> "_Sight":
        detector, header = self._detector(), photo.header
        with steps.timed(Step.DETECT):
            detections = detector.detect(photo.pixels, width=header.width, height=header.height)
        return _Sight(header, detector.model, rounded(detections))

    def see(self, data: bytes, *, most: int) -> Tags:
        """The tags that a photograph of at most so many bytes would get; nothing is kept of it.

        Raises:
            InvalidPhoto: the bytes are no photograph.
            WrongSize: there are none, or too many.
        """
        _require_size(len(data), most)
        return tags_of(self._look_at(data, Steps()).detections)

    def retag(self, owner: str, image_id: str, changes: Sequence[Change], request: RequestId | None = None) -> bool:
        """Change the tags of a ready image by hand; tells whether that, or the same request before, changed anything.

        Raises:
            ImageNotFound: there is none.
            KeyReused, NotReady, TooManyTags: as `images.retagged_once`.
        """

        def retag(image: Image) -> Image:
            now = datetime.now(UTC)
            return retagged_once(image, changes, now, request) if request else retagged(image, changes, now)

        image, changed = self._change(owner, image_id, retag)
        return changed or request in image.requests

    def relabel(
        self, owner: str, image_id: str, finding_id: str, label: str | None, *, version: int | None = None
    ) -> Image:
        """Say what a box of a ready image shows (None: nothing); the counts of its tags follow.

        Raises:
            ImageNotFound: there is none.
            DetectionNotFound, NotReady, TooManyTags: as `images.relabelled`.
            VersionOutdated: it is no longer at this version.
        """
        return self._change(
            owner, image_id, lambda image: relabelled(image, finding_id, label, datetime.now(UTC)), version=version
        )[0]

    def redetect(
        self,
        owner: str,
        image_id: str,
        *,
        version: int | None = None,
        redetection: str = "",
        steps: Steps | None = None,
    ) -> Image:
        """Look at an image again, with the model of today; what people said of it stays. One that failed is retried.

        Args:
            owner: Whose image it is.
            image_id: Which one.
            version: If given, only this version of it is meant.
            redetection: The id of the redetection of the library for which it is done; it counts each image once.
            steps: Is told how long each step took.

        Raises:
            ImageNotFound: there is none.
            NotReady: it is pending or in the trash.
            VersionOutdated: it is no longer at this version.
        """
        image = self._table.get_image(owner, image_id)
        if version not in {None, image.version}:
            raise VersionOutdated
        if image.state is State.FAILED:
            return self.ingest(owner, image.id, steps) or image
        _require_ready(image)
        steps = steps or Steps()
        with steps.timed(Step.READ):
            original = self._bucket.find(Rendition.ORIGINAL.key(owner, image.id))
        if original is None:  # purged meanwhile
            raise ImageNotFound
        seen = self._look_at(original.data, steps)

        def seen_again(now: Image) -> Image:
            _require_ready(now)
            job = redetection or now.redetection
            return replace(now, model=seen.model, detections=seen.detections, redetection=job)

        with steps.timed(Step.WRITE):
            return self._change(owner, image_id, seen_again, version=version)[0]

    def rename_tag(self, owner: str, image_id: str, old: str, new: str) -> bool:
        """Call a tag of a ready image, and its boxes, by another name; tells whether that changed anything.

        Raises:
            As `retag`.
        """
        return self._change(owner, image_id, lambda image: renamed(image, old, new, datetime.now(UTC)))[1]

    def trash(self, owner: str, image_id: str, *, version: int | None = None) -> bool:
        """Put an image into the trash, unless it is there; one that never became ready is gone at once.

        Raises:
            ImageNotFound: there is none.
            VersionOutdated: it is no longer at this version.
        """
        image, changed = self._change(owner, image_id, _trashed, version=version)
        if image.state is State.GONE:
            self._tidy(image)
        return changed

    def restore(self, owner: str, image_id: str) -> bool:
        """Take an image out of the trash; one that is not in it stays as it is.

        Raises:
            ImageNotFound: there is none.
        """
        return self._change(owner, image_id, _restored)[1]

    def purge(self, owner: str, image_id: str, *, version: int | None = None) -> None:
        """Remove an image in the trash, and its objects, for good.

        Args:
            owner: Whose image it is.
            image_id: Which one.
            version: If given, only the trash of this version of this very image is meant, not one with the same bytes.

        Raises:
            ImageNotFound: there is none.
            NotReady: it is not in the trash, or not in that version.
        """

        def purged(image: Image) -> Image:
            meant = version is None or (image.id, image.version) == (image_id, version)
            if image.state is not State.TRASHED or not meant:
                raise NotReady(image.state)
            return tombstone(image)

        self._tidy(self._change(owner, image_id, purged)[0])

    def sweep(self, owner: str, image_id: str) -> None:
        """Remove what a purge that was cut off has left of an image that is gone."""
        image = self._table.find_image(owner, image_id)
        if image and image.state is State.GONE:
            self._tidy(image)

    def forget(self, owner: str, most: int) -> bool:
        """Remove up to so many of an owner's images, whatever their state, for good; when there is none, objects.

        Objects without an image are what was left when work was cut off, and uploads whose row has expired: a late
        notification finds nothing then, and makes nothing.

        Returns:
            Whether there was anything; if so, there may be more.
        """
        ids = list(islice(self._table.list_ids(owner), most))
        for image_id in ids:
            with suppress(ImageNotFound):  # gone meanwhile
                self._tidy(self._change(owner, image_id, tombstone)[0])
        prefixes = [] if ids else [rendition.key(owner, "") for rendition in Rendition]
        keys = [key for prefix in prefixes for key in islice(self._bucket.list_keys(prefix), most)]
        if keys:
            self._bucket.delete(*keys)
        return bool(ids or keys)

    def _change(
        self, owner: str, image_id: str, change: Callable[[Image], Image], *, version: int | None = None
    ) -> tuple[Image, bool]:
        """Read, change and write an image, and tell whether it changed; whoever was overtaken begins again.

        Raises:
            ImageNotFound: there is none.
            VersionOutdated: a version is given, and it is at another one.
        """
        for _ in range(MAX_TRIES):
            before = self._table.get_image(owner, image_id)
            if version not in {None, before.version}:
                raise VersionOutdated
            after = change(before)
            if after == before:
                return before, False
            with suppress(ImageChanged):
                return self._table.save(after, before), True
        raise ImageChanged

    def _tidy(self, image: Image) -> None:
        """Remove the objects that an image in its state no longer has."""
        superfluous = list(Rendition) if image.state is State.GONE else [Rendition.INCOMING]
        self._bucket.delete(*(rendition.key(image.owner, image.id) for rendition in superfluous))


def _require_size(size: int, most: int) -> None:
    if not 1 <= size <= most:
        raise WrongSize(f"A file has 1 to {most:,} bytes when sent this way, this one has {size:,}.")


def _require_ready(image: Image) -> None:
    if image.state is not State.READY:
        raise NotReady(image.state)


def _given_up(image: Image) -> Image:
    return replace(image, state=State.FAILED, reason=GIVEN_UP) if image.state is State.PENDING else image


def _trashed(image: Image) -> Image:
    if image.state is State.READY:
        return replace(image, state=State.TRASHED, trashed_at=datetime.now(UTC))
    return image if image.state is State.TRASHED else tombstone(image)


def _restored(image: Image) -> Image:
    return replace(image, state=State.READY, trashed_at=None) if image.state is State.TRASHED else image


@dataclass(frozen=True, slots=True)
class _Photo:
    """A photograph, decoded as large as its preview needs."""

    header: "Header"
    pixels: "Pixels"


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a photograph says of itself, and what the model saw in it."""

    header: "Header"
    model: str
    detections: tuple[Detection, ...]


def _decode(data: bytes, steps: Steps) -> _Photo:
    from detector import pixels

    try:
        with steps.timed(Step.DECODE):
            header = pixels.read_header(data)
            return _Photo(header, pixels.decode(data, header, long_side=pixels.PREVIEW_DECODE_SIDE))
    except pixels.UnreadablePhoto as error:
        raise InvalidPhoto(str(error)) from error


def _ready(image: Image, upload: Upload, sha256: str, sight: _Sight) -> Image:
    return replace(
        image,
        state=State.READY,
        reason="",
        name=file_name(upload.name),
        media_type=sight.header.media_type,
        size=len(upload.data),
        width=sight.header.width,
        height=sight.header.height,
        taken_at=sight.header.taken_at,
        sha256=sha256,
        model=sight.model,
        detections=sight.detections,
    )
