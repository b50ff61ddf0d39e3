"""Defines the media types of photos. What clients declare is a hint: the worker decides by the bytes."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from app.domain.errors import UnsupportedType
from detector import formats
from detector.formats import Format, recognize

ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {  # of file names; the first one is added to names without one of them
    **{media_type: formats.ENDINGS[format_] for format_, media_type in formats.MEDIA_TYPES.items()},
    "image/heif": (".heif", *formats.ENDINGS[Format.HEIF]),
}
MEDIA_TYPES: Final = frozenset(ENDINGS)
STRIPPABLE_TYPES: Final = frozenset(formats.MEDIA_TYPES.values())  # whose metadata can be removed
UNREADABLE_ENDINGS: Final = (  # of pictures that PixTag keeps, but cannot read; no system runs such files
    *(".tif", ".tiff", ".bmp", ".dib", ".jp2", ".jpf", ".jpx", ".jxl", ".jxr", ".psd", ".avci", ".ico", ".tga", ".exr"),
    *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".raf", ".orf", ".rw2", ".pef", ".srw", ".x3f"),
)
UNKNOWN_TYPE: Final = "application/octet-stream"

_ALIASES: Final[Mapping[str, str]] = {
    "image/jpg": "image/jpeg",
    "image/jpe": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/pipeg": "image/jpeg",
    "image/x-jpeg": "image/jpeg",
    "image/x-jpg": "image/jpeg",
    "image/vnd.swiftview-jpeg": "image/jpeg",
    "application/jpg": "image/jpeg",
    "application/jpeg": "image/jpeg",
    "application/x-jpg": "image/jpeg",
    "image/mpo": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/vnd.mozilla.apng": "image/png",
    "application/png": "image/png",
    "application/x-png": "image/png",
    "image/x-webp": "image/webp",
    "image/x-gif": "image/gif",
    "image/gi_": "image/gif",
    "image/heic-sequence": "image/heic",
    "image/x-heic": "image/heic",
    "image/hif": "image/heif",
    "image/heif-sequence": "image/heif",
    "image/x-heif": "image/heif",
    "image/avif-sequence": "image/avif",
    "image/avifs": "image/avif",
    "image/x-avif": "image/avif",
}
_BY_ENDING: Final[Mapping[str, str]] = {
    **{ending: media_type for media_type, endings in ENDINGS.items() for ending in endings},
    ".heic": "image/heic",
    ".heics": "image/heic",
}
_OTHER_KINDS: Final = ("audio/", "chemical/", "font/", "message/", "model/", "multipart/", "text/", "video/")
_OTHER_TYPES: Final = frozenset(
    {
        *("image/svg+xml", "image/svg", "application/pdf", "application/json", "application/xml", "application/zip"),
        *("application/xhtml+xml", "application/javascript", "application/x-javascript", "application/ecmascript"),
        *("application/msword", "application/rtf", "application/postscript", "application/gzip", "application/x-tar"),
        *("application/x-www-form-urlencoded", "application/x-sh", "application/x-zip-compressed"),
    }
)
_UNSPECIFIC: Final = "text/plain"  # RFC 7578: the type of a part that declares none


def read_media_type(declared: str | None) -> str:
    """Return a declared media type in lower case, without parameters, and with the usual name of its alias."""
    media_type = (declared or "").partition(";")[0].strip().lower()
    return _ALIASES.get(media_type, media_type)


def choose_media_type(declared: str | None, name: str) -> str:
    """Return the media type of an upload whose bytes are not known.

    It is one of `MEDIA_TYPES`, or `UNKNOWN_TYPE` if neither the client nor the file name says which one. Many clients
    do not know HEIC, WebP or AVIF, and other clients declare wrong types.

    Raises:
        UnsupportedType: the file is certainly not a photo, because it is declared as a video or as text, for example.
    """
    media_type = read_media_type(declared)
    if media_type in MEDIA_TYPES:
        return media_type
    by_name = _BY_ENDING.get(PurePath(name.strip(" .")).suffix.lower())
    is_unspecific = media_type == _UNSPECIFIC and by_name is not None
    if media_type in _OTHER_TYPES or (media_type.startswith(_OTHER_KINDS) and not is_unspecific):
        raise UnsupportedType(media_type, MEDIA_TYPES)
    return by_name or UNKNOWN_TYPE


def find_media_type(data: bytes) -> str:
    """Return the media type of a file, or `UNKNOWN_TYPE` if it is not a photo that PixTag can read."""
    format_ = recognize(data)
    return formats.MEDIA_TYPES[format_] if format_ else UNKNOWN_TYPE


def choose_type_of_bytes(data: bytes, declared: str | None, name: str) -> str:
    """Return the media type of an upload. If the bytes are not a photo, use the declared type.

    A photo can be damaged, or have a format that a later version reads. So an image type, or the name of a photo
    without a type, suffices.

    Raises:
        UnsupportedType: neither the bytes nor the client say that this is a photo.
    """
    if (media_type := find_media_type(data)) != UNKNOWN_TYPE:
        return media_type
    media_type = choose_media_type(declared, name)
    given = read_media_type(declared)
    if given == _UNSPECIFIC or (media_type == UNKNOWN_TYPE and not given.startswith("image/")):
        raise UnsupportedType(given or "unknown", MEDIA_TYPES)
    return media_type
