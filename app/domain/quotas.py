"""Defines the rates, limits and usage of an owner."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from app.domain.errors import DailyLimitReached, QuotaExceeded, TooManyRequests

MAX_IMAGES: Final = 100_000
MAX_BYTES: Final = 500 * 10**9
MAX_UPLOADS_PER_MINUTE: Final = 600
MAX_EDITS_PER_MINUTE: Final = 3_000
MAX_DETECTIONS_PER_MINUTE: Final = 60

MAX_BYTES_PER_DAY: Final = 100 * 10**9

MINUTE_SECONDS: Final = 60
DAY_SECONDS: Final = 86_400


class Rate(StrEnum):
    """The actions that are counted per minute."""

    UPLOADS = "uploads"
    EDITS = "edits"  # one per image that a request may change, or one for any other change
    DETECTIONS = "detections"  # only detections that the caller waits for


@dataclass(frozen=True, slots=True)
class Usage:
    """The number and total bytes of a library's images. Failed and trashed images count too."""

    images: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one owner."""

    images: int = MAX_IMAGES
    bytes: int = MAX_BYTES
    uploads_per_minute: int = MAX_UPLOADS_PER_MINUTE
    edits_per_minute: int = MAX_EDITS_PER_MINUTE
    detections_per_minute: int = MAX_DETECTIONS_PER_MINUTE
    bytes_per_day: int = MAX_BYTES_PER_DAY

    def per_minute(self, rate: Rate) -> int:
        """Return the limit of a rate."""
        return {
            Rate.UPLOADS: self.uploads_per_minute,
            Rate.EDITS: self.edits_per_minute,
            Rate.DETECTIONS: self.detections_per_minute,
        }[rate]

    def require_room(self, used: Usage) -> None:
        """Check that a library is not full.

        Raises:
            QuotaExceeded: the library has reached its limit of images or of bytes.
        """
        if used.images >= self.images or used.bytes >= self.bytes:
            raise QuotaExceeded(_format_size(used), _format_size(self))


@dataclass(frozen=True, slots=True)
class Minute:
    """The current minute, in which requests are counted. `number` is the minutes since 1970."""

    number: int
    second: int

    @classmethod
    def at(cls, now: float) -> Self:
        """Return the minute that contains this Unix time (seconds)."""
        return cls(*divmod(int(now), MINUTE_SECONDS))

    @property
    def end(self) -> int:
        """The Unix time (seconds) at which the minute ends."""
        return (self.number + 1) * MINUTE_SECONDS

    def make_error(self, rate: Rate, limit: int) -> TooManyRequests:
        """Return the error for a rate that has reached its limit in this minute."""
        return TooManyRequests(
            f"You have reached the limit of {limit:,} {rate} per minute.", MINUTE_SECONDS - self.second
        )


@dataclass(frozen=True, slots=True)
class Day:
    """The current day in UTC, in which uploaded bytes are counted. `number` is the days since 1970."""

    number: int
    second: int

    @classmethod
    def at(cls, now: float) -> Self:
        """Return the day that contains this Unix time (seconds)."""
        return cls(*divmod(int(now), DAY_SECONDS))

    @property
    def end(self) -> int:
        """The Unix time (seconds) at which the day ends."""
        return (self.number + 1) * DAY_SECONDS

    def make_error(self, limit_bytes: int) -> DailyLimitReached:
        """Return the error for an owner who has reached the limit on this day."""
        return DailyLimitReached(limit_bytes, DAY_SECONDS - self.second)


def _format_size(size: Usage | Limits) -> str:
    return f"{size.images:,} images and {size.bytes / 2**30:,.2f} GiB"
