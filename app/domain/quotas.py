"""Defines the rates, limits and usage of an owner."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock
from typing import ClassVar, Final, Self

from app.domain.errors import DailyLimitReached, QuotaExceeded, TooManyRequests

MAX_IMAGES: Final = 100_000
MAX_BYTES: Final = 500 * 10**9
MAX_UPLOADS_PER_MINUTE: Final = 600
MAX_EDITS_PER_MINUTE: Final = 3_000
MAX_DETECTIONS_PER_MINUTE: Final = 60
MAX_CONFIRMATIONS_PER_MINUTE: Final = 1
MAX_REQUESTS_PER_MINUTE: Final = 6_000
MAX_KEY_REQUESTS_PER_MINUTE: Final = 3_000
MAX_VISITS_PER_MINUTE: Final = 3_000
MAX_FILES_PER_MINUTE: Final = 30_000

MAX_BYTES_PER_DAY: Final = 100 * 10**9

MAX_PASSWORDS_PER_MINUTE: Final = 30
MAX_WRONG_PASSWORDS: Final = 10  # of one share in a quarter of an hour

MINUTE_SECONDS: Final = 60
QUARTER_SECONDS: Final = 900
DAY_SECONDS: Final = 86_400
IPV6_PREFIX: Final = 64  # bits of the network that a provider assigns to one customer


class Rate(StrEnum):
    """The actions that are counted per minute."""

    UPLOADS = "uploads"
    EDITS = "edits"  # one per image that a request may change, or one for any other change
    DETECTIONS = "detections"  # only detections that the caller waits for
    CONFIRMATIONS = "confirmation e-mails"  # that a person requests again
    REQUESTS = "requests"  # all requests with an access token, including the others
    KEY_REQUESTS = "requests with one API key"  # they count as requests of the owner too
    VISITS = "requests without an access token"  # by the client's address
    PASSWORDS = "passwords of shares"  # that a client sends, by its address
    FILES = "files"  # that links and upload forms send and receive, by the client's address


@dataclass(frozen=True, slots=True)
class Usage:
    """The number and total bytes of a library's images. Failed and trashed images count too."""

    images: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one owner. Those of visits, files and passwords are the limits of one address."""

    images: int = MAX_IMAGES
    bytes: int = MAX_BYTES
    uploads_per_minute: int = MAX_UPLOADS_PER_MINUTE
    edits_per_minute: int = MAX_EDITS_PER_MINUTE
    detections_per_minute: int = MAX_DETECTIONS_PER_MINUTE
    bytes_per_day: int = MAX_BYTES_PER_DAY
    requests_per_minute: int = MAX_REQUESTS_PER_MINUTE
    key_requests_per_minute: int = MAX_KEY_REQUESTS_PER_MINUTE
    visits_per_minute: int = MAX_VISITS_PER_MINUTE
    files_per_minute: int = MAX_FILES_PER_MINUTE
    passwords_per_minute: int = MAX_PASSWORDS_PER_MINUTE
    wrong_passwords: int = MAX_WRONG_PASSWORDS
    confirmations_per_minute: int = MAX_CONFIRMATIONS_PER_MINUTE

    def per_minute(self, rate: Rate) -> int:
        """Return the limit of a rate."""
        return {
            Rate.UPLOADS: self.uploads_per_minute,
            Rate.EDITS: self.edits_per_minute,
            Rate.DETECTIONS: self.detections_per_minute,
            Rate.CONFIRMATIONS: self.confirmations_per_minute,
            Rate.REQUESTS: self.requests_per_minute,
            Rate.KEY_REQUESTS: self.key_requests_per_minute,
            Rate.VISITS: self.visits_per_minute,
            Rate.FILES: self.files_per_minute,
            Rate.PASSWORDS: self.passwords_per_minute,
        }[rate]

    def require_room(self, used: Usage) -> None:
        """Check that a library is not full.

        Raises:
            QuotaExceeded: the library has reached its limit of images or of bytes.
        """
        if used.images >= self.images or used.bytes >= self.bytes:
            raise QuotaExceeded(_format_size(used), _format_size(self))


@dataclass(frozen=True, slots=True)
class _Window:
    """The current one of equally long periods, in which something is counted.

    Attributes:
        number: The periods since 1970.
        second: The seconds since its start.
    """

    length: ClassVar[int]
    number: int
    second: int

    @classmethod
    def at(cls, now: float) -> Self:
        """Return the period that contains this Unix time (seconds)."""
        return cls(*divmod(int(now), cls.length))

    @property
    def end(self) -> int:
        """The Unix time (seconds) at which the period ends."""
        return (self.number + 1) * self.length

    @property
    def remaining(self) -> int:
        """The seconds until the period ends."""
        return self.length - self.second


class Minute(_Window):
    """The current minute, in which requests are counted."""

    __slots__ = ()
    length = MINUTE_SECONDS

    def make_error(self, rate: Rate, limit: int) -> TooManyRequests:
        """Return the error for a rate that has reached its limit in this minute."""
        return TooManyRequests(f"You have reached the limit of {limit:,} {rate} per minute.", self.remaining)


class Quarter(_Window):
    """The current quarter of an hour, in which wrong passwords of a share are counted."""

    __slots__ = ()
    length = QUARTER_SECONDS

    def make_error(self) -> TooManyRequests:
        """Return the error for a share that has reached the limit in this quarter."""
        return TooManyRequests("Too many wrong passwords were entered for this link.", self.remaining)


class Day(_Window):
    """The current day in UTC, in which uploaded bytes are counted."""

    __slots__ = ()
    length = DAY_SECONDS

    def make_error(self, limit_bytes: int) -> DailyLimitReached:
        """Return the error for an owner who has reached the limit on this day."""
        return DailyLimitReached(limit_bytes, self.remaining)


class MinuteCounter:
    """Counts per minute in the memory of this process. Several threads can use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._used: Counter[tuple[str, Rate]] = Counter()

    def count(self, key: str, rate: Rate, minute: Minute, limit: int) -> None:
        """Count one action of an owner or address.

        Raises:
            TooManyRequests: the key has reached the limit of this rate in this minute.
        """
        with self._lock:
            if minute.number != self._minute:
                self._used.clear()
                self._minute = minute.number
            if self._used[key, rate] >= limit:
                raise minute.make_error(rate, limit)
            self._used[key, rate] += 1


class AddressLimits:
    """Limits the requests of clients that have no access token, by address.

    The counts are in the memory of this process. Clients behind a proxy share its address. A client can have all IPv6
    addresses with the same first 64 bits, so they share a count.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._counter = MinuteCounter()

    def count(self, address: str, rate: Rate, minute: Minute) -> None:
        """Count a request of the client with this IP address, or of all clients without one.

        Raises:
            TooManyRequests: the address has reached the limit of this rate in this minute.
        """
        self._counter.count(_find_network(address), rate, minute, self.limits.per_minute(rate))


def _find_network(address: str) -> str:
    try:
        number = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Network((int(number), IPV6_PREFIX), strict=False) if isinstance(number, IPv6Address) else number)


def _format_size(size: Usage | Limits) -> str:
    return f"{size.images:,} images and {size.bytes / 2**30:,.2f} GiB"
