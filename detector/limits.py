"""Decides which photos are too large, and estimates the memory that decoding needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from detector.jpeg import needs_outline, read_frame
from detector.photo_errors import TooManyPixels
from detector.webp import WebpHeader, read_webp_header

MAX_BYTES: Final = 420_000_000
"""The memory of an encoded photo and its decoding. The model and the encoders need 30 MB more."""

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of photos with the same limits.

    Attributes:
        name: The name in error messages.
        megapixels: The maximum.
        bytes_per_pixel: The memory that decoding needs at the scale of a preview, without the encoded photo. Measured.
    """

    name: str
    megapixels: int
    bytes_per_pixel: float

    def estimate(self, pixels: int) -> int:
        """Return the bytes of memory for decoding a photo with this number of pixels."""
        return _BASE_BYTES + int(pixels * self.bytes_per_pixel)

    def divide(self, share: float) -> Kind:
        """Return this kind for a photo of which only a part is decoded at a time."""
        return replace(self, bytes_per_pixel=self.bytes_per_pixel * share)

    def require(self, pixels: int, encoded: int) -> None:
        """Check the number of pixels, and the memory including the bytes of the encoded photo.

        Raises:
            TooManyPixels: the photo is too large.
        """
        size = f"This {self.name} has {-(-pixels // _MILLION)} megapixels"
        if pixels > self.megapixels * _MILLION:
            raise TooManyPixels(f"{size}. PixTag can process {self.name} photos of up to {self.megapixels}.")
        needed = encoded + self.estimate(pixels)
        if needed > MAX_BYTES:
            raise TooManyPixels(
                f"{size} and needs {-(-needed // _MILLION)} MB of memory. PixTag can use {MAX_BYTES // _MILLION} MB."
            )


_BASE_BYTES: Final = 24_000_000  # a reduced picture of 4000 x 2000 pixels

BASELINE_JPEG: Final = Kind("JPEG", 250, 0.4)
OUTLINED_JPEG: Final = Kind("progressive JPEG", 108, 1.5)  # see jpeg_outline.py
_PNG: Final = Kind("PNG", 75, 1.0)
_GIF: Final = Kind("GIF", 75, 1.5)
_LOSSY_WEBP: Final = Kind("WebP", 75, 3.8)
_LOSSLESS_WEBP: Final = Kind("lossless WebP", 75, 7.2)
_TRANSPARENT_WEBP: Final = Kind("WebP with transparency", 75, 7.9)
_ANIMATED_WEBP: Final = Kind("animated WebP", 75, 17.0)
_HEIC: Final = Kind("HEIC", 75, 4.8)
_DEEP_HEIC: Final = Kind("HEIC with more than 8 bits", 75, 8.5)
_TRANSPARENT_HEIC: Final = Kind("HEIC with transparency", 75, 12.0)
_AVIF: Final = Kind("AVIF", 75, 9.4)
_DEEP_AVIF: Final = Kind("AVIF with transparency or more than 8 bits", 75, 13.0)

_CONFIGURATION_BYTES: Final = 1 << 20  # where the properties of HEIC and AVIF pictures are


def find_kind(data: bytes, format_: str, *, transparent: bool) -> Kind:
    """Return the kind of a photo. `format_` is Pillow's name for the format."""
    if format_ == "JPEG":
        return _find_jpeg_kind(data)
    if format_ == "WEBP":
        return find_webp_kind(read_webp_header(data))
    if format_ == "HEIF":
        deep = _DEEP_HEIC if _has_bit(data, b"hvcC", 17, 7) else _HEIC
        return _TRANSPARENT_HEIC if transparent else deep
    is_deep = transparent or _has_bit(data, b"av1C", 2, 64)
    return {"PNG": _PNG, "GIF": _GIF}.get(format_) or (_DEEP_AVIF if is_deep else _AVIF)


def find_webp_kind(header: WebpHeader | None) -> Kind:
    """Return the kind of a WebP."""
    if header is None or header.is_animated:
        return _ANIMATED_WEBP
    if header.has_alpha:
        return _TRANSPARENT_WEBP
    return _LOSSLESS_WEBP if header.is_lossless else _LOSSY_WEBP


def _has_bit(data: bytes, box: bytes, at: int, mask: int) -> bool:
    """Return whether a bit is set in a box with the configuration of the decoder. It means more than 8 bits."""
    start = data.find(box, 0, _CONFIGURATION_BYTES) + len(box) + at
    return any(byte & mask for byte in data[start : start + 1])


def _find_jpeg_kind(data: bytes) -> Kind:
    frame = read_frame(data)
    if frame is None or frame.is_sequential:
        return BASELINE_JPEG
    if needs_outline(frame, len(data)):
        return OUTLINED_JPEG
    per_pixel = frame.coefficient_bytes / (frame.width * frame.height or 1)
    if frame.is_progressive:
        return Kind("progressive JPEG", 108, per_pixel)
    return Kind("JPEG with several scans", 50, per_pixel)


def estimate_memory(media_type: str, pixels: int) -> int:
    """Return the bytes of memory that decoding a stored photo needs at most, if only this is known about it."""
    return min({"image/png": _PNG, "image/gif": _GIF}.get(media_type, _ANIMATED_WEBP).estimate(pixels), MAX_BYTES)
