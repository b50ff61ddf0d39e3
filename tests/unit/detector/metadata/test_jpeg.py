import struct

import pytest

from detector.metadata.reader import read_metadata
from detector.metadata.values import TimeSource
from tests.support.metadata_files import (
    EXIF_PREFIX,
    EXTENSION_PREFIX,
    PHOTOSHOP_PREFIX,
    XMP_PREFIX,
    make_iptc,
    make_jpeg,
    make_resource,
    make_segment,
    make_tiff,
    make_xmp,
)

MAKE = 0x010F
EXIF = EXIF_PREFIX + make_tiff({MAKE: "Canon"})
GUID = b"0123456789ABCDEF0123456789ABCDEF"


def extend(offset: int, part: bytes, guid: bytes = GUID) -> bytes:
    return make_segment(0xE1, EXTENSION_PREFIX + guid + struct.pack(">LL", 0, offset) + part)


@pytest.mark.parametrize(
    "file",
    [
        make_jpeg(make_segment(0xE0, b"JFIF\0"), make_segment(0xE1, EXIF)),
        make_jpeg(make_segment(0xE1, b"other"), make_segment(0xE2, b""), make_segment(0xE1, EXIF)),
        make_jpeg(b"\xff\xff" + make_segment(0xE1, EXIF)),
        make_jpeg(b"junk\xff\x00\xff\xd0" + make_segment(0xE1, EXIF)),
        make_jpeg() + make_segment(0xE1, b"other") + make_segment(0xE1, EXIF),
        make_jpeg(make_segment(0xE1, EXIF))[: len(EXIF) + 6],
        make_jpeg(make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0422, EXIF[6:]))),
    ],
    ids=["first", "later", "fill byte", "junk", "after the scan", "cut off", "photoshop"],
)
def test_read_metadata_of_a_jpeg_finds_exif_in_all_places(file: bytes) -> None:
    assert read_metadata(file).camera_make == "Canon"


def test_read_metadata_of_a_jpeg_joins_exif_in_several_segments() -> None:
    tiff = make_tiff({0x927C: bytes(1000), MAKE: "Canon"})
    file = make_jpeg(make_segment(0xE1, EXIF_PREFIX + tiff[:600]), make_segment(0xE1, EXIF_PREFIX + tiff[600:]))

    assert read_metadata(file).camera_make == "Canon"


def test_read_metadata_of_a_jpeg_with_two_exif_blocks_uses_the_first_valid_time() -> None:
    zeros, time = ({0x9003: text} for text in ("0000:00:00 00:00:00", "2019:07:28 14:03:21"))
    file = make_jpeg(*(make_segment(0xE1, EXIF_PREFIX + make_tiff({}, exif)) for exif in (zeros, time)))

    taken = read_metadata(file).taken

    assert taken
    assert (taken.local.isoformat(), taken.source) == ("2019-07-28T14:03:21", TimeSource.EXIF)


@pytest.mark.parametrize("prefix", [XMP_PREFIX, XMP_PREFIX[:-1], b"XMP\0" + XMP_PREFIX[4:]])
def test_read_metadata_of_a_jpeg_finds_xmp(prefix: bytes) -> None:
    file = make_jpeg(make_segment(0xE1, prefix + make_xmp("<dc:title>Tokyo</dc:title>")))

    assert read_metadata(file).title == "Tokyo"


def test_read_metadata_of_a_jpeg_joins_extended_xmp() -> None:
    main = make_xmp(attributes=f'xmpNote:HasExtendedXMP="{GUID.decode()}"')
    extension = make_xmp("<dc:title>Tokyo</dc:title>")
    other = extend(0, make_xmp("<dc:title>Osaka</dc:title>"), guid=GUID[::-1])
    file = make_jpeg(
        other, extend(100, extension[100:]), extend(0, extension[:100]), make_segment(0xE1, XMP_PREFIX + main)
    )

    assert read_metadata(file).title == "Tokyo"


def test_read_metadata_of_a_jpeg_with_many_extensions_reads_the_first_ones() -> None:
    main = make_xmp(attributes=f'xmpNote:HasExtendedXMP="{GUID.decode()}"')
    others = [extend(0, b"", guid=b"%032d" % number) for number in range(10)]
    extension = extend(0, make_xmp("<dc:title>Tokyo</dc:title>"))
    packet = make_segment(0xE1, XMP_PREFIX + main)

    assert not read_metadata(make_jpeg(packet, *others, extension)).title
    assert read_metadata(make_jpeg(packet, *others[1:], extension)).title == "Tokyo"


def test_read_metadata_of_a_jpeg_ignores_extended_xmp_after_a_gap() -> None:
    main = make_xmp(attributes=f'xmpNote:HasExtendedXMP="{GUID.decode()}"')
    extension = make_xmp("<dc:title>Tokyo</dc:title>", 'xmp:Rating="4"')
    file = make_jpeg(make_segment(0xE1, XMP_PREFIX + main), extend(0, extension[:-60]), extend(9999, extension[-60:]))

    assert read_metadata(file).rating == 4
    assert not read_metadata(file).title


@pytest.mark.parametrize("prefix", [PHOTOSHOP_PREFIX, b"Adobe_Photoshop2.5:"])
def test_read_metadata_of_a_jpeg_joins_iptc_in_several_segments(prefix: bytes) -> None:
    resources = make_resource(0x03ED, b"odd", b"ab") + make_resource(0x0404, make_iptc((5, b"Tokyo")))
    file = make_jpeg(make_segment(0xED, prefix + resources[:30]), make_segment(0xED, prefix + resources[30:]))

    assert read_metadata(file).title == "Tokyo"


def test_read_metadata_of_a_jpeg_with_a_comment_uses_it_as_the_description() -> None:
    file = make_jpeg(*(make_segment(0xFE, text) for text in (b"AppleMark", b"CREATOR: gd-jpeg v1.0", b"In the garden")))

    assert read_metadata(file).description == "In the garden"


@pytest.mark.parametrize(
    "file",
    [
        make_jpeg(make_segment(0xE1, b"") * 40_000, make_segment(0xE1, EXIF)),
        make_jpeg() + make_segment(0xE1, b"") * 20_000 + make_segment(0xE1, EXIF),
        make_jpeg(
            make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(1, b"") * 1_000 + make_resource(0x0422, EXIF[6:]))
        ),
    ],
    ids=["segments", "late segments", "resources"],
)
def test_read_metadata_of_a_jpeg_with_a_huge_number_of_parts_ends(file: bytes) -> None:
    assert not read_metadata(file).camera_make
