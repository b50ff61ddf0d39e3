"""Decode a photo and detect its objects. OpenCV and ONNX Runtime load when the first photo needs them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.errors import InvalidPhoto
from app.domain.images import round_detections
from app.observability.timings import Step, Timings
from detector import Detection, Detector

if TYPE_CHECKING:
    from detector.pixels import Header, Pixels


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo, as large as its preview needs."""

    header: "Header"
    pixels: "Pixels"


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """The header of a photo, the name and version of the model, and its detections."""

    header: "Header"
    model: str
    detections: tuple[Detection, ...]


def decode(data: bytes, timings: Timings) -> Photo:
    """Decode a photo.

    Raises:
        InvalidPhoto: the bytes are not a photo that PixTag can read.
    """
    from detector import pixels

    try:
        with timings.measure(Step.DECODE):
            header = pixels.read_header(data)
            return Photo(header, pixels.decode(data, header, long_side=pixels.PREVIEW_DECODE_SIDE))
    except pixels.UnreadablePhoto as error:
        raise InvalidPhoto(str(error)) from error


def detect(get_detector: Callable[[], Detector], photo: Photo, timings: Timings) -> DetectionResult:
    """Detect the objects in a photo. Loading the model is not part of the timing."""
    detector, header = get_detector(), photo.header
    with timings.measure(Step.DETECT):
        detections = detector.detect(photo.pixels, width=header.width, height=header.height)
    return DetectionResult(header, detector.model, round_detections(detections))
