"""Cleans file names, and makes the names of downloads."""

import re
import unicodedata
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from app.domain.media_types import ENDINGS, UNREADABLE_ENDINGS

if TYPE_CHECKING:
    from app.domain.images import ImageSummary

MAX_NAME_BYTES: Final = 255  # the limit of most file systems; a percent-encoded name fits S3's 2 KB metadata limit
MAX_SAVED_BYTES: Final = 240  # the rest is for a number and the ending of a sidecar
MAX_ENDING_BYTES: Final = 16  # of an ending that a cut name keeps, with its dot

_PLANES: Final = range(0x11)
_NONCHARACTERS: Final = "".join(f"{chr((plane << 16) + 0xFFFE)}{chr((plane << 16) + 0xFFFF)}" for plane in _PLANES)
# Controls, line separators, surrogates, noncharacters, and Unicode's Default_Ignorable_Code_Point: bidirectional
# overrides, tags, fillers and other characters without a shape. Joiners (U+200C, U+200D) and variation selectors are
# kept, because emoji and many languages need them. The ranges do not depend on the Unicode version of Python, which
# does not know new emoji. Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffc\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff{_NONCHARACTERS}]"
)
# The flags of Wales, England and Scotland, for example.
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_EDGES: Final = " .\t\u00a0\u200c\u200d\u3000"
# On Windows.
_RESERVED: Final = re.compile(r'[<>:"|?*]')
_HARMLESS_ENDINGS: Final = (".bin", *UNREADABLE_ENDINGS, *chain.from_iterable(ENDINGS.values()))  # of unknown files
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def clean_file_name(text: str) -> str:
    """Return a file name of 1 to 255 UTF-8 bytes. It contains no folders and no invisible characters.

    A name that is too long keeps its ending.
    """
    last = re.split(r"[/\\]", text)[-1]
    return _cut(remove_invisible(last).strip(_EDGES)) or "photo"


def make_download_name(image: "ImageSummary") -> str:
    """Return the name under which browsers save the original."""
    return make_safe_name(image.name, image.media_type)


def make_safe_name(text: str, media_type: str) -> str:
    """Return a file name that is safe on all systems. Its ending belongs to the media type.

    The ending decides which program a double click starts, so a photo named `beach.html` or `beach.lnk` could
    run scripts. Windows removes dots and spaces at the end of a name, and writes `a.html:b` to the file `a.html`. It
    has no files named like its devices, such as `con.jpg`.
    """
    endings = ENDINGS.get(media_type, _HARMLESS_ENDINGS)
    name = _RESERVED.sub("_", clean_file_name(text))
    name = f"_{name}" if _DEVICE.match(name) else name
    return _cut(name if name.lower().endswith(endings) else name + endings[0])


def make_saved_name(text: str, media_type: str) -> str:
    """Return a safe name that leaves room for a number and the ending of a sidecar."""
    return _cut(make_safe_name(text, media_type), MAX_SAVED_BYTES)


def make_disposition(name: str | None) -> str:
    """Return the value of `Content-Disposition` for a download with this name, or for a file that is shown inline.

    The name is sent twice (RFC 6266): in ASCII for old clients, which may decode `%`, and in UTF-8 for all others.
    """
    if not name:
        return "inline"
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    fallback = re.sub(r'[^ -~]|["\\%]', "_", plain)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"


def remove_invisible(text: str) -> str:
    """Remove invisible characters. Keep the invisible tags of flags."""
    flags = _FLAG.findall(text)
    parts = [_INVISIBLE.sub("", part) for part in _FLAG.split(text)]
    return "".join(part + flag for part, flag in zip(parts, [*flags, ""], strict=True))


def _cut(name: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """Cut a long name off before its ending."""
    if len(name.encode()) <= max_bytes:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}"
    if not stem or len(tail.encode()) > MAX_ENDING_BYTES:
        stem, tail = name, ""
    room = max_bytes - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(_EDGES) + tail
