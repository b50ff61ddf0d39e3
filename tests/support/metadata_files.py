"""Small files with metadata. They have no pixels."""

import struct
import zlib
from collections.abc import Mapping
from typing import TypeAlias

Value: TypeAlias = "str | bytes | int | list[int] | list[tuple[int, int]]"
"""The value of a tag: ASCII, UNDEFINED, LONG, SHORT numbers or rationals."""

EXIF_PREFIX = b"Exif\0\0"
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION_PREFIX = b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP_PREFIX = b"Photoshop 3.0\0"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
HEIF_DATA = 20
"""The offset of the data in `make_heif`."""

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    ' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    ' xmlns:microsoft="http://ns.microsoft.com/photo/1.0/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
    ' xmlns:digikam="http://www.digikam.org/ns/1.0/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
)


def make_entry(tag: int, type_: int, count: int, value: int, order: str = "<") -> bytes:
    """Return an entry of a TIFF directory whose value is inline or an offset."""
    return struct.pack(f"{order}HHLL", tag, type_, count, value)


def make_tiff(
    tags: Mapping[int, Value],
    exif: Mapping[int, Value] | None = None,
    gps: Mapping[int, Value] | None = None,
    *,
    thumbnail: Mapping[int, Value] | None = None,
    order: str = "<",
) -> bytes:
    """Return a TIFF structure with these tags in its first, Exif, GPS and thumbnail directories."""
    body = {"<": b"II*\0", ">": b"MM\0*"}[order] + b"\0\0\0\0"
    pointers: dict[int, Value] = {}
    for pointer, directory in ((EXIF_IFD, exif), (GPS_IFD, gps)):
        if directory is not None:
            pointers[pointer] = len(body)
            body += _make_directory(directory, len(body), 0, order)
    following = len(body) if thumbnail else 0
    body += _make_directory(thumbnail, len(body), 0, order) if thumbnail else b""
    start = len(body)
    body += _make_directory({**tags, **pointers}, start, following, order)
    return body[:4] + struct.pack(order + "L", start) + body[8:]


def _make_directory(tags: Mapping[int, Value], start: int, following: int, order: str) -> bytes:
    entries, values = struct.pack(order + "H", len(tags)), b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, value in tags.items():
        type_, count, raw = _encode(value, order)
        inline = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(order + "L", after + len(values))
        entries += struct.pack(order + "HHL", tag, type_, count) + inline
        values += raw if len(raw) > 4 else b""
    return entries + struct.pack(order + "L", following) + values


def _encode(value: Value, order: str) -> tuple[int, int, bytes]:
    """Return the type, the count and the bytes of a value."""
    if isinstance(value, str):
        raw = value.encode() + b"\0"
        return 2, len(raw), raw
    if isinstance(value, bytes):
        return 7, len(value), value
    if isinstance(value, int):
        return 4, 1, struct.pack(order + "L", value)
    if value and isinstance(value[0], tuple):
        return 5, len(value), b"".join(struct.pack(order + "LL", *pair) for pair in value)
    return 3, len(value), struct.pack(f"{order}{len(value)}H", *value)


def make_segment(marker: int, content: bytes) -> bytes:
    """Return a segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def make_jpeg(*segments: bytes) -> bytes:
    """Return a JPEG file with these segments and an empty scan."""
    return b"\xff\xd8" + b"".join(segments) + make_segment(0xDA, bytes(6)) + b"\xff\xd9"


def make_exif_jpeg(
    tags: Mapping[int, Value], exif: Mapping[int, Value] | None = None, gps: Mapping[int, Value] | None = None
) -> bytes:
    """Return a JPEG file with EXIF data."""
    return make_jpeg(make_segment(0xE1, EXIF_PREFIX + make_tiff(tags, exif, gps)))


def make_xmp(properties: str = "", attributes: str = "") -> bytes:
    """Return an XMP packet with these elements and attributes in one description."""
    description = f"<rdf:Description {attributes}>{properties}</rdf:Description>"
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>{description}</rdf:RDF></x:xmpmeta>'.encode()


def make_xmp_jpeg(properties: str = "", attributes: str = "") -> bytes:
    """Return a JPEG file with an XMP packet."""
    return make_jpeg(make_segment(0xE1, XMP_PREFIX + make_xmp(properties, attributes)))


def make_iptc(*data_sets: tuple[int, bytes]) -> bytes:
    """Return data sets of record 2."""
    return b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value for number, value in data_sets)


def make_resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    """Return an image resource of Photoshop."""
    title = bytes([len(name)]) + name
    return b"8BIM" + struct.pack(">H", number) + _pad(title) + struct.pack(">L", len(data)) + _pad(data)


def _pad(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)


def make_iptc_jpeg(*data_sets: tuple[int, bytes]) -> bytes:
    """Return a JPEG file with IPTC data."""
    return make_jpeg(make_segment(0xED, PHOTOSHOP_PREFIX + make_resource(0x0404, make_iptc(*data_sets))))


def make_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def make_png(*chunks: bytes) -> bytes:
    """Return a PNG file with these chunks after an empty picture."""
    return PNG_SIGNATURE + make_chunk(b"IDAT", b"") + b"".join(chunks) + make_chunk(b"IEND", b"")


def make_webp(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a WebP file with these chunks."""
    body = b"WEBP" + b"".join(kind + struct.pack("<L", len(content)) + _pad(content) for kind, content in chunks)
    return b"RIFF" + struct.pack("<L", len(body)) + body


def make_box(kind: bytes, content: bytes) -> bytes:
    """Return a box of a HEIF file."""
    return struct.pack(">L", 8 + len(content)) + kind + content


def make_item(number: int, kind: bytes, media_type: bytes = b"", encoding: bytes = b"") -> bytes:
    """Return an entry of the box `iinf`, in version 2."""
    texts = b"\0" + (media_type + b"\0" + encoding + b"\0" if kind == b"mime" else b"")
    return make_box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + kind + texts)


def make_locations(*items: tuple[int, int, list[tuple[int, int]]]) -> bytes:
    """Return the content of the box `iloc`, in version 1: numbers, construction methods, offsets and sizes."""
    content = b"\1\0\0\0\x44\0" + struct.pack(">H", len(items))
    for number, method, extents in items:
        content += struct.pack(">HHHH", number, method, 0, len(extents))
        content += b"".join(struct.pack(">LL", *extent) for extent in extents)
    return content


def make_heif(entries: list[bytes], locations: bytes, *boxes: bytes, data: bytes = b"") -> bytes:
    """Return a HEIF file with these items, the content of the box `iloc`, and `data` at `HEIF_DATA`."""
    items = make_box(b"iinf", bytes(4) + struct.pack(">H", len(entries)) + b"".join(entries))
    meta = make_box(b"meta", bytes(4) + items + make_box(b"iloc", locations) + b"".join(boxes))
    return make_box(b"ftyp", b"heic") + make_box(b"mdat", data) + meta
