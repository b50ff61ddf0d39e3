"""HEIF and AVIF files with other brands, and parts of such files."""

import struct

HEVC_MAJORS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
AVIF_MAJORS = (b"avif", b"avis", b"MA1A", b"MA1B")
NEUTRAL_MAJORS = (b"mif1", b"mif2", b"msf1", b"miaf", b"1pic", b"iso8")


def box(kind: bytes, *contents: bytes, is_long: bool = False) -> bytes:
    """Return a box. `is_long` writes its size with 64 bits."""
    content = b"".join(contents)
    if is_long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full_box(kind: bytes, version: int, *contents: bytes) -> bytes:
    """Return a box with a version and flags."""
    return box(kind, bytes([version, 0, 0, 0]), *contents)


def file_type(major: bytes, *compatible: bytes, is_long: bool = False) -> bytes:
    """Return a box with these brands."""
    return box(b"ftyp", major, bytes(4), *compatible, is_long=is_long)


def replace_file_type(data: bytes, start: bytes) -> bytes:
    """Return the file of libheif or libavif with another start instead of its brands. Its positions are moved."""
    old = struct.unpack_from(">I", data)[0]
    rest = bytearray(data[old:])
    move_items(rest, rest.index(b"iloc") + 4, len(start) - old)
    return start + bytes(rest)


def move_items(data: bytearray, position: int, distance: int) -> None:
    """Move the positions in the content of an iloc box."""
    version, offset_size, base_size = data[position], data[position + 4] >> 4, data[position + 5] >> 4
    length_size = data[position + 4] & 15
    (count,) = struct.unpack_from(">H", data, position + 6)
    position += 8
    for _ in range(count):
        position += 2 + (2 if version else 0) + 2  # the item, how it is stored, and where
        base = position
        position += base_size
        (extents,) = struct.unpack_from(">H", data, position)
        position += 2
        moved, size = (base, base_size) if base_size else (position, offset_size)
        value = int.from_bytes(data[moved : moved + size], "big") + distance
        data[moved : moved + size] = value.to_bytes(size, "big")
        position += extents * (offset_size + length_size)


def make_meta(*items: tuple[int, bytes], primary: int = 1, sources: dict[int, int] | None = None) -> bytes:
    """Return a file without pictures: a meta box with these items, and the first source of derived ones."""
    entries = [full_box(b"infe", 2, struct.pack(">HH4s", number, 0, kind), b"\0") for number, kind in items]
    references = [box(b"dimg", struct.pack(">HHH", item, 1, source)) for item, source in (sources or {}).items()]
    return file_type(b"mif1", b"heic") + full_box(
        b"meta",
        0,
        full_box(b"pitm", 0, struct.pack(">H", primary)),
        full_box(b"iinf", 0, struct.pack(">H", len(items)), *entries),
        full_box(b"iref", 0, *references),
    )


def make_sequence(heic: bytes, *, size: int = 0, is_long: bool = False, codec: bytes = b"hvc1") -> bytes:
    """Return an image sequence without items, of the only picture in a HEIC file of libheif.

    `size` is the size of all samples; 0 means that each has its own. `is_long` writes positions with 64 bits.
    """
    picture = heic[heic.index(b"mdat") + 4 :]
    start = heic.index(b"hvcC")
    (length,) = struct.unpack_from(">I", heic, start - 4)
    width, height = struct.unpack_from(">II", heic, heic.index(b"ispe") + 8)
    entry = box(codec, bytes(24), struct.pack(">HH", width, height), bytes(50), heic[start - 4 : start - 4 + length])
    head = file_type(b"msf1", b"hevc", b"iso8")
    position = struct.pack(">IQ" if is_long else ">II", 1, len(head) + 8)
    sizes = struct.pack(">II", size, 1) + (b"" if size else struct.pack(">I", len(picture)))
    table = box(
        b"stbl",
        full_box(b"stsd", 0, struct.pack(">I", 1), entry),
        full_box(b"stsz", 0, sizes),
        full_box(b"co64" if is_long else b"stco", 0, position),
    )
    media = box(b"mdia", full_box(b"hdlr", 0, bytes(4), b"pict"), box(b"minf", table))
    return head + box(b"mdat", picture) + box(b"moov", box(b"trak", media))


def make_derived(heic: bytes, kind: bytes, canvas: tuple[int, int] | None = None, *, is_long: bool = False) -> bytes:
    """Return a file whose primary item is an `iden`, `iovl` or `grid` of the only picture in a HEIC file of libheif.

    `canvas` is the size in its recipe, by default the one of the picture. `is_long` writes it with 32 bits.
    """
    picture = heic[heic.index(b"mdat") + 4 :]
    (length,) = struct.unpack_from(">I", heic, heic.index(b"hvcC") - 4)
    codec = heic[heic.index(b"hvcC") - 4 :][:length]
    width, height = struct.unpack_from(">II", heic, heic.index(b"ispe") + 8)
    size = struct.pack(">II" if is_long else ">HH", *(canvas or (width, height)))
    recipe = {
        b"iden": b"",
        b"iovl": struct.pack(">BB4H", 0, is_long, *[0xFFFF] * 4) + size + bytes(8 if is_long else 4),
        b"grid": struct.pack(">BBBB", 0, is_long, 0, 0) + size,
    }[kind]
    entries = [
        full_box(b"infe", 2, struct.pack(">HH4sB", number, 0, name, 0)) for number, name in ((1, b"hvc1"), (2, kind))
    ]
    associations = struct.pack(">IHBBBHBB", 2, 1, 2, 0x81, 2, 2, 1, 2)
    start = 0
    for _ in range(2):  # the length of the head does not depend on the position of the picture
        places = struct.pack(">BBHHHHHII", 0x44, 0, 2, 1, 0, 0, 1, start, len(picture))
        head = file_type(b"heic", b"mif1", b"heic") + full_box(
            b"meta",
            0,
            full_box(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", 0, b"\0\2"),
            full_box(b"iloc", 1, places, struct.pack(">HHHHII", 2, 1, 0, 1, 0, len(recipe))),
            full_box(b"iinf", 0, b"\0\2", *entries),
            full_box(b"iref", 0, box(b"dimg", struct.pack(">HHH", 2, 1, 1))),
            box(
                b"iprp",
                box(b"ipco", codec, full_box(b"ispe", 0, struct.pack(">II", width, height))),
                full_box(b"ipma", 0, associations),
            ),
            box(b"idat", recipe),
        )
        start = len(head) + 8
    return head + box(b"mdat", picture)


def make_track(handler: bytes, codec: bytes) -> bytes:
    """Return a file without pictures: a track with this handler and this codec."""
    samples = full_box(b"stsd", 0, struct.pack(">I", 1), box(codec, bytes(8)))
    media = box(b"mdia", full_box(b"hdlr", 0, bytes(4), handler), box(b"minf", box(b"stbl", samples)))
    return file_type(b"msf1", b"hevc") + box(b"moov", full_box(b"mvhd", 0), box(b"trak", media))
