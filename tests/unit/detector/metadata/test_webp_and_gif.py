import pytest

from detector.metadata.reader import read_metadata
from tests.support.metadata_files import EXIF_PREFIX, make_tiff, make_webp, make_xmp

TIFF = make_tiff({0x010F: "Canon"})
XMP = make_xmp("<dc:title>Tokyo</dc:title>")
MAGIC_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


@pytest.mark.parametrize("prefix", [b"", EXIF_PREFIX])
@pytest.mark.parametrize("flags", [0, 0xFF])
def test_read_metadata_of_a_webp_finds_exif_whatever_its_flags_say(prefix: bytes, flags: int) -> None:
    file = make_webp((b"VP8X", bytes([flags]) + bytes(9)), (b"VP8 ", b"odd"), (b"EXIF", prefix + TIFF))

    assert read_metadata(file).camera_make == "Canon"


@pytest.mark.parametrize("kind", [b"XMP ", b"XMP\0"])
def test_read_metadata_of_a_webp_finds_xmp(kind: bytes) -> None:
    assert read_metadata(make_webp((b"VP8 ", b""), (kind, XMP))).title == "Tokyo"


def test_read_metadata_of_a_webp_without_padding_finds_xmp() -> None:
    file = make_webp((b"VP8 ", b"odd"), (b"XMP ", XMP)).replace(b"odd\0", b"odd")

    assert read_metadata(file).title == "Tokyo"


def test_read_metadata_of_a_webp_reads_at_most_20000_chunks() -> None:
    file = make_webp(*[(b"ANMF", b"")] * 20_000, (b"XMP ", XMP))

    assert not read_metadata(file).title


@pytest.mark.parametrize("trailer", [MAGIC_TRAILER + b";", b""])
def test_read_metadata_of_a_gif_finds_xmp(trailer: bytes) -> None:
    file = b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP" + XMP + trailer

    assert read_metadata(file).title == "Tokyo"


def test_read_metadata_of_a_gif_without_xmp_is_empty() -> None:
    assert read_metadata(b"GIF89a" + bytes(20)) == read_metadata(b"")
