"""Hostile and unusual files, all generated here, as pairs of a name and the bytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final

import cv2
import numpy as np
from PIL import ExifTags, Image

from tests.support.hostile_colours import make_chunks, make_odd_profiles, make_profile_chunk, make_profiles

MARKER: Final = b"52.5200N13.4050E"  # the place of the photo, which no preview may contain
EXIF_BYTES: Final = 10 * 2**20
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


def photo() -> Image.Image:
    """Return a gradient with a little noise, so that its encodings are not runs of the same byte."""
    slope = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
    noise = np.random.default_rng(7).integers(0, 32, (96, 128, 3), np.uint8)
    return Image.fromarray(slope[:, :, None] // 2 + noise)


def encode(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return the picture as a file of this format."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def make_exif(orientation: int = 1, comment: bytes = MARKER) -> bytes:
    """Return EXIF data with the place of the photo."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = comment.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = comment
    return exif.tobytes()


def add_segments(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """Return the JPEG with the content in additional segments of this marker."""
    parts = [content[start : start + 65_000] for start in range(0, len(content), 65_000)]
    segments = b"".join(struct.pack(">BBH", 0xFF, marker, len(part) + 2) + part for part in parts)
    return jpeg[:2] + segments + jpeg[2:]


def add_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return the PNG with additional chunks after its header."""
    return png[:33] + b"".join(chunk(kind, content) for kind, content in chunks) + png[33:]


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, rows: bytes, depth: int = 8, color: int = 0) -> bytes:
    """Return a PNG with these compressed rows, which may be fewer than its header declares."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(width: int, height: int) -> bytes:
    """Return a black PNG with one bit per pixel, compressed as much as possible."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    return png(width, height, b"".join(packer.compress(row) for _ in range(height)) + packer.flush(), depth=1)


def archive() -> bytes:
    """Return a ZIP archive that contains a file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("payload.html"), "<script>alert(1)</script>")
    return file.getvalue()


def not_photos() -> Iterator[tuple[str, bytes]]:
    """Yield files that are not photos, although their names say so."""
    yield "empty.jpg", b""
    yield "one byte.jpg", b"\xff"
    yield "zeros.jpg", bytes(10_000)
    yield "noise.jpg", np.random.default_rng(1).bytes(10_000)
    yield "page.jpg", b"<!doctype html><script>alert(1)</script>"
    yield "drawing.jpg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "entities.jpg", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    yield "document.jpg", encode(photo(), "PDF")
    yield "script.jpg", encode(photo(), "EPS")
    yield "scan.jpg", encode(photo(), "TIFF")
    yield "bitmap.jpg", encode(photo(), "BMP")
    yield "icon.jpg", encode(photo(), "ICO")
    yield "targa.jpg", encode(photo(), "TGA")
    yield "archive.jpg", archive()
    yield "program.jpg", b"\x7fELF\x02\x01\x01" + bytes(200)
    yield "shell.jpg", b"push graphic-context\nfill 'url(https://127.0.0.1/\"|id\")'\npop graphic-context"
    yield "heic without a picture.heic", struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic"
    yield "endless box.heic", struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + b"\xff\xff\xff\xffmeta"


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Yield photos that are also valid files of another type."""
    for kind in FORMATS:
        data = encode(photo(), kind)
        yield f"page behind.{kind}", data + b"<script>alert(1)</script>"
        yield f"archive behind.{kind}", data + archive()
    jpeg = encode(photo())
    yield "page within.jpg", add_segments(jpeg, 0xFE, b"--><script>alert(1)</script><!--")
    yield "page around.jpg", b"<html>" + jpeg
    yield "two in one.jpg", jpeg + jpeg


@cache
def too_large() -> list[tuple[str, bytes]]:
    """Return files whose pictures are, or are declared to be, much larger than the file."""
    return list(_too_large())


def _too_large() -> Iterator[tuple[str, bytes]]:
    yield "bomb.png", bomb(20_000, 20_000)
    yield "large.png", bomb(7_000, 7_000)
    yield "large and colorful.png", png(7_000, 7_000, zlib.compress(bytes(7_000 * (1 + 3 * 7_000)), 1), color=2)
    yield "line.png", bomb(50_000, 1)
    yield "column.png", bomb(1, 50_000)
    yield "lie.png", png(2**31 - 1, 2**31 - 1, zlib.compress(b"\0\0"))
    yield "short rows.png", png(1000, 1000, zlib.compress(b"\0\0"))
    yield "nothing.png", png(0, 0, zlib.compress(b""))
    yield (
        "text bomb.png",
        add_chunks(encode(photo(), "PNG"), (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 2**20), 9))),
    )
    yield (
        "profile bomb.png",
        add_chunks(encode(photo(), "PNG"), (b"iCCP", b"ICC\0\0" + zlib.compress(bytes(64 * 2**20), 9))),
    )
    yield "many chunks.png", add_chunks(encode(photo(), "PNG"), *[(b"tEXt", b"a\0b")] * 10_000)
    frames = [Image.new("P", (64, 64), number % 256) for number in range(1000)]
    yield "thousand frames.gif", encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "thousand frames.webp", encode(frames[0].convert("RGB"), "WEBP", save_all=True, append_images=frames[1:40])
    yield "wide.gif", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"
    jpeg = bytearray(encode(photo()))
    start = jpeg.index(b"\xff\xc0") + 5
    yield "lie.jpg", bytes(jpeg[:start]) + b"\xff\xff\xff\xff" + bytes(jpeg[start + 4 :])
    yield "almost a lie.jpg", bytes(jpeg[:start]) + struct.pack(">HH", 7000, 7000) + bytes(jpeg[start + 4 :])


def unusual() -> Iterator[tuple[str, bytes]]:
    """Yield valid photos with rare properties."""
    picture = photo()
    yield "cmyk.jpg", encode(picture.convert("CMYK"))
    yield "grey.jpg", encode(picture.convert("L"))
    yield "progressive.jpg", encode(picture, progressive=True)
    yield "grey.png", encode(picture.convert("L"), "PNG")
    yield "bits.png", encode(picture.convert("1"), "PNG")
    yield "grey and clear.png", encode(picture.convert("LA"), "PNG")
    yield "clear.png", encode(picture.convert("RGBA"), "PNG")
    yield "clear.webp", encode(picture.convert("RGBA"), "WEBP")
    yield "palette.png", encode(picture.convert("P"), "PNG")
    yield "palette and clear.png", encode(picture.convert("P"), "PNG", transparency=0)
    yield "16 bits.png", encode(Image.fromarray(np.arange(96 * 128, dtype=np.uint16).reshape(96, 128)), "PNG")
    yield "16 bits of color.png", cv2.imencode(".png", np.full((9, 9, 3), 40_000, np.uint16))[1].tobytes()
    yield "one pixel.png", encode(Image.new("RGB", (1, 1)), "PNG")
    yield "many megapixels.jpg", encode(Image.new("RGB", (7000, 7000)))


def with_metadata() -> Iterator[tuple[str, bytes]]:
    """Yield valid photos that contain their place, in every part of a file that can contain it."""
    picture = photo()
    for orientation in range(10):
        yield f"orientation {orientation}.jpg", encode(picture, exif=make_exif(orientation))
    for kind in ("PNG", "WEBP"):
        yield f"exif.{kind}", encode(picture, kind, exif=make_exif())
    jpeg = encode(picture)
    yield "much exif.jpg", add_segments(jpeg, 0xE1, b"Exif\0\0" + make_exif() + MARKER * (EXIF_BYTES // len(MARKER)))
    yield "xmp.jpg", add_segments(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + MARKER)
    yield "iptc.jpg", add_segments(jpeg, 0xED, b"Photoshop 3.0\0008BIM\x04\x04\0\0" + MARKER)
    yield "comment.jpg", add_segments(jpeg, 0xFE, MARKER)
    yield "profile.jpg", encode(picture, icc_profile=MARKER)
    yield "profile.png", encode(picture, "PNG", icc_profile=MARKER)
    yield "behind.jpg", jpeg + MARKER
    yield "text.png", add_chunks(encode(picture, "PNG"), (b"tEXt", b"Comment\0" + MARKER))
    yield "comment.gif", encode(picture, "GIF", comment=MARKER)
    for name, block in {
        "loop": b"Exif\0\0II*\0\x08\0\0\0\x01\0i\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0" + MARKER,
        "far": b"Exif\0\0II*\0\xff\xff\xff\x7f" + MARKER,
        "many": b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + MARKER,
        "none": b"Exif\0\0" + MARKER,
    }.items():
        yield f"damaged exif, {name}.jpg", add_segments(jpeg, 0xE1, block)


def truncated() -> Iterator[tuple[str, bytes]]:
    """Yield a file of each format, cut off at each percent of its length."""
    for kind in (*FORMATS, "AVIF"):
        data = encode(photo(), kind)
        for percent in range(100):
            yield f"{percent} % of a {kind}", data[: len(data) * percent // 100]


def damaged() -> Iterator[tuple[str, bytes]]:
    """Yield files of each format in which some bytes are changed, always the same ones."""
    random = np.random.default_rng(3)
    for kind in (*FORMATS, "AVIF"):
        data = encode(photo(), kind)
        for number in range(20):
            changed = bytearray(data)
            for place in random.integers(0, len(data), 1 + number):
                changed[place] = int(random.integers(256))
            yield f"damaged {number}.{kind}", bytes(changed)


def with_colours() -> Iterator[tuple[str, bytes]]:
    """Yield valid photos whose profiles or other marks of colour are damaged, unsuitable or hostile."""
    picture = photo()
    for number, (name, profile) in enumerate(chain(make_profiles(), make_odd_profiles())):
        yield f"{name}.png", add_chunks(encode(picture, "PNG"), make_profile_chunk(profile))
        kind = ("JPEG", "WEBP", "AVIF")[number % 3]
        yield f"{name}.{kind}", encode(picture, kind, icc_profile=profile)
        if number % 3 == 0:
            yield f"{name}, four inks.jpg", encode(picture.convert("CMYK"), icc_profile=profile)
    for name, chunks in make_chunks():
        yield f"{name}.png", add_chunks(encode(picture, "PNG"), *chunks)
    avif = encode(picture, "AVIF")
    start = avif.index(b"colrnclx") + 8
    for codes in ((0, 0), (9, 16), (9, 18), (12, 13), (2, 2), (65535, 65535)):
        yield f"nclx {codes}.avif", avif[:start] + struct.pack(">HH", *codes) + avif[start + 4 :]


def structures() -> Iterator[tuple[str, bytes]]:
    """Yield files whose structure loops, lies about sizes or counts, or is cut in the wrong place."""
    yield from _jpeg_structures()
    yield from _png_structures()
    yield from _webp_structures()
    yield from _box_structures()


def _jpeg_structures() -> Iterator[tuple[str, bytes]]:
    jpeg, progressive = encode(photo()), encode(photo(), progressive=True)
    for name, data in {"baseline": jpeg, "progressive": progressive}.items():
        scan = data.index(b"\xff\xda")
        frame = next(data.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in data)
        for height, width in ((0, 0), (1, 65_500), (65_500, 1), (65_535, 65_535), (9_000, 9_000), (20_000, 12_500)):
            size = struct.pack(">HH", height, width)
            yield f"{width} x {height}, {name}.jpg", data[: frame + 5] + size + data[frame + 9 :]
        for byte in (0x00, 0x0F, 0xF0, 0x44, 0xFF):
            yield f"sampling {byte}, {name}.jpg", data[: frame + 11] + bytes([byte]) + data[frame + 12 :]
        yield f"255 components, {name}.jpg", data[: frame + 9] + b"\xff" + data[frame + 10 :]
        yield f"no scan, {name}.jpg", data[:scan]
        yield f"scan without data, {name}.jpg", data[: scan + 14] + b"\xff\xd9"
        yield f"same scan 500 times, {name}.jpg", data[:scan] + data[scan:-2] * 500 + b"\xff\xd9"
        yield f"empty scans, {name}.jpg", data[:-2] + data[scan : scan + 14] * 3000 + b"\xff\xd9"
        yield f"unknown component, {name}.jpg", data[: scan + 5] + b"\x77" + data[scan + 6 :]
        yield f"restart markers, {name}.jpg", data[: scan + 14] + b"\xff\xd0" * 5000 + data[scan + 14 :]
    yield "segments.jpg", b"\xff\xd8" + b"\xff\xfe\0\2" * 50_000 + jpeg[2:]
    yield "markers.jpg", b"\xff\xd8" + b"\xff" * 20_000 + jpeg[2:]
    yield "frames.jpg", jpeg[: jpeg.index(b"\xff\xc0")] * 50 + jpeg[2:]


def _png_structures() -> Iterator[tuple[str, bytes]]:
    row = b"\0" + bytes(3 * 128)
    for filter_ in (1, 2, 3, 4, 5, 255):
        rows = bytes([filter_]) + np.random.default_rng(2).bytes(3 * 128)
        yield f"filter {filter_}.png", png(128, 96, zlib.compress(rows * 96), color=2)
    for depth, color in ((1, 2), (2, 4), (4, 6), (16, 3), (3, 0), (8, 1), (8, 7), (32, 2)):
        yield f"depth {depth}, color {color}.png", png(64, 64, zlib.compress(row * 64), depth=depth, color=color)
    yield "palette without colors.png", png(128, 96, zlib.compress((b"\0" + bytes(range(128))) * 96), color=3)
    yield "empty chunks.png", add_chunks(png(128, 96, zlib.compress(row * 96), color=2), *[(b"IDAT", b"")] * 20_000)
    yield "chunk of 4 GB.png", png(128, 96, zlib.compress(row * 96), color=2)[:33] + b"\xff\xff\xff\xffIDAT" + row
    yield "more rows.png", png(128, 4, zlib.compress(row * 100_000), color=2)
    yield "dictionary.png", png(128, 96, b"\x78\xbb" + bytes(4) + zlib.compress(row * 96)[2:], color=2)
    yield "largest.png", bomb(10_000, 7_500)
    yield "widest.png", bomb(1_000_001, 2)


def _webp_structures() -> Iterator[tuple[str, bytes]]:
    for name, data in {"lossy": encode(photo(), "WEBP"), "lossless": encode(photo(), "WEBP", lossless=True)}.items():
        yield f"size of 4 GB, {name}.webp", data[:4] + b"\xff" * 4 + data[8:]
        yield f"size of 100 MB, {name}.webp", data[:4] + struct.pack("<I", 100_000_000) + data[8:]
        yield f"chunk of 4 GB, {name}.webp", data[:16] + b"\xff" * 4 + data[20:]
        yield f"empty chunks, {name}.webp", data[:12] + b"JUNK\0\0\0\0" * 20_000 + data[12:]
        yield f"noise, {name}.webp", data[:40] + np.random.default_rng(4).bytes(len(data) - 40)


def _box_structures() -> Iterator[tuple[str, bytes]]:
    data = encode(photo(), "AVIF")
    for box in (b"meta", b"iloc", b"iinf", b"iprp", b"ipco", b"ipma", b"av1C", b"ispe", b"pitm", b"mdat"):
        at = data.index(box) - 4
        for size in (0, 1, 7, 8, 2**31, 2**32 - 1):
            yield f"{box.decode()} of {size} bytes.avif", data[:at] + struct.pack(">I", size) + data[at + 4 :]
    at = data.index(b"ispe") + 8
    for side in (0, 1, 16_384, 2**32 - 1):
        yield f"side {side}.avif", data[:at] + struct.pack(">II", side, side) + data[at + 8 :]
    yield "boxes.avif", data[:32] + b"\0\0\0\x08free" * 20_000 + data[32:]
    yield "boxes in boxes.avif", data[:32] + b"".join(struct.pack(">I4s", 8 * (999 - n), b"moov") for n in range(999))
