"""Conversions of pixels to sRGB."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

import cv2
import numpy as np
from PIL import Image, ImageCms

from detector.colour.profiles import choose_intent, is_usable, read_matrix
from detector.colour.spaces import SRGB, RgbSpace, encode_srgb

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from detector.colour.spaces import Numbers

_BAND_ROWS: Final = 64  # a band and its copies stay in the cache of the processor
_MAX: Final = 65535
_PROBE_STEPS: Final = 9
_INVISIBLE: Final = 3  # of 255 levels


class Transform(Protocol):
    """A conversion to sRGB."""

    def apply(self, pixels: MatLike) -> MatLike:
        """Return uint8 BGR pixels in sRGB. `pixels` are not changed."""
        ...


class MatrixTransform:
    """A conversion of RGB by curves and a matrix. It is six times as fast as LittleCMS.

    Args:
        curves: The light, 0 to 1, of each 8-bit code of red, green and blue, 3 x 256.
        to_xyz: The matrix from light to XYZ (D50).
    """

    def __init__(self, curves: Numbers, to_xyz: Numbers) -> None:
        table = to_uint16(curves)
        same = (table == table[0]).all()
        self._decoding = table[:1] if same else np.ascontiguousarray(table[::-1].T)[np.newaxis]
        matrix = np.linalg.inv(RgbSpace(SRGB).make_matrix()) @ to_xyz
        self._matrix = matrix[::-1, ::-1].copy()  # of BGR
        self._encoding = _make_srgb_table()

    def apply(self, pixels: MatLike) -> MatLike:
        """Return the BGR pixels in sRGB."""
        converted = np.empty_like(pixels)
        for top in range(0, len(pixels), _BAND_ROWS):
            light = self.linearise(pixels[top : top + _BAND_ROWS])
            converted[top : top + _BAND_ROWS] = cv2.LUT(cv2.transform(light, self._matrix), self._encoding)
        return converted

    def linearise(self, band: MatLike) -> MatLike:
        """Return the linear light of some rows as uint16."""
        return cv2.LUT(band, self._decoding)


class ProfileTransform:
    """A conversion from an ICC profile by LittleCMS.

    Args:
        profile: A profile that `is_usable` accepts.
        mode: The channels that are converted: RGB, L or CMYK.

    Raises:
        ValueError: LittleCMS refuses the profile.
    """

    def __init__(self, profile: bytes, mode: str) -> None:
        self._mode = {"RGB": "RGBX"}.get(mode, mode)
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
            intent = choose_intent(profile)
            self._transform = ImageCms.ImageCmsTransform(source, target, self._mode, "RGBX", intent)
        except OSError as error:
            raise ValueError(error) from error

    def apply(self, pixels: MatLike) -> MatLike:
        """Return the pixels, which are BGR or CMYK, as BGR in sRGB. Grey pixels are BGR with equal channels."""
        if self._mode == "L":
            ramp = np.arange(256, dtype=np.uint8)[np.newaxis]
            return cv2.LUT(pixels, self._convert(ramp))
        converted = np.empty((*pixels.shape[:2], 3), np.uint8)
        for top in range(0, len(pixels), _BAND_ROWS):
            band = pixels[top : top + _BAND_ROWS]
            channels = cv2.cvtColor(band, cv2.COLOR_BGR2RGBA) if self._mode == "RGBX" else np.ascontiguousarray(band)
            converted[top : top + _BAND_ROWS] = self._convert(channels)
        return converted

    def _convert(self, channels: MatLike) -> MatLike:
        size = (channels.shape[1], channels.shape[0])
        picture = Image.frombuffer(self._mode, size, channels, "raw", self._mode, 0, 1)
        return cv2.cvtColor(np.asarray(self._transform.apply(picture)), cv2.COLOR_RGBA2BGR)


@lru_cache(maxsize=16)
def find_transform(profile: bytes, mode: str) -> Transform | None:
    """Return the conversion from a profile to sRGB, or None if it is not usable or its colours are those of sRGB.

    The results are kept, because the photos of one camera have the same profile.

    Args:
        profile: An ICC profile.
        mode: The channels that are converted: RGB, L or CMYK.
    """
    if not is_usable(profile, mode):
        return None
    try:
        transform = ProfileTransform(profile, mode)
    except ValueError:
        return None
    if mode == "CMYK":
        return transform
    probe = _make_probe(mode)
    expected = transform.apply(probe)
    if _are_similar(probe, expected):
        return None
    fast = _find_matrix_transform(profile) if mode == "RGB" else None
    return fast if fast and _are_similar(fast.apply(probe), expected) else transform


def to_uint16(light: Numbers) -> MatLike:
    """Return light of 0 to 1 as numbers of 0 to 65535."""
    return np.round(np.clip(light, 0, 1) * _MAX).astype(np.uint16)


def _find_matrix_transform(profile: bytes) -> Transform | None:
    description = read_matrix(profile)
    return MatrixTransform(*description) if description else None


def _make_probe(mode: str) -> MatLike:
    """Return BGR pixels whose colours cover RGB or grey."""
    levels = np.linspace(0, 255, _PROBE_STEPS).astype(np.uint8)
    if mode == "L":
        return np.repeat(levels, 3).reshape(1, -1, 3)
    return np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)


def _are_similar(one: MatLike, other: MatLike) -> bool:
    return bool(cv2.norm(one, other, cv2.NORM_INF) <= _INVISIBLE)


@lru_cache(maxsize=1)
def _make_srgb_table() -> MatLike:
    """Return the sRGB values of linear light of 16 bits."""
    return np.round(encode_srgb(np.linspace(0, 1, _MAX + 1)) * 255).astype(np.uint8)[np.newaxis]
