"""Decides which requests are sent again, and when."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

RETRIED: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 900.0  # a restart of the server or the router takes less
MAX_RETRY_AFTER: Final = 300.0  # beyond, a limit per day was reached or the library is full


class Backoff:
    """The waits between the attempts of one request. They double, with jitter, so that clients do not return together.

    Args:
        patience: The seconds after which the request has failed.
        jitter: Returns a number from 0 to 1.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS, jitter: Callable[[], float] = random.random) -> None:
        self._patience = patience
        self._jitter = jitter
        self._attempts = 0
        self._waited = 0.0

    def next_wait(self, retry_after: float | None = None) -> float | None:
        """Return the seconds until the next attempt, or None if the request has failed for too long.

        Args:
            retry_after: The seconds that the server demands. Jitter is added to them.
        """
        if self._waited >= self._patience:
            return None
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2**self._attempts)
        self._attempts += 1
        wait = longest * (0.5 + self._jitter() / 2) if retry_after is None else retry_after + self._jitter()
        self._waited += wait
        return wait


def parse_retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds in a `Retry-After` header (RFC 9110, section 10.2.3), or None if there is no valid one."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
