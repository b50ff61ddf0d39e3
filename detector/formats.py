"""Recognizes the format of a photo by its bytes. Names and media types are only hints."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from detector import heif

if TYPE_CHECKING:
    from collections.abc import Mapping

START_BYTES: Final = 512  # for `is_photo_start`
NOT_A_PHOTO: Final = "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo."
_CODECS: Final = {  # that PixTag cannot decode
    b"j2k1": "JPEG 2000",
    b"jpeg": "JPEG",
    b"mjpg": "JPEG",
    b"avc1": "H.264",
    b"avc3": "H.264",
    b"lhv1": "layered HEVC",
    b"vvc1": "VVC",
    b"vvi1": "VVC",
    b"evc1": "EVC",
    b"evb1": "EVC",
    b"jxs1": "JPEG XS",
    b"vp08": "VP8",
    b"vp09": "VP9",
    b"unci": "uncompressed pixels",
    b"mski": "a mask",
}
_OTHER_IMAGE_BRANDS: Final = frozenset(
    {
        b"crx ",
        b"mif3",
        b"j2ki",
        b"j2is",
        b"jpeg",
        b"jpgs",
        b"avci",
        b"avcs",
        b"vvic",
        b"vvis",
        b"evbi",
        b"evbs",
        b"unif",
    }
)


class Format(StrEnum):
    """A format of photos. The values are Pillow's names."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    HEIF = "HEIF"
    AVIF = "AVIF"


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.JPEG: "image/jpeg",
    Format.PNG: "image/png",
    Format.WEBP: "image/webp",
    Format.GIF: "image/gif",
    Format.HEIF: "image/heic",
    Format.AVIF: "image/avif",
}
ENDINGS: Final[Mapping[Format, tuple[str, ...]]] = {  # of file names; the first one is the usual one
    Format.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp"),
    Format.PNG: (".png", ".apng"),
    Format.WEBP: (".webp",),
    Format.GIF: (".gif",),
    Format.HEIF: (".heic", ".heif", ".hif", ".heics", ".heifs"),
    Format.AVIF: (".avif", ".avifs"),
}


def recognize(data: bytes) -> Format | None:
    """Return the format that decodes these bytes, or None if they are not a photo that PixTag can read.

    The bytes behind the start may be damaged. For HEIF and AVIF, the codec of the primary item decides.
    """
    if format_ := _recognize_signature(data):
        return format_
    file_type = heif.read_file_type(data)
    if file_type is None:
        return None
    codec = heif.find_codec(data)
    if codec is None:  # the file is damaged, and its decoder reports that
        return _recognize_brands(file_type)
    if codec in heif.AV1:
        return Format.AVIF
    return Format.HEIF if codec in heif.HEVC else None


def is_photo_start(start: bytes) -> bool:
    """Return whether a file that starts with these bytes can be a photo. The first `START_BYTES` suffice."""
    file_type = heif.read_file_type(start)
    return bool(_recognize_signature(start) or (file_type and not heif.PHOTO_BRANDS.isdisjoint(file_type.brands)))


def explain(data: bytes) -> str:
    """Return a sentence about bytes that are not a photo that PixTag can read."""
    file_type = heif.read_file_type(data)
    if file_type is None:
        return NOT_A_PHOTO
    if name := _CODECS.get(heif.find_codec(data) or b""):
        return f"PixTag cannot read this HEIF file, because its photo is coded as {name}. Convert it to JPEG."
    if file_type.brands.isdisjoint(heif.PHOTO_BRANDS | _OTHER_IMAGE_BRANDS):
        return f"This is a video or an audio file. {NOT_A_PHOTO}"
    return NOT_A_PHOTO


def _recognize_signature(data: bytes) -> Format | None:
    if data.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    return Format.WEBP if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


def _recognize_brands(file_type: heif.FileType) -> Format | None:
    if not heif.AVIF_BRANDS.isdisjoint(file_type.brands):
        return Format.AVIF
    return None if heif.HEVC_BRANDS.isdisjoint(file_type.brands) else Format.HEIF
