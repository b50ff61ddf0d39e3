from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from app.domain.errors import DailyLimitReached, QuotaExceeded, TooManyRequests
from app.domain.images import Image, ImageState
from app.domain.ports import Images, Quotas
from app.domain.quotas import Limits, Rate, Usage
from tests.support.fakes import NOON, image


def test_count_above_the_limit_raises_too_many_requests_until_the_next_minute(
    small_quotas: Quotas, owner: str, move_clock: Callable[[int], None]
) -> None:
    move_clock(15)
    for _ in range(2):
        small_quotas.count(owner, Rate.EDITS)

    with pytest.raises(TooManyRequests) as failure:
        small_quotas.count(owner, Rate.EDITS)
    small_quotas.count(owner, Rate.UPLOADS)
    small_quotas.count("another owner", Rate.EDITS)
    move_clock(60)
    for _ in range(2):
        small_quotas.count(owner, Rate.EDITS)

    assert failure.value.retry_after == 45
    assert str(failure.value) == "You have reached the limit of 2 edits per minute. Try again in 45 seconds."


@pytest.mark.parametrize("limit", [2, 100, 6_000])
def test_count_of_requests_above_the_limit_raises_until_the_next_minute(
    quotas: Quotas, owner: str, move_clock: Callable[[int], None], limit: int
) -> None:
    quotas.limits = Limits(requests_per_minute=limit)
    for _ in range(limit):
        quotas.count(owner, Rate.REQUESTS)

    for _ in range(2):
        with pytest.raises(TooManyRequests, match=f"limit of {limit:,} requests per minute"):
            quotas.count(owner, Rate.REQUESTS)
    quotas.count("another owner", Rate.REQUESTS)
    quotas.count(owner, Rate.EDITS)
    move_clock(60)
    quotas.count(owner, Rate.REQUESTS)


def test_count_above_the_limit_adds_nothing(small_quotas: Quotas, owner: str) -> None:
    for _ in range(2):
        small_quotas.count(owner, Rate.EDITS)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            small_quotas.count(owner, Rate.EDITS)

    small_quotas.limits = replace(small_quotas.limits, edits_per_minute=3)
    small_quotas.count(owner, Rate.EDITS)


def test_count_of_several_may_exceed_the_limit_once(small_quotas: Quotas, owner: str) -> None:
    small_quotas.count(owner, Rate.EDITS, 5)

    with pytest.raises(TooManyRequests):
        small_quotas.count(owner, Rate.EDITS)


def make_image(owner: str, size: int, state: ImageState = ImageState.READY) -> Image:
    return replace(image(owner, state, dog=1), size=size)


def test_usage_counts_ready_failed_and_trashed_images(images: Images, quotas: Quotas, owner: str) -> None:
    ready, second = images.save(make_image(owner, 100)), images.save(make_image(owner, 20))
    pending = images.save(make_image(owner, 3, ImageState.PENDING))
    images.save(make_image("another owner", 4_000))
    assert quotas.usage(owner) == Usage(2, 120)

    trashed = images.save(replace(ready, state=ImageState.TRASHED), ready)
    assert quotas.usage(owner) == Usage(2, 120)

    images.save(replace(trashed, state=ImageState.GONE, size=0), trashed)
    images.save(replace(pending, state=ImageState.FAILED), pending)
    assert quotas.usage(owner) == Usage(2, 23)

    images.save(replace(second, detections=()), second)
    assert quotas.usage(owner) == Usage(2, 23)
    assert quotas.usage("unknown owner") == Usage(0, 0)


def test_limits_have_the_documented_defaults(quotas: Quotas, backend: str) -> None:
    assert replace(quotas.limits, bytes_per_day=0) == Limits(
        images=100_000,
        bytes=500 * 10**9,
        uploads_per_minute=600,
        edits_per_minute=3_000,
        detections_per_minute=60,
        bytes_per_day=0,
        requests_per_minute=6_000,
        visits_per_minute=3_000,
        files_per_minute=30_000,
    )
    assert quotas.limits.bytes_per_day == (100 if backend == "aws" else 500) * 10**9


def test_receive_above_the_limit_raises_daily_limit_reached_until_midnight(
    small_quotas: Quotas, owner: str, move_clock: Callable[[int], None]
) -> None:
    move_clock(3_600 - NOON % 86_400)  # one o'clock
    small_quotas.receive(owner, 4_999)
    small_quotas.receive(owner, 2)

    with pytest.raises(DailyLimitReached) as failure:
        small_quotas.receive(owner, 1)
    received = small_quotas.received(owner)
    small_quotas.receive("another owner", 1)
    move_clock(86_400 - NOON % 86_400)
    small_quotas.receive(owner, 3)

    assert failure.value.retry_after == 23 * 3_600
    assert str(failure.value) == (
        "You have uploaded 0.0 GB today, which is the limit per day. Deleted files count too."
        " Upload more after midnight UTC, in 23.0 hours."
    )
    assert (received, small_quotas.received(owner)) == (5_001, 3)


def test_receive_again_counts_above_the_limit(
    small_quotas: Quotas, owner: str, move_clock: Callable[[int], None]
) -> None:
    for _ in range(3):
        small_quotas.receive_again(owner, 4_000)

    assert small_quotas.received(owner) == 12_000
    assert small_quotas.received("another owner") == 0


@pytest.mark.parametrize(("count", "size", "is_full"), [(1, 999, False), (1, 1_000, True), (2, 1, True)])
def test_require_room_in_full_library_raises_quota_exceeded(
    images: Images,
    small_quotas: Quotas,
    owner: str,
    count: int,
    size: int,
    is_full: bool,  # noqa: FBT001
) -> None:
    for _ in range(count):
        images.save(make_image(owner, size))

    with pytest.raises(QuotaExceeded) if is_full else nullcontext():
        small_quotas.require_room(owner)
