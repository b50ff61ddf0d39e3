"""Chooses the capture time of an image, and applies people's edits to it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.capture_times import format_capture_time, from_file_time, judge, parse_capture_time
from app.domain.edits import require_ready
from app.domain.errors import ImplausibleDate, InvalidDate
from app.domain.images import Image
from detector.metadata.values import CaptureTime, TimeSource

MAX_SHIFT_TEXT: Final = 50
EXAMPLE_SHIFT: Final = "+1 d 2 h"

_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "min": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_SHIFT: Final = re.compile(rf"\s*([+-])((?:\s*\d{{1,6}}\s*(?:{'|'.join(_UNITS)}))+)\s*", re.ASCII)
_PART: Final = re.compile(r"(\d+)\s*([a-z]+)", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII | re.IGNORECASE
)
_MIN_OFFSET: Final = timedelta(hours=-12)
_MAX_OFFSET: Final = timedelta(hours=14)
_DAY: Final = timedelta(days=1)
_ZONE_STEP: Final = timedelta(minutes=15)  # the differences of all time zones are multiples of this
_TOLERANCE: Final = timedelta(
    seconds=2
)  # some programs leave out fractions, or round to the FAT file system's two seconds


def choose_time(image: Image, now: datetime) -> CaptureTime | None:
    """Return the capture time of an image from a person, or else its sidecar, the photo, the file's time, or its name.

    A sidecar that only repeats the moment of the others in UTC does not replace them (see `is_same_moment`). Return
    None if only the time of the upload is known.
    """
    if image.taken and image.taken.source is TimeSource.PERSON:
        return image.taken
    return _find_time(image, now)


def is_same_moment(utc: CaptureTime, local: CaptureTime) -> bool:
    """Return whether a time in UTC can be the moment of another time, which shows the clock at the place.

    If the place's difference from UTC is unknown, it can be any difference that time zones have.
    """
    if utc.offset != timedelta() or utc.date_only or local.date_only:
        return False
    if local.offset is not None:
        return abs(local.local - local.offset - utc.local) <= _TOLERANCE
    difference = local.local - utc.local
    zone = round(difference / _ZONE_STEP) * _ZONE_STEP
    return _MIN_OFFSET <= zone <= _MAX_OFFSET and abs(difference - zone) <= _TOLERANCE


def parse_date(text: str, source: TimeSource = TimeSource.PERSON) -> CaptureTime:
    """Return the capture time that a person wrote: a date, or a date and a time with or without a difference from UTC.

    Raises:
        InvalidDate: the text is not a date, or no place has such a difference.
    """
    try:
        time = parse_capture_time(text.upper(), source) if _TIME.fullmatch(text) else None
    except ValueError:
        time = None
    if time is None:
        raise InvalidDate(f"{text!r} is not a date. Write 2019-07-28, 2019-07-28T01:03 or 2019-07-28T01:03:00+09:00.")
    if time.offset is not None and not _MIN_OFFSET <= time.offset <= _MAX_OFFSET:
        raise InvalidDate("The difference from UTC must be from -12:00 to +14:00.")
    return time


def parse_shift(text: str) -> timedelta:
    """Return the duration in a text such as `+1 h`, `-7 d`, `+30 min` or `+1 d 2 h`.

    Raises:
        InvalidDate: the text is not a duration, or it is zero.
    """
    match = _SHIFT.fullmatch(text)
    parts = _PART.findall(match[2]) if match else []
    total = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
    if match is None or not total:
        raise InvalidDate(f"{text!r} is not a shift. Write '+1 h', '-7 d', '+30 min' or '{EXAMPLE_SHIFT}'.")
    return -total if match[1] == "-" else total


def set_date(image: Image, time: CaptureTime, now: datetime) -> Image:
    """Return the image with a date from a person.

    Raises:
        ImplausibleDate: the time is before 1826 or after tomorrow.
        InvalidState: the image is not ready.
    """
    require_ready(image)
    return replace(image, taken=require_plausible(replace(time, source=TimeSource.PERSON), now))


def reset_date(image: Image, now: datetime) -> Image:
    """Return the image with the date that its file has.

    Raises:
        InvalidState: the image is not ready.
    """
    require_ready(image)
    return replace(image, taken=_find_time(image, now))


def shift_date(image: Image, delta: timedelta, now: datetime) -> Image:
    """Return the image with a shifted date, which then comes from a person.

    Raises:
        ImplausibleDate: the new time is before 1826 or after tomorrow.
        InvalidDate: the image has no date, or only a date without a time, which whole days alone can shift.
        InvalidState: the image is not ready.
    """
    require_ready(image)
    if image.taken is None:
        raise InvalidDate("This photo has no date that can be shifted. Set its date instead.")
    if image.taken.date_only and delta % _DAY:
        raise InvalidDate("This photo has a date without a time. Shift it by whole days only.")
    try:
        local = image.taken.local + delta
    except OverflowError:
        raise ImplausibleDate(f"The year after the shift of {format_capture_time(image.taken)}") from None
    return set_date(image, replace(image.taken, local=local), now)


def _find_time(image: Image, now: datetime) -> CaptureTime | None:
    from detector.metadata.file_names import parse_file_name_time  # noqa: PLC0415 - the API starts without it

    time = image.metadata.taken or from_file_time(image.file_time) or parse_file_name_time(image.name)
    given = image.sidecar.taken
    if given and not (time and is_same_moment(given, time)):
        time = given
    return judge(time, now) if time else None


def require_plausible(time: CaptureTime, now: datetime) -> CaptureTime:
    """Return the time that a person or a client gave.

    Raises:
        ImplausibleDate: the time is not plausible.
    """
    judged = judge(time, now.astimezone(UTC))
    if not judged.plausible:
        raise ImplausibleDate(format_capture_time(judged))
    return judged
