from datetime import datetime, timedelta

import pytest

from detector.metadata.times import ParsedTime, parse_offset, parse_time

TIME = datetime(2019, 7, 28, 14, 3, 21)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2019:07:28 14:03:21",
        "2019:07:28 14:03:21\0",
        "2019:07:28\x0014:03:21",
        "28-07-2019 14:03:21",
        "  2019:07:28   14:03:21  ",
        "2019: 7:28 14: 3:21",
        "2019-07-28T14:03:21",
        "2019/7/28 14:3:21",
        "2019.07.28 14.03.21",
        "2019_07_28 14_03_21",
        "2019-07-28-14-03-21",
        "2019 07 28 14 03 21",
        "20190728T140321",
        "20190728140321",
        "2019:07:28 02:03:21 PM",
        "2019:07:28 2:03:21 p.m.",
        "2019:07:28 下午2:03:21",
        "2019年7月28日 14:03:21",
        "\uff12019\uff1a07\uff1a28 14\uff1a03\uff1a21",
        "28.07.2019 14:03:21",
        "28. 7. 2019, 14:03:21",
        "28/07/2019 14:03:21",
        "7/28/2019 2:03:21 PM",
        "28 Jul 2019 14:03:21",
        "28-Jul-2019 14:03:21",
        "Sunday, July 28th, 2019 2:03:21 PM",
        "Sun Jul 28 14:03:21 2019",
        "Sun Jul 28 14:03:21 JST 2019",
        "2019 Jul 28 14:03:21",
        "2019:07:28 14:03:21 DST",
        '"2019:07:28 14:03:21"',
    ],
)
def test_parse_time_of_known_spellings_returns_the_time(text: str) -> None:
    assert parse_time(text) == ParsedTime(TIME)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2019:07:28 14:03:21+09:00", 9),
        ("2019-07-28T14:03:21 +0900", 9),
        ("2019-07-28T14:03:21\u22129", -9),
        ("2019-07-28T14:03:21Z", 0),
        ("Sun, 28 Jul 2019 14:03:21 GMT", 0),
        ("Sun, 28 Jul 2019 14:03:21 +0900", 9),
        ("Sun Jul 28 14:03:21 +0900 2019", 9),
        ("Sun Jul 28 2019 14:03:21 GMT+0900 (Japan Standard Time)", 9),
        ("2019-07-28T14:03:21+09:00[Asia/Tokyo]", 9),
    ],
)
def test_parse_time_with_an_offset_returns_both(text: str, hours: int) -> None:
    assert parse_time(text) == ParsedTime(TIME, timedelta(hours=hours))


@pytest.mark.parametrize(
    "text", ["2019:07:28 14:03:21+99:99", "2019:07:28 14:03:21-15:00", "2019:07:28 14:03:21+01:02:03"]
)
def test_parse_time_with_an_impossible_offset_returns_the_time_without_it(text: str) -> None:
    assert parse_time(text) == ParsedTime(TIME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019:07:28 14:03", datetime(2019, 7, 28, 14, 3)),  # noqa: DTZ001
        ("2019-07-28T1403", datetime(2019, 7, 28, 14, 3)),  # noqa: DTZ001
        ("2019:07:28 14:03:21.5", datetime(2019, 7, 28, 14, 3, 21, 500_000)),  # noqa: DTZ001
        ("2019-07-28T14:03:21.1234567890123", datetime(2019, 7, 28, 14, 3, 21, 123_456)),  # noqa: DTZ001
        ("2019:07:28 12:03:21 AM", datetime(2019, 7, 28, 0, 3, 21)),  # noqa: DTZ001
        ("2019:07:28 14:03:21 PM", datetime(2019, 7, 28, 14, 3, 21)),  # noqa: DTZ001
        ("2019:07:28 24:00:00", datetime(2019, 7, 29)),  # noqa: DTZ001
        ("2016:12:31 23:59:60", datetime(2016, 12, 31, 23, 59, 59)),  # noqa: DTZ001
        ("1895:05:04 12:00:00", datetime(1895, 5, 4, 12)),  # noqa: DTZ001
        ("3/3/2019 12:00", datetime(2019, 3, 3, 12)),  # noqa: DTZ001
    ],
)
def test_parse_time_of_unusual_times_returns_the_time(text: str, expected: datetime) -> None:
    assert parse_time(text) == ParsedTime(expected)


@pytest.mark.parametrize(
    "text", ["2019:07:28", "20190728", "2019-07-28", "2019:07:28   :  :  ", "July 28, 2019", "28.07.2019"]
)
def test_parse_time_without_a_time_of_day_returns_a_date(text: str) -> None:
    assert parse_time(text) == ParsedTime(datetime(2019, 7, 28), date_only=True)  # noqa: DTZ001


def test_parse_time_of_a_date_with_an_offset_returns_both() -> None:
    assert parse_time("2019-07-28+02:00") == ParsedTime(datetime(2019, 7, 28), timedelta(hours=2), date_only=True)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2019",
        "2019-07",
        "1993:08:  :  :  ",
        "2019:13:28 14:03:21",
        "2019:02:31 14:03:21",
        "2019:07:28 25:03:21",
        "2019:07:28 14:61:21",
        "2019:07:28 14:03:61",
        "2019:07:28 x14",
        "0001:01:01 00:00:00",
        "9999:12:31 24:00:00",
        "19:07:28 14:03:21",
        "07/08/2019 14:03",
        "13/13/2019",
        "28/07-2019",
        "32 Jul 2019",
        "2019:07:281 14:03:21",
        "1564322601",
        "yesterday",
    ],
)
def test_parse_time_of_other_texts_returns_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("+09:00", 9),
        ("+0900", 9),
        ("+9", 9),
        (" -03:30 ", -3.5),
        ("Z", 0),
        ("UTC+5", 5),
        ("+14:00", 14),
        ("-12:00", -12),
    ],
)
def test_parse_offset_returns_the_difference_from_utc(text: str, hours: float) -> None:
    assert parse_offset(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "   :  ", "+99:99", "+14:01", "-15:00", "+09:60", "+01:02:03", "09:00", "local"])
def test_parse_offset_of_other_texts_returns_none(text: str) -> None:
    assert parse_offset(text) is None
