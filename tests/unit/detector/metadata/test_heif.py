import gzip
import struct
import zlib

import pytest

from detector.metadata.reader import read_metadata
from tests.support.metadata_files import (
    EXIF_PREFIX,
    HEIF_DATA,
    XMP_UUID,
    make_box,
    make_heif,
    make_item,
    make_locations,
    make_tiff,
    make_xmp,
)

TIFF = make_tiff({0x010F: "Canon"})
XMP = make_xmp("<dc:title>Tokyo</dc:title>")
EXIF_ITEM = make_item(1, b"Exif")


def make_exif_heif(data: bytes) -> bytes:
    return make_heif([EXIF_ITEM], make_locations((1, 0, [(HEIF_DATA, len(data))])), data=data)


def make_xmp_heif(item: bytes, data: bytes) -> bytes:
    return make_heif([item], make_locations((1, 0, [(HEIF_DATA, len(data))])), data=data)


@pytest.mark.parametrize(
    "data",
    [bytes(4) + TIFF, b"\0\0\0\6" + EXIF_PREFIX + TIFF, bytes(4) + EXIF_PREFIX + TIFF, EXIF_PREFIX + TIFF, TIFF],
    ids=["offset 0", "offset 6", "offset 0 with prefix", "no offset with prefix", "no offset"],
)
def test_read_metadata_of_a_heif_finds_exif_at_any_offset(data: bytes) -> None:
    assert read_metadata(make_exif_heif(data)).camera_make == "Canon"


def test_read_metadata_of_a_heif_finds_exif_in_the_item_data_box() -> None:
    idat = make_box(b"idat", bytes(4) + TIFF)
    locations = make_locations((1, 1, [(0, 0)]))

    assert read_metadata(make_heif([EXIF_ITEM], locations, idat)).camera_make == "Canon"


def test_read_metadata_of_a_heif_joins_extents() -> None:
    data = bytes(4) + TIFF[:10] + b"gap" + TIFF[10:]
    extents = [(HEIF_DATA, 14), (HEIF_DATA + 17, len(TIFF) - 10)]

    assert read_metadata(make_heif([EXIF_ITEM], make_locations((1, 0, extents)), data=data)).camera_make == "Canon"


def test_read_metadata_of_a_heif_with_the_first_version_of_locations_finds_exif() -> None:
    data = bytes(4) + TIFF
    locations = bytes(4) + b"\x44\x40" + struct.pack(">HHHLHLL", 1, 1, 0, HEIF_DATA, 1, 0, len(data))

    assert read_metadata(make_heif([EXIF_ITEM], locations, data=data)).camera_make == "Canon"


def test_read_metadata_of_a_heif_with_long_item_numbers_finds_exif() -> None:
    data = bytes(4) + TIFF
    entry = make_box(b"infe", b"\3\0\0\0" + struct.pack(">LH", 70_000, 0) + b"Exif\0")
    items = make_box(b"iinf", b"\1\0\0\0" + struct.pack(">L", 1) + entry)
    locations = b"\2\0\0\0\x44\x04" + struct.pack(">LLHHHLLL", 1, 70_000, 0, 0, 1, 7, HEIF_DATA, len(data))
    meta = make_box(b"meta", bytes(4) + items + make_box(b"iloc", locations))
    file = make_box(b"ftyp", b"heic") + make_box(b"mdat", data) + meta

    assert read_metadata(file).camera_make == "Canon"


def test_read_metadata_of_a_heif_prefers_the_item_of_the_primary_image() -> None:
    other, data = bytes(4) + make_tiff({0x010F: "Nikon"}), bytes(4) + TIFF
    locations = make_locations((1, 0, [(HEIF_DATA, len(other))]), (2, 0, [(HEIF_DATA + len(other), len(data))]))
    primary = make_box(b"pitm", bytes(4) + struct.pack(">H", 7))
    references = [struct.pack(">HHH", item, 1, image) for item, image in ((1, 8), (2, 7))]
    boxes = make_box(b"iref", bytes(4) + b"".join(make_box(b"cdsc", reference) for reference in references))

    file = make_heif([EXIF_ITEM, make_item(2, b"Exif")], locations, primary, boxes, data=other + data)

    assert read_metadata(file).camera_make == "Canon"


@pytest.mark.parametrize(
    ("item", "data"),
    [
        (make_item(1, b"mime", b"application/rdf+xml"), XMP),
        (make_item(1, b"mime", b"application/rdf+xml", b"deflate"), zlib.compress(XMP)),
        (make_item(1, b"mime", b"application/rdf+xml", b"gzip"), gzip.compress(XMP)),
        (make_item(1, b"uri "), XMP),
        (make_box(b"infe", bytes(4) + struct.pack(">HH", 1, 0) + b"name\0text/xml\0\0"), XMP),
    ],
    ids=["plain", "deflate", "gzip", "uri", "version 0"],
)
def test_read_metadata_of_a_heif_finds_xmp_items(item: bytes, data: bytes) -> None:
    assert read_metadata(make_xmp_heif(item, data)).title == "Tokyo"


def test_read_metadata_of_a_heif_finds_xmp_in_boxes() -> None:
    in_meta = make_box(b"meta", bytes(4) + make_box(b"xml ", bytes(4) + XMP))

    assert read_metadata(make_box(b"ftyp", b"avif") + make_box(b"uuid", XMP_UUID + XMP)).title == "Tokyo"
    assert read_metadata(make_box(b"ftyp", b"avif") + in_meta).title == "Tokyo"


@pytest.mark.parametrize("size", [1, 0], ids=["64 bits", "to the end"])
def test_read_metadata_of_a_heif_with_other_sizes_of_boxes_finds_xmp(size: int) -> None:
    content = XMP_UUID + XMP
    header = struct.pack(">L", size) + b"uuid" + (struct.pack(">Q", 16 + len(content)) if size else b"")

    assert read_metadata(make_box(b"ftyp", b"avif") + header + content).title == "Tokyo"


@pytest.mark.parametrize(
    "file",
    [
        make_exif_heif(b"no tiff structure"),
        make_xmp_heif(make_item(1, b"mime", b"image/jpeg"), XMP),
        make_xmp_heif(make_item(1, b"mime", b"text/xml", b"deflate"), XMP),
        make_xmp_heif(make_item(1, b"uri "), b"text" + bytes(64) + XMP),
        make_xmp_heif(make_item(1, b"hvc1"), XMP),
        make_heif([EXIF_ITEM], make_locations((1, 2, [(0, 9)]))),
        make_heif([EXIF_ITEM], b"\1\0\0\0\0\0\xff\xff" + b"\0\1\0\0\0\0\xff\xff" * 9),
        make_heif([EXIF_ITEM], b"\1\0"),
        make_heif([make_box(b"infe", b"\2")], b""),
        make_box(b"ftyp", b"heic") + b"\0\0\0\2meta",
        make_box(b"ftyp", b"heic") + b"\0\0\0\1meta",
        make_box(b"ftyp", b"heic") + make_box(b"free", b"") * 20_001,
    ],
)
def test_read_metadata_of_other_or_damaged_heif_items_is_empty(file: bytes) -> None:
    assert read_metadata(file) == read_metadata(b"")


def test_read_metadata_of_a_heif_with_damaged_entries_reads_the_others() -> None:
    data = bytes(4) + TIFF
    locations = make_locations((1, 0, [(HEIF_DATA, len(data))]), (2, 0, []))[:-1]
    entries = [make_box(b"infe", b"\2"), make_box(b"free", b""), EXIF_ITEM]

    assert read_metadata(make_heif(entries, locations, data=data)).camera_make == "Canon"


def test_read_metadata_of_a_heif_with_damaged_references_finds_exif() -> None:
    data = bytes(4) + TIFF
    references = make_box(b"iref", b"\1\0\0\0" + make_box(b"cdsc", b"\0"))
    file = make_heif([EXIF_ITEM], make_locations((1, 0, [(HEIF_DATA, len(data))])), references, data=data)

    assert read_metadata(file).camera_make == "Canon"
