"""Decodes photos and detects the objects in them. OpenCV and ONNX Runtime are imported on first use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.domain.boxes import round_detections
from app.domain.dates import choose_time
from app.domain.errors import InvalidPhoto
from app.domain.file_names import clean_file_name
from app.domain.images import Image, ImageState
from app.domain.sidecars import add_sidecar
from app.domain.uploads import Upload
from app.observability.timings import Step, Timings
from detector import Detection, Detector

if TYPE_CHECKING:
    from detector.metadata.values import Metadata
    from detector.pixels import Header, Pixels


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo's header, metadata and decoded pixels. The pixels may be reduced, but suffice for the preview.

    `damage` is a sentence about a photo that could be decoded only in part. Otherwise it is empty.
    """

    header: "Header"
    metadata: "Metadata"
    pixels: "Pixels"
    damage: str


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """A photo's header, metadata, detections and picture hash, and the name and version of the model."""

    header: "Header"
    metadata: "Metadata"
    damage: str
    model: str
    detections: tuple[Detection, ...]
    picture_hash: str


def decode(data: bytes, timings: Timings) -> Photo:
    """Decode a photo. Reduce a large photo to a size that suffices for the preview.

    Raises:
        InvalidPhoto: the bytes are not a photo that PixTag can read.
    """
    from detector import pixels
    from detector.metadata.reader import read_metadata

    try:
        with timings.measure(Step.DECODE):
            header = pixels.read_header(data)
            long_side = pixels.find_decode_side(header.width, header.height)
            decoded = pixels.decode_photo(data, header, long_side=long_side)
            return Photo(header, read_metadata(data), decoded.pixels, decoded.damage)
    except pixels.UnreadablePhoto as error:
        raise InvalidPhoto(str(error)) from error


def detect(get_detector: Callable[[], Detector], photo: Photo, timings: Timings) -> DetectionResult:
    """Detect the objects in a photo. The timing excludes loading the model."""
    from detector import pixels
    from detector.yolo import find_sufficient_side

    detector, header = get_detector(), photo.header
    size = header.width, header.height
    with timings.measure(Step.DETECT):
        # The model and the hash would each halve the photo, so it is halved once for both.
        halved = pixels.halve(photo.pixels, max(find_sufficient_side(*size), pixels.find_hash_side(*size)))
        detections = round_detections(detector.detect(halved, width=header.width, height=header.height))
        picture_hash = pixels.hash_picture(halved)
    return DetectionResult(header, photo.metadata, photo.damage, detector.model, detections, picture_hash)


def apply_result(image: Image, result: DetectionResult) -> Image:
    """Return the image with the detections, the metadata, the picture hash and the capture time of its original.

    The metadata is completed with the sidecar. A capture time that a person has set does not change.
    """
    after = replace(
        image,
        metadata=add_sidecar(result.metadata, image.sidecar),
        model=result.model,
        detections=result.detections,
        picture_hash=result.picture_hash,
    )
    return replace(after, taken=choose_time(after, datetime.now(UTC)))


def make_ready(image: Image, upload: Upload, sha256: str, result: DetectionResult) -> Image:
    """Return the image as ready, with the properties of its photo."""
    ready = replace(
        image,
        state=ImageState.READY,
        reason="",
        name=clean_file_name(upload.name),
        media_type=result.header.media_type,
        size=len(upload.data),
        width=result.header.width,
        height=result.header.height,
        damage=result.damage,
        sha256=sha256,
    )
    return apply_result(ready, result)
