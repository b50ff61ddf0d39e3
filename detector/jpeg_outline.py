"""Decodes large progressive JPEG files at 1/8 of their size, from the first coefficient of each block.

libjpeg keeps all coefficients of a progressive photo in memory: 650 MB for 108 megapixels with full colour. The mean of
each block of 8 x 8 samples is its first coefficient, and a few scans contain only these. This module reads them.

Source: ITU-T T.81 (1992), annexes F and G.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np

from detector.damage import BLURRED, NEUTRAL, ReadRows
from detector.jpeg import Frame, Scan, find_scan_end, has_all_coefficients, list_segments, read_scan
from detector.photo_errors import broken_photo_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from detector.scaling import Pixels

    Coefficients = npt.NDArray[np.int32]

_HUFFMAN, _SCAN, _QUANTIZATION, _RESTART, _ADOBE = 0xC4, 0xDA, 0xDB, 0xDD, 0xEE
_RESTART_MARKER = re.compile(rb"\xff[\xd0-\xd7]")
_PEEK = 16  # bits: the longest code
_WORD = 32  # bits
_GREY, _YCC = 1, 3  # components
_TRANSFORM = 11  # its position in Adobe's segment


@dataclass(slots=True)
class _Tables:
    """The tables that are in force, by number."""

    huffman: dict[int, tuple[list[int], list[int]]] = field(default_factory=dict)
    quantization: dict[int, int] = field(default_factory=dict)
    restart_interval: int = 0
    transform: int | None = None

    def read(self, marker: int, content: bytes) -> None:
        """Read a segment, if it contains a table."""
        if marker == _HUFFMAN:
            self._read_huffman(content)
        elif marker == _QUANTIZATION:
            while len(content) > 1:
                size = 1 + bool(content[0] >> 4)
                self.quantization[content[0] & 15] = int.from_bytes(content[1 : 1 + size])
                content = content[1 + 64 * size :]
        elif marker == _RESTART:
            self.restart_interval = int.from_bytes(content[:2])
        elif marker == _ADOBE and content.startswith(b"Adobe") and len(content) > _TRANSFORM:
            self.transform = content[_TRANSFORM]

    def _read_huffman(self, content: bytes) -> None:
        while len(content) > _PEEK:
            counts = content[1:17]
            symbols = content[17 : 17 + sum(counts)]
            if not content[0] >> 4 and len(symbols) == sum(counts):
                self.huffman[content[0] & 15] = _make_lookup(counts, symbols)
            content = content[17 + sum(counts) :]


def _make_lookup(counts: bytes, sizes: bytes) -> tuple[list[int], list[int]]:
    """Return the length of a code and the size of its difference, for each possible sequence of 16 bits."""
    lengths, bits = [0] * (1 << _PEEK), [0] * (1 << _PEEK)
    start, index = 0, 0
    for length, count in enumerate(counts, 1):
        for size in sizes[index : index + count]:
            end = min(start + (1 << (_PEEK - length)), 1 << _PEEK)
            lengths[start:end] = [length] * (end - start)
            bits[start:end] = [min(size, _PEEK)] * (end - start)
            start = end
        index += count
    return lengths, bits


def _read_differences(data: bytes, pattern: Sequence[tuple[list[int], list[int]]], groups: int) -> list[int]:
    """Return the differences of up to this number of groups. `pattern` has a table for each block of a group."""
    words = np.frombuffer(data + bytes(8 - len(data) % 4), ">u4").tolist()
    differences: list[int] = []
    buffer, available, at, last = 0, 0, 0, len(words)
    for _ in range(groups):
        for lengths, sizes in pattern:
            while available < _WORD:
                if at == last:
                    return differences
                buffer = (buffer & 0xFFFFFFFF) << _WORD | words[at]
                available += _WORD
                at += 1
            code = buffer >> (available - _PEEK) & 0xFFFF
            if not lengths[code]:
                return differences
            size = sizes[code]
            available -= lengths[code] + size
            value = buffer >> available & ((1 << size) - 1)
            differences.append(value if not size or value >> (size - 1) else value - (1 << size) + 1)
    return differences


class _Outline:
    """The first coefficients of all blocks, as far as they have been read."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.widest = max(across for across, _ in frame.sampling.values())
        self.highest = max(down for _, down in frame.sampling.values())
        self.columns = -(-frame.width // (8 * self.widest))
        self.lines = -(-frame.height // (8 * self.highest))
        self.coefficients: dict[int, Coefficients] = {
            component: np.zeros((self.lines * down, self.columns * across), np.int32)
            for component, (across, down) in frame.sampling.items()
        }
        self.complete_lines = self.lines

    def read(self, data: bytes, scan: Scan, end: int, tables: _Tables) -> None:
        """Read a scan of first coefficients."""
        order, group, lines = self._order(scan)
        start = scan.start + 2 + int.from_bytes(data[scan.start + 2 : scan.start + 4])
        segments = _RESTART_MARKER.split(data[start:end]) if tables.restart_interval else [data[start:end]]
        groups = len(order[scan.components[0]]) // group[scan.components[0]]
        interval = tables.restart_interval or groups
        done = 0
        for number, segment in enumerate(segments[: -(-groups // interval)]):
            first, count = number * interval, min(interval, groups - number * interval)
            content = segment.replace(b"\xff\x00", b"\xff")
            read = self._read_segment(content, scan, tables, group, count)
            offset = 0
            for component, values in read.items():
                size = group[component]
                places = order[component][first * size : first * size + len(values)]
                target = self.coefficients[component].reshape(-1)
                target[places] = target[places] | values if scan.refines else values
                offset = min(offset or count, len(values) // size)
            done = first + offset if done == first else done
        self.complete_lines = min(self.complete_lines, done * lines // groups)

    def _order(self, scan: Scan) -> tuple[dict[int, Coefficients], dict[int, int], int]:
        """Return the places of each component's blocks in the order of the scan, and how many a group contains."""
        order, group = {}, {}
        for component in scan.components:
            across, down = self.frame.sampling[component]
            height, width = self.coefficients[component].shape
            places = np.arange(height * width, dtype=np.int32).reshape(height, width)
            if len(scan.components) == 1:  # such a scan has no padding
                rows = ceil(ceil(self.frame.height * down / self.highest) / 8)
                columns = ceil(ceil(self.frame.width * across / self.widest) / 8)
                order[component], group[component] = places[:rows, :columns].reshape(-1), 1
            else:
                tiles = places.reshape(self.lines, down, self.columns, across).transpose(0, 2, 1, 3)
                order[component], group[component] = tiles.reshape(-1), across * down
        return order, group, self.lines

    def _read_segment(
        self, content: bytes, scan: Scan, tables: _Tables, group: dict[int, int], count: int
    ) -> dict[int, Coefficients]:
        """Return the values of each component, in the order of the scan."""
        sizes = [group[component] for component in scan.components]
        total = sum(sizes)
        if scan.refines:
            values = np.unpackbits(np.frombuffer(content, np.uint8))[: count * total].astype(np.int32)
        else:
            pattern = [
                tables.huffman[table] for table, size in zip(scan.tables, sizes, strict=True) for _ in range(size)
            ]
            values = np.array(_read_differences(content, pattern, count), np.int32)
        complete = values[: len(values) // total * total].reshape(-1, total)
        read, start = {}, 0
        for component, size in zip(scan.components, sizes, strict=True):
            part = complete[:, start : start + size].reshape(-1)
            read[component] = (part if scan.refines else np.cumsum(part, dtype=np.int32)) << scan.low_bit
            start += size
        return read


def decode_outline(data: bytes, frame: Frame) -> tuple[Pixels, ReadRows]:
    """Decode a progressive JPEG to uint8 BGR at the scale 1/8. Rows that cannot be decoded are grey.

    Raises:
        BrokenPhoto: no row can be decoded.
    """
    outline, tables, scans, position = _Outline(frame), _Tables(), [], 2
    try:
        while position:
            at, position = position, 0
            for marker, start, content in list_segments(data, at):
                tables.read(marker, content)
                if marker == _SCAN:
                    scan = read_scan(start, content)
                    position = find_scan_end(data, scan)
                    scans.append(scan)
                    if scan.first == 0:
                        outline.read(data, scan, position, tables)
    except LookupError as error:  # a table or a component is missing
        raise broken_photo_error() from error
    if not outline.complete_lines or not scans:
        raise broken_photo_error()
    pixels = _convert(outline, tables)
    rows = min(frame.height, outline.complete_lines * 8 * outline.highest)
    pixels[-(-rows // 8) :] = NEUTRAL
    return pixels, ReadRows(rows, frame.height, "" if has_all_coefficients(frame, scans) else BLURRED)


def _convert(outline: _Outline, tables: _Tables) -> Pixels:
    height, width = -(-outline.frame.height // 8), -(-outline.frame.width // 8)
    planes = []
    for component, coefficients in outline.coefficients.items():
        step = tables.quantization.get(outline.frame.quantization[component], 1)
        samples = np.clip((coefficients * step + 1028) >> 3, 0, 255).astype(np.uint8)
        across, down = outline.frame.sampling[component]
        size = samples.shape[1] * outline.widest // across, samples.shape[0] * outline.highest // down
        planes.append(cv2.resize(samples, size, interpolation=cv2.INTER_LINEAR)[:height, :width])
    if len(planes) == _GREY:
        grey: Pixels = cv2.cvtColor(planes[0], cv2.COLOR_GRAY2BGR)
        return grey
    is_ycc = tables.transform != 0 and (tables.transform or len(planes) == _YCC)
    red, blue = planes[0], planes[2]
    colours = cv2.merge([red, blue, planes[1]]) if is_ycc else cv2.merge([blue, planes[1], red])
    bgr: Pixels = cv2.cvtColor(colours, cv2.COLOR_YCrCb2BGR) if is_ycc else colours
    if len(planes) > _YCC:
        return _multiply_by_black(255 - bgr if is_ycc else bgr, planes[3], is_inverted=tables.transform is not None)
    return bgr


def _multiply_by_black(bgr: Pixels, black: npt.NDArray[np.uint8], *, is_inverted: bool) -> Pixels:
    """Convert CMYK to BGR. Adobe stores inverted values."""
    if not is_inverted:
        bgr, black = 255 - bgr, 255 - black
    product: Pixels = cv2.multiply(bgr, cv2.merge([black] * 3), scale=1 / 255)
    return product
