"""Defines detections and the interface of a detector. Importing this module loads no image libraries and no model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detector.pixels import Pixels

CERTAIN_CONFIDENCE: Final = 0.35
"""The confidence from which a detection is certain. `docs/detector.md` describes how it was chosen and measured."""


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A rectangle in the upright original photo, in pixels.

    The EXIF orientation of the photo has been applied. The origin is the top left corner.

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
        """The left, top, right and bottom edges, in this order."""
        return self.x1, self.y1, self.x2, self.y2

    @property
    def area(self) -> float:
        """The area in square pixels. It is 0 if two opposite edges are in the wrong order."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    def overlap(self, other: BoundingBox) -> float:
        """Return the intersection over union (IoU) of two boxes, from 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / (self.area + other.area - width * height)


@dataclass(frozen=True, slots=True)
class Detection:
    """An object that a model detected.

    Attributes:
        label: The name of the object's class.
        confidence: The model's confidence, from 0 to 1.
        box: The object's bounding box in the photo.
    """

    label: str
    confidence: float
    box: BoundingBox


class Labeled(Protocol):
    """Anything with a label, such as a detection."""

    @property
    def label(self) -> str:
        """The name of the object's class."""
        ...


class Detector(Protocol):
    """The interface of a detector. `Yolo` implements it with a neural network, and tests use fakes."""

    @property
    def model(self) -> str:
        """The name and version of the model, such as `yolov3-tiny@dccea06f`."""
        ...

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        """Return the detections, sorted by descending confidence.

        Args:
            pixels: The upright photo: uint8 BGR, rows x columns x 3. It can be smaller than the original.
            width: The width of the upright original in pixels. The returned boxes use the original's coordinates.
            height: The height of the upright original in pixels.
        """
        ...


def tally(objects: Iterable[Labeled]) -> dict[str, int]:
    """Count the objects of each label. Sort the labels by descending count, then alphabetically."""
    counts = Counter(each.label for each in objects)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
