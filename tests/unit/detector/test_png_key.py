import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.pixels import decode, read_header

WHITE = 255


def make_png(samples: NDArray[np.uint16], depth: int, key: bytes | None) -> bytes:
    """Return a gray (rows x columns) or color (rows x columns x 3) PNG with this bit depth and transparent color."""
    color = 2 if samples.ndim == 3 else 0
    height, width = samples.shape[:2]
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in samples]
    elif depth == 8:
        rows = [row.astype(np.uint8).tobytes() for row in samples]
    else:
        bits = (samples[:, :, None] >> np.arange(depth - 1, -1, -1) & 1).reshape(height, -1)
        rows = [np.packbits(row.astype(np.uint8)).tobytes() for row in bits]
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    chunks = [(b"IHDR", header), *([(b"tRNS", key)] if key else []), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def find_white(data: bytes) -> list[int]:
    """Return the columns of the first row that are white."""
    pixels = decode(data, read_header(data))
    return [int(column) for column in np.flatnonzero((pixels[0] == WHITE).all(axis=1))]


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_transparent_gray_becomes_white_at_every_depth(depth: int) -> None:
    levels = min(2**depth, 250)
    samples = np.tile(np.arange(levels, dtype=np.uint16), (600, 1)) * (256 if depth == 16 else 1)

    for column in (0, levels // 2):
        key = struct.pack(">H", samples[0, column])
        brightest = {levels - 1} if depth < 8 else set()
        assert set(find_white(make_png(samples, depth, key))) == {column, *brightest}


def test_gray_of_16_bits_is_transparent_only_if_both_bytes_are_equal() -> None:
    samples = np.array([[0x1234, 0x1235, 0x1334, 0x3412]], np.uint16)

    assert find_white(make_png(samples, 16, b"\x12\x34")) == [0]


def test_color_of_16_bits_is_transparent_only_if_all_bytes_are_equal() -> None:
    samples = np.array([[[0x1234, 0x2345, 0x3456], [0x1234, 0x2345, 0x3457], [0x1334, 0x2345, 0x3456]]], np.uint16)

    assert find_white(make_png(np.tile(samples, (600, 1, 1)), 16, b"\x12\x34\x23\x45\x34\x56")) == [0]


def test_unused_bits_of_transparent_gray_are_ignored() -> None:
    assert find_white(make_png(np.array([[1, 2]], np.uint16), 4, b"\xff\xf1")) == [0]


def test_color_of_8_bits_is_transparent() -> None:
    samples = np.array([[[1, 2, 3], [3, 2, 1]]], np.uint16)

    assert find_white(make_png(samples, 8, b"\0\1\0\2\0\3")) == [0]


def test_picture_without_transparent_color_stays_opaque() -> None:
    assert find_white(make_png(np.array([[0x1234, 0]], np.uint16), 16, None)) == []
