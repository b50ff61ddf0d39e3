"""The limits of each kind of photos, and files that end too early."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from detector import limits
from detector.limits import MAX_BYTES, Kind, estimate_memory, find_kind
from detector.padding import pad
from detector.pixels import BrokenPhoto, NotAPhoto, TooManyPixels, decode_photo, read_header
from detector.webp import read_webp_header
from tests.support.jpegs import encode_jpeg, find_scans, make_photo

register_heif_opener()

WEB_UI = Path(__file__).parents[3] / "static" / "src" / "upload" / "picture-limits.json"
TRANSPARENT, ANIMATED = "WebP with transparency", "animated WebP"


def encode(format_: str, mode: str = "RGB", *, transparent: bool = False, **options: Any) -> bytes:
    file = io.BytesIO()
    picture = make_photo().convert(mode)
    if transparent:
        picture.putalpha(100)
    picture.save(file, format_, **options)
    return file.getvalue()


def set_bit(data: bytes, box: bytes, at: int, mask: int) -> bytes:
    place = data.index(box) + len(box) + at
    return data[:place] + bytes([data[place] | mask]) + data[place + 1 :]


def declare(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG whose frame header declares another size."""
    at = next(jpeg.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in jpeg) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def split_scans(jpeg: bytes) -> bytes:
    """Return a sequential JPEG whose first scan contains only one component."""
    start = find_scans(jpeg)[0]
    return jpeg[:start] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + jpeg[start + 14 :]


JPEG = encode_jpeg(make_photo())
PROGRESSIVE = encode_jpeg(make_photo(), progressive=True)
FULL_COLOUR = encode_jpeg(make_photo(), progressive=True, subsampling=0)


@pytest.mark.parametrize(
    ("data", "width", "height"),
    [
        (JPEG, 25_000, 10_000),  # 250 megapixels
        (JPEG, 16_384, 12_288),  # a phone with 200 megapixels
        (PROGRESSIVE, 12_000, 9_000),  # 108 megapixels
        (FULL_COLOUR, 12_000, 9_000),
        (encode_jpeg(make_photo().convert("CMYK"), progressive=True), 12_000, 9_000),
        (split_scans(JPEG), 10_000, 5_000),
    ],
)
def test_read_header_accepts_jpeg_files_of_the_largest_size(data: bytes, width: int, height: int) -> None:
    header = read_header(declare(data, width, height))

    assert (header.width, header.height) == (width, height)
    assert header.decode_bytes < MAX_BYTES


@pytest.mark.parametrize(
    ("data", "width", "message"),
    [
        (JPEG, 25_001, "This JPEG has 251 megapixels. PixTag can process JPEG photos of up to 250."),
        (PROGRESSIVE, 10_801, "This progressive JPEG has 109 megapixels. PixTag can process progressive JPEG photos"),
        (FULL_COLOUR, 10_801, "This progressive JPEG has 109 megapixels. PixTag can process progressive JPEG photos"),
        (split_scans(JPEG), 5_001, "This JPEG with several scans has 51 megapixels."),
    ],
)
def test_read_header_of_a_larger_jpeg_names_both_sizes(data: bytes, width: int, message: str) -> None:
    with pytest.raises(TooManyPixels, match=message):
        read_header(declare(data, width, 10_000))


def test_read_header_of_a_photo_that_needs_too_much_memory_names_it() -> None:
    with pytest.raises(TooManyPixels, match=r"lossless WebP has 60 megapixels and needs 45\d MB of memory\. PixTag"):
        read_header(b"RIFF\xff\xff\0\0WEBPVP8L\xff\xff\0\0\x2f" + struct.pack("<I", 9999 | 5999 << 14) + bytes(99))


def test_read_header_counts_the_encoded_bytes() -> None:
    data = declare(PROGRESSIVE, 12_000, 8_000)

    read_header(data)
    header = read_header(data + bytes(120_000_000))

    assert header.decode_bytes < read_header(data).decode_bytes  # only its outline is decoded


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encode("WEBP"), "WebP"),
        (encode("WEBP", lossless=True), "lossless WebP"),
        (encode("WEBP", "RGBA", lossless=True), "lossless WebP"),  # all pixels are opaque
        (encode("WEBP", "LA"), "WebP"),
        (encode("WEBP", transparent=True), TRANSPARENT),
        (encode("WEBP", transparent=True, lossless=True), TRANSPARENT),
        (encode("WEBP", save_all=True, append_images=[Image.new("RGB", (96, 160))]), ANIMATED),
        (encode("WEBP")[:12], ANIMATED),
        (b"RIFF\0\0\0\0WEBP" + b"JUNK\0\0\0\0" * 10_001, ANIMATED),
    ],
)
def test_find_kind_of_a_webp(data: bytes, name: str) -> None:
    assert find_kind(data, "WEBP", transparent=False).name == name


@pytest.mark.parametrize(
    ("data", "format_", "transparent", "name"),
    [
        (encode("HEIF"), "HEIF", False, "HEIC"),
        (set_bit(encode("HEIF"), b"hvcC", 17, 2), "HEIF", False, "HEIC with more than 8 bits"),
        (encode("HEIF"), "HEIF", True, "HEIC with transparency"),
        (encode("AVIF"), "AVIF", False, "AVIF"),
        (set_bit(encode("AVIF"), b"av1C", 2, 64), "AVIF", False, "AVIF with transparency or more than 8 bits"),
        (encode("AVIF"), "AVIF", True, "AVIF with transparency or more than 8 bits"),
        (b"", "AVIF", False, "AVIF"),
    ],
)
def test_find_kind_of_heic_and_avif(data: bytes, format_: str, transparent: bool, name: str) -> None:  # noqa: FBT001
    assert find_kind(data, format_, transparent=transparent).name == name


def test_limits_and_kinds_are_those_of_the_web_ui() -> None:
    stored = json.loads(WEB_UI.read_text())
    kinds = {kind.name: kind for kind in vars(limits).values() if isinstance(kind, Kind)}

    assert list(stored["kinds"].values()) == [
        {"name": name, "megapixels": kind.megapixels, "bytesPerPixel": kind.bytes_per_pixel}
        for name, kind in kinds.items()
    ]
    assert stored["maxBytes"] == MAX_BYTES
    assert stored["baseBytes"] == kinds["JPEG"].estimate(0)
    for case in stored["cases"]:
        header = bytes.fromhex(case["header"])
        assert find_kind(header, case["format"], transparent=False).name == stored["kinds"][case["kind"]]["name"]


def test_find_kind_of_a_sequential_jpeg() -> None:
    assert find_kind(JPEG, "JPEG", transparent=False).megapixels == 250


def test_read_webp_header_of_only_a_canvas_returns_its_size() -> None:
    data = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x0f\0\0\x07\0\0" + b"VP8"

    header = read_webp_header(data)

    assert header
    assert (header.pixels, header.is_animated) == (128, False)


@pytest.mark.parametrize(
    ("media_type", "maximum"),
    [("image/png", 80_000_000), ("image/gif", 100_000_000), ("image/webp", MAX_BYTES), ("image/jpeg", MAX_BYTES)],
)
def test_estimate_of_a_stored_photo_is_that_of_the_worst_kind(media_type: str, maximum: int) -> None:
    assert 60_000_000 < estimate_memory(media_type, 50_000_000) <= maximum


@pytest.mark.parametrize("format_", ["WEBP", "HEIF", "AVIF"])
def test_pad_completes_a_file_in_two_ways(format_: str) -> None:
    data = encode(format_)

    zeros, noise = pad(data[:-100])

    assert len(zeros) == len(noise) == len(data)
    assert zeros != noise
    assert list(pad(data)) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\0mdat" + bytes(20),
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\x08free" * 1001,
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x20" + bytes(16),
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(16),
    ],
    ids=["nothing", "JPEG", "4 GB", "box to the end", "many boxes", "complete", "box of 2**64 bytes"],
)
def test_pad_yields_nothing_if_no_plausible_number_of_bytes_is_missing(data: bytes) -> None:
    assert list(pad(data)) == []


@pytest.mark.parametrize("format_", ["WEBP", "HEIF", "AVIF"])
def test_read_header_of_the_first_bytes_raises_an_error(format_: str) -> None:
    data = encode(format_)[:60]

    with pytest.raises((NotAPhoto, BrokenPhoto)):
        decode_photo(data, read_header(data))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_decode_of_heic_converts_every_kind_of_pixels(mode: str) -> None:
    data = encode("HEIF", mode)

    photo = decode_photo(data, read_header(data), long_side=80)

    expected = np.asarray(make_photo().convert(mode).convert("RGB").resize((48, 80), Image.Resampling.BOX))[..., ::-1]
    assert photo.damage == ""
    assert np.abs(photo.pixels.astype(int) - expected).mean() < 12
