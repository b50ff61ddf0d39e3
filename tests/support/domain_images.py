"""Images and detections for the tests of the domain."""

from app.domain.images import Image, ImageState
from detector import BoundingBox, Detection
from detector.metadata.values import Metadata


def make_detections(**counts: int) -> tuple[Detection, ...]:
    """Return detections with these labels, each as often as its count, one below the other."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    return tuple(Detection(label, 0.5, BoundingBox(0, row, 1, row + 1)) for row, label in enumerate(labels))


def make_unsure(*confidences: float) -> tuple[Detection, ...]:
    """Return detections of dogs with these confidences, one below the other."""
    return tuple(Detection("dog", each, BoundingBox(0, row, 1, row + 1)) for row, each in enumerate(confidences))


def make_image(**fields: object) -> Image:
    """Return a ready image without detections, with these fields changed."""
    defaults = {"owner": "o", "id": "i", "state": ImageState.READY, "name": "n", "media_type": "image/png", "size": 1}
    return Image(**{**defaults, **fields})  # type: ignore[arg-type]  # tests name the fields that matter


def make_keywords(*keywords: str) -> Metadata:
    """Return the metadata of a file with these keywords."""
    return Metadata(keywords=keywords)
