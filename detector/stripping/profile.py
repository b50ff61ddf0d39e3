"""Removes what ICC profiles say besides colours, such as the serial number and the calibration of a display.

Source: ICC.1:2022, sections 7 and 9
"""

import struct
from typing import Final

MAX_BYTES: Final = 4 * 2**20  # profiles of printers have up to 3 MB
_MAX_TAGS: Final = 100
_HEADER_BYTES: Final = 128
_TABLE: Final = 132
_ENTRY: Final = struct.Struct(">4sII")  # of the table: the signature, the position and the size of a tag
_COLOURS: Final = frozenset(
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 B2D3 rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt"
    b" bkpt chad chrm cicp gamt lumi pre0 pre1 pre2 rig0 rig2".split()
)
_REQUIRED: Final = frozenset({b"desc", b"cprt"})  # the name of the profile, and its copyright
_ORIGIN: Final = ((24, 36), (48, 56), (80, 100))  # in the header: the time, the device, and the creator with a digest


def clear_profile(profile: bytes) -> bytes:
    """Return a profile of the same size without private tags, times and devices. A damaged one becomes zeros."""
    end = _TABLE + _ENTRY.size * int.from_bytes(profile[_HEADER_BYTES:_TABLE])
    is_whole = end <= min(len(profile), _TABLE + _ENTRY.size * _MAX_TAGS) and len(profile) <= MAX_BYTES
    result = bytearray(len(profile))
    if not is_whole or profile[36:40] != b"acsp":
        return bytes(result)
    entries = [each for each in _ENTRY.iter_unpack(profile[_TABLE:end]) if each[0] in _COLOURS | _REQUIRED]
    table = b"".join(_ENTRY.pack(*each) for each in entries)
    for _, position, size in entries:
        result[position : position + size] = profile[position : position + size]
    result[: _TABLE + len(table)] = profile[:_HEADER_BYTES] + len(entries).to_bytes(4) + table
    for start, stop in _ORIGIN:
        result[start:stop] = bytes(stop - start)
    return bytes(result)
