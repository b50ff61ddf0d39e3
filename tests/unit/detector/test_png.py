"""PNG files: every kind of pixels, interlacing, and what is decoded of damaged ones."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from detector import png, png_chunks
from detector.damage import BLURRED, ReadRows
from detector.pixels import BrokenPhoto, Pixels, decode_photo, read_header
from detector.png import read_png_header
from detector.png_decoding import decode_png
from tests.support.jpegs import make_photo

PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def encode(picture: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def add_alpha(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pack(
    width: int, height: int, rows: bytes, *chunks: bytes, depth: int = 8, kind: int = 2, interlace: int = 0
) -> bytes:
    """Return a PNG with these rows, each of which starts with its filter."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace)
    body = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def interlace(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return an interlaced PNG with these RGB pixels."""
    rows = b""
    for left, top, across, down in PASSES:
        part = pixels[top::down, left::across]
        rows += b"".join(b"\0" + row.tobytes() for row in part if part.size)
    return pack(pixels.shape[1], pixels.shape[0], rows, interlace=1)


def reduce_with_pillow(data: bytes, divisor: int) -> Pixels:
    picture: Image.Image = Image.open(io.BytesIO(data))
    if picture.mode == "I;16":
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer)
    bgr = cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR)
    size = -(-bgr.shape[1] // divisor), -(-bgr.shape[0] // divisor)
    return cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)


PHOTO = make_photo(101, 67)
KINDS = {
    "RGB": encode(PHOTO),
    "RGBA": encode(add_alpha(PHOTO)),
    "opaque RGBA": encode(PHOTO.convert("RGBA")),
    "grey": encode(PHOTO.convert("L")),
    "grey with alpha": encode(add_alpha(PHOTO).convert("LA")),
    "16 bits of grey": encode(Image.fromarray(np.asarray(PHOTO.convert("L")).astype(np.uint16) * 257)),
    "256 colours": encode(PHOTO.quantize(256)),
    "16 colours": encode(PHOTO.quantize(16)),
    "3 colours": encode(PHOTO.quantize(3)),
    "transparent colour": encode(PHOTO.quantize(9), transparency=0),
    "black and white": encode(PHOTO.convert("1")),
    "many chunks": encode(make_photo(400, 300), compress_level=0),
}


@pytest.mark.parametrize("divisor", [1, 2, 4, 8])
@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_decode_png_equals_pillow(data: bytes, divisor: int) -> None:
    pixels, rows = decode_png(data, divisor)

    assert rows == ReadRows(len(reduce_with_pillow(data, 1)), len(reduce_with_pillow(data, 1)))
    assert np.abs(pixels.astype(int) - reduce_with_pillow(data, divisor)).max() <= 1


@pytest.mark.parametrize("channels", [3, 4])
def test_decode_png_of_16_bits_keeps_the_upper_8(channels: int) -> None:
    stored = np.full((9, 7, channels), 0xFFFF, np.uint16)
    stored[..., :3] = 0x9C40, 0x1234, 0xFEDC
    data = cv2.imencode(".png", stored)[1].tobytes()

    assert (decode_png(data, 1)[0] == (0x9C, 0x12, 0xFE)).all()


@pytest.mark.parametrize(
    ("depth", "kind", "pixel", "colour"),
    [(16, 0, b"\x12\x34", b"\x12\x34"), (16, 2, b"\x12\x34" * 3, b"\x12\x34" * 3), (8, 0, b"\x12", b"\0\x12")],
)
def test_decode_png_makes_a_transparent_colour_white(depth: int, kind: int, pixel: bytes, colour: bytes) -> None:
    rows = b"\0" + pixel + bytes(len(pixel))
    data = pack(2, 1, rows, chunk(b"tRNS", colour), depth=depth, kind=kind)
    other = pack(2, 1, rows, chunk(b"tRNS", colour + b"\0"), depth=depth, kind=kind)

    assert decode_png(data, 1)[0].tolist() == [[[255] * 3, [0] * 3]]
    assert decode_png(other, 1)[0][0, 0].tolist() == [0x12] * 3


def test_decode_png_of_an_index_outside_the_palette_is_black() -> None:
    data = pack(2, 1, b"\0\x05\x00", chunk(b"PLTE", b"\xff\0\0"), kind=3)

    assert decode_png(data, 1)[0].tolist() == [[[0, 0, 0], [0, 0, 255]]]


@pytest.mark.parametrize("bands", [8, 8_000_000])
@pytest.mark.parametrize("divisor", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(101, 67), (64, 64), (3, 2), (1, 1)])
def test_decode_png_of_an_interlaced_photo_equals_that_of_another(
    size: tuple[int, int], divisor: int, bands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png, "_BAND_BYTES", bands)
    picture = make_photo(*size)

    pixels, rows = decode_png(interlace(np.asarray(picture)), divisor)

    differences = np.abs(pixels.astype(int) - reduce_with_pillow(encode(picture), divisor))
    assert rows.describe(1) == ""
    if size[0] % divisor or size[1] % divisor:  # pixels at the edges are the mean of fewer pixels
        assert differences.mean() < 16
    else:
        assert differences.max() <= 1


@pytest.mark.parametrize("divisor", [1, 2, 8])
def test_decode_png_of_a_part_of_an_interlaced_photo_is_blurred(divisor: int) -> None:
    picture = make_photo(96, 96)
    data = interlace(np.asarray(picture))

    pixels, rows = decode_png(data[: len(data) // 5], divisor)

    assert rows.describe(1) == BLURRED
    assert np.abs(pixels.astype(int) - reduce_with_pillow(encode(picture), divisor)).mean() < 40
    assert (pixels == 128).all(axis=2).mean() < 0.1


def test_decode_png_of_the_first_bytes_of_an_interlaced_photo_shows_the_upper_rows() -> None:
    data = interlace(np.asarray(make_photo(320, 320)))

    pixels, rows = decode_png(data[: data.index(b"IDAT") + 600], 8)

    assert 8 <= rows.rows < 320
    assert (pixels[-(-rows.rows // 8) :] == 128).all()


@pytest.mark.parametrize("divisor", [1, 4])
def test_decode_png_of_a_part_shows_complete_rows_and_grey(divisor: int) -> None:
    data = encode(make_photo(104, 72))
    whole = decode_png(data, divisor)[0]

    pixels, rows = decode_png(data[: len(data) // 2], divisor)

    complete = rows.rows // divisor
    assert 10 < rows.rows < 60
    assert (pixels[:complete] == whole[:complete]).all()
    assert (pixels[complete + 1 :] == 128).all()


def test_decode_png_of_damaged_data_shows_the_rows_before_the_damage() -> None:
    data = bytearray(encode(make_photo(101, 400), compress_level=1))
    at = data.index(b"IDAT") + (len(data) - data.index(b"IDAT")) // 2
    data[at : at + 50] = b"\xff" * 50

    _, rows = decode_png(bytes(data), 1)

    assert 50 < rows.rows < 390


def test_decode_png_stops_at_an_unknown_filter() -> None:
    data = pack(1, 3, b"\0abc\0def\x09ghi")

    pixels, rows = decode_png(data, 1)

    assert rows == ReadRows(2, 3)
    assert pixels[:, 0].tolist() == [list(b"cba"), list(b"fed"), [128] * 3]


def test_decode_png_with_a_wrong_checksum_at_the_end_shows_all_rows() -> None:
    whole = encode(PHOTO)
    data = bytearray(whole)
    data[-17] ^= 1  # of zlib's checksum, before the checksum of the chunk and IEND

    pixels, rows = decode_png(bytes(data), 1)

    assert rows.rows == 67
    assert (pixels == decode_png(whole, 1)[0]).all()


INVALID = {
    "no header": b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b""),
    "short header": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"123"),
    "no data": pack(8, 8, b""),
    "less than a row": pack(8, 8, b"\0" * 20),
    "first filter unknown": pack(1, 1, b"\x07abc"),
    "not deflated": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", b"1234"),
    "colour type": pack(8, 8, bytes(99), kind=5),
    "depth": pack(8, 8, bytes(99), depth=3),
    "width": pack(0, 8, bytes(99)),
    "unknown chunk": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    + chunk(b"\xff\xff\xff\xff", b""),
    "too wide for OpenCV": pack(1_100_000, 1, bytes(1_100_001), kind=0),
}


@pytest.mark.parametrize("data", INVALID.values(), ids=INVALID)
def test_decode_png_without_a_row_raises_broken_photo(data: bytes) -> None:
    with pytest.raises(BrokenPhoto):
        decode_png(data, 1)


def test_read_header_of_endless_chunks_before_the_picture_raises_broken_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_chunks, "_MAX_CHUNKS", 5)

    with pytest.raises(BrokenPhoto):
        read_header(pack(1, 1, b"\0abc", *[chunk(b"tEXt", b"a\0b")] * 5))


def test_read_png_header_reads_up_to_the_picture() -> None:
    header = read_png_header(encode(PHOTO.quantize(9), transparency=0))

    assert (header.width, header.height, len(header.palette), header.transparency) == (101, 67, 27, b"\0")


def test_decode_photo_names_the_damage_of_a_png() -> None:
    data = pack(8, 100, b"".join(b"\0" + bytes(24) for _ in range(50)))

    assert decode_photo(data, read_header(data)).damage == "Damaged: about the upper half could be read."


def test_list_png_chunks_of_another_file_yields_nothing() -> None:
    assert not list(png_chunks.list_png_chunks(b"GIF89a\0\0" + chunk(b"iCCP", b"abc")))
