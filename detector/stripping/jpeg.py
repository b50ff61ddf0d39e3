"""Removes the metadata of JPEG files. Everything behind the first picture is removed too."""

from collections.abc import Iterator
from typing import Final

from detector.jpeg import END, find_scan_end, list_segments, read_scan
from detector.metadata.blocks import EXIF_PREFIX
from detector.stripping.profile import clear_profile

_MAX_SCANS: Final = 1_000
_START: Final = b"\xff\xd8"
_START_OF_SCAN: Final = 0xDA
_JFIF, _APP1, _APP2, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_DECODING: Final = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})  # frames, tables, scans and intervals
_JFIF_BYTES: Final = 12  # without the thumbnail
_ADOBE_BYTES: Final = 12
_PROFILE: Final = b"ICC_PROFILE\0"
_PROFILE_HEAD_BYTES: Final = 14  # with the number of the segment, and their count


def strip_jpeg(data: bytes, exif: bytes) -> bytes:
    """Return a JPEG file without metadata, with the given EXIF data if there are any.

    Raises:
        IndexError, ValueError: the file is damaged, or has more than 1,000 scans.
    """
    parts, position = [_START], 2
    if exif:
        parts.append(_make_segment(_APP1, EXIF_PREFIX + exif))
    for _ in range(_MAX_SCANS):
        segments = list(list_segments(data, position))
        parts += _keep(data, segments)
        if not segments or segments[-1][0] != _START_OF_SCAN:
            break
        _, start, content = segments[-1]
        position = find_scan_end(data, read_scan(start, content))
        parts.append(data[start + 4 + len(content) : position])
    else:
        raise ValueError("The file has too many scans.")
    return b"".join([*parts, END])


def _keep(data: bytes, segments: list[tuple[int, int, bytes]]) -> Iterator[bytes]:
    """Yield the segments that decoders need. The segments of the profile can be many."""
    contents = sorted(content for marker, _, content in segments if _is_profile(marker, content))
    profile = iter(_clear_profile(contents))
    for marker, start, content in segments:
        if _is_profile(marker, content):
            yield next(profile)
        elif marker in _DECODING:
            yield data[start : start + 4 + len(content)]
        elif marker == _JFIF and content.startswith(b"JFIF\0"):
            yield _make_segment(_JFIF, content[:_JFIF_BYTES].ljust(_JFIF_BYTES, b"\0") + bytes(2))
        elif marker == _ADOBE and content.startswith(b"Adobe"):
            yield _make_segment(_ADOBE, content[:_ADOBE_BYTES])


def _is_profile(marker: int, content: bytes) -> bool:
    return marker == _APP2 and content.startswith(_PROFILE)


def _clear_profile(contents: list[bytes]) -> list[bytes]:
    """Return the segments of the profile in order."""
    profile, segments = clear_profile(b"".join(content[_PROFILE_HEAD_BYTES:] for content in contents)), []
    for content in contents:
        size = len(content[_PROFILE_HEAD_BYTES:])
        segments.append(_make_segment(_APP2, content[:_PROFILE_HEAD_BYTES] + profile[:size]))
        profile = profile[size:]
    return segments


def _make_segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content
