"""Files that nobody means well with, all made here: by name, the bytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Final

import cv2
import numpy as np
from PIL import ExifTags, Image

MARKER: Final = b"52.5200N13.4050E"  # where the camera was: nobody's business
EXIF_BYTES: Final = 10 * 2**20
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


def photograph() -> Image.Image:
    """A gradient with a little noise, so that its encodings are no runs of the same byte."""
    slope = np.add.outer(np.arange(96), np.arange(128)).astype(np.uint8)
    noise = np.random.default_rng(7).integers(0, 32, (96, 128, 3), np.uint8)
    return Image.fromarray(slope[:, :, None] // 2 + noise)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """A picture as a file of that format."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def with_exif(orientation: int = 1, comment: bytes = MARKER) -> bytes:
    """EXIF that says where the picture was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = comment.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = comment
    return exif.tobytes()


def with_segments(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """A JPEG with so many more segments of that marker as the content fills."""
    parts = [content[start : start + 65_000] for start in range(0, len(content), 65_000)]
    segments = b"".join(struct.pack(">BBH", 0xFF, marker, len(part) + 2) + part for part in parts)
    return jpeg[:2] + segments + jpeg[2:]


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with more chunks behind its header."""
    return png[:33] + b"".join(chunk(kind, content) for kind, content in chunks) + png[33:]


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG of compressed rows, which may be fewer than it says."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(width: int, height: int) -> bytes:
    """A black PNG of one bit a pixel, as small as it can be."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    return png(width, height, b"".join(packer.compress(row) for _ in range(height)) + packer.flush(), depth=1)


def archive() -> bytes:
    """A ZIP file with a file in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(zipfile.ZipInfo("payload.html"), "<script>alert(1)</script>")
    return file.getvalue()


def not_photographs() -> Iterator[tuple[str, bytes]]:
    """Other things, whatever their name ends in."""
    yield "empty.jpg", b""
    yield "one byte.jpg", b"\xff"
    yield "zeros.jpg", bytes(10_000)
    yield "noise.jpg", np.random.default_rng(1).bytes(10_000)
    yield "page.jpg", b"<!doctype html><script>alert(1)</script>"
    yield "drawing.jpg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "entities.jpg", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    yield "document.jpg", encoded(photograph(), "PDF")
    yield "script.jpg", encoded(photograph(), "EPS")
    yield "scan.jpg", encoded(photograph(), "TIFF")
    yield "bitmap.jpg", encoded(photograph(), "BMP")
    yield "icon.jpg", encoded(photograph(), "ICO")
    yield "targa.jpg", encoded(photograph(), "TGA")
    yield "archive.jpg", archive()
    yield "program.jpg", b"\x7fELF\x02\x01\x01" + bytes(200)
    yield "shell.jpg", b"push graphic-context\nfill 'url(https://127.0.0.1/\"|id\")'\npop graphic-context"
    yield "heic without a picture.heic", struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic"
    yield "endless box.heic", struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + b"\xff\xff\xff\xffmeta"


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Photographs that are something else as well."""
    for kind in FORMATS:
        data = encoded(photograph(), kind)
        yield f"page behind.{kind}", data + b"<script>alert(1)</script>"
        yield f"archive behind.{kind}", data + archive()
    jpeg = encoded(photograph())
    yield "page within.jpg", with_segments(jpeg, 0xFE, b"--><script>alert(1)</script><!--")
    yield "page around.jpg", b"<html>" + jpeg
    yield "two in one.jpg", jpeg + jpeg


@cache
def too_large() -> list[tuple[str, bytes]]:
    """Files that say, or are, much more than they look like."""
    return list(_too_large())


def _too_large() -> Iterator[tuple[str, bytes]]:
    yield "bomb.png", bomb(20_000, 20_000)
    yield "large.png", bomb(7_000, 7_000)
    yield "large and colourful.png", png(7_000, 7_000, zlib.compress(bytes(7_000 * (1 + 3 * 7_000)), 1), colour=2)
    yield "line.png", bomb(50_000, 1)
    yield "column.png", bomb(1, 50_000)
    yield "lie.png", png(2**31 - 1, 2**31 - 1, zlib.compress(b"\0\0"))
    yield "short rows.png", png(1000, 1000, zlib.compress(b"\0\0"))
    yield "nothing.png", png(0, 0, zlib.compress(b""))
    yield (
        "text bomb.png",
        with_chunks(encoded(photograph(), "PNG"), (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 2**20), 9))),
    )
    yield (
        "profile bomb.png",
        with_chunks(encoded(photograph(), "PNG"), (b"iCCP", b"ICC\0\0" + zlib.compress(bytes(64 * 2**20), 9))),
    )
    yield "many chunks.png", with_chunks(encoded(photograph(), "PNG"), *[(b"tEXt", b"a\0b")] * 10_000)
    frames = [Image.new("P", (64, 64), number % 256) for number in range(1000)]
    yield "thousand frames.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "thousand frames.webp", encoded(frames[0].convert("RGB"), "WEBP", save_all=True, append_images=frames[1:40])
    yield "wide.gif", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"
    jpeg = bytearray(encoded(photograph()))
    start = jpeg.index(b"\xff\xc0") + 5
    yield "lie.jpg", bytes(jpeg[:start]) + b"\xff\xff\xff\xff" + bytes(jpeg[start + 4 :])
    yield "almost a lie.jpg", bytes(jpeg[:start]) + struct.pack(">HH", 7000, 7000) + bytes(jpeg[start + 4 :])


def unusual() -> Iterator[tuple[str, bytes]]:
    """Sound photographs that are rarely met."""
    picture = photograph()
    yield "cmyk.jpg", encoded(picture.convert("CMYK"))
    yield "grey.jpg", encoded(picture.convert("L"))
    yield "progressive.jpg", encoded(picture, progressive=True)
    yield "grey.png", encoded(picture.convert("L"), "PNG")
    yield "bits.png", encoded(picture.convert("1"), "PNG")
    yield "grey and clear.png", encoded(picture.convert("LA"), "PNG")
    yield "clear.png", encoded(picture.convert("RGBA"), "PNG")
    yield "clear.webp", encoded(picture.convert("RGBA"), "WEBP")
    yield "palette.png", encoded(picture.convert("P"), "PNG")
    yield "palette and clear.png", encoded(picture.convert("P"), "PNG", transparency=0)
    yield "16 bits.png", encoded(Image.fromarray(np.arange(96 * 128, dtype=np.uint16).reshape(96, 128)), "PNG")
    yield "16 bits of colour.png", cv2.imencode(".png", np.full((9, 9, 3), 40_000, np.uint16))[1].tobytes()
    yield "one pixel.png", encoded(Image.new("RGB", (1, 1)), "PNG")
    yield "many megapixels.jpg", encoded(Image.new("RGB", (7000, 7000)))


def told_too_much() -> Iterator[tuple[str, bytes]]:
    """Sound photographs that say where they were taken, in every place where that can stand."""
    picture = photograph()
    for orientation in range(10):
        yield f"orientation {orientation}.jpg", encoded(picture, exif=with_exif(orientation))
    for kind in ("PNG", "WEBP"):
        yield f"exif.{kind}", encoded(picture, kind, exif=with_exif())
    jpeg = encoded(picture)
    yield "much exif.jpg", with_segments(jpeg, 0xE1, b"Exif\0\0" + with_exif() + MARKER * (EXIF_BYTES // len(MARKER)))
    yield "xmp.jpg", with_segments(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + MARKER)
    yield "iptc.jpg", with_segments(jpeg, 0xED, b"Photoshop 3.0\0008BIM\x04\x04\0\0" + MARKER)
    yield "comment.jpg", with_segments(jpeg, 0xFE, MARKER)
    yield "profile.jpg", encoded(picture, icc_profile=MARKER)
    yield "profile.png", encoded(picture, "PNG", icc_profile=MARKER)
    yield "behind.jpg", jpeg + MARKER
    yield "text.png", with_chunks(encoded(picture, "PNG"), (b"tEXt", b"Comment\0" + MARKER))
    yield "comment.gif", encoded(picture, "GIF", comment=MARKER)
    for name, block in {
        "loop": b"Exif\0\0II*\0\x08\0\0\0\x01\0i\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0" + MARKER,
        "far": b"Exif\0\0II*\0\xff\xff\xff\x7f" + MARKER,
        "many": b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + MARKER,
        "none": b"Exif\0\0" + MARKER,
    }.items():
        yield f"damaged exif, {name}.jpg", with_segments(jpeg, 0xE1, block)


def cut_off() -> Iterator[tuple[str, bytes]]:
    """Each format after every hundredth of it."""
    for kind in (*FORMATS, "AVIF"):
        data = encoded(photograph(), kind)
        for percent in range(100):
            yield f"{percent} % of a {kind}", data[: len(data) * percent // 100]


def damaged() -> Iterator[tuple[str, bytes]]:
    """Each format with bytes that are not what they were, always the same ones."""
    random = np.random.default_rng(3)
    for kind in (*FORMATS, "AVIF"):
        data = encoded(photograph(), kind)
        for number in range(20):
            spoilt = bytearray(data)
            for place in random.integers(0, len(data), 1 + number):
                spoilt[place] = int(random.integers(256))
            yield f"damaged {number}.{kind}", bytes(spoilt)
