import io
import struct
import zlib
from contextlib import suppress
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener
from skimage.metrics import structural_similarity

from detector.pixels import (
    LARGE_THUMBNAIL,
    PREVIEW,
    THUMBNAIL,
    BrokenPhoto,
    NotAPhoto,
    Pixels,
    TooManyPixels,
    UnreadablePhoto,
    decode,
    decode_photo,
    encode_jpeg,
    find_decode_side,
    halve,
    read_header,
    reduce,
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
MIN_PARTS = {"JPEG": 15, "PNG": 18, "WEBP": 0, "GIF": 17, "HEIF": 10, "AVIF": 10}  # of 20 parts, with a row each


def make_image(mode: str = "RGB", width: int = 96, height: int = 64) -> Image.Image:
    """Return a red image whose top left quarter is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def encode(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def make_exif(orientation: int = 1, **details: str) -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    for name, text in details.items():
        block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base[name]] = text
    return block


def read_and_decode(data: bytes) -> Pixels:
    return decode(data, read_header(data))


def colour_at(pixels: Pixels, row: int, column: int) -> str:
    blue, _, red = pixels[row, column].tolist()
    return "red" if red > blue + 100 else "blue" if blue > red + 100 else "neither"


def make_png(width: int, height: int) -> bytes:
    """Return the start of a PNG whose header declares this size."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def make_webp(width: int, height: int) -> bytes:
    """Return 34 bytes that start like a WebP of this size."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", len(body) + 4) + body + bytes(4)


@pytest.mark.parametrize(("format_", "media_type"), MEDIA_TYPES.items())
def test_decode_reads_every_format(format_: str, media_type: str) -> None:
    data = encode(make_image(), format_)

    header = read_header(data)
    pixels = decode(data, header)

    assert (header.format, header.media_type, header.width, header.height) == (format_, media_type, 96, 64)
    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint8
    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


PIXEL_FORMATS = {
    "CMYK": encode(make_image("CMYK")),
    "grey JPEG": encode(make_image("L")),
    "progressive JPEG": encode(make_image(), progressive=True),
    "MPO": encode(make_image(), "MPO", save_all=True, append_images=[make_image()]),
    "palette": encode(make_image("P"), "PNG"),
    "palette with a hole": encode(make_image("P"), "PNG", transparency=0),
    "1 bit": encode(make_image("1"), "PNG"),
    "16 bits": encode(make_image("I;16"), "PNG"),
    "16 bits with a hole": encode(make_image("I;16"), "PNG", transparency=0),
    "grey PNG with alpha": encode(make_image("LA"), "PNG"),
    "PNG with alpha": encode(make_image("RGBA"), "PNG"),
    "WebP with alpha": encode(make_image("RGBA"), "WEBP"),
    "animated WebP with alpha": encode(
        Image.new("RGBA", (96, 64)), "WEBP", save_all=True, append_images=[make_image("RGBA")]
    ),
}


@pytest.mark.parametrize("data", PIXEL_FORMATS.values(), ids=PIXEL_FORMATS)
def test_decode_converts_every_pixel_format_to_bgr(data: bytes) -> None:
    pixels = read_and_decode(data)

    assert pixels.shape == (64, 96, 3)
    assert pixels.dtype == np.uint8


def test_opencv_leaves_the_other_cores_to_the_model() -> None:
    assert cv2.getNumThreads() == 1


def test_read_header_of_a_jpeg_with_several_images_is_that_of_a_jpeg() -> None:
    header = read_header(encode(make_image(), "MPO", save_all=True, append_images=[make_image()]))

    assert (header.format, header.media_type) == ("JPEG", "image/jpeg")


def test_decode_converts_cmyk_colours() -> None:
    pixels = read_and_decode(encode(make_image("CMYK"), quality=95))

    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


def test_decode_of_16_bits_keeps_the_upper_8() -> None:
    grey = Image.fromarray(np.full((8, 8), 0x9C40, np.uint16))

    assert (read_and_decode(encode(grey, "PNG")) == 0x9C).all()


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "AVIF"])
def test_decode_makes_transparent_pixels_white(format_: str) -> None:
    transparent = Image.new("RGBA", (96, 64), (*RED, 0))

    assert (read_and_decode(encode(transparent, format_)) >= 250).all()


def test_decode_of_a_transparent_webp_without_its_pixels_raises_broken_photo() -> None:
    data = encode(Image.new("RGBA", (96, 64), (*RED, 9)), "WEBP", lossless=True)
    damaged = data[:26].ljust(len(data), b"\xff")

    with pytest.raises(BrokenPhoto):
        read_and_decode(damaged)


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_decode_of_an_animation_returns_the_first_frame(format_: str) -> None:
    frames = [make_image().rotate(180), make_image()] * 500

    pixels = read_and_decode(encode(make_image(), format_, save_all=True, append_images=frames))

    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


# The transposition that stores an upright image with each EXIF orientation.
TRANSPOSITIONS = {
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
@pytest.mark.parametrize(("orientation", "transposition"), TRANSPOSITIONS.items())
def test_decode_applies_the_orientation(orientation: int, transposition: Image.Transpose | None, format_: str) -> None:
    stored = make_image().transpose(transposition) if transposition is not None else make_image()
    data = encode(stored, format_, exif=make_exif(orientation))

    header = read_header(data)
    pixels = decode(data, header)

    assert (header.width, header.height) == (96, 64)
    assert pixels.shape == (64, 96, 3)
    corners = [(5, 5), (5, 90), (58, 5), (58, 90)]
    assert [colour_at(pixels, *corner) for corner in corners] == ["blue", "red", "red", "red"]


def test_decode_applies_the_orientation_of_heic() -> None:
    stored = make_image().transpose(Image.Transpose.ROTATE_90)
    stored.info["exif"] = make_exif(6).tobytes()

    pixels = read_and_decode(encode(stored, "HEIF"))

    assert pixels.shape == (64, 96, 3)
    assert [colour_at(pixels, 10, 10), colour_at(pixels, 50, 80)] == ["blue", "red"]


@pytest.mark.parametrize(
    "block", [make_exif(9), b"Exif\0\0nonsense", make_exif(6).tobytes()[:20], b"Exif\0\0" + bytes(60_000)]
)
def test_read_header_ignores_damaged_exif_data(block: Any) -> None:
    assert read_header(encode(make_image(), exif=block)).orientation == 1


@pytest.mark.parametrize(
    ("long_side", "shape"),
    [(None, (300, 400)), (400, (300, 400)), (201, (300, 400)), (200, (150, 200)), (100, (75, 100)), (10, (38, 50))],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "AVIF"])
def test_decode_with_long_side_uses_the_smallest_sufficient_scale(
    format_: str, long_side: int | None, shape: tuple[int, int]
) -> None:
    data = encode(make_image(width=400, height=300), format_)

    assert decode(data, read_header(data), long_side=long_side).shape[:2] == shape


def test_decode_of_an_opaque_webp_with_long_side_returns_half_the_size() -> None:
    data = encode(make_image(), "WEBP")

    assert decode(data, read_header(data), long_side=10).shape == (32, 48, 3)


@pytest.mark.parametrize(("long_side", "divisor"), [(None, 1), (1201, 1), (600, 2), (150, 8)])
def test_decode_of_a_tall_photo_loses_no_row_between_bands(long_side: int | None, divisor: int) -> None:
    shades = np.repeat(np.arange(0, 240, dtype=np.uint8), 5)[:, np.newaxis]  # 1200 rows
    data = encode(Image.fromarray(np.repeat(shades, 40, axis=1)), "PNG")

    pixels = decode(data, read_header(data), long_side=long_side)

    expected = shades.astype(float).reshape(-1, divisor).mean(axis=1)
    assert pixels.shape == (1200 // divisor, 40 // divisor, 3)
    assert np.abs(pixels - expected[:, np.newaxis, np.newaxis]).max() <= 0.5


NOT_PHOTOS = {
    "nothing": b"",
    "1 byte": b"\xff",
    "HTML": b"<!DOCTYPE html><title>beach.jpg</title>",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "PDF": b"%PDF-1.7\n",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "HEIC's first bytes": b"\0\0\0\x18ftypheic",
    "AVIF's first bytes": b"\0\0\0\x18ftypavif\0\0\0\0",
    "TIFF": encode(make_image(), "TIFF"),
    "BMP": encode(make_image(), "BMP"),
}
FIRST_BYTES = {
    "JPEG": b"\xff\xd8\xff",
    "JPEG without its frame": encode(make_image())[:300],
    "empty WebP": make_webp(100, 100),
}


@pytest.mark.parametrize("data", NOT_PHOTOS.values(), ids=NOT_PHOTOS)
def test_read_header_of_other_bytes_raises_not_a_photo(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match="not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo"):
        read_header(data)


@pytest.mark.parametrize("data", FIRST_BYTES.values(), ids=FIRST_BYTES)
def test_read_header_of_only_the_first_bytes_of_a_photo_says_that_it_is_cut_off(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match="damaged or cut off"):
        read_header(data)


TOO_LARGE = {
    "one pixel too many": (
        make_png(75_000_001, 1),
        "PNG has 76 megapixels. PixTag can process PNG photos of up to 75.",
    ),
    "400 million pixels": (make_png(20_000, 20_000), "This PNG has 400 megapixels."),
    "the longest PNG": (make_png(2**31 - 1, 1), "This PNG has 2148 megapixels."),
    "34 bytes of WebP": (make_webp(16_384, 16_384), "This WebP has 269 megapixels."),
}


@pytest.mark.parametrize(("data", "message"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_read_header_with_too_many_pixels_raises_too_many_pixels(data: bytes, message: str) -> None:
    with pytest.raises(TooManyPixels, match=message):
        read_header(data)


def test_read_header_with_75_million_pixels_succeeds() -> None:
    assert read_header(make_png(10_000, 7_500)).width == 10_000


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_decode_of_a_photo_cut_off_anywhere_raises_unreadable_photo_or_names_the_damage(format_: str) -> None:
    data = encode(Image.effect_noise((64, 320), 90).convert("RGB"), format_)
    damages = []

    for percent in range(0, 100, 5):
        part = data[: len(data) * percent // 100]
        with suppress(UnreadablePhoto):
            damages.append(decode_photo(part, read_header(part)).damage)

    assert all(damage.startswith("Damaged: ") for damage in damages)
    assert len(damages) >= MIN_PARTS[format_]


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_decode_of_damaged_bytes_raises_only_unreadable_photo(format_: str) -> None:
    random = np.random.default_rng(1)
    intact = np.frombuffer(encode(make_image(width=24, height=16), format_), np.uint8)

    for _ in range(200):
        damaged = intact.copy()
        damaged[random.integers(len(intact), size=3)] = random.integers(256, size=3)
        with suppress(UnreadablePhoto):
            read_and_decode(damaged.tobytes())


@pytest.mark.parametrize(("long_side", "size"), [(40, (40, 27)), (96, (96, 64)), (500, (96, 64))])
def test_reduce_never_enlarges(long_side: int, size: tuple[int, int]) -> None:
    height, width = reduce(read_and_decode(encode(make_image())), long_side).shape[:2]

    assert (width, height) == size


@pytest.mark.parametrize(
    ("size", "long_sides"),
    [
        ((4000, 3000), (1600, 512, 256)),
        ((1000, 2000), (1600, 512, 256)),
        ((1000, 4000), (1600, 1024, 512)),
        ((10_000, 1000), (2560, 2560, 1280)),
        ((5000, 1), (4096, 4096, 4096)),
    ],
)
def test_previews_of_panoramas_keep_a_minimum_short_side(size: tuple[int, int], long_sides: tuple[int, ...]) -> None:
    previews = (PREVIEW, LARGE_THUMBNAIL, THUMBNAIL)

    assert tuple(preview.find_long_side(*size) for preview in previews) == long_sides


def test_decode_for_a_preview_has_a_quarter_more_pixels() -> None:
    assert (find_decode_side(4000, 3000), find_decode_side(1000, 10_000)) == (2000, 3200)


@pytest.mark.parametrize(("rows", "columns", "size"), [(64, 96, (24, 16)), (62, 96, (48, 31)), (64, 40, (20, 32))])
def test_halve_stops_at_the_long_side_or_an_odd_side(rows: int, columns: int, size: tuple[int, int]) -> None:
    stripes = np.zeros((rows, columns, 3), np.uint8)
    stripes[:, ::2] = 200

    half = halve(stripes, 24)

    assert (half.shape[1], half.shape[0]) == size
    assert np.unique(half).tolist() == [100]


@pytest.mark.parametrize(("decoded_side", "side"), [(400, 320), (800, 128), (800, 500)])
def test_reduce_of_a_reduced_decode_is_similar_to_one_of_the_full_decode(decoded_side: int, side: int) -> None:
    photo = cv2.imread(str(files("skimage") / "data" / "coffee.png"))
    assert photo is not None
    data = cv2.imencode(".jpg", cv2.resize(photo, (800, 600)), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    expected = cv2.resize(read_and_decode(data), (side, side * 3 // 4), interpolation=cv2.INTER_AREA)

    pixels = reduce(decode(data, read_header(data), long_side=decoded_side), side)

    assert structural_similarity(expected, pixels, channel_axis=2) > 0.99


def test_reduce_of_a_line_is_a_line() -> None:
    assert reduce(np.zeros((1, 5000, 3), np.uint8), 256).shape == (1, 256, 3)


@pytest.mark.parametrize(("side", "optimized"), [(256, True), (257, False)])
def test_encode_jpeg_optimizes_the_huffman_tables_of_thumbnails(side: int, optimized: bool) -> None:  # noqa: FBT001
    tables = encode(make_image())  # Pillow writes the tables of the JPEG standard
    standard = tables[tables.index(b"\xff\xc4") + 4 :][:17]

    thumbnail = encode_jpeg(np.zeros((64, side, 3), np.uint8))

    assert (standard not in thumbnail) is optimized


def test_encode_jpeg_drops_the_metadata_of_the_original() -> None:
    marker = b"48.8584N"
    data = encode(make_image(), exif=make_exif(ImageUniqueID=marker.decode()), comment=marker)

    thumbnail = encode_jpeg(read_and_decode(data))

    assert marker in data
    assert marker not in thumbnail
    assert Image.open(io.BytesIO(thumbnail)).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
