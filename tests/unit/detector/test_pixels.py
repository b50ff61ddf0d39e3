import io
import struct
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener
from skimage.metrics import structural_similarity

from detector.pixels import (
    BrokenPhoto,
    NotAPhoto,
    Pixels,
    TooManyPixels,
    UnreadablePhoto,
    decode,
    halved,
    read_header,
    reduced,
    thumbnail,
)

register_heif_opener()

RED, BLUE = (255, 0, 0), (0, 0, 255)
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}


def picture(mode: str = "RGB", width: int = 96, height: int = 64) -> Image.Image:
    """Red, with a blue quarter at the top left."""
    red = Image.new("RGB", (width, height), RED)
    red.paste(BLUE, (0, 0, width // 2, height // 2))
    return red.convert(mode)


def encode(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def exif(orientation: int = 1, **details: str) -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    for name, text in details.items():
        block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base[name]] = text
    return block


def read(data: bytes) -> Pixels:
    return decode(data, read_header(data))


def colour_at(pixels: Pixels, row: int, column: int) -> str:
    blue, _, red = pixels[row, column].tolist()
    return "red" if red > blue + 100 else "blue" if blue > red + 100 else "neither"


def png(width: int, height: int) -> bytes:
    """The start of a PNG that says it is so large."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def webp(width: int, height: int) -> bytes:
    """34 bytes that say they are a WebP so large."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", len(body) + 4) + body + bytes(4)


@pytest.mark.parametrize(("format_", "media_type"), MEDIA_TYPES.items())
def test_every_format_is_read(format_: str, media_type: str) -> None:
    data = encode(picture(), format_)

    header = read_header(data)
    pixels = decode(data, header)

    assert (header.format, header.media_type, header.width, header.height) == (format_, media_type, 96, 64)
    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint8
    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


KINDS = {
    "CMYK": encode(picture("CMYK")),
    "grey JPEG": encode(picture("L")),
    "progressive JPEG": encode(picture(), progressive=True),
    "MPO": encode(picture(), "MPO", save_all=True, append_images=[picture()]),
    "palette": encode(picture("P"), "PNG"),
    "palette with a hole": encode(picture("P"), "PNG", transparency=0),
    "1 bit": encode(picture("1"), "PNG"),
    "16 bits": encode(picture("I;16"), "PNG"),
    "16 bits with a hole": encode(picture("I;16"), "PNG", transparency=0),
    "grey PNG with alpha": encode(picture("LA"), "PNG"),
    "PNG with alpha": encode(picture("RGBA"), "PNG"),
    "WebP with alpha": encode(picture("RGBA"), "WEBP"),
}


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_every_kind_of_pixel_becomes_bgr(data: bytes) -> None:
    pixels = read(data)

    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint8


def test_jpeg_with_further_pictures_behind_it_is_a_jpeg() -> None:
    header = read_header(encode(picture(), "MPO", save_all=True, append_images=[picture()]))

    assert (header.format, header.media_type) == ("JPEG", "image/jpeg")


def test_colours_of_print_come_out_right() -> None:
    pixels = read(encode(picture("CMYK"), quality=95))

    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


def test_16_bits_keep_the_upper_8() -> None:
    grey = Image.fromarray(np.full((8, 8), 0x9C40, np.uint16))

    assert (read(encode(grey, "PNG")) == 0x9C).all()


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "AVIF"])
def test_what_is_transparent_becomes_white(format_: str) -> None:
    hidden = Image.new("RGBA", (96, 64), (*RED, 0))

    assert (read(encode(hidden, format_)) >= 250).all()


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_first_frame_stands_for_an_animation(format_: str) -> None:
    frames = [picture().rotate(180), picture()] * 500

    pixels = read(encode(picture(), format_, save_all=True, append_images=frames))

    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


# Which of EXIF's transpositions makes each orientation upright: the blue quarter goes to the top left.
KEPT = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(("orientation", "turn"), KEPT.items())
def test_orientation_is_applied(orientation: int, turn: Image.Transpose | None, format_: str) -> None:
    lying = picture().transpose(turn) if turn is not None else picture()
    data = encode(lying, format_, exif=exif(orientation))

    header = read_header(data)
    pixels = decode(data, header)

    assert (header.width, header.height) == (96, 64)
    assert pixels.shape == (64, 96, 3)
    corners = [(5, 5), (5, 90), (58, 5), (58, 90)]
    assert [colour_at(pixels, *corner) for corner in corners] == ["blue", "red", "red", "red"]


def test_orientation_of_heic_is_applied() -> None:
    lying = picture().transpose(Image.Transpose.ROTATE_90)
    lying.info["exif"] = exif(6).tobytes()

    pixels = read(encode(lying, "HEIF"))

    assert pixels.shape == (64, 96, 3)
    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


@pytest.mark.parametrize(
    ("details", "taken_at"),
    [
        ({"DateTimeOriginal": "2026:01:31 12:30:00"}, datetime(2026, 1, 31, 12, 30)),  # noqa: DTZ001
        (
            {"DateTimeOriginal": "2026:01:31 12:30:00", "OffsetTimeOriginal": "+02:00"},
            datetime(2026, 1, 31, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        ),
        (
            {"DateTimeOriginal": "2026:01:31 12:30:00", "OffsetTimeOriginal": "Z"},
            datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
        ),
        (
            {"DateTimeOriginal": "2026:01:31 12:30:00", "OffsetTimeOriginal": "   :  "},
            datetime(2026, 1, 31, 12, 30),  # noqa: DTZ001
        ),
        ({"DateTimeOriginal": "0000:00:00 00:00:00"}, None),
        ({"DateTimeOriginal": "    :  :     :  :  "}, None),
        ({}, None),
    ],
)
def test_time_of_the_camera_is_read(details: dict[str, str], taken_at: datetime | None) -> None:
    assert read_header(encode(picture(), exif=exif(1, **details))).taken_at == taken_at


@pytest.mark.parametrize("block", [exif(9), b"Exif\0\0nonsense", exif(6).tobytes()[:20], b"Exif\0\0" + bytes(60_000)])
def test_damaged_exif_is_passed_over(block: Any) -> None:
    header = read_header(encode(picture(), exif=block))

    assert (header.orientation, header.taken_at) == (1, None)


@pytest.mark.parametrize(
    ("long_side", "shape"),
    [(None, (300, 400)), (400, (300, 400)), (201, (300, 400)), (200, (150, 200)), (100, (75, 100)), (10, (38, 50))],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "AVIF"])
def test_a_photograph_is_decoded_at_the_smallest_scale_that_suffices(
    format_: str, long_side: int | None, shape: tuple[int, int]
) -> None:
    data = encode(picture(width=400, height=300), format_)

    assert decode(data, read_header(data), long_side=long_side).shape[:2] == shape


def test_an_opaque_webp_is_decoded_in_full() -> None:
    data = encode(picture(), "WEBP")

    assert decode(data, read_header(data), long_side=10).shape == (64, 96, 3)


@pytest.mark.parametrize(("long_side", "divisor"), [(None, 1), (1201, 1), (600, 2), (150, 8)])
def test_no_row_is_lost_between_the_bands_of_a_high_photograph(long_side: int | None, divisor: int) -> None:
    shades = np.repeat(np.arange(0, 240, dtype=np.uint8), 5)[:, np.newaxis]  # 1200 rows
    data = encode(Image.fromarray(np.repeat(shades, 40, axis=1)), "PNG")

    pixels = decode(data, read_header(data), long_side=long_side)

    expected = shades.astype(float).reshape(-1, divisor).mean(axis=1)
    assert pixels.shape == (1200 // divisor, 40 // divisor, 3)
    assert np.abs(pixels - expected[:, np.newaxis, np.newaxis]).max() <= 0.5


NO_PHOTOGRAPHS = {
    "nothing": b"",
    "1 byte": b"\xff",
    "JPEG's first bytes": b"\xff\xd8\xff",
    "HTML": b"<!DOCTYPE html><title>beach.jpg</title>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "PDF": b"%PDF-1.7\n",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "HEIC's first bytes": b"\0\0\0\x18ftypheic",
    "AVIF's first bytes": b"\0\0\0\x18ftypavif\0\0\0\0",
    "TIFF": encode(picture(), "TIFF"),
    "BMP": encode(picture(), "BMP"),
    "empty WebP": webp(100, 100),
}


@pytest.mark.parametrize("data", NO_PHOTOGRAPHS.values(), ids=NO_PHOTOGRAPHS)
def test_what_is_no_photograph_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match="not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture"):
        read_header(data)


TOO_LARGE = {
    "a pixel too many": png(50_000_001, 1),
    "400 million pixels": png(20_000, 20_000),
    "the longest PNG": png(2**31 - 1, 1),
    "34 bytes of WebP": webp(16_384, 16_384),
}


@pytest.mark.parametrize("data", TOO_LARGE.values(), ids=TOO_LARGE)
def test_too_many_pixels_are_refused_before_they_are_decoded(data: bytes) -> None:
    with pytest.raises(TooManyPixels, match="more than 50 million pixels"):
        read_header(data)


def test_50_million_pixels_are_not_too_many() -> None:
    assert read_header(png(10_000, 5_000)).width == 10_000


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_photograph_cut_off_anywhere_is_refused(format_: str) -> None:
    data = encode(Image.effect_noise((96, 64), 90).convert("RGB"), format_)

    for percent in range(100):
        with pytest.raises(UnreadablePhoto):
            read(data[: len(data) * percent // 100])


def test_broken_photograph_says_so() -> None:
    data = encode(picture())

    with pytest.raises(BrokenPhoto, match="damaged or cut off"):
        read(data[:-100])


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_damaged_bytes_raise_nothing_but_unreadable_photo(format_: str) -> None:
    random = np.random.default_rng(1)
    sound = np.frombuffer(encode(picture(width=24, height=16), format_), np.uint8)

    for _ in range(200):
        damaged = sound.copy()
        damaged[random.integers(len(sound), size=3)] = random.integers(256, size=3)
        with suppress(UnreadablePhoto):
            read(damaged.tobytes())


@pytest.mark.parametrize(("long_side", "size"), [(40, (40, 27)), (96, (96, 64)), (500, (96, 64))])
def test_thumbnail_is_reduced_and_never_enlarged(long_side: int, size: tuple[int, int]) -> None:
    small = Image.open(io.BytesIO(thumbnail(read(encode(picture())), long_side)))

    assert (small.format, small.size) == ("JPEG", size)


@pytest.mark.parametrize(("rows", "columns", "size"), [(64, 96, (24, 16)), (62, 96, (48, 31)), (64, 40, (20, 32))])
def test_halved_as_often_as_the_long_side_and_whole_pixels_allow(
    rows: int, columns: int, size: tuple[int, int]
) -> None:
    stripes = np.zeros((rows, columns, 3), np.uint8)
    stripes[:, ::2] = 200

    half = halved(stripes, 24)

    assert (half.shape[1], half.shape[0]) == size
    assert np.unique(half).tolist() == [100]


@pytest.mark.parametrize(("decoded_side", "side"), [(400, 320), (800, 128), (800, 500)])
def test_reduced_looks_as_if_every_pixel_had_been_seen(decoded_side: int, side: int) -> None:
    photo = cv2.imread(str(files("skimage") / "data" / "coffee.png"))
    assert photo is not None
    data = cv2.imencode(".jpg", cv2.resize(photo, (800, 600)), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    every = cv2.resize(read(data), (side, side * 3 // 4), interpolation=cv2.INTER_AREA)

    small = reduced(decode(data, read_header(data), long_side=decoded_side), side)

    assert structural_similarity(every, small, channel_axis=2) > 0.99


def test_thumbnail_of_a_line_is_a_line() -> None:
    line = np.zeros((1, 5000, 3), np.uint8)

    assert Image.open(io.BytesIO(thumbnail(line, 256))).size == (256, 1)


def test_thumbnail_carries_nothing_of_the_metadata_of_the_original() -> None:
    marker = b"48.8584N"
    data = encode(picture(), exif=exif(ImageUniqueID=marker.decode()), comment=marker)

    small = thumbnail(read(data), 40)

    assert marker in data
    assert marker not in small
    assert Image.open(io.BytesIO(small)).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
