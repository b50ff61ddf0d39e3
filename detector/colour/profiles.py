"""Checks ICC profiles, and reads those that consist of curves and a matrix."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from PIL import ImageCms

from detector.colour.spaces import Numbers, RgbSpace, interpret

MAX_BYTES: Final = 4 * 2**20  # profiles of printers have up to 3 MB

_HEADER_BYTES: Final = 128
_MAX_TAGS: Final = 100
_CLASSES: Final = {b"scnr", b"mntr", b"prtr", b"spac"}  # the others do not describe the colours of a picture
_SPACES: Final = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
_VERSIONS: Final = range(2, 5)
_TABLES: Final = (b"A2B0", b"A2B1", b"A2B2")  # one for each rendering intent
_MATRIX_TAGS: Final = {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"}
_REQUIRED: Final = {"RGB": _MATRIX_TAGS, "L": {b"kTRC"}, "CMYK": {b"A2B0"}}
_XYZ_BYTES: Final = 12
_MAX_CURVE_BYTES: Final = 2**17
_PARAMETERS: Final = {0: 1, 3: 5, 4: 7}  # their number in each function: an exponent, and those with a straight part
_NO_PARAMETERS: Final = (1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)  # of an exponent alone


def is_usable(profile: bytes, mode: str) -> bool:
    """Return whether the profile is complete and describes the channels of a picture with this mode of Pillow.

    LittleCMS reads the profile in this process. So its structure is checked first.
    """
    tags = read_tags(profile)
    if tags is None or profile[12:16] not in _CLASSES or profile[8] not in _VERSIONS:
        return False
    if profile[16:20] != _SPACES[mode] or profile[20:24] not in {b"XYZ ", b"Lab "}:
        return False
    return _REQUIRED[mode] <= tags.keys() or not tags.keys().isdisjoint(_TABLES)


def read_tags(profile: bytes) -> dict[bytes, memoryview] | None:
    """Return the tags by signature, or None if the header or the table of tags is damaged.

    Tags can share their content, so it is not copied.
    """
    if not _HEADER_BYTES + 4 <= len(profile) <= MAX_BYTES or profile[36:40] != b"acsp":
        return None
    size, count = int.from_bytes(profile[:4]), int.from_bytes(profile[128:132])
    start = _HEADER_BYTES + 4 + 12 * count
    if count > _MAX_TAGS or not start <= size <= len(profile):
        return None
    tags = {}
    for signature, offset, length in struct.iter_unpack(">4sII", profile[_HEADER_BYTES + 4 : start]):
        if offset < start or length < 8 or offset + length > size:  # noqa: PLR2004
            return None
        tags[signature] = memoryview(profile)[offset : offset + length]
    return tags


def choose_intent(profile: bytes) -> ImageCms.Intent:
    """Return the perceptual intent, or another one if the profile only has a table for it."""
    tags = read_tags(profile) or {}
    return ImageCms.Intent(next((intent for intent, table in enumerate(_TABLES) if table in tags), 0))


def read_rgb_space(profile: bytes) -> RgbSpace | None:
    """Return the code points in the tag `cicp` (ICC.1:2022, 9.2.17), or None."""
    tag: bytes | memoryview = (read_tags(profile) or {}).get(b"cicp", b"")
    return interpret(tag[8], tag[9], full_range=tag[11] > 0) if len(tag) >= 12 else None  # noqa: PLR2004


def read_matrix(profile: bytes) -> tuple[Numbers, Numbers] | None:
    """Return the curves and the matrix of an RGB profile, or None if it has a table or an unusual curve.

    Returns:
        The light, 0 to 1, of each 8-bit code of red, green and blue, 3 x 256, and the matrix from light to XYZ (D50).
    """
    tags = read_tags(profile) or {}
    if not tags.keys() >= _MATRIX_TAGS or not tags.keys().isdisjoint(_TABLES):
        return None
    curves = [_read_curve(bytes(tags[f"{channel}TRC".encode()][:_MAX_CURVE_BYTES])) for channel in "rgb"]
    colorants = [bytes(tags[f"{channel}XYZ".encode()][8:20]) for channel in "rgb"]
    if any(curve is None for curve in curves) or any(len(colorant) < _XYZ_BYTES for colorant in colorants):
        return None
    return np.array(curves), np.array([_read_fixed(colorant) for colorant in colorants]).T


def _read_curve(tag: bytes) -> Numbers | None:
    """Return the light of each 8-bit code, or None if the type of the curve is unknown."""
    codes = np.linspace(0, 1, 256)
    if tag[:4] == b"para":
        return _read_parametric_curve(tag, codes)
    count = int.from_bytes(tag[8:12])
    if tag[:4] != b"curv" or len(tag) < 12 + 2 * count:
        return None
    samples = np.frombuffer(tag, ">u2", count, 12)
    curve: Numbers = codes ** (samples[0] / 256) if count == 1 else codes
    if count > 1:
        curve = np.interp(codes, np.linspace(0, 1, count), samples / 65535)
    return curve


def _read_parametric_curve(tag: bytes, codes: Numbers) -> Numbers | None:
    """Return the curve of the type `para` (ICC.1:2022, 10.18). None if it is none of the usual functions."""
    function = int.from_bytes(tag[8:10])
    count = _PARAMETERS.get(function, 0)
    if not count or len(tag) < 12 + 4 * count:
        return None
    g, a, b, c, d, e, f = np.append(_read_fixed(tag[12 : 12 + 4 * count]), _NO_PARAMETERS[count:])
    with np.errstate(all="ignore"):
        curve = np.where(codes >= d, (a * codes + b) ** g + e, c * codes + f)
    finite: Numbers = np.nan_to_num(np.clip(curve, 0, 1))
    return finite


def _read_fixed(data: bytes) -> Numbers:
    """Return numbers with 16 bits after the point."""
    numbers: Numbers = np.frombuffer(data, ">i4") / 65536
    return numbers
