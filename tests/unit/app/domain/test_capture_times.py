from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.capture_times import (
    dump_capture_time,
    format_capture_time,
    judge,
    load_capture_time,
    parse_capture_time,
    sort_text,
)
from app.domain.ids import min_id_at
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.domain_images import make_image

EXIF, NAME = TimeSource.EXIF, TimeSource.NAME
NIGHT = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001 - a local time
MIDNIGHT = datetime(2019, 7, 28)  # noqa: DTZ001 - a local time
FIRST = datetime(1, 1, 1)  # noqa: DTZ001 - a local time


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (CaptureTime(NIGHT, EXIF, timedelta(hours=9)), "2019-07-28T01:03:00+09:00"),
        (CaptureTime(NIGHT, EXIF, timedelta(hours=-3, minutes=-30)), "2019-07-28T01:03:00-03:30"),
        (CaptureTime(NIGHT, EXIF, timedelta()), "2019-07-28T01:03:00+00:00"),
        (CaptureTime(NIGHT.replace(microsecond=250_000), EXIF), "2019-07-28T01:03:00.250000"),
        (CaptureTime(NIGHT, EXIF), "2019-07-28T01:03:00"),
        (CaptureTime(MIDNIGHT, EXIF), "2019-07-28T00:00:00"),
        (CaptureTime(MIDNIGHT, EXIF, date_only=True), "2019-07-28"),
        (CaptureTime(FIRST, EXIF, timedelta(hours=14)), "0001-01-01T00:00:00+14:00"),
    ],
)
def test_parse_capture_time_of_formatted_time_returns_it(time: CaptureTime, text: str) -> None:
    assert format_capture_time(time) == text
    assert parse_capture_time(text, EXIF) == time


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (None, None),
        (CaptureTime(NIGHT, EXIF), "2019-07-28T01:03:00"),
        (CaptureTime(MIDNIGHT, NAME, date_only=True), "2019-07-28 name"),
        (CaptureTime(NIGHT, TimeSource.FILE, timedelta(hours=9)), "2019-07-28T01:03:00+09:00 file"),
        (CaptureTime(NIGHT, TimeSource.PERSON), "2019-07-28T01:03:00 person"),
        (CaptureTime(FIRST, EXIF, plausible=False), "!0001-01-01T00:00:00"),
        (CaptureTime(FIRST, NAME, date_only=True, plausible=False), "!0001-01-01 name"),
    ],
)
def test_load_capture_time_of_stored_text_returns_the_time(time: CaptureTime | None, text: str | None) -> None:
    assert dump_capture_time(time) == text
    assert load_capture_time(text) == time


@pytest.mark.parametrize("text", ["yesterday", "2019-13-28", "2019-07-28 moon"])
def test_load_capture_time_of_other_text_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid isoformat|month must be|not a valid TimeSource"):
        load_capture_time(text)


def test_capture_time_of_photo_without_one_is_the_time_of_the_upload() -> None:
    image = make_image(id=min_id_at(datetime.fromisoformat("2026-01-31T12:00:00.123Z")))

    assert format_capture_time(image.capture_time) == "2026-01-31T12:00:00+00:00"
    assert image.capture_time.source is TimeSource.UPLOAD


def test_capture_time_of_photo_is_its_own() -> None:
    taken = CaptureTime(NIGHT, NAME)

    assert make_image(taken=taken).capture_time == taken


NOW = datetime(2026, 11, 30, 9, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "is_plausible"),
    [
        ("1825-12-31T23:59:59", False),
        ("1826-01-01T00:00:00", True),
        ("2019-07-28T01:03:00", True),
        ("2026-12-01T23:59:59", True),  # it is still 30 November everywhere
        ("2026-12-02T00:00:00", False),
        ("2106-02-07T06:28:15", False),
    ],
)
def test_judge_accepts_times_from_1826_to_tomorrow(local: str, *, is_plausible: bool) -> None:
    time = CaptureTime(datetime.fromisoformat(local), EXIF)

    assert judge(time, NOW) == replace(time, plausible=is_plausible)


def test_judge_takes_tomorrow_from_the_easternmost_time_zone() -> None:
    time = CaptureTime(datetime.fromisoformat("2026-12-02T23:59:59"), EXIF)
    a_minute_later = NOW + timedelta(minutes=1)

    assert not judge(time, NOW).plausible
    assert judge(time, a_minute_later).plausible
    assert judge(time, a_minute_later.astimezone(timezone(timedelta(hours=-9)))).plausible


def test_judge_of_time_that_became_plausible_removes_the_mark() -> None:
    assert judge(CaptureTime(NIGHT, EXIF, plausible=False), NOW).plausible


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (CaptureTime(NIGHT.replace(microsecond=999_999), EXIF, timedelta(hours=9)), "2019-07-28T01:03:00"),
        (CaptureTime(MIDNIGHT, EXIF, date_only=True), "2019-07-28T00:00:00"),
        (CaptureTime(FIRST, EXIF, plausible=False), "!0001-01-01T00:00:00"),
    ],
)
def test_sort_text_is_the_wall_clock_to_the_second(time: CaptureTime, text: str) -> None:
    assert sort_text(time) == text


def test_sort_text_of_implausible_time_is_before_all_plausible_ones() -> None:
    future = CaptureTime(datetime.fromisoformat("2106-02-07T06:28:15"), EXIF, plausible=False)

    assert sort_text(future) < sort_text(CaptureTime(FIRST, EXIF))
