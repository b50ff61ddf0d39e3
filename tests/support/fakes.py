"""Fakes of the detector and the clock, and images without a photo."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Final

from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from detector import BoundingBox, Detection
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource

if TYPE_CHECKING:
    from detector.pixels import Pixels

OTHER_OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e11"
WORK_SECONDS: Final = 5 * 86_400
NOON: Final = 1_800_000_000  # the start of a minute


@dataclass
class FakeDetector:
    """Detects `sees`, counts by label, in every photo. The bounding boxes are strips from top to bottom.

    The detections have the `confidences` in turn.
    """

    sees: dict[str, int] = field(default_factory=dict)
    model: str = "fake@1"
    confidences: tuple[float, ...] = (0.9,)

    def detect(self, pixels: "Pixels", *, width: int, height: int) -> list[Detection]:
        assert pixels.ndim == 3
        labels = [label for label, count in self.sees.items() for _ in range(count)]
        strip = height / max(1, len(labels))
        return [
            Detection(label, confidence, BoundingBox(0.0, number * strip, float(width), (number + 1) * strip))
            for number, (label, confidence) in enumerate(zip(labels, cycle(self.confidences), strict=False))
        ]


@dataclass
class Clock:
    """Replaces the module `time`. It is `ahead` seconds ahead of it."""

    ahead: int = 0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()

    def run_for(self, seconds: float, work: Callable[[], object]) -> None:
        """Let time pass while PixTag runs: do the work now, then every few days, and at the end."""
        end = self.ahead + int(seconds)
        work()
        while self.ahead < end:
            self.ahead = min(end, self.ahead + WORK_SECONDS)
            work()


@dataclass
class StoppedClock(Clock):
    """Replaces the module `time`. It stands still, `ahead` seconds ahead of the time at which it was made."""

    start: float = field(default_factory=time.time)

    def time(self) -> float:
        return self.start + self.ahead

    def monotonic(self) -> float:
        return self.time()


PHOTO_METADATA: Final = Metadata(
    taken=CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.EXIF, timedelta(hours=9)),  # noqa: DTZ001 - a local time
    camera_make="FUJIFILM",
    camera_model="X-T4",
    lens="XF35mmF2 R WR",
    exposure_seconds=1 / 250,
    f_number=2.8,
    iso=200,
    focal_length=35.0,
    focal_length_35mm=53.0,
    position=Position(35.658581, 139.745433, 17.5),
    title="Tower",
    description="The tower\nat night",
    rating=4,
    keywords=("Tokyo", "Night, blue"),
)


def image(
    owner: str, state: ImageState = ImageState.READY, counts: Mapping[str, int] | None = None, **more_counts: int
) -> Image:
    """Return an image with this number of detections per label and a hash that no other image has."""
    image_id = new_id()
    labels = [label for label, count in {**(counts or {}), **more_counts}.items() for _ in range(count)]
    return Image(
        owner=owner,
        id=image_id,
        sha256=image_id,
        state=state,
        name="beach.jpg",
        media_type="image/jpeg",
        size=1,
        damage="Damaged: about the upper half could be read.",
        detections=tuple(
            Detection(label, 0.9, BoundingBox(1.5, 2.0 * number, 30.0, 2.0 * number + 1.5))
            for number, label in enumerate(labels)
        ),
    )
