"""Hostile, damaged and unsuitable ICC profiles and colour marks, as pairs of a name and the bytes."""

import struct
import zlib
from collections.abc import Iterator

from tests.support import icc

HUGE = 0xFFFFFFFF
CURVE = b"curv" + bytes(4)
KINDS = (b"link", b"abst", b"nmcl")


def make_profiles() -> Iterator[tuple[str, bytes]]:
    """Yield profiles that cannot be used for photos of RGB."""
    profile, table = icc.make_rgb_profile(), icc.make_table_profile()
    yield "one byte", b"\0"
    yield "text", b"<svg onload=alert(1)>" * 20
    for percent in range(0, 100, 20):
        cut = profile[: len(profile) * percent // 100]
        yield f"{percent} % of a profile", cut
        if len(cut) >= 4:
            yield f"{percent} % with the right size", len(cut).to_bytes(4) + cut[4:]
    yield "wrong signature", replace(profile, 36, b"ascp")
    yield "too small", replace(profile, 0, (64).to_bytes(4))
    yield "too large", replace(profile, 0, HUGE.to_bytes(4))
    yield "version 5", replace(profile, 8, b"\5")
    yield "unknown connection space", replace(profile, 20, b"LCHB")
    yield "larger than the limit", profile.ljust(5 * 2**20, b"\0")
    for kind in KINDS:
        yield f"class {kind.decode()}", replace(table, 12, kind)
    for space in (b"GRAY", b"CMYK", b"Lab ", b"6CLR", b"XYZ ", bytes(4)):
        yield f"colour space {space!r}", replace(profile, 16, space)
    yield "many tags", replace(profile, 128, HUGE.to_bytes(4))
    others = {f"t{number:03}": b"text" + bytes(8) for number in range(94)}
    yield "101 tags", icc.make_rgb_profile("Display P3", icc.SRGB_CURVE, **others)
    yield "no tags", replace(profile, 128, bytes(4))
    yield "tag beyond the end", replace(profile, 136, (len(profile) - 4).to_bytes(4))
    yield "tag of 4 GB", replace(profile, 140, HUGE.to_bytes(4))
    yield "tag in the header", replace(profile, 136, (0).to_bytes(4))
    yield "short tag", replace(profile, 140, (4).to_bytes(4))
    yield "only a white point", icc.assemble({})


def make_odd_profiles() -> Iterator[tuple[str, bytes]]:
    """Yield profiles whose structure is valid, and whose tags are not."""
    table = icc.make_table_profile()
    start = table.index(b"mft2")
    for name, curve in {
        "no content": b"curv" + bytes(4),
        "too many samples": CURVE + HUGE.to_bytes(4),
        "exponent of 0": icc.pack_curve(0),
        "falling": icc.pack_curve(65535, 0),
        "unknown function": icc.pack_function(99, 1.0),
        "function without parameters": icc.pack_function(4),
        "function without light": icc.pack_function(3, 0.0, 0.0, 0.0, 0.0, 0.0),
        "extreme function": icc.pack_function(4, *[32_000.0, -32_000.0] * 3, 1.0),
        "text": b"text" + bytes(40),
        "2 MB": icc.pack_curve(*range(0, 65536, 2)) + bytes(2**20),
    }.items():
        yield f"curve: {name}", icc.make_rgb_profile(curve=curve)
    for name, colorant in {
        "short": b"XYZ " + bytes(8),
        "dark": b"XYZ " + bytes(16),
        "text": b"text" + bytes(16),
    }.items():
        yield f"colorant: {name}", icc.make_rgb_profile(rXYZ=colorant)
    yield "table: too many steps", replace(table, start + 10, b"\xff")
    yield "table: no steps", replace(table, start + 10, b"\0")
    yield "table: other channels", replace(table, start + 8, b"\x0f\x0f")
    yield "table: long curves", replace(table, start + 48, b"\xff\xff\xff\xff")
    yield "table: no curves", replace(table, start + 48, bytes(4))
    yield "table: elements that contain each other", icc.assemble({b"A2B0": make_circular_table()}, connection=b"Lab ")
    yield "two tags with the same name", icc.make_rgb_profile(cprt=CURVE + bytes(4)).replace(b"cprt", b"rTRC")
    yield "100 tags with the same 3 MB", make_shared_profile()


def replace(data: bytes, start: int, content: bytes) -> bytes:
    return data[:start] + content + data[start + len(content) :]


def make_profile_chunk(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(profile)


def make_circular_table() -> bytes:
    """Return a table of the type mAB whose parts have the same place."""
    return b"mAB " + bytes(4) + bytes([3, 3, 0, 0]) + struct.pack(">5I", *[8] * 5) + bytes(64)


def make_shared_profile() -> bytes:
    """Return a profile in which a large tag has 100 names."""
    names = [b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"gXYZ", b"bXYZ", *(f"t{number:03}".encode() for number in range(94))]
    start = 132 + 12 * len(names)
    content = CURVE + (1_500_000).to_bytes(4) + bytes(3_000_000)
    table = b"".join(struct.pack(">4sII", name, start, len(content)) for name in names)
    profile = icc.assemble({})[:128] + len(names).to_bytes(4) + table + content
    return len(profile).to_bytes(4) + profile[4:]


def make_chunks() -> Iterator[tuple[str, list[tuple[bytes, bytes]]]]:
    """Yield chunks of a PNG about its colours."""
    for length in range(6):
        yield f"cICP of {length} bytes", [(b"cICP", bytes([9, 16, 0, 1, 0])[:length])]
    for codes in ((0, 0, 0, 0), (255, 255, 255, 255), (9, 16, 9, 1), (9, 16, 0, 2), (9, 18, 0, 0), (10, 8, 0, 1)):
        yield f"cICP {codes}", [(b"cICP", bytes(codes))]
    for number in (0, 1, 45_455, 2**31, HUGE):
        yield f"gAMA {number}", [(b"gAMA", number.to_bytes(4))]
        yield f"cHRM {number}", [(b"cHRM", number.to_bytes(4) * 8), (b"gAMA", (100_000).to_bytes(4))]
    yield "short gAMA", [(b"gAMA", b"\0")]
    yield "short cHRM", [(b"cHRM", b"\0")]
    yield "no sRGB", [(b"sRGB", b"")]
    yield "iCCP without a name", [(b"iCCP", b"")]
    yield "iCCP with an unknown compression", [(b"iCCP", b"name\0\1" + zlib.compress(icc.make_rgb_profile()))]
    yield "iCCP that is not compressed", [(b"iCCP", b"name\0\0" + icc.make_rgb_profile())]
    yield "iCCP that is cut off", [(b"iCCP", b"name\0\0" + zlib.compress(icc.make_rgb_profile())[:-20])]
    yield "iCCP of 64 MB", [(b"iCCP", b"name\0\0" + zlib.compress(bytes(64 * 2**20), 9))]
    yield "many iCCP", [make_profile_chunk(icc.make_rgb_profile())] * 50
