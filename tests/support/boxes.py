"""Changes the boxes of images in tests."""

from datetime import UTC, datetime
from typing import Final

from app.domain.boxes import change_box, dismiss, draw
from app.domain.images import Image
from app.services.library import Library
from detector import BoundingBox

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)


def relabel(image: Image, number: int, label: str | None, at: datetime = NOW) -> Image:
    """Return the image after a person has relabeled the detection with this number. A label of None dismisses it."""
    detection_id = image.corrected_detections[number].id
    return dismiss(image, detection_id, at) if label is None else change_box(image, detection_id, at, label=label)


def relabel_in_library(library: Library, owner: str, image_id: str, number: int, label: str | None) -> Image:
    """Relabel a detection of a stored image, and return the stored image. See `relabel`."""
    return library.change_boxes(owner, image_id, lambda image: relabel(image, number, label, datetime.now(UTC)))


def draw_in_library(library: Library, owner: str, image_id: str, label: str) -> Image:
    """Draw a box in the top left corner of a stored image, and return the stored image."""
    box = BoundingBox(0.0, 0.0, 2.5, 3.0)
    return library.change_boxes(owner, image_id, lambda image: draw(image, label, box, datetime.now(UTC)))
