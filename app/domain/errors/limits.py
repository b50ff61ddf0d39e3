"""Defines the errors of requests that exceed a limit."""

from app.domain.errors.base import PixTagError


class TooManyRequests(PixTagError):
    """The rate limit is exceeded.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    def __init__(self, reason: str = "Too many requests.", retry_after: int = 30) -> None:
        super().__init__(f"{reason} Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class QuotaExceeded(PixTagError):
    """The library is full.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    retry_after = 3600

    def __init__(self, used: str, allowed: str) -> None:
        super().__init__(
            f"Your library is full: it contains {used}, including the trash. The limit is {allowed}."
            " Move images to the trash, delete them permanently with POST /images/purge, then upload again."
        )


class DailyLimitReached(PixTagError):
    """You have uploaded as much as is allowed per day.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    def __init__(self, limit_bytes: int, retry_after: int) -> None:
        super().__init__(
            f"You have uploaded {limit_bytes / 10**9:,.1f} GB today, which is the limit per day. Deleted files count"
            f" too. Upload more after midnight UTC, in {retry_after / 3600:.1f} hours."
        )
        self.retry_after = retry_after
