"""Finds the colour space of a photo: a profile, code points, or marks in the metadata."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from detector.colour.heif import read_nclx
from detector.colour.png_and_gif import read_gif_profile, read_png_chunks
from detector.colour.profiles import MAX_BYTES, is_usable, read_rgb_space
from detector.colour.spaces import ADOBE_RGB, SRGB, RgbSpace, Transfer, interpret
from detector.png_chunks import decompress_png_profile

if TYPE_CHECKING:
    from PIL import Image

_GREY_MODES: Final = {"1", "L", "LA", "La", "I", "I;16", "F"}
# Entries of EXIF's tables: the index of the interoperability rules of DCF, and the colour space.
_ADOBE_INDEX: Final = (b"\1\0\2\0\4\0\0\0R03\0", b"\0\1\0\2\0\0\0\4R03\0")
_ADOBE_SPACE: Final = (b"\1\xa0\3\0\1\0\0\0\2\0", b"\xa0\1\0\3\0\0\0\1\0\2")  # not standard, but some cameras write it
_SRGB_SPACE: Final = (b"\1\xa0\3\0\1\0\0\0\1\0", b"\xa0\1\0\3\0\0\0\1\0\1")
_CICP_BYTES, _GAMMA_BYTES, _CHROMATICITY_BYTES = 4, 4, 32
_PNG_UNIT: Final = 100_000  # of chunks with decimal numbers
_SRGB_GAMMAS: Final = range(44_000, 47_001)  # gAMA of files whose values are sRGB
_GAMMAS: Final = range(10_000, 1_000_001)


@dataclass(frozen=True, slots=True)
class Profile:
    """An ICC profile, which `is_usable` accepts.

    Attributes:
        mode: The channels that the profile describes, as a mode of Pillow: RGB, L or CMYK.
        data: The profile.
    """

    mode: str
    data: bytes = field(repr=False)


Colour: TypeAlias = Profile | RgbSpace
"""The colour space of pixels that are not sRGB."""


def find_colour(data: bytes, picture: Image.Image) -> Colour | None:
    """Return the colour space of an opened photo, or None if it is sRGB. Ignore damaged and unsuitable profiles.

    Args:
        data: The encoded photo.
        picture: The photo, opened by Pillow. It need not be decoded.
    """
    mode = _get_mode(picture)
    if picture.format == "PNG":
        return _find_in_png(data, mode)
    profile = read_gif_profile(data, MAX_BYTES) if picture.format == "GIF" else picture.info.get("icc_profile")
    if profile and is_usable(profile, mode):
        return _prefer_hdr(Profile(mode, profile))
    if mode == "CMYK":
        return None
    if space := _find_code_points(data, picture):
        return _drop_srgb(space)
    return _find_in_exif(picture.info.get("exif") or b"")


def _get_mode(picture: Image.Image) -> str:
    if picture.mode == "CMYK":
        return "CMYK"
    # Pillow opens a GIF as grey if all of its colours are grey.
    return "L" if picture.mode in _GREY_MODES and picture.format != "GIF" else "RGB"


def _prefer_hdr(profile: Profile) -> Colour:
    """Return the code points in a profile of HDR, because the profile itself maps the tones of one display."""
    space = read_rgb_space(profile.data)
    return space if space and space.is_hdr and profile.mode == "RGB" else profile


def _drop_srgb(space: RgbSpace) -> RgbSpace | None:
    return None if space.is_srgb else space


def _find_code_points(data: bytes, picture: Image.Image) -> RgbSpace | None:
    if picture.format == "AVIF" and (codes := read_nclx(data)):  # Pillow does not return them
        return interpret(*codes)
    if nclx := picture.info.get("nclx_profile"):
        return interpret(nclx["color_primaries"], nclx["transfer_characteristics"])
    return None


def _find_in_exif(exif: bytes) -> RgbSpace | None:
    """Return Adobe RGB if a camera marked the photo so (DCF 2.0). Such photos have no profile."""
    is_marked = _contains(exif, _ADOBE_INDEX) and not _contains(exif, _SRGB_SPACE)
    return ADOBE_RGB if is_marked or _contains(exif, _ADOBE_SPACE) else None


def _contains(exif: bytes, entries: tuple[bytes, ...]) -> bool:
    return any(entry in exif for entry in entries)


def _find_in_png(data: bytes, mode: str) -> Colour | None:
    """Return the colour space of a PNG. The order of its chunks is that of the PNG specification, 4.3."""
    chunks = read_png_chunks(data)
    cicp = chunks.get(b"cICP", b"")
    if len(cicp) == _CICP_BYTES and cicp[2] == 0 and (space := interpret(cicp[0], cicp[1], full_range=cicp[3] > 0)):
        return _drop_srgb(space)
    profile = decompress_png_profile(chunks.get(b"iCCP", b""), MAX_BYTES)
    if is_usable(profile, mode):
        return _prefer_hdr(Profile(mode, profile))
    if len(chunks.get(b"sRGB", b"")) == 1:
        return None
    return _drop_srgb(_read_gamma(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b"")))


def _read_gamma(gama: bytes, chrm: bytes) -> RgbSpace:
    gamma = int.from_bytes(gama) if len(gama) == _GAMMA_BYTES else 0
    transfer = _PNG_UNIT / gamma if gamma in _GAMMAS and gamma not in _SRGB_GAMMAS else Transfer.SRGB
    if len(chrm) != _CHROMATICITY_BYTES:
        return RgbSpace(SRGB, transfer)
    white_x, white_y, *primaries = (number / _PNG_UNIT for number in struct.unpack(">8I", chrm))
    space = RgbSpace((*primaries, white_x, white_y), transfer)
    try:
        space.make_matrix()
    except ValueError:
        return RgbSpace(SRGB, transfer)
    return space
