"""Hostile metadata: bombs, loops, cut-off structures and huge counts, in all containers."""

import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial

import pytest

from detector.metadata import reader
from detector.metadata.reader import read_metadata
from tests.support.metadata_files import (
    EXIF_IFD,
    EXIF_PREFIX,
    GPS_IFD,
    HEIF_DATA,
    PHOTOSHOP_PREFIX,
    XMP_PREFIX,
    make_box,
    make_chunk,
    make_entry,
    make_heif,
    make_iptc,
    make_item,
    make_jpeg,
    make_locations,
    make_png,
    make_resource,
    make_segment,
    make_tiff,
    make_webp,
    make_xmp,
)
from tests.support.sampling import rounds

MAX_MEMORY = 32 * 2**20
MEBIBYTE = 2**20
TAGS = (0x010E, 0x010F, 0x0132, 0x02BC, 0x4746, 0x829A, 0x83BB, 0x8827, 0x9003, 0x9286, 0x9C9E, 0xA405)
HUGE = 2**32 - 1
XMP_KINDS, EXIF_KINDS = ("jpeg", "png", "webp", "gif", "heif"), ("jpeg", "png", "webp", "heif")


def wrap_xmp(packet: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield files of all formats with this packet."""
    yield "jpeg", make_jpeg(make_segment(0xE1, XMP_PREFIX + packet[:65_000]))
    yield "png", make_png(make_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet)))
    yield "webp", make_webp((b"XMP ", packet))
    yield "gif", b"GIF89a" + bytes(7) + b"\x21\xff\x0bXMP DataXMP" + packet + b"\x01\xff\xfe\xfd\xfc"
    item = make_item(1, b"mime", b"application/rdf+xml", b"deflate")
    data = zlib.compress(packet)
    yield "heif", make_heif([item], make_locations((1, 0, [(HEIF_DATA, len(data))])), data=data)


def wrap_exif(tiff: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield files of all formats with this TIFF structure."""
    yield "jpeg", make_jpeg(make_segment(0xE1, EXIF_PREFIX + tiff[:65_000]))
    profile = f"\nexif\n{len(tiff)}\n{tiff.hex()}".encode()
    yield "png", make_png(make_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile)))
    yield "webp", make_webp((b"EXIF", tiff))
    idat = make_box(b"idat", bytes(4) + tiff)
    yield "heif", make_heif([make_item(1, b"Exif")], make_locations((1, 1, [(0, 0)])), idat)


def make_directory(*entries: bytes, start: int = 8, following: int = 0, count: int | None = None) -> bytes:
    head = b"II*\0" + struct.pack("<LH", start, len(entries) if count is None else count)
    return head + b"".join(entries) + struct.pack("<L", following)


@cache
def make_bomb() -> bytes:
    return zlib.compress(bytes(64 * MEBIBYTE))


def declare(*declarations: str, text: str = "&a;") -> bytes:
    body = make_xmp(f"<dc:title>{text}</dc:title>").replace(b"rdf:", b"r:").replace(b":rdf=", b":r=")
    return f"<!DOCTYPE x [{''.join(declarations)}]>".encode() + body.replace(b"x:", b"y:").replace(b":x=", b":y=")


LAUGHS = [f"<!ENTITY {name} '{f'&{below};' * 10}'>" for below, name in zip("zabcdefgh", "abcdefghi", strict=True)]
PACKETS: dict[str, Callable[[], bytes]] = {
    "billion laughs": lambda: declare("<!ENTITY z 'ha'>", *LAUGHS, text="&i;"),
    "quadratic blow-up": lambda: declare(f"<!ENTITY a '{'x' * 50_000}'>", text="&a;" * 4_000),
    "external entity": lambda: declare("<!ENTITY a SYSTEM 'file:///dev/zero'>"),
    "parameter entity": lambda: declare("<!ENTITY % a SYSTEM 'file:///dev/zero'>%a;"),
    "attribute defaults": lambda: declare(
        *(f"<!ATTLIST r:li a{number} CDATA 'x'>" for number in range(5_000)), text="x"
    ),
    "deep elements": lambda: make_xmp("<a>" * 300_000),
    "deep lists": lambda: make_xmp("<dc:subject>" + "<rdf:Bag><rdf:li>" * 50_000),
    "many attributes": lambda: make_xmp(attributes=" ".join(f'a{number}=""' for number in range(30_000))),
    "many namespaces": lambda: make_xmp("".join(f'<n xmlns:n{number}="urn:{number}"/>' for number in range(10_000))),
    "long attribute": lambda: make_xmp(attributes=f'xmp:Rating="{"9" * 2 * MEBIBYTE}"'),
    "long text": lambda: make_xmp(f"<dc:title>{'x' * 2 * MEBIBYTE}</dc:title>"),
    "long name": lambda: make_xmp(f"<{'x' * MEBIBYTE}/>"),
    "many items": lambda: make_xmp(f"<dc:subject><rdf:Bag>{'<rdf:li>x</rdf:li>' * 10_000}</rdf:Bag></dc:subject>"),
    "many dates": lambda: make_xmp("<xmp:CreateDate>2019-13-13</xmp:CreateDate>" * 5_000),
    "many references": lambda: make_xmp(f"<dc:title>{'&#x41;' * 150_000}</dc:title>"),
    "long comment": lambda: make_xmp(f"<!--{'-x' * MEBIBYTE}"),
    "utf-16 without end": lambda: make_xmp("<dc:title>x").decode().encode("utf-16")[:-1],
    "no bytes": bytes,
    "only descriptions": lambda: make_xmp("<rdf:Description>" * 60_000),
}
STRUCTURES: dict[str, Callable[[], bytes]] = {
    "loop of one directory": lambda: make_directory(make_entry(0x010F, 2, 4, 0), following=8),
    "loop of pointers": lambda: make_directory(
        make_entry(EXIF_IFD, 4, 1, 8), make_entry(GPS_IFD, 4, 1, 8), following=8
    ),
    "pointers into entries": lambda: make_directory(
        make_entry(EXIF_IFD, 4, 1, 10), make_entry(GPS_IFD, 4, 1, 11), following=12
    ),
    "many pointers": lambda: make_directory(*(make_entry(EXIF_IFD, 4, 1, 8 + number) for number in range(2_000))),
    "huge counts": lambda: make_directory(*(make_entry(tag, 2, HUGE, 8) for tag in TAGS)),
    "huge offsets": lambda: make_directory(*(make_entry(tag, 2, 1000, HUGE) for tag in TAGS)),
    "huge rationals": lambda: make_directory(*(make_entry(tag, 5, HUGE, 0) for tag in TAGS)),
    "unknown types": lambda: make_directory(*(make_entry(tag, 65_535, HUGE, 0) for tag in TAGS)),
    "huge number of entries": lambda: make_directory(make_entry(0x010F, 2, 4, 0), count=65_535),
    "same entry many times": lambda: make_directory(*[make_entry(0x9C9E, 1, 60_000, 0)] * 5_000),
    "directory after the end": lambda: make_directory(start=HUGE),
    "long keywords": lambda: make_tiff({0x9C9E: ";\0" * 32_000, 0x010E: "\1" * 64_000}),
    "not a structure": lambda: b"II*\0",
}
EXIF_ITEM = make_item(1, b"Exif")
SHARED = (bytes(4) + make_tiff({})).ljust(MEBIBYTE // 2, b"\0")
VALID_TIFF = bytes(4) + make_tiff({0x010F: "Canon"})
VALID = make_heif([EXIF_ITEM], make_locations((1, 0, [(HEIF_DATA, len(VALID_TIFF))])), data=VALID_TIFF)
OTHERS: dict[str, Callable[[], bytes]] = {
    "iloc without bytes": lambda: make_heif([EXIF_ITEM], b"\1\0\0\0\0\0\xff\xff" + b"\0\1\0\0\0\0\xff\xff" * 60_000),
    "iloc with huge extents": lambda: make_heif([EXIF_ITEM], make_locations((1, 0, [(0, HUGE)] * 10_000))),
    "iloc with shared extents": lambda: make_heif(
        [make_item(number, b"Exif") for number in range(500)],
        make_locations(*((number, 0, [(HEIF_DATA, len(SHARED))] * 2) for number in range(500))),
        data=SHARED,
    ),
    "iloc with 15-byte offsets": lambda: make_heif([EXIF_ITEM], b"\1\0\0\0\xff\xff\0\1\0\1\0\0\0\0\0\1" + b"\xff" * 60),
    "iinf without items": lambda: make_heif([make_box(b"infe", b"\xff" * 9)] * 5_000, b""),
    "iinf with long names": lambda: make_heif([make_item(1, b"mime", b"x" * 1000)] * 500, make_locations((1, 0, []))),
    "iref with huge counts": lambda: make_heif(
        [EXIF_ITEM], b"", make_box(b"iref", bytes(4) + make_box(b"cdsc", b"\0\1\xff\xff" + bytes(9)) * 6_000)
    ),
    "many meta boxes": lambda: make_box(b"ftyp", b"heic") + VALID[-200:] * 2_000,
    "huge box": lambda: make_box(b"ftyp", b"heic") + b"\0\0\0\1meta" + b"\xff" * 8 + bytes(100),
    "box of one byte": lambda: make_box(b"ftyp", b"heic") + b"\0\0\0\1meta" + b"\0" * 7 + b"\1",
    "many boxes": lambda: make_box(b"ftyp", b"heic") + make_box(b"uuid", b"") * 25_000,
    "compressed text": lambda: make_png(make_chunk(b"zTXt", b"Title\0\0" + make_bomb())),
    "100 compressed packets": lambda: make_png(
        *[make_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + make_bomb())] * 100
    ),
    "100 compressed profiles": lambda: make_png(
        *[make_chunk(b"zTXt", b"Raw profile type xmp\0\0" + make_bomb())] * 100
    ),
    "100 times 100 texts": lambda: make_png(
        *[make_chunk(b"tEXt", b"Title%d\0" % number + bytes(9_000)) for number in range(10_000)]
    ),
    "chunk above the end": lambda: make_png() + struct.pack(">L", HUGE) + b"tEXt",
    "many chunks": lambda: make_png(make_chunk(b"eXIf", b"") * 25_000),
    "riff chunk above the end": lambda: make_webp((b"EXIF", make_tiff({}))) + b"XMP " + b"\xff" * 4,
    "many riff chunks": lambda: make_webp(*[(b"XMP ", b"")] * 25_000),
    "many segments": lambda: make_jpeg(make_segment(0xE1, EXIF_PREFIX + b"II") * 25_000),
    "many parts": lambda: make_jpeg(
        make_segment(0xE1, EXIF_PREFIX + b"II"), make_segment(0xE1, EXIF_PREFIX + bytes(1_000)) * 5_000
    ),
    "many packets": lambda: make_jpeg(make_segment(0xE1, XMP_PREFIX + make_xmp()) * 5_000),
    "segment of 0 bytes": lambda: make_jpeg(b"\xff\xe1\0\0" * 10_000),
    "only fill bytes": lambda: b"\xff\xd8" + b"\xff" * MEBIBYTE,
    "only late markers": lambda: make_jpeg() + b"\xff\xe1" * MEBIBYTE,
    "iptc with huge size": lambda: make_jpeg(
        make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, b"\x1c\x02\x19\xff\xff" + b"\xff" * 40_000))
    ),
    "many keywords": lambda: make_jpeg(
        *[make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, make_iptc((25, b"x")) * 10_000))] * 20
    ),
    "resource of huge size": lambda: make_jpeg(
        make_segment(0xED, PHOTOSHOP_PREFIX + b"8BIM\x04\x04\0\0\xff\xff\xff\xff")
    ),
    "gif without end": lambda: b"GIF89a" + b"\x21\xff\x0bXMP DataXMP" + bytes(4 * MEBIBYTE),
    "gif with many packets": lambda: b"GIF89a" + b"\x21\xff\x0bXMP DataXMP" * 25_000,
}


def pick(wrap: Callable[[bytes], Iterator[tuple[str, bytes]]], make: Callable[[], bytes], kind: str) -> bytes:
    return next(file for name, file in wrap(make()) if name == kind)


WRAPPED = {
    **{f"{name}, {kind}": partial(pick, wrap_xmp, make, kind) for name, make in PACKETS.items() for kind in XMP_KINDS},
    **{
        f"{name}, {kind}": partial(pick, wrap_exif, make, kind)
        for name, make in STRUCTURES.items()
        for kind in EXIF_KINDS
    },
}
CUTS = range(10, len(VALID), 9)


@pytest.fixture(autouse=True)
def _mistakes_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "DAMAGE", ())


def test_there_are_enough_files() -> None:
    assert len(WRAPPED) + len(OTHERS) + len(CUTS) >= 150


@pytest.mark.parametrize("name", [*list(WRAPPED)[:: rounds(7, 1)], *list(OTHERS)[:: rounds(2, 1)]])
def test_hostile_metadata_is_read_with_little_memory(name: str) -> None:
    file = (WRAPPED | OTHERS)[name]()
    tracemalloc.start()
    try:
        metadata = read_metadata(file)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert memory < MAX_MEMORY
    assert len(metadata.title) <= 2_000
    assert len(metadata.keywords) <= 200
    assert metadata.taken is None


@pytest.mark.parametrize("size", CUTS)
def test_metadata_that_is_cut_off_is_read_without_an_error(size: int) -> None:
    assert read_metadata(VALID).camera_make == "Canon"
    assert read_metadata(VALID[:size]).camera_make in {"", "Canon"}
