"""Detections and the interface of a detector. Importing this module loads no image library and no model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detector.pixels import Pixels


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A rectangle in pixels of the upright original photo (EXIF orientation applied), origin at the top left.

    Attributes:
        x1: The left edge.
        y1: The top edge.
        x2: The right edge.
        y2: The bottom edge.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """The edges in the order left, top, right, bottom."""
        return self.x1, self.y1, self.x2, self.y2

    @property
    def area(self) -> float:
        """The area in square pixels. It is 0 if the right edge is left of the left one, or the bottom above the top."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    def overlap(self, other: BoundingBox) -> float:
        """Return the intersection over union of two boxes, from 0 to 1."""
        intersection = BoundingBox(
            max(self.x1, other.x1), max(self.y1, other.y1), min(self.x2, other.x2), min(self.y2, other.y2)
        ).area
        return intersection / (self.area + other.area - intersection) if intersection else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """An object that a model detected.

    Attributes:
        label: The model's name for it.
        confidence: How certain the model is, from 0 to 1.
        box: Where it is in the photo.
    """

    label: str
    confidence: float
    box: BoundingBox


class Detector(Protocol):
    """Detects objects in pixels: a neural network, or a fake in tests."""

    @property
    def model(self) -> str:
        """The name and version of the model, such as `yolov3-tiny@dccea06f`."""
        ...

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        """Return the detected objects, the most confident first.

        Args:
            pixels: uint8 BGR, rows x columns x 3, upright. A reduced decode of the original is allowed.
            width: The width of the upright original in pixels. The returned boxes are in its coordinates.
            height: The height of the upright original in pixels.
        """
        ...


def tally(detections: Iterable[Detection]) -> dict[str, int]:
    """Return the number of detections by label, the most frequent first, then in alphabetical order."""
    counts = Counter(detection.label for detection in detections)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
