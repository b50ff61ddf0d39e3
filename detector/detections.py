"""What a detector says about a photograph; owns no pixels and no model, so importing it costs nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detector.pixels import Pixels


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """Left, top, right and bottom edge in pixels of the upright original (EXIF orientation applied)."""

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
        """Square pixels; 0 for edges that are crossed."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    def overlap(self, other: BoundingBox) -> float:
        """Intersection over union, 0 to 1."""
        shared = BoundingBox(
            max(self.x1, other.x1), max(self.y1, other.y1), min(self.x2, other.x2), min(self.y2, other.y2)
        ).area
        return shared / (self.area + other.area - shared) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """One object found: the model's name for it, how sure the model is (0 to 1), and where it is."""

    label: str
    confidence: float
    box: BoundingBox


class Detector(Protocol):
    """Anything that finds objects in pixels: a neural network, or a test's fake."""

    @property
    def model(self) -> str:
        """Name and version of what looks at the pixels, such as ``yolov3-tiny@dccea06f``."""
        ...

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        """Find the objects, most confident first.

        Args:
            pixels: uint8 BGR, rows x columns x 3, upright; may be a reduced decode of the original.
            width: of the upright original in pixels: the frame of the boxes that are returned.
            height: of the upright original in pixels.
        """
        ...


def tally(detections: Iterable[Detection]) -> dict[str, int]:
    """Count the detections of each label, most frequent first, then alphabetically."""
    counts = Counter(detection.label for detection in detections)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
