"""Decodes photos and detects the objects in them. OpenCV and ONNX Runtime are imported on first use."""

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
    """A photo's header and decoded pixels. The pixels may be reduced, but suffice for the preview."""

    header: "Header"
    pixels: "Pixels"


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """A photo's header and detections, and the name and version of the model."""

    header: "Header"
    model: str
    detections: tuple[Detection, ...]


def decode(data: bytes, timings: Timings) -> Photo:
    """Decode a photo. Reduce a large photo to a size that suffices for the preview.

    Raises:
        InvalidPhoto: the bytes are not a photo that PixTag can read.
    """
    from detector import pixels

    try:
        with timings.measure(Step.DECODE):
            header = pixels.read_header(data)
            long_side = pixels.find_decode_side(header.width, header.height)
            return Photo(header, pixels.decode(data, header, long_side=long_side))
    except pixels.UnreadablePhoto as error:
        raise InvalidPhoto(str(error)) from error


def detect(get_detector: Callable[[], Detector], photo: Photo, timings: Timings) -> DetectionResult:
    """Detect the objects in a photo. The timing excludes loading the model."""
    detector, header = get_detector(), photo.header
    with timings.measure(Step.DETECT):
        detections = detector.detect(photo.pixels, width=header.width, height=header.height)
    return DetectionResult(header, detector.model, round_detections(detections))
