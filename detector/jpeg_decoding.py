"""Decodes JPEG files as far as they are complete.

libjpeg fills missing rows with grey, and OpenCV does not return its warnings. This module finds the missing rows by
decoding a damaged photo twice: with nothing and with noise in place of the missing bytes. Missing rows differ.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from detector.damage import BLURRED, NEUTRAL, NO_END, ReadRows
from detector.jpeg import END, Frame, find_scan_end, has_all_coefficients, list_scans
from detector.photo_errors import BrokenPhoto, broken_photo_error

if TYPE_CHECKING:
    from detector.scaling import Pixels

_FLAGS = {  # keyed by divisor
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
_NOISE_BYTES = 4096
_CMYK = 4  # components
_TRAILER_BYTES = 16  # the data of a phone behind a picture is longer


def decode_jpeg(data: bytes, frame: Frame, divisor: int) -> tuple[Pixels, ReadRows]:
    """Decode a JPEG to uint8 BGR at the scale 1/divisor. Rows that cannot be decoded are grey.

    Raises:
        BrokenPhoto: no row can be decoded.
    """
    pixels = _decode(data, divisor)
    if frame.is_sequential:
        if pixels is not None and not _ends_with_fill(pixels, frame):
            return pixels, ReadRows(frame.height, frame.height)
        return _decode_rows(data, find_scan_end(data, frame.scan), frame, divisor)
    scans = list_scans(data, frame)
    is_complete = has_all_coefficients(frame, [scan for scan, _ in scans])
    if pixels is not None and is_complete:
        return pixels, ReadRows(frame.height, frame.height)
    last, end = scans[-1]
    shows_all_rows = frame.is_progressive and bool(last.first or last.refines)  # because of the earlier scans
    return _decode_rows(data, end, frame, divisor, shows_all_rows=shows_all_rows, note="" if is_complete else BLURRED)


def _decode(data: bytes, divisor: int) -> Pixels | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)


@cache
def _make_noise() -> bytes:
    """Return bytes that contain no marker. Importing NumPy's generators takes 20 ms, and most photos are intact."""
    return np.random.default_rng(1).integers(0, 255, _NOISE_BYTES, np.uint8).tobytes()


def _decode_with_tail(data: bytes, end: int, tail: bytes, divisor: int) -> Pixels:
    """Decode the data up to `end` with another end.

    Raises:
        BrokenPhoto: the headers cannot be read.
    """
    while data[end - 1 : end] == b"\xff":  # the first half of a marker
        end -= 1
    pixels = _decode(b"".join((memoryview(data)[:end], tail, END)), divisor)
    if pixels is None:
        raise broken_photo_error()
    return pixels


def _ends_with_fill(pixels: Pixels, frame: Frame) -> bool:
    """Return whether libjpeg may have filled in the last pixel. The fill of CMYK has another shade of grey."""
    last = pixels[-1, -1].tolist()
    return len(set(last)) == 1 and (last[0] == NEUTRAL or len(frame.sampling) == _CMYK)


def _decode_rows(  # noqa: PLR0913 - all describe the same photo
    data: bytes, end: int, frame: Frame, divisor: int, *, shows_all_rows: bool = False, note: str = ""
) -> tuple[Pixels, ReadRows]:
    """Decode a photo whose last scan may end too early.

    Args:
        data: The encoded photo.
        end: Where the last scan ends.
        frame: The frame header.
        divisor: The scale is 1/divisor.
        shows_all_rows: Whether the photo is only blurred if the last scan ends too early.
        note: The damage, in case that the last scan is complete.
    """
    pixels = _decode_with_tail(data, end, b"", divisor)
    first = _find_first_difference(pixels, _decode_with_tail(data, end, _make_noise(), divisor))
    if first is None or shows_all_rows:
        if first is not None:
            note = BLURRED
        elif not note and not _ends_well(data, end, pixels, divisor):
            note = NO_END
        return pixels, ReadRows(frame.height, frame.height, note)
    if not first:
        raise broken_photo_error()
    missing = pixels[first:]
    missing[(missing == pixels[-1, -1]).all(axis=2)] = NEUTRAL  # the fill of CMYK has another shade
    return pixels, ReadRows(first * divisor, frame.height)


def _ends_well(data: bytes, end: int, pixels: Pixels, divisor: int) -> bool:
    """Return whether an end marker or other data follow the picture. Phones may replace the marker by their data."""
    if data[end : end + 2] == END:
        return True
    with suppress(BrokenPhoto):  # the last scan is shorter
        changed = _decode_with_tail(data, max(2, end - _TRAILER_BYTES), _make_noise(), divisor)
        return _find_first_difference(pixels, changed) is None
    return False


def _find_first_difference(pixels: Pixels, other: Pixels) -> int | None:
    """Return the first row in which two pictures differ, or None."""
    rows = np.flatnonzero((pixels != other).any(axis=(1, 2)))
    return int(rows[0]) if rows.size else None
