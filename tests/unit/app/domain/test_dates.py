from datetime import UTC, datetime, timedelta

import pytest

from app.domain.capture_times import format_capture_time
from app.domain.dates import choose_time, parse_date, parse_shift, reset_date, set_date, shift_date
from app.domain.errors import ImplausibleDate, InvalidDate, InvalidState
from app.domain.images import Image, ImageState
from detector.metadata.values import CaptureTime, Metadata, TimeSource
from tests.support.domain_images import make_image

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NIGHT = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001 - a local time
EXIF = CaptureTime(NIGHT, TimeSource.EXIF, timedelta(hours=9))
PERSON = CaptureTime(NIGHT, TimeSource.PERSON)


@pytest.mark.parametrize(
    ("image", "text", "source"),
    [
        (make_image(taken=PERSON, metadata=Metadata(taken=EXIF)), "2019-07-28T01:03:00", "person"),
        (make_image(file_time=NOW, metadata=Metadata(taken=EXIF)), "2019-07-28T01:03:00+09:00", "exif"),
        (make_image(file_time=NOW, name="IMG_20190728_010300.jpg"), "2026-11-30T08:00:00+00:00", "file"),
        (make_image(taken=EXIF, name="IMG_20190728_010300.jpg"), "2019-07-28T01:03:00", "name"),
    ],
)
def test_choose_time_returns_the_most_reliable_one(image: Image, text: str, source: str) -> None:
    time = choose_time(image, NOW)

    assert time
    assert (format_capture_time(time), time.source) == (text, source)


def test_choose_time_without_any_returns_none() -> None:
    assert choose_time(make_image(), NOW) is None


def test_choose_time_judges_the_time() -> None:
    future = CaptureTime(datetime(2106, 2, 7), TimeSource.EXIF)  # noqa: DTZ001 - a local time
    time = choose_time(make_image(metadata=Metadata(taken=future)), NOW)

    assert time
    assert not time.plausible


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("2019-07-28", "2019-07-28"),
        ("2019-07-28T01:03", "2019-07-28T01:03:00"),
        ("2019-07-28 01:03:00", "2019-07-28T01:03:00"),
        ("2019-07-28t01:03:00z", "2019-07-28T01:03:00+00:00"),
        ("2019-07-28T01:03:00.25+09:00", "2019-07-28T01:03:00.250000+09:00"),
        ("2019-07-28T01:03:00-12:00", "2019-07-28T01:03:00-12:00"),
        ("2019-07-28T01:03:00+14:00", "2019-07-28T01:03:00+14:00"),
    ],
)
def test_parse_date_of_date_or_time_returns_it_from_a_person(text: str, formatted: str) -> None:
    time = parse_date(text)

    assert (format_capture_time(time), time.source) == (formatted, "person")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a date"),
        ("yesterday", "is not a date"),
        ("2019-13-01", "is not a date"),
        ("2019-02-29", "is not a date"),
        ("20190728", "is not a date"),
        ("2019-W30-7", "is not a date"),
        ("2019-07", "is not a date"),
        ("2019-07-28T25:00", "is not a date"),
        ("2019-07-28T01:03:00+99:00", "is not a date"),
        ("2019-07-28T01:03:00\n", "is not a date"),
        ("2019-07-28T01:03:00+14:01", "must be from -12:00 to"),
        ("2019-07-28T01:03:00-12:01", "must be from -12:00 to"),
    ],
)
def test_parse_date_of_other_text_raises(text: str, message: str) -> None:
    with pytest.raises(InvalidDate, match=message):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("+1 h", timedelta(hours=1)),
        ("+1h", timedelta(hours=1)),
        ("-7 d", timedelta(days=-7)),
        ("+30 min", timedelta(minutes=30)),
        ("+1 d 2 h", timedelta(days=1, hours=2)),
        (" - 1d2h3min4s ", -timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("+999999 d", timedelta(days=999_999)),
    ],
)
def test_parse_shift_returns_the_duration(text: str, delta: timedelta) -> None:
    assert parse_shift(text) == delta


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 h",
        "+",
        "+1",
        "+h",
        "+1 y",
        "+1 h -1 min",
        "+0 h",
        "+1.5 h",
        "+1234567 d",
        "+\N{ARABIC-INDIC DIGIT ONE} h",
        "++1 h",
    ],
)
def test_parse_shift_of_other_text_raises(text: str) -> None:
    with pytest.raises(InvalidDate, match="is not a shift"):
        parse_shift(text)


def test_set_date_makes_it_the_date_of_a_person() -> None:
    image = set_date(make_image(metadata=Metadata(taken=EXIF)), CaptureTime(NIGHT, TimeSource.EXIF), NOW)

    assert image.taken == PERSON


@pytest.mark.parametrize("text", ["1825-12-31", "2026-12-02T00:00:00", "9999-12-31"])
def test_set_date_of_implausible_time_raises(text: str) -> None:
    with pytest.raises(ImplausibleDate, match=f"^{text} is not between 1826 and tomorrow"):
        set_date(make_image(), parse_date(text), NOW)


def test_reset_date_returns_to_the_date_of_the_file() -> None:
    assert reset_date(make_image(taken=PERSON, metadata=Metadata(taken=EXIF)), NOW).taken == EXIF
    assert reset_date(make_image(taken=PERSON), NOW).taken is None


@pytest.mark.parametrize(
    ("text", "shift", "shifted"),
    [
        ("2019-07-28T01:03:00+09:00", "-2 h", "2019-07-27T23:03:00+09:00"),
        ("2019-12-31", "+1 d", "2020-01-01"),
        ("2020-02-28T12:00:00", "+1 d 12 h", "2020-03-01T00:00:00"),
    ],
)
def test_shift_date_moves_the_wall_clock(text: str, shift: str, shifted: str) -> None:
    image = shift_date(make_image(taken=parse_date(text)), parse_shift(shift), NOW)

    assert image.taken == parse_date(shifted)


def test_shift_date_of_implausible_time_can_make_it_plausible() -> None:
    future = CaptureTime(datetime(2106, 2, 7), TimeSource.EXIF, plausible=False)  # noqa: DTZ001 - a local time

    image = shift_date(make_image(taken=future), timedelta(days=-36_500), NOW)

    assert image.taken == CaptureTime(future.local - timedelta(days=36_500), TimeSource.PERSON)


@pytest.mark.parametrize(
    ("taken", "shift", "message"),
    [
        (None, "+1 h", "has no date that can be shifted"),
        (parse_date("2019-07-28"), "+1 h", "has a date without a time"),
        (parse_date("2026-11-30"), "+2 d", "2026-12-02 is not between 1826 and tomorrow"),
        (parse_date("1826-01-01T00:00:00"), "-1 s", "1825-12-31T23:59:59 is not between"),
        (parse_date("2019-07-28"), "-999999 d", "The year after the shift of 2019-07-28 is not between"),
    ],
)
def test_shift_date_that_is_impossible_raises(taken: CaptureTime | None, shift: str, message: str) -> None:
    with pytest.raises((ImplausibleDate, InvalidDate), match=message):
        shift_date(make_image(taken=taken), parse_shift(shift), NOW)


def test_edits_of_image_in_the_trash_raise() -> None:
    image = make_image(state=ImageState.TRASHED)

    with pytest.raises(InvalidState):
        set_date(image, PERSON, NOW)
    with pytest.raises(InvalidState):
        reset_date(image, NOW)
    with pytest.raises(InvalidState):
        shift_date(image, timedelta(days=1), NOW)
