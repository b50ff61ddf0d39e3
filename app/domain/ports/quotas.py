"""Defines the interface of the store of quotas."""

from typing import Protocol

from app.domain.quotas import Limits, Rate, Usage


class Quotas(Protocol):
    """Counts requests and checks quotas. `Images.save` counts images and bytes."""

    limits: Limits

    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        """Add `number` to the owner's count for the current minute. All processes share the count.

        For `Rate.REQUESTS`, `number` is 1. A store may count them in advance, or only in the process of the API.

        Raises:
            TooManyRequests: the count had already reached the limit. Nothing was added.
        """

    def count_key(self, owner: str, key_id: str) -> None:
        """Count a request with an API key for `Rate.KEY_REQUESTS`, as `count` does for `Rate.REQUESTS`.

        Raises:
            TooManyRequests: the key has reached its limit.
        """

    def count_attempt(self, owner: str, share_id: str) -> None:
        """Count an attempt to open a share with a password. All processes share the count.

        Raises:
            TooManyRequests: `Limits.wrong_passwords` were counted in this quarter of an hour. Nothing was added.
        """

    def forgive_attempt(self, owner: str, share_id: str) -> None:
        """Subtract an attempt whose password was correct."""

    def usage(self, owner: str) -> Usage:
        """Return the number and total bytes of the images in the owner's library."""

    def require_room(self, owner: str) -> None:
        """Check that the owner's library is not full.

        Only processed uploads count. Pending uploads can therefore exceed the limit.

        Raises:
            QuotaExceeded: the library has reached its limit of images or of bytes.
        """

    def receive(self, owner: str, size: int) -> None:
        """Add an upload to the bytes that the owner has uploaded today (UTC), also if it is deleted again.

        Raises:
            DailyLimitReached: the bytes had already reached the limit. Nothing was added.
        """

    def receive_again(self, owner: str, size: int) -> None:
        """Add another post of an upload form to the bytes of today. It has happened, so the limit does not matter."""

    def received(self, owner: str) -> int:
        """Return the bytes that the owner has uploaded today (UTC)."""
