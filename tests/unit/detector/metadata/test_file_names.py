from datetime import UTC, datetime, timedelta

import pytest

from detector.metadata.file_names import parse_file_name_time
from detector.metadata.values import CaptureTime, TimeSource

TIME = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20190728_010300.jpg",
        "20190728_010300.jpg",
        "20190728010300.jpg",
        "IMG20190728010300.jpg",
        "2019-07-28 01.03.00.jpg",
        "2019-07-28T01:03:00.jpg",
        "Screenshot_20190728-010300.png",
        "Screenshot_20190728-010300_Chrome.png",
        "signal-2019-07-28-010300.jpg",
        "photo_2019-07-28_01-03-00.jpg",
        "WhatsApp Image 2019-07-28 at 01.03.00.jpeg",
        "WhatsApp Image 2019-07-28 at 1.03.00 AM (1).jpeg",
        "Bildschirmfoto 2019-07-28 um 01.03.00.png",
        "Screen Shot 2019-07-28 at 1.03.00\u202fAM.png",
        "WP_20190728_01_03_00_Pro.jpg",
        "2019_0728_010300_001.JPG",
        "IMG_20190728_010300_HDR.jpg",
        "20190728_010300_001.jpg",
        r"C:\Photos\20100101\VID_20190728_010300.jpg",
        "2018/IMG_20190728_010300.jpg",
        "20191328_20190728_010300.jpg",
    ],
)
def test_parse_file_name_time_with_a_time_returns_it(name: str) -> None:
    assert parse_file_name_time(name) == CaptureTime(TIME, TimeSource.NAME)


def test_parse_file_name_time_in_the_afternoon_returns_24_hours() -> None:
    assert parse_file_name_time("Screen Shot 2019-07-28 at 1.03.00 PM.png") == CaptureTime(
        TIME + timedelta(hours=12), TimeSource.NAME
    )


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20190728_010300123.jpg",
        "00001IMG_00001_BURST20190728010300123_COVER.jpg",
        "signal-2019-07-28-01-03-00-123.jpg",
    ],
)
def test_parse_file_name_time_with_milliseconds_returns_them(name: str) -> None:
    assert parse_file_name_time(name) == CaptureTime(TIME + timedelta(milliseconds=123), TimeSource.NAME)


@pytest.mark.parametrize(
    "name",
    [
        "PXL_20190728_010300.MP.jpg",
        "20190728T010300Z.jpg",
        "1564275780000.jpg",
        "FB_IMG_1564275780000.jpg",
        "mmexport1564275780000.jpg",
    ],
)
def test_parse_file_name_time_of_names_in_utc_returns_the_offset_0(name: str) -> None:
    assert parse_file_name_time(name) == CaptureTime(TIME, TimeSource.NAME, offset=timedelta())


@pytest.mark.parametrize(
    "name",
    [
        "IMG-20190728-WA0001.jpg",
        "DSC_20190728.jpg",
        "2019-07-28.jpg",
        "WP_20190728_001.jpg",
        "IMG_20190728_1234.jpg",
        "20190728_990300.jpg",
    ],
)
def test_parse_file_name_time_without_a_valid_time_returns_a_date(name: str) -> None:
    assert parse_file_name_time(name) == CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True)  # noqa: DTZ001


@pytest.mark.parametrize(
    "name",
    [
        "",
        "IMG_1234.jpg",
        "P1010101.JPG",
        "DSCF2019.JPG",
        "2019.jpg",
        "4915112345678.jpg",
        "+1 415 555 2019.jpg",
        "12019072801.jpg",
        "IMG_2019072801.jpg",
        "order-120190728.jpg",
        "5f20190728.jpg",
        "d41d8cd98f00b204e9800998ecf8427e.jpg",
        "ab20190728cdef0a1b20190728cd.jpg",
        "20190728-0103-4abc-8abc-0123456789ab.jpg",
        "99999999.jpg",
        "20200230.jpg",
        "20191328.jpg",
        "19891231.jpg",
        f"{datetime.now(UTC).year + 2}0101_000000.jpg",
    ],
)
def test_parse_file_name_time_of_other_names_returns_none(name: str) -> None:
    assert parse_file_name_time(name) is None
