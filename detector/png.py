"""Decodes PNG files in bands of rows, so that large photos need little memory.

zlib inflates the rows of a band. OpenCV then removes the filters of these rows: it decodes a PNG that contains only
the last row of the band before and these rows. So a damaged photo is decoded exactly as far as its data are intact.

Source: W3C, Portable Network Graphics (PNG) Specification (Third Edition), sections 7 to 11.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from detector.photo_errors import broken_photo_error
from detector.png_chunks import SIGNATURE, list_png_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, keyed by colour type
_CONTAINERS = {1: (8, 0), 2: (16, 0), 3: (8, 2), 4: (8, 6), 6: (16, 2), 8: (16, 6)}  # depth, type by bytes per pixel
_BAND_BYTES = 8_000_000
_BAND_ROWS = 8  # the rows of a band are a multiple of this number, and so of all divisors
_PIECE = 1 << 16
_HEADER_BYTES = 13
_DEEP = 16  # bits
_MAX_FILTER = 4


@dataclass(frozen=True, slots=True)
class PngHeader:
    """The content of the chunks IHDR, PLTE and tRNS."""

    width: int
    height: int
    depth: int
    colour_type: int
    is_interlaced: bool
    palette: bytes = b""
    transparency: bytes = b""

    @property
    def bits_per_pixel(self) -> int:
        """The bits of a stored pixel."""
        return self.depth * _SAMPLES[self.colour_type]

    def count_row_bytes(self, columns: int) -> int:
        """Return the length of a row with this number of pixels, without its filter type."""
        return -(-columns * self.bits_per_pixel // 8)


def read_png_header(data: bytes) -> PngHeader:
    """Read the chunks before the picture.

    Raises:
        BrokenPhoto: the header is invalid.
    """
    header: list[int] = []
    palette = transparency = b""
    has_picture = False
    for kind, _, content in list_png_chunks(data):
        if kind == b"IHDR" and len(content) == _HEADER_BYTES:
            header = list(struct.unpack(">IIBBBBB", content))
        elif kind == b"PLTE":
            palette = bytes(content)
        elif kind == b"tRNS":
            transparency = bytes(content)
        elif kind == b"IDAT":
            has_picture = True
            break
    if (
        not has_picture
        or not header
        or header[3] not in _SAMPLES
        or header[2] not in {1, 2, 4, 8, 16}
        or 0 in header[:2]
    ):
        raise broken_photo_error()
    width, height, depth, colour_type, _, _, interlace = header
    return PngHeader(width, height, depth, colour_type, bool(interlace), palette, transparency)


class RowReader:
    """Inflates the rows of a PNG and removes their filters.

    Attributes:
        is_intact: Whether all rows that were requested could be read.
    """

    def __init__(self, data: bytes, header: PngHeader) -> None:
        self.is_intact = True
        self._header = header
        self._pieces = _split_into_pieces(data)
        self._inflater = zlib.decompressobj()
        self._waiting = b""

    def read(self, columns: int, rows: int) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield bands of unfiltered rows: uint8, rows x bytes. They end where the data are damaged.

        Each band has a multiple of 8 rows, except the last one.
        """
        length = self._header.count_row_bytes(columns)
        band_rows = max(_BAND_ROWS, _BAND_BYTES // max(length, 3 * columns) // _BAND_ROWS * _BAND_ROWS)
        before = bytes(length)
        for top in range(0, rows, band_rows):
            wanted = min(band_rows, rows - top)
            raw = self._inflate(wanted * (length + 1))
            valid = _count_valid_rows(raw, length)
            if valid:
                band = self._unfilter(before, raw[: valid * (length + 1)], valid)
                before = band[-1].tobytes()
                yield band
            if valid < wanted:
                self.is_intact = False
                return

    def _inflate(self, size: int) -> bytearray:
        """Return the next bytes, fewer if the data end or are damaged."""
        target = bytearray()
        while len(target) < size:
            source = self._waiting or bytes(next(self._pieces, b""))
            if not source:
                return target
            saved = self._inflater.copy()
            try:
                target += self._inflater.decompress(source, size - len(target))
            except zlib.error:  # the result of this call is lost, so the bytes before the error are inflated again
                return target + _inflate_bytewise(saved, source, size - len(target))
            self._waiting = self._inflater.unconsumed_tail
            if self._inflater.eof:
                return target
        return target

    def _unfilter(self, before: bytes, raw: bytearray, rows: int) -> npt.NDArray[np.uint8]:
        step = max(1, self._header.bits_per_pixel // 8)
        depth, colour_type = _CONTAINERS[step]
        content = zlib.compress(b"".join((b"\0", before, raw)), 0)
        head = struct.pack(">IIBBBBB", len(before) // step, rows + 1, depth, colour_type, 0, 0, 0)
        png = SIGNATURE + _pack(b"IHDR", head) + _pack(b"IDAT", content) + _pack(b"IEND", b"")
        pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise broken_photo_error()
        pixels = pixels[1:]
        if step in {3, 6}:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
        elif step in {4, 8}:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
        if depth == _DEEP:
            pixels = pixels.byteswap()
        return np.ascontiguousarray(pixels).view(np.uint8).reshape(rows, len(before))


def _pack(kind: bytes, content: bytes) -> bytes:
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", zlib.crc32(kind + content))))


def _split_into_pieces(data: bytes) -> Iterator[memoryview]:
    for kind, _, content in list_png_chunks(data):
        if kind == b"IDAT":
            for start in range(0, len(content), _PIECE):
                yield content[start : start + _PIECE]


def _inflate_bytewise(inflater: zlib._Decompress, source: bytes, size: int) -> bytes:
    """Return up to `size` bytes that can be inflated before the data are damaged."""
    target = bytearray()
    with suppress(zlib.error):
        for at in range(len(source)):  # pragma: no branch - the error comes with the last byte at the latest
            target += inflater.decompress(source[at : at + 1])
    return bytes(target[:size])


def _count_valid_rows(raw: bytearray, length: int) -> int:
    """Return the number of complete rows before the first one with an unknown filter."""
    rows = len(raw) // (length + 1)
    filters = np.frombuffer(raw, np.uint8)[: rows * (length + 1) : length + 1]
    unknown = np.flatnonzero(filters > _MAX_FILTER)
    return int(unknown[0]) if unknown.size else rows
