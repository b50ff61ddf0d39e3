from datetime import UTC, datetime

import pytest

from app.client.retries import Backoff, parse_retry_after

NOW = datetime(2026, 1, 31, 16, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("5", 5),
        (" 0 ", 0),
        ("Sat, 31 Jan 2026 16:20:30 GMT", 30),
        ("Sat, 31 Jan 2026 16:20:30", 30),
        ("Sat, 31 Jan 2026 16:19:30 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds


def test_waits_double_up_to_a_minute_with_jitter() -> None:
    shortest, longest = Backoff(jitter=lambda: 0), Backoff(jitter=lambda: 1)

    assert [longest.next_wait() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [shortest.next_wait() for _ in range(3)] == [0.5, 1, 2]


def test_wait_is_as_long_as_the_server_demands_and_up_to_a_second_longer() -> None:
    assert Backoff(jitter=lambda: 0.5).next_wait(30) == 30.5


def test_waits_end_with_the_patience() -> None:
    backoff = Backoff(patience=3, jitter=lambda: 1)

    assert [backoff.next_wait() for _ in range(3)] == [1, 2, None]
