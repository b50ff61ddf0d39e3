import zlib

import pytest

from detector import png_chunks
from detector.metadata.reader import read_metadata
from detector.metadata.values import TimeSource
from tests.support.metadata_files import (
    EXIF_PREFIX,
    XMP_PREFIX,
    make_chunk,
    make_iptc,
    make_png,
    make_resource,
    make_tiff,
    make_xmp,
)

MAKE = 0x010F
TIFF = make_tiff({MAKE: "Canon"})
XMP = make_xmp("<dc:title>Tokyo</dc:title>")
TIME = b"2019-07-28T14:03:21"


def encode_profile(data: bytes, name: str = "exif") -> bytes:
    digits = data.hex()
    lines = "\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    return f"\n{name}\n{len(data):8}\n{lines}\n".encode()


@pytest.mark.parametrize(
    "chunk",
    [
        make_chunk(b"eXIf", TIFF),
        make_chunk(b"eXIf", EXIF_PREFIX + TIFF),
        make_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(encode_profile(EXIF_PREFIX + TIFF))),
        make_chunk(b"tEXt", b"Raw profile type exif\0" + encode_profile(TIFF)),
        make_chunk(b"tEXt", b"Raw profile type APP1\0" + encode_profile(EXIF_PREFIX + TIFF, "generic profile")),
    ],
)
def test_read_metadata_of_a_png_finds_exif_in_all_places(chunk: bytes) -> None:
    assert read_metadata(make_png(chunk)).camera_make == "Canon"


@pytest.mark.parametrize(
    "chunk",
    [
        make_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        make_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0name\0" + zlib.compress(XMP)),
        make_chunk(b"tEXt", b"XML:com.adobe.xmp\0" + XMP),
        make_chunk(b"tEXt", b"Raw profile type xmp\0" + encode_profile(XMP, "xmp")),
        make_chunk(b"tEXt", b"Raw profile type APP1\0" + encode_profile(XMP_PREFIX + XMP, "app1")),
        make_chunk(b"tEXt", b"Raw profile type iptc\0" + encode_profile(make_iptc((5, b"Tokyo")), "IPTC profile")),
        make_chunk(
            b"tEXt",
            b"Raw profile type iptc\0" + encode_profile(make_resource(0x0404, make_iptc((5, b"Tokyo"))), "iptc"),
        ),
        make_chunk(b"tEXt", b"Title\0Tokyo"),
        make_chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"Tokyo")),
    ],
)
def test_read_metadata_of_a_png_finds_titles_in_all_places(chunk: bytes) -> None:
    assert read_metadata(make_png(chunk)).title == "Tokyo"


@pytest.mark.parametrize(
    "chunk",
    [
        make_chunk(b"tEXt", b"Creation Time\0" + TIME),
        make_chunk(b"tEXt", b"Creation Time\0Sun, 28 Jul 2019 14:03:21"),
        make_chunk(b"tEXt", b"Creation Time\x002019:07:28 14:03:21"),
        make_chunk(b"iTXt", b"creation_time\0\0\0\0\0" + TIME),
        make_chunk(b"tEXt", b"create-date\0" + TIME),
        make_chunk(b"tEXt", b"exif:DateTimeOriginal\x002019:07:28 14:03:21"),
    ],
)
def test_read_metadata_of_a_png_finds_times_in_its_texts(chunk: bytes) -> None:
    taken = read_metadata(make_png(chunk)).taken

    assert taken
    assert (taken.local.isoformat(), taken.source) == (TIME.decode(), TimeSource.PNG)


def test_read_metadata_of_a_png_uses_the_first_of_two_texts() -> None:
    file = make_png(make_chunk(b"tEXt", b"Title\0Tokyo"), make_chunk(b"tEXt", b"Title\0Osaka"))

    assert read_metadata(file).title == "Tokyo"


@pytest.mark.parametrize(
    "chunk",
    [
        make_chunk(b"tEXt", b"no separator"),
        make_chunk(b"tEXt", b"x" * 80 + b"\0text"),
        make_chunk(b"zTXt", b"Title\0\0not compressed"),
        make_chunk(b"iTXt", b"Title\0\0"),
        make_chunk(b"iTXt", b"Title\0"),
        make_chunk(b"tEXt", b"Raw profile type exif\0" + TIFF.hex().encode()),
        make_chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 4\nxyzz"),
        make_chunk(b"tEXt", b"Raw profile type icc\0" + encode_profile(b"profile", "icc")),
        make_chunk(b"tIME", b"\7"),
        make_chunk(b"eXIf", b"MM"),
    ],
)
def test_read_metadata_of_a_png_skips_damaged_chunks(chunk: bytes) -> None:
    file = make_png(chunk, make_chunk(b"tEXt", b"Description\0In the garden"))

    assert read_metadata(file).description == "In the garden"
    assert read_metadata(make_png(chunk)) == read_metadata(b"")


def test_read_metadata_of_a_png_limits_compressed_texts() -> None:
    bomb = zlib.compress(b"Tokyo " + bytes(2**26))

    assert read_metadata(make_png(make_chunk(b"zTXt", b"Title\0\0" + bomb))).title == "Tokyo"


def test_read_metadata_of_a_png_with_many_packets_reads_the_first_ones() -> None:
    packets = [make_chunk(b"tEXt", b"XML:com.adobe.xmp\0" + make_xmp())] * 10
    file = make_png(*packets, make_chunk(b"tEXt", b"XML:com.adobe.xmp\0" + XMP), make_chunk(b"tEXt", b"Comment\0Hello"))

    assert (read_metadata(file).title, read_metadata(file).description) == ("", "Hello")


def test_read_metadata_of_a_png_reads_at_most_100_texts() -> None:
    texts = [make_chunk(b"tEXt", b"Software\0x")] * 100

    assert not read_metadata(make_png(*texts, make_chunk(b"tEXt", b"Title\0Tokyo"))).title


def test_read_metadata_of_a_png_reads_a_limited_number_of_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_chunks, "_MAX_CHUNKS", 5)
    chunks = [make_chunk(b"IDAT", b"")] * 5

    assert not read_metadata(make_png(*chunks, make_chunk(b"tEXt", b"Title\0Tokyo"))).title
