from datetime import datetime, timedelta

import pytest

from detector.metadata.reader import read_metadata
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.metadata_files import (
    EXIF_PREFIX,
    PHOTOSHOP_PREFIX,
    XMP_PREFIX,
    Value,
    make_chunk,
    make_exif_jpeg,
    make_iptc,
    make_iptc_jpeg,
    make_jpeg,
    make_png,
    make_resource,
    make_segment,
    make_tiff,
    make_xmp,
    make_xmp_jpeg,
)

TEXT, ZEROS = "2019:07:28 14:03:21", "0000:00:00 00:00:00"
TIME = datetime(2019, 7, 28, 14, 3, 21)  # noqa: DTZ001
DAY = datetime(2019, 7, 28)  # noqa: DTZ001
UTC = timedelta()
MODIFIED, ORIGINAL, DIGITIZED = 0x0132, 0x9003, 0x9004
OFFSET, OFFSET_ORIGINAL, OFFSET_DIGITIZED, SUBSEC_ORIGINAL = 0x9010, 0x9011, 0x9012, 0x9291
GPS_TIME: dict[int, Value] = {29: "2019:07:28", 7: [(14, 1), (3, 1), (2150, 100)]}


def find_exif_time(exif: dict[int, Value], tags: dict[int, Value] | None = None) -> CaptureTime | None:
    return read_metadata(make_exif_jpeg(tags or {}, exif)).taken


def test_times_are_used_in_the_documented_order() -> None:
    """Each field has its own year, and is removed in turn."""
    exif: dict[int, Value] = {ORIGINAL: "2001:07:28 14:03:21", DIGITIZED: "2002:07:28 14:03:21"}
    xmp = {
        "exif:DateTimeOriginal": "2003",
        "exif:DateTimeDigitized": "2004",
        "xmp:CreateDate": "2005",
        "photoshop:DateCreated": "2006",
    }
    iptc = {55: b"20070728", 62: b"20080728"}
    png = {b"exif:DateTimeOriginal": b"2009", b"Creation Time": b"2010"}
    gps: dict[int, Value] = {29: "2011:07:28"}
    xmp_gps = {"exif:GPSTimeStamp": "2012"}
    tags: dict[int, Value] = {MODIFIED: "2013:07:28 14:03:21"}
    years = []
    for source in (exif, xmp, iptc, png, gps, xmp_gps, tags):
        while source:
            chunks = [make_chunk(b"eXIf", make_tiff(tags, exif, gps))]
            attributes = " ".join(f'{key}="{year}-07-28"' for key, year in (xmp | xmp_gps).items())
            chunks.append(make_chunk(b"tEXt", b"XML:com.adobe.xmp\0" + make_xmp(attributes=attributes)))
            profile = b"\niptc\n 9\n" + make_iptc(*iptc.items()).hex().encode()
            chunks.append(make_chunk(b"tEXt", b"Raw profile type iptc\0" + profile))
            chunks += [make_chunk(b"tEXt", key + b"\0" + year + b"-07-28") for key, year in png.items()]
            chunks.append(make_chunk(b"tIME", b"\x07\xde\7\x1c\0\0\0"))
            taken = read_metadata(make_png(*chunks)).taken
            years.append(taken.local.year if taken else None)
            source.pop(next(iter(source)))  # type: ignore[call-overload]

    assert years == list(range(2001, 2014))
    changed = datetime(2014, 7, 28)  # noqa: DTZ001
    assert read_metadata(make_png(chunks[-1])).taken == CaptureTime(changed, TimeSource.PNG, offset=UTC)


@pytest.mark.parametrize(
    ("exif", "tags", "offset"),
    [
        ({ORIGINAL: TEXT}, {}, None),
        ({ORIGINAL: TEXT, OFFSET_ORIGINAL: "+09:00"}, {}, 9),
        ({ORIGINAL: TEXT, OFFSET_ORIGINAL: "   :  "}, {}, None),
        ({ORIGINAL: TEXT, OFFSET_DIGITIZED: "+09:00"}, {}, None),
        ({ORIGINAL: TEXT + "+02:00", OFFSET_ORIGINAL: "+09:00"}, {}, 2),
        ({DIGITIZED: TEXT, OFFSET_DIGITIZED: "+09:00"}, {}, 9),
        ({OFFSET: "+09:00"}, {MODIFIED: TEXT}, 9),
        ({ORIGINAL: TEXT, OFFSET: "+09:00"}, {}, 9),
        ({ORIGINAL: TEXT, OFFSET: "+09:00"}, {MODIFIED: TEXT}, 9),
        ({ORIGINAL: TEXT, OFFSET: "+09:00"}, {MODIFIED: "2020:01:01 00:00:00"}, None),
        ({ORIGINAL: TEXT, OFFSET_ORIGINAL: "+02:00", OFFSET: "+09:00"}, {MODIFIED: TEXT}, 2),
        ({ORIGINAL: ZEROS, DIGITIZED: TEXT, OFFSET_ORIGINAL: "+09:00"}, {}, None),
    ],
)
def test_exif_time_has_the_offset_of_its_own_field(
    exif: dict[int, Value], tags: dict[int, Value], offset: int | None
) -> None:
    expected = None if offset is None else timedelta(hours=offset)

    assert find_exif_time(exif, tags) == CaptureTime(TIME, TimeSource.EXIF, expected)


@pytest.mark.parametrize(("text", "subsec", "expected"), [
    (TEXT, "5", TIME.replace(microsecond=500_000)),
    (TEXT, "12 ", TIME.replace(microsecond=120_000)),
    (TEXT, "  ", TIME),
    (TEXT + ".25", "5", TIME.replace(microsecond=250_000)),
    ("2019:07:28", "5", DAY),
])  # fmt: skip
def test_exif_time_has_the_fraction_of_its_own_field(text: str, subsec: str, expected: datetime) -> None:
    taken = find_exif_time({ORIGINAL: text, SUBSEC_ORIGINAL: subsec})

    assert taken == CaptureTime(expected, TimeSource.EXIF, date_only=expected == DAY)


@pytest.mark.parametrize("value", [TEXT.encode(), TEXT.encode("utf-16-le"), TEXT])
def test_exif_time_of_any_type_is_read(value: Value) -> None:
    assert find_exif_time({ORIGINAL: value}) == CaptureTime(TIME, TimeSource.EXIF)


def test_zeros_do_not_hide_the_next_fields() -> None:
    exif = make_segment(0xE1, EXIF_PREFIX + make_tiff({MODIFIED: TEXT}, {ORIGINAL: ZEROS, DIGITIZED: "    "}))
    xmp = make_segment(
        0xE1, XMP_PREFIX + make_xmp(attributes='xmp:CreateDate="2018" photoshop:DateCreated="2019-07-28"')
    )

    assert read_metadata(make_jpeg(exif)).taken == CaptureTime(TIME, TimeSource.EXIF)
    assert read_metadata(make_jpeg(exif, xmp)).taken == CaptureTime(DAY, TimeSource.XMP, date_only=True)


def test_xmp_time_has_its_offset() -> None:
    file = make_xmp_jpeg("<xmp:CreateDate>2019-07-28T14:03:21+02:00</xmp:CreateDate>")

    assert read_metadata(file).taken == CaptureTime(TIME, TimeSource.XMP, timedelta(hours=2))


@pytest.mark.parametrize(
    ("data_sets", "expected"),
    [
        ([(55, b"20190728"), (60, b"140321+0900")], CaptureTime(TIME, TimeSource.IPTC, timedelta(hours=9))),
        ([(62, b"20190728"), (63, b"140321")], CaptureTime(TIME, TimeSource.IPTC)),
        ([(55, b"20190728"), (60, b"990000")], CaptureTime(DAY, TimeSource.IPTC, date_only=True)),
        ([(55, b"20190728")], CaptureTime(DAY, TimeSource.IPTC, date_only=True)),
        ([(55, b"20190000"), (62, b"20190728")], CaptureTime(DAY, TimeSource.IPTC, date_only=True)),
        ([(60, b"140321")], None),
    ],
)
def test_iptc_time_is_read_with_its_date(data_sets: list[tuple[int, bytes]], expected: CaptureTime | None) -> None:
    assert read_metadata(make_iptc_jpeg(*data_sets)).taken == expected


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        (GPS_TIME, CaptureTime(TIME, TimeSource.GPS, UTC)),
        ({29: "2019:07:28", 7: [(14, 1), (3, 1), (21, 0)]}, CaptureTime(DAY, TimeSource.GPS, UTC, date_only=True)),
        ({29: "2019:07:28"}, CaptureTime(DAY, TimeSource.GPS, UTC, date_only=True)),
        ({7: [(14, 1), (3, 1), (21, 1)]}, None),
    ],
)
def test_gps_time_is_utc(gps: dict[int, Value], expected: CaptureTime | None) -> None:
    assert read_metadata(make_exif_jpeg({}, {}, gps)).taken == expected


def test_gps_time_of_xmp_is_converted_to_utc() -> None:
    file = make_xmp_jpeg(attributes='exif:GPSTimeStamp="2019-07-28T16:03:21+02:00"')

    assert read_metadata(file).taken == CaptureTime(TIME, TimeSource.GPS, UTC)


def test_gps_time_comes_before_the_last_change() -> None:
    file = make_exif_jpeg({MODIFIED: "2020:01:01 00:00:00"}, {}, GPS_TIME)

    assert read_metadata(file).taken == CaptureTime(TIME, TimeSource.GPS, UTC)


def test_iptc_time_comes_before_the_last_change() -> None:
    exif = make_segment(0xE1, EXIF_PREFIX + make_tiff({MODIFIED: "2020:01:01 00:00:00"}))
    iptc = make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, make_iptc((55, b"20190728"))))

    assert read_metadata(make_jpeg(exif, iptc)).taken == CaptureTime(DAY, TimeSource.IPTC, date_only=True)
