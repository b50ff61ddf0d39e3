"""Photos of the same scene in different colour spaces must all look like the scene."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageCms
from pillow_heif import register_heif_opener
from skimage.color import rgb2lab

from detector.colour import transforms
from detector.colour.cmyk import decode_cmyk
from detector.pixels import Pixels, convert_to_srgb, decode, read_header
from tests.support import icc

register_heif_opener()


def make_scene() -> Image.Image:
    """Return patches of 8 x 8 pixels, whose colours cover sRGB."""
    levels = np.array([0, 85, 170, 255], np.uint8)
    patches = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(8, 8, 3)
    return Image.fromarray(patches.repeat(8, axis=0).repeat(8, axis=1))


SCENE = make_scene()
P3 = icc.make_rgb_profile("Display P3")
P3_SCENE = icc.convert(SCENE, P3)
PNG_HEAD = 33


def encode(picture: Image.Image, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_, **options)
    return file.getvalue()


def render(data: bytes) -> Pixels:
    """Return the RGB pixels of a preview."""
    header = read_header(data)
    return np.asarray(convert_to_srgb(decode(data, header), header)[..., ::-1])


def difference(data: bytes, expected: Image.Image = SCENE) -> float:
    """Return the mean CIE76 difference of a photo from a picture in sRGB."""
    pairs = rgb2lab(render(data)), rgb2lab(np.asarray(expected.convert("RGB")))
    return float(np.linalg.norm(pairs[0] - pairs[1], axis=-1).mean())


def is_unchanged(data: bytes) -> bool:
    """Return whether the preview has the decoded pixels, without a copy."""
    header = read_header(data)
    pixels = decode(data, header)
    return convert_to_srgb(pixels, header) is pixels


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def make_png(picture: Image.Image, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with these chunks after its header."""
    data = encode(picture, "PNG")
    return data[:PNG_HEAD] + b"".join(chunk(*each) for each in chunks) + data[PNG_HEAD:]


def make_iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(profile)


def make_jpeg(profile: bytes, parts: int, order: Callable[[list[bytes]], list[bytes]] = list) -> bytes:
    """Return a JPEG with the profile in several segments."""
    data = encode(P3_SCENE, "JPEG", quality=95, subsampling=0)
    step = -(-len(profile) // parts)
    segments = [
        b"ICC_PROFILE\0" + bytes([part + 1, parts]) + profile[part * step : (part + 1) * step] for part in range(parts)
    ]
    packed = b"".join(b"\xff\xe2" + struct.pack(">H", len(each) + 2) + each for each in order(segments))
    return data[:2] + packed + data[2:]


def make_gif(picture: Image.Image, profile: bytes) -> bytes:
    data = encode(picture, "GIF")
    start = data.index(b"!\xf9") if b"!\xf9" in data else data.index(b",\0\0\0\0")
    blocks = [profile[position : position + 255] for position in range(0, len(profile), 255)]
    packed = b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    return data[:start] + b"!\xff\x0bICCRGBG1012" + packed + data[start:]


def make_16_bit_png(picture: Image.Image) -> bytes:
    rows = np.asarray(picture).repeat(2, axis=-1)  # each byte twice
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    head = struct.pack(">IIBBBBB", *picture.size, 16, 2, 0, 0, 0)
    parts = (b"IHDR", head), make_iccp(P3), (b"IDAT", packed), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


CONTAINERS = {
    "JPEG": encode(P3_SCENE, "JPEG", quality=95, subsampling=0, icc_profile=P3),
    "JPEG with a profile in parts": make_jpeg(P3, 4),
    "JPEG with a profile in parts in another order": make_jpeg(P3, 4, lambda parts: parts[::-1]),
    "JPEG with a profile that is followed by zeros": make_jpeg(P3 + bytes(70_000), 2),
    "MPO": encode(P3_SCENE, "MPO", save_all=True, append_images=[SCENE], quality=95, subsampling=0, icc_profile=P3),
    "PNG": encode(P3_SCENE, "PNG", icc_profile=P3),
    "PNG with alpha": encode(P3_SCENE.convert("RGBA"), "PNG", icc_profile=P3),
    "PNG with a palette": encode(P3_SCENE.quantize(64), "PNG", icc_profile=P3),
    "PNG with a profile of 1.5 MB": make_png(P3_SCENE, make_iccp(P3 + bytes(1_500_000))),
    "PNG with 16 bits": make_16_bit_png(P3_SCENE),
    "WebP": encode(P3_SCENE, "WEBP", lossless=True, icc_profile=P3),
    "WebP with alpha": encode(P3_SCENE.convert("RGBA"), "WEBP", lossless=True, icc_profile=P3),
    "AVIF": encode(P3_SCENE, "AVIF", quality=95, subsampling="4:4:4", icc_profile=P3),
    "AVIF with the narrow range": encode(
        P3_SCENE, "AVIF", quality=95, subsampling="4:4:4", range="limited", icc_profile=P3
    ),
    "HEIC": encode(P3_SCENE, "HEIF", quality=95, chroma=444, icc_profile=P3),
    "GIF": make_gif(P3_SCENE.quantize(64), P3),
}


@pytest.mark.parametrize("data", CONTAINERS.values(), ids=CONTAINERS)
def test_preview_of_a_photo_with_a_profile_looks_like_the_scene(data: bytes) -> None:
    assert difference(data) <= 3


PROFILES = {
    "Adobe RGB": icc.make_rgb_profile("Adobe RGB", icc.GAMMA_22),
    "ProPhoto RGB": icc.make_rgb_profile("ProPhoto RGB", icc.pack_function(0, 1.8)),
    "Rec. 2020": icc.make_rgb_profile(
        "Rec. 2020", icc.pack_function(4, 1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 0.0814, 0, 0)
    ),
    "samples": icc.make_rgb_profile("Display P3", icc.pack_curve(*[65535 * n * n // 10_000 for n in range(101)])),
    "no curve": icc.make_rgb_profile("sRGB", icc.pack_curve()),
    "different curves": icc.make_rgb_profile(rTRC=icc.pack_curve(300), bTRC=icc.pack_curve(600)),
    "a function that only LittleCMS knows": icc.make_rgb_profile(curve=icc.pack_function(1, 2.0, 1.0, 0.0)),
}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_preview_with_any_profile_of_rgb_looks_like_the_scene(profile: bytes) -> None:
    data = encode(icc.convert(SCENE, profile), "PNG", icc_profile=profile)

    assert difference(data, convert_with_littlecms(data)) <= 0.5
    assert difference(data) <= 3


def test_find_transform_uses_littlecms_if_the_fast_conversion_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = icc.make_rgb_profile("Adobe RGB")
    monkeypatch.setattr(transforms, "read_matrix", lambda profile: (np.zeros((3, 256)), np.eye(3)))

    assert isinstance(transforms.find_transform(profile, "RGB"), transforms.ProfileTransform)


def test_preview_with_a_profile_that_is_a_table_looks_like_the_scene() -> None:
    red, green, blue = SCENE.split()

    assert difference(encode(Image.merge("RGB", (blue, green, red)), "PNG", icc_profile=icc.make_table_profile())) <= 3


def convert_with_littlecms(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    source = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
    converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert converted
    return converted


LINEAR_GREY = icc.make_grey_profile()


@pytest.mark.parametrize(("format_", "mode"), [("JPEG", "L"), ("PNG", "L"), ("PNG", "LA"), ("HEIF", "L")])
def test_preview_of_a_grey_photo_with_a_profile_looks_like_the_scene(format_: str, mode: str) -> None:
    scene = Image.linear_gradient("L").resize((32, 64))
    light = scene.point([round(255 * ((level / 255 + 0.055) / 1.055) ** 2.4) for level in range(256)])

    data = encode(light.convert(mode), format_, quality=95, icc_profile=LINEAR_GREY)

    assert difference(data, scene) <= 3


CMYK = icc.make_cmyk_profile()


@pytest.mark.parametrize("profile", [CMYK, icc.make_cmyk_profile(b"A2B1")], ids=["A2B0", "A2B1"])
@pytest.mark.parametrize("long_side", [None, 32, 8])
def test_decode_of_a_cmyk_photo_with_a_profile_uses_it(profile: bytes, long_side: int | None) -> None:
    data = encode(SCENE.convert("CMYK"), "JPEG", quality=95, subsampling=0, icc_profile=profile)
    header = read_header(data)

    pixels = decode(data, header, long_side=long_side)

    side = long_side or 64
    reference = encode(SCENE.convert("CMYK"), "JPEG", quality=95, subsampling=0, icc_profile=CMYK)
    expected = convert_with_littlecms(reference).resize((side, side), Image.Resampling.BOX)
    assert pixels.shape == (side, side, 3)
    assert np.abs(pixels[..., ::-1].astype(int) - np.asarray(expected)).mean() <= 3
    assert convert_to_srgb(pixels, header) is pixels


def test_decode_of_a_cmyk_photo_without_adobe_marker_does_not_invert_the_inks() -> None:
    inks = SCENE.convert("CMYK")
    data = encode(inks, "JPEG", quality=95, subsampling=0, icc_profile=CMYK)
    inverted = encode(ImageChops.invert(inks), "JPEG", quality=95, subsampling=0, icc_profile=CMYK)
    start = inverted.index(b"\xff\xee")

    unmarked = inverted[:start] + inverted[start + 16 :]

    assert np.abs(render(data).astype(int) - render(unmarked)).max() <= 1


@pytest.mark.parametrize("profile", [b"", CMYK[:-1], P3], ids=["none", "cut off", "RGB"])
def test_decode_of_a_cmyk_photo_without_usable_profile_ignores_it(profile: bytes) -> None:
    data = encode(SCENE.convert("CMYK"), "JPEG", quality=95, subsampling=0, icc_profile=profile)

    assert read_header(data).colour is None
    assert difference(data) <= 3


def test_decode_of_a_damaged_cmyk_photo_decodes_it_without_profile() -> None:
    data = encode(SCENE.convert("CMYK"), "JPEG", quality=95, subsampling=0, icc_profile=CMYK)

    pixels = render(data[:-100])

    assert (pixels[-1, -1] == 128).all()
    assert len(np.unique(pixels[: len(pixels) // 2])) > 1


def code_chunk(primaries: int, transfer: int, *, full_range: bool = True, matrix: int = 0) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, matrix, full_range])


def narrow(picture: Image.Image) -> Image.Image:
    return picture.point([16 + round(level * 219 / 255) for level in range(256)] * 3)


def set_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """Return an AVIF file with other code points."""
    start = data.index(b"colrnclx") + 8
    return data[:start] + struct.pack(">HH", primaries, transfer) + data[start + 4 :]


REC_2020 = PROFILES["Rec. 2020"]
GAMMA_28 = icc.make_rgb_profile("sRGB", icc.pack_curve(round(2.8 * 256)))
ADOBE_SCENE = icc.convert(SCENE, PROFILES["Adobe RGB"])
SIGNALS = {
    "cICP": make_png(P3_SCENE, code_chunk(12, 13)),
    "cICP of the narrow range": make_png(narrow(P3_SCENE), code_chunk(12, 13, full_range=False)),
    "cICP of sRGB in the narrow range": make_png(narrow(SCENE), code_chunk(1, 13, full_range=False)),
    "cICP of BT.2020": make_png(icc.convert(SCENE, REC_2020), code_chunk(9, 14)),
    "cICP with an exponent": make_png(icc.convert(SCENE, GAMMA_28), code_chunk(1, 5)),
    "cICP before iCCP": make_png(P3_SCENE, make_iccp(LINEAR_GREY), code_chunk(12, 13)),
    "cICP of sRGB before iCCP": make_png(SCENE, make_iccp(P3), code_chunk(1, 13)),
    "unknown cICP before iCCP": make_png(P3_SCENE, code_chunk(12, 99), make_iccp(P3)),
    "cICP of Y'CbCr before iCCP": make_png(P3_SCENE, code_chunk(1, 13, matrix=1), make_iccp(P3)),
    "cICP with 3 bytes before iCCP": make_png(P3_SCENE, (b"cICP", b"\1\x0d\0"), make_iccp(P3)),
    "iCCP before sRGB": make_png(P3_SCENE, (b"sRGB", b"\0"), make_iccp(P3)),
    "sRGB before gAMA": make_png(SCENE, (b"gAMA", struct.pack(">I", 100_000)), (b"sRGB", b"\0")),
    "gAMA": make_png(icc.convert(SCENE, GAMMA_28), (b"gAMA", struct.pack(">I", 35_714))),
    "gAMA and cHRM": make_png(
        ADOBE_SCENE,
        (b"gAMA", struct.pack(">I", 45_472)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)),
    ),
    "nclx in HEIC": encode(
        P3_SCENE, "HEIF", quality=95, chroma=444, color_primaries=12, transfer_characteristics=13,
        matrix_coefficients=6, full_range_flag=1,
    ),
    "nclx in AVIF": set_nclx(encode(P3_SCENE, "AVIF", quality=95, subsampling="4:4:4"), 12, 13),
}  # fmt: skip


def test_white_of_another_colour_becomes_white() -> None:
    assert (render(make_png(Image.new("RGB", (8, 8), "white"), code_chunk(11, 17))) >= 254).all()


def test_profile_is_used_for_a_gif_whose_colours_are_grey() -> None:
    codes = Image.linear_gradient("L")  # Pillow opens a GIF with all 256 levels as grey
    light = [(level / 255) ** 2 for level in range(256)]
    scene = codes.point([round(255 * (1.055 * each ** (1 / 2.4) - 0.055)) if each > 0.0031 else 0 for each in light])

    data = make_gif(codes, icc.make_rgb_profile("sRGB", icc.pack_curve(2 * 256)))

    assert Image.open(io.BytesIO(data)).mode == "L"
    assert difference(data, scene) <= 1


@pytest.mark.parametrize("data", SIGNALS.values(), ids=SIGNALS)
def test_preview_of_a_photo_without_profile_looks_like_the_scene(data: bytes) -> None:
    assert difference(data) <= 3


UNCHANGED = {
    "no profile": encode(SCENE, "JPEG"),
    "sRGB": encode(SCENE, "JPEG", icc_profile=icc.make_rgb_profile("sRGB")),
    "sRGB of LittleCMS": encode(
        SCENE, "JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ),
    "grey with the curve of sRGB": encode(
        SCENE.convert("L"), "JPEG", icc_profile=icc.make_grey_profile(icc.SRGB_CURVE)
    ),
    "cICP of BT.709": make_png(SCENE, code_chunk(1, 1)),
    "unspecified cICP": make_png(SCENE, code_chunk(2, 2)),
    "gAMA of sRGB": make_png(SCENE, (b"gAMA", struct.pack(">I", 45_455))),
    "gAMA of 0": make_png(SCENE, (b"gAMA", bytes(4))),
    "cHRM without light": make_png(SCENE, (b"cHRM", bytes(32))),
    "cHRM with one primary": make_png(SCENE, (b"cHRM", struct.pack(">8I", *[31270, 32900] * 4))),
    "AVIF": encode(SCENE, "AVIF"),
    "HEIC": encode(SCENE, "HEIF"),
    "GIF": encode(SCENE, "GIF"),
}


@pytest.mark.parametrize("data", UNCHANGED.values(), ids=UNCHANGED)
def test_photo_in_srgb_is_not_converted(data: bytes) -> None:
    assert is_unchanged(data)


def make_exif(order: str, colour_space: int, index: bytes) -> bytes:
    """Return EXIF data with a colour space and an interoperability index, as cameras write them."""
    mark, start = {"II": ("<", b"II*\0"), "MM": (">", b"MM\0*")}[order]
    end = bytes(4)
    table = struct.pack(f"{mark}IHHHII", 8, 1, 0x8769, 4, 1, 26) + end
    details = struct.pack(f"{mark}HHHIHHHHII", 2, 0xA001, 3, 1, colour_space, 0, 0xA005, 4, 1, 56) + end
    rules = struct.pack(f"{mark}HHHI4s", 1, 1, 2, 4, index) + end
    return b"Exif\0\0" + start + table + details + rules


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize(
    ("colour_space", "index", "scene"),
    [
        (0xFFFF, b"R03\0", ADOBE_SCENE),
        (2, b"R98\0", ADOBE_SCENE),
        (1, b"R03\0", SCENE),
        (1, b"R98\0", SCENE),
        (0xFFFF, b"R98\0", SCENE),
    ],
)
def test_preview_of_a_photo_whose_camera_marked_it_looks_like_the_scene(
    order: str, colour_space: int, index: bytes, scene: Image.Image
) -> None:
    exif = make_exif(order, colour_space, index)

    data = encode(scene, "JPEG", quality=95, subsampling=0, exif=exif)

    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8769)[0xA001] == colour_space
    assert difference(data) <= 3


def test_profile_is_preferred_to_the_mark_of_the_camera() -> None:
    exif = make_exif("II", 0xFFFF, b"R03\0")

    assert difference(encode(P3_SCENE, "JPEG", quality=95, subsampling=0, exif=exif, icc_profile=P3)) <= 3


def test_decode_cmyk_of_a_cut_photo_returns_none() -> None:
    data = encode(SCENE.convert("CMYK"), "JPEG", quality=95, subsampling=0, icc_profile=CMYK)

    assert decode_cmyk(data[: len(data) // 2], read_header(data).colour, 1) is None
