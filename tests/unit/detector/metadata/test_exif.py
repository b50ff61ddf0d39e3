import struct
from math import isnan

import pytest

from detector.metadata.exif import Field, Tag, parse_number, read_exif
from detector.metadata.reader import read_metadata
from tests.support.metadata_files import EXIF_IFD, EXIF_PREFIX, GPS_IFD, make_entry, make_tiff

MAKE = 0x010F


@pytest.mark.parametrize("order", ["<", ">"])
def test_read_exif_in_both_byte_orders_returns_all_directories(order: str) -> None:
    tiff = make_tiff(
        {MAKE: "Canon", 0x4746: [4]},
        {0x829D: [(28, 10)]},
        {2: [(35, 1), (42, 1), (0, 1)]},
        thumbnail={0x0110: "EOS"},
        order=order,
    )

    exif = read_exif(memoryview(tiff))

    assert exif.find(Tag.MAKE)[0].text == "Canon"
    assert exif.find(Tag.RATING)[0].number == 4
    assert exif.find(Tag.F_NUMBER)[0].number == 2.8
    assert exif.find(Tag.MODEL)[0].text == "EOS"
    assert [gps[2].numbers for gps in exif.gps] == [[35, 42, 0]]


def test_read_exif_with_a_tag_in_two_directories_returns_the_exif_directory_first() -> None:
    exif = read_exif(memoryview(make_tiff({0x9003: "main"}, {0x9003: "exif"})))

    assert [entry.text for entry in exif.find(Tag.ORIGINAL)] == ["exif", "main"]


@pytest.mark.parametrize(
    ("type_", "raw", "numbers"),
    [
        (1, b"\7", [7]),
        (2, b"5.6 1/4\0", [5.6, 0.25]),
        (3, b"\1\0\2\0", [1, 2]),
        (4, b"\1\0\0\0", [1]),
        (5, b"\1\0\0\0\4\0\0\0", [0.25]),
        (6, b"\xff", [-1]),
        (7, b"\7", [7]),
        (8, b"\xff\xff", [-1]),
        (9, b"\xff\xff\xff\xff", [-1]),
        (10, b"\xff\xff\xff\xff\2\0\0\0", [-0.5]),
        (11, struct.pack("<f", 0.5), [0.5]),
        (12, struct.pack("<d", 0.1), [0.1]),
        (13, b"\1\0\0\0", [1]),
        (99, b"\7", [7]),
        (3, b"\1", []),
        (3, b"\1\0" * 1000, [1] * 16),
    ],
)
def test_numbers_of_any_type_are_read(type_: int, raw: bytes, numbers: list[float]) -> None:
    assert Field(type_, memoryview(raw), "<").numbers == numbers


def test_numbers_with_a_zero_denominator_are_nan() -> None:
    (number,) = Field(5, memoryview(bytes(8)), "<").numbers

    assert isnan(number)


@pytest.mark.parametrize(("text", "number"), [("5.6", 5.6), ("1/4", 0.25), (" -2 / 4", -0.5), ("50 mm", 50)])
def test_parse_number_of_numbers_and_fractions_returns_the_number(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "f/5.6", "1/0", "mm"])
def test_parse_number_of_other_texts_returns_nan(text: str) -> None:
    assert isnan(parse_number(text))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"ASCII\0\0\0In Tokyo\0\0", "In Tokyo"),
        (b"\0\0\0\0\0\0\0\0In Tokyo", "In Tokyo"),
        (b"UNICODE\0" + "In Tōkyō".encode("utf-16-le"), "In Tōkyō"),
        (b"UNICODE\0" + "In Tōkyō".encode("utf-16-be"), "In Tōkyō"),
        (b"UNICODE\0" + "東京".encode("utf-16-le"), "東京"),
        (b"UNICODE\0" + "東京".encode("utf-16"), "東京"),
        (b"JIS\0\0\0\0\0" + "東京".encode("iso2022_jp"), "東京"),
        (b"In Tokyo, without a character set", "In Tokyo, without a character set"),
        (b"", ""),
    ],
)
def test_comment_in_any_character_set_is_decoded(raw: bytes, text: str) -> None:
    assert Field(7, memoryview(raw), "<").comment == text


@pytest.mark.parametrize("block", [b"", b"II*\0", b"GIF89a  ", EXIF_PREFIX])
def test_read_exif_of_other_bytes_raises(block: bytes) -> None:
    with pytest.raises(ValueError, match="not a TIFF structure"):
        read_exif(memoryview(block))


def test_read_exif_with_loops_ends() -> None:
    entries = make_entry(MAKE, 2, 4, 0x006E6143) + make_entry(EXIF_IFD, 4, 1, 8) + make_entry(GPS_IFD, 4, 1, 8)
    loop = b"II*\0" + struct.pack("<LH", 8, 3) + entries + struct.pack("<L", 8)

    exif = read_exif(memoryview(loop))

    assert exif.find(Tag.MAKE)[0].text == "Can"
    assert exif.gps == [{}]


def test_read_exif_with_a_long_chain_of_directories_reads_eight() -> None:
    chain = b"II*\0" + struct.pack("<L", 8)
    for _ in range(10):
        chain += struct.pack("<H", 1) + make_entry(MAKE, 2, 4, 0x006E6143) + struct.pack("<L", len(chain) + 18)

    assert len(read_exif(memoryview(chain)).find(Tag.MAKE)) == 8


@pytest.mark.parametrize(("count", "makes"), [(999, ["Can"]), (1_000, [])])
def test_read_exif_reads_at_most_1000_entries_of_a_directory(count: int, makes: list[str]) -> None:
    entries = make_entry(0, 1, 1, 0) * count + make_entry(MAKE, 2, 4, 0x006E6143)
    tiff = b"II*\0" + struct.pack("<LH", 8, count + 1) + entries + bytes(4)

    assert [entry.text for entry in read_exif(memoryview(tiff)).find(Tag.MAKE)] == makes


@pytest.mark.parametrize(
    "entry",
    [
        make_entry(MAKE, 2, 2**32 - 1, 0),
        make_entry(MAKE, 2, 9, 2**32 - 1),
        make_entry(EXIF_IFD, 4, 1, 2**32 - 1),
        make_entry(EXIF_IFD, 5, 1, 8),
        make_entry(GPS_IFD, 11, 1, 0x7F800000),
    ],
    ids=["huge count", "huge offset", "huge pointer", "rational pointer", "infinite pointer"],
)
def test_read_metadata_of_exif_with_a_wrong_entry_reads_the_others(entry: bytes) -> None:
    tiff = b"II*\0" + struct.pack("<LH", 8, 65_535) + make_entry(0x0110, 2, 4, 0x00534F45) + entry
    webp = b"RIFF\0\0\0\0WEBPEXIF" + struct.pack("<L", len(tiff)) + tiff

    assert read_metadata(webp).camera_model == "EOS"


def test_read_metadata_finds_xmp_and_iptc_in_exif() -> None:
    xmp = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description r:Rating="3" '
    xmp += b'xmlns:r="http://ns.adobe.com/xap/1.0/"/></rdf:RDF>'
    tiff = make_tiff({0x02BC: xmp, 0x83BB: b"\x1c\x02\x05\0\5Tokyo"})
    webp = b"RIFF\0\0\0\0WEBPEXIF" + struct.pack("<L", len(tiff)) + tiff

    metadata = read_metadata(webp)

    assert (metadata.rating, metadata.title) == (3, "Tokyo")
