"""Reads the structure of JPEG files: the frame header and the scans.

Source: ITU-T T.81 (1992), annex B.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_SCANS = 1000
MAX_SEGMENTS = 10_000  # of 64 KiB each; more would only waste time
END = b"\xff\xd9"

_SEQUENTIAL, _PROGRESSIVE = {0xC0, 0xC1}, {0xC2}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_MARKER_IN_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # any but a restart
_COEFFICIENTS = 64
_BITS = 8
_MAX_COEFFICIENT_BYTES = 390_000_000  # of an encoded photo and its coefficients


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the picture.

    Attributes:
        start: The position of its marker.
        components: The ids of its components.
        tables: The number of each component's Huffman table for the first coefficient.
        first: The first coefficient, from 0 to 63.
        last: The last coefficient.
        refines: Whether it adds a bit to coefficients of an earlier scan.
        low_bit: The lowest bit that it contains. 0 means that the coefficients are complete.
    """

    start: int
    components: tuple[int, ...]
    tables: tuple[int, ...]
    first: int
    last: int
    refines: bool
    low_bit: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame header of a JPEG file.

    Attributes:
        marker: The second byte of its marker, 0xC0 to 0xCF.
        bits: The bits of each sample.
        width: The width of the stored picture in pixels.
        height: The height of the stored picture in pixels.
        sampling: The horizontal and vertical sampling factors of each component, by id.
        quantization: The number of each component's quantization table, by id.
        scan: The first scan.
    """

    marker: int
    bits: int
    width: int
    height: int
    sampling: dict[int, tuple[int, int]]
    quantization: dict[int, int]
    scan: Scan

    @property
    def is_progressive(self) -> bool:
        """Whether the scans refine the picture step by step."""
        return self.marker in _PROGRESSIVE

    @property
    def is_sequential(self) -> bool:
        """Whether one scan contains the whole picture. libjpeg then needs memory only for some rows."""
        return self.marker in _SEQUENTIAL and len(self.scan.components) == len(self.sampling)

    @property
    def coefficient_bytes(self) -> int:
        """The memory that libjpeg needs for all coefficients, unless the photo is sequential."""
        areas = sum(across * down for across, down in self.sampling.values())
        widest = max(across for across, _ in self.sampling.values())
        highest = max(down for _, down in self.sampling.values())
        return 2 * self.width * self.height * areas // (widest * highest)


def needs_outline(frame: Frame, encoded: int) -> bool:
    """Return whether libjpeg would need too much memory for this photo, and `jpeg_outline.py` can decode it."""
    is_possible = frame.is_progressive and frame.bits == _BITS and len(frame.sampling) in {1, 3, 4}
    return is_possible and encoded + frame.coefficient_bytes > _MAX_COEFFICIENT_BYTES


def read_frame(data: bytes) -> Frame | None:
    """Return the frame header and the first scan header. Return None if one of them is missing or invalid."""
    header: tuple[int, int, int, int, dict[int, tuple[int, int]], dict[int, int]] | None = None
    for marker, start, content in list_segments(data):
        try:
            if marker in _FRAMES:
                header = marker, *_read_frame_header(content)
            elif marker == _START_OF_SCAN:
                scan = read_scan(start, content)
                return Frame(*header, scan) if header and scan.components else None
        except (IndexError, ValueError):
            return None
    return None


def list_segments(data: bytes, position: int = 2) -> Iterator[tuple[int, int, bytes]]:
    """Yield the marker, the position and the content of each segment, up to the first scan, of `MAX_SEGMENTS` at most.

    Bytes between segments are skipped, as libjpeg does.
    """
    for _ in range(MAX_SEGMENTS):
        position = data.find(b"\xff", position)
        if position < 0 or position + 4 > len(data):
            return
        marker = data[position + 1]
        if marker in {0x00, 0xFF}:
            position += 1
        elif marker in _ALONE:
            position += 2
        elif marker == END[1]:
            return
        else:
            length = int.from_bytes(data[position + 2 : position + 4])
            yield marker, position, data[position + 4 : position + 2 + length]
            if marker == _START_OF_SCAN:
                return
            position += 2 + max(2, length)


def _read_frame_header(content: bytes) -> tuple[int, int, int, dict[int, tuple[int, int]], dict[int, int]]:
    height, width = int.from_bytes(content[1:3]), int.from_bytes(content[3:5])
    sampling, quantization = {}, {}
    for at in range(6, 6 + 3 * content[5], 3):
        factors = content[at + 1]
        if not factors >> 4 or not factors & 15:
            raise ValueError("a sampling factor is 0")
        sampling[content[at]] = factors >> 4, factors & 15
        quantization[content[at]] = content[at + 2]
    if not sampling:
        raise ValueError("the frame has no components")
    return content[0], width, height, sampling, quantization


def read_scan(start: int, content: bytes) -> Scan:
    """Read a scan header.

    Raises:
        IndexError: the header is too short.
    """
    count = content[0]
    first, last, bits = content[1 + 2 * count], content[2 + 2 * count], content[3 + 2 * count]
    ids, tables = content[1 : 1 + 2 * count : 2], content[2 : 2 + 2 * count : 2]
    return Scan(start, tuple(ids), tuple(table >> 4 for table in tables), first, last, bool(bits >> 4), bits & 15)


def find_scan_end(data: bytes, scan: Scan) -> int:
    """Return the position of the marker that ends the scan, or the length of the data."""
    position = scan.start + 2 + int.from_bytes(data[scan.start + 2 : scan.start + 4])
    match = _MARKER_IN_SCAN.search(data, position)
    return match.start() if match else len(data)


def list_scans(data: bytes, frame: Frame) -> list[tuple[Scan, int]]:
    """Return each scan and the position of its end. Stop at a damaged scan header."""
    scans = [(frame.scan, find_scan_end(data, frame.scan))]
    with suppress(IndexError):
        for _ in range(_MAX_SCANS):
            segments = list(list_segments(data, scans[-1][1]))
            if not segments or segments[-1][0] != _START_OF_SCAN:
                break
            _, start, content = segments[-1]
            scan = read_scan(start, content)
            scans.append((scan, find_scan_end(data, scan)))
    return scans


def has_all_coefficients(frame: Frame, scans: Iterable[Scan]) -> bool:
    """Return whether the scans contain all bits of all coefficients of all components."""
    missing = {(component, at) for component in frame.sampling for at in range(_COEFFICIENTS)}
    for scan in scans:
        if scan.low_bit == 0:
            missing -= {(component, at) for component in scan.components for at in range(scan.first, scan.last + 1)}
    return not missing
