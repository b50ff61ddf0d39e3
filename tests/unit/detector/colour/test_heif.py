import struct

import pytest

from detector.colour.heif import read_nclx

TYPE = struct.pack(">I", 20) + b"ftypavif" + bytes(4) + b"mif1"
P3, PQ = (12, 13), (9, 16)


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name + body


def large_box(name: bytes, content: bytes) -> bytes:
    """Return a box whose size has 64 bits."""
    return struct.pack(">I4sQ", 1, name, len(content) + 16) + content


def nclx(codes: tuple[int, int]) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", *codes, 6, 0x80))


PROPERTIES = box(b"ipco", box(b"ispe", bytes(12)), nclx(PQ), box(b"colr", b"prof", bytes(200)), nclx(P3))
NARROW = box(b"ipma", bytes(4), struct.pack(">IHBBHBBBB", 2, 1, 1, 2, 7, 3, 0x81, 3, 4))
WIDE = box(b"ipma", struct.pack(">IIIBHIBHHH", 1 << 24 | 1, 2, 1, 1, 2, 7, 3, 0x8001, 3, 0x8004))
PRIMARY_ITEM = box(b"pitm", bytes(4), struct.pack(">H", 7))
LARGE_PRIMARY_ITEM = box(b"pitm", b"\1\0\0\0", struct.pack(">I", 7))


def make_file(*boxes: bytes) -> bytes:
    return TYPE + box(b"meta", bytes(4), *boxes) + box(b"mdat", bytes(30))


FILES = {
    "small numbers": make_file(PRIMARY_ITEM, box(b"iprp", PROPERTIES, NARROW)),
    "large numbers": make_file(LARGE_PRIMARY_ITEM, box(b"iprp", PROPERTIES, WIDE)),
    "a further table": make_file(PRIMARY_ITEM, box(b"iprp", PROPERTIES, box(b"ipma", bytes(8)), NARROW)),
    "sizes of 64 bits": TYPE + large_box(b"meta", bytes(4) + PRIMARY_ITEM + large_box(b"iprp", PROPERTIES + NARROW)),
    "a box up to the end": TYPE + bytes(4) + b"meta" + bytes(4) + PRIMARY_ITEM + box(b"iprp", PROPERTIES, NARROW),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_read_nclx_returns_the_code_points_of_the_primary_item(data: bytes) -> None:
    assert read_nclx(data) == P3


UNREADABLE = {
    "nothing": b"",
    "no boxes": b"\xff\xd8\xff" * 10,
    "no meta": TYPE,
    "no primary item": make_file(box(b"iprp", PROPERTIES, NARROW)),
    "no properties": make_file(PRIMARY_ITEM),
    "no associations": make_file(PRIMARY_ITEM, box(b"iprp", PROPERTIES)),
    "another item": make_file(box(b"pitm", bytes(4), struct.pack(">H", 9)), box(b"iprp", PROPERTIES, NARROW)),
    "no such property": make_file(PRIMARY_ITEM, box(b"iprp", box(b"ipco"), NARROW)),
    "many entries": make_file(PRIMARY_ITEM, box(b"iprp", PROPERTIES, box(b"ipma", bytes(4), b"\xff\xff\xff\xff"))),
    "short colours": make_file(
        PRIMARY_ITEM, box(b"iprp", box(b"ipco", *[box(b"colr", b"nclx\0")] * 4), NARROW)
    ),
    "long associations": make_file(
        PRIMARY_ITEM, box(b"iprp", PROPERTIES, NARROW, box(b"ipma", bytes(2**16 + 1)))
    ),
    "box that is smaller than its head": TYPE + struct.pack(">I", 4) + b"meta",
    "box that contains the file": TYPE + b"\xff\xff\xff\xffmeta",
}  # fmt: skip


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_read_nclx_of_an_unreadable_file_returns_none(data: bytes) -> None:
    assert read_nclx(data) is None


def test_read_nclx_of_a_cut_off_or_damaged_file_raises_nothing() -> None:
    data = FILES["small numbers"]

    for position in range(len(data)):
        read_nclx(data[:position])
        read_nclx(data[:position] + b"\xff" + data[position + 1 :])
        read_nclx(data[:position] + b"\0" + data[position + 1 :])
