"""Removes the metadata of GIF files: comments, texts and unknown applications."""

from typing import Final

_HEAD_BYTES: Final = 13
_IMAGE_BYTES: Final = 10
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, b"\x3b"
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_CONTROL_BYTES: Final = 4
_APPLICATIONS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # loops
_LOOP: Final = b"\x03\x01"  # the size and the kind of the block with the number of loops
_PROFILE: Final = b"ICCRGBG1012"


def strip_gif(data: bytes, _exif: bytes) -> bytes:
    """Return a GIF file without metadata. GIF files have no orientation.

    Of the extensions for times and loops, only the block with the value is kept. Others behind it can be texts.

    Raises:
        IndexError: the file is cut off.
        ValueError: the file is damaged, or has a colour profile.
    """
    position = _HEAD_BYTES + _measure_colours(data[10])
    parts = [data[:position]]
    while data[position : position + 1] != _TRAILER:
        start, kind = position, data[position]
        if kind == _IMAGE:
            position += _IMAGE_BYTES + _measure_colours(data[position + 9]) + 1  # and the size of the codes
        elif kind == _EXTENSION:
            position += 2
        else:
            raise ValueError("The file has an unknown block.")
        content, position = position, _skip_blocks(data, position)
        label = 0 if kind == _IMAGE else data[start + 1]
        application = data[content + 1 : content + 1 + data[content]] if label == _APPLICATION else b""
        if application == _PROFILE:
            raise ValueError("The file has a profile, which is very rare.")
        if kind == _IMAGE:
            parts.append(data[start:position])
        elif label == _GRAPHIC_CONTROL and data[content] == _CONTROL_BYTES:
            parts.append(data[start : content + 1 + _CONTROL_BYTES] + b"\0")
        elif application in _APPLICATIONS and data[content + 12 : content + 14] == _LOOP:
            parts.append(data[start : content + 16] + b"\0")
    return b"".join([*parts, _TRAILER])


def _measure_colours(flags: int) -> int:
    """Return the bytes of the colour table that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, position: int) -> int:
    while length := data[position]:
        position += 1 + length
    return position + 1
