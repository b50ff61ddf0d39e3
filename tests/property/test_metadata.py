from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.metadata import reader
from detector.metadata.file_names import parse_file_name_time
from detector.metadata.reader import read_metadata
from detector.metadata.times import ParsedTime, parse_time
from tests.support.metadata_files import (
    EXIF_PREFIX,
    HEIF_DATA,
    PHOTOSHOP_PREFIX,
    XMP_PREFIX,
    make_chunk,
    make_heif,
    make_iptc,
    make_item,
    make_jpeg,
    make_locations,
    make_png,
    make_resource,
    make_segment,
    make_tiff,
    make_webp,
    make_xmp,
)

pytestmark = pytest.mark.no_cover


@pytest.fixture(autouse=True, scope="module")
def _mistakes_are_raised() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(reader, "DAMAGE", ())
        yield


TIFF = make_tiff(
    {0x010E: "In Tokyo", 0x010F: "Canon", 0x4746: [4], 0x9C9E: "sea;sun".encode("utf-16-le")},
    {0x9003: "2019:07:28 14:03:21", 0x9011: "+09:00", 0x829A: [(1, 250)], 0x9286: b"UNICODE\0a\0b\0"},
    {1: "N", 2: [(35, 1), (30, 1), (36, 1)], 3: "E", 4: [(139, 1)], 29: "2019:07:28", 7: [(1, 1), (2, 1), (3, 1)]},
)
XMP = make_xmp("<dc:subject><rdf:Bag><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>", 'xmp:CreateDate="2019-07-28"')
RESOURCES = make_resource(0x0404, make_iptc((25, b"sea"), (55, b"20190728"), (60, b"140321+0900")))
FILES = [
    make_jpeg(
        make_segment(0xE1, EXIF_PREFIX + TIFF),
        make_segment(0xE1, XMP_PREFIX + XMP),
        make_segment(0xED, PHOTOSHOP_PREFIX + RESOURCES),
    ),
    make_png(
        make_chunk(b"eXIf", TIFF),
        make_chunk(b"tEXt", b"XML:com.adobe.xmp\0" + XMP),
        make_chunk(b"tEXt", b"Raw profile type iptc\0\niptc\n9\n" + RESOURCES.hex().encode()),
        make_chunk(b"tEXt", b"Creation Time\0Sun, 28 Jul 2019 14:03:21 +0900"),
        make_chunk(b"tIME", b"\x07\xe3\7\x1c\0\0\0"),
    ),
    make_webp((b"EXIF", TIFF), (b"XMP ", XMP)),
    b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP" + XMP + b"\x01\xff\xfe\xfd\xfc",
    make_heif(
        [make_item(1, b"Exif"), make_item(2, b"mime", b"application/rdf+xml")],
        make_locations((1, 0, [(HEIF_DATA, 4 + len(TIFF))]), (2, 0, [(HEIF_DATA + 4 + len(TIFF), len(XMP))])),
        data=bytes(4) + TIFF + XMP,
    ),
]
pieces = st.binary(max_size=4) | st.sampled_from(
    [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff", b"<!DOCTYPE x>", b"&a;"]
)


@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), pieces), max_size=5))
def test_read_metadata_of_a_damaged_file_returns_bounded_fields(
    file: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    for place, size, piece in changes:
        start = int(place * len(file))
        file = file[:start] + piece + file[start + size :]

    metadata = read_metadata(file)

    for text in (metadata.title, metadata.description, metadata.camera, *metadata.keywords):
        assert len(text.encode()) <= 8_000
        assert "\0" not in text
    if metadata.position:
        assert abs(metadata.position.latitude) <= 90
        assert abs(metadata.position.longitude) <= 180


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP", b"\0\0\0\x08ftyp"]),
)
def test_read_metadata_of_any_bytes_returns(data: bytes, start: bytes) -> None:
    read_metadata(start + data)


@given(st.text() | st.text("0123456789:-/. TZ+amp") | st.text("0123456789").map("2019:07:28 ".__add__))
def test_parse_time_of_any_text_returns_a_time_in_range_or_none(text: str) -> None:
    time = parse_time(text)

    assert time is None or 1800 <= time.local.year <= 2200
    parse_file_name_time(text)


@given(
    st.datetimes(datetime(1800, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["%Y:%m:%d %H:%M:%S", "%Y%m%dT%H%M%S", "%d %b %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y"]),
)
def test_parse_time_of_a_written_time_returns_it(time: datetime, spelling: str) -> None:
    assert parse_time(time.strftime(spelling)) == ParsedTime(time.replace(microsecond=0))
