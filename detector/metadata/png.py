"""Finds the blocks of metadata in PNG files."""

import re
from contextlib import suppress
from typing import Final

from detector.metadata.blocks import DAMAGE, EXIF_PREFIX, MAX_BLOCK, Blocks, decompress
from detector.metadata.photoshop import add_resources
from detector.metadata.text import MAX_TEXT, decode_text
from detector.png_chunks import list_png_chunks

_MAX_TEXTS: Final = 100
_MAX_KEYWORD: Final = 80
_TIME_SIZE: Final = 7
_XMP: Final = "xml:com.adobe.xmp"
_PROFILE: Final = "rawprofiletype"
_PROFILE_HEADER: Final = re.compile(rb"\n?[^\n]{0,80}\n\s*\d+\s")
_IPTC_MARKER: Final = 0x1C


def find_png_blocks(data: bytes) -> Blocks:
    """Return the blocks of a PNG file. Checksums are not verified."""
    blocks = Blocks()
    texts = 0
    for kind, _, chunk in list_png_chunks(data):
        if kind == b"eXIf":
            blocks.exif.append(chunk)
        elif kind == b"tIME":
            blocks.modified = (int.from_bytes(chunk[:2]), *chunk[2:_TIME_SIZE])
        elif kind in _TEXT_READERS and texts < _MAX_TEXTS:
            texts += 1
            with suppress(*DAMAGE):
                _add_text(kind, bytes(chunk[:MAX_BLOCK]), blocks)
    return blocks


def _add_text(kind: bytes, chunk: bytes, blocks: Blocks) -> None:
    keyword, separator, rest = chunk.partition(b"\0")
    if not separator or len(keyword) >= _MAX_KEYWORD:
        return
    key = keyword.decode("latin-1").lower().replace(" ", "").replace("-", "").replace("_", "")
    if key != _XMP and not key.startswith(_PROFILE):
        blocks.texts.setdefault(key, decode_text(bytes(_TEXT_READERS[kind](rest)[: 4 * MAX_TEXT])))
    elif blocks.full:
        return
    elif key == _XMP:
        blocks.xmp.append(_TEXT_READERS[kind](rest))
    else:
        _add_profile(key.removeprefix(_PROFILE), _decode_profile(bytes(_TEXT_READERS[kind](rest))), blocks)


def _read_plain(rest: bytes) -> memoryview:
    return memoryview(rest)


def _read_compressed(rest: bytes) -> memoryview:
    return decompress(rest[1:])


def _read_international(rest: bytes) -> memoryview:
    """Skip the language and the translated keyword."""
    text = rest[2:].split(b"\0", 2)[2]
    return decompress(text) if rest[0] else memoryview(text)


_TEXT_READERS: Final = {b"tEXt": _read_plain, b"zTXt": _read_compressed, b"iTXt": _read_international}


def _decode_profile(text: bytes) -> bytes:
    """Decode a profile of ImageMagick: its name, its size and its bytes in hexadecimal digits."""
    header = _PROFILE_HEADER.match(text)
    if not header:
        raise ValueError("The profile has no header.")
    digits = bytes(text[header.end() :]).translate(None, b" \t\r\n\0")
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _add_profile(name: str, profile: bytes, blocks: Blocks) -> None:
    view = memoryview(profile)
    if profile.startswith(EXIF_PREFIX) or name == "exif":
        blocks.exif.append(view)
    elif b"<rdf:RDF" in profile[:MAX_BLOCK] or name == "xmp":
        start = max(0, profile.find(b"<"))
        blocks.xmp.append(view[start:])
    elif profile[:1] == bytes([_IPTC_MARKER]):
        blocks.iptc.append(view)
    elif name in {"iptc", "8bim"}:
        add_resources(view[max(0, profile.find(b"8BIM")) :], blocks)
