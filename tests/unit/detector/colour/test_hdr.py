"""HDR photos: colours up to diffuse white look as in sRGB, and brighter ones keep their order."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pillow_heif import from_bytes
from skimage.color import rgb2lab

from detector.colour.hdr import map_tones
from detector.colour.spaces import decode_hlg, decode_pq, encode_pq
from detector.pixels import convert_to_srgb, decode, read_header
from tests.support import icc

LEVELS = np.array([0, 64, 128, 192, 255]) / 255
SCENE = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS), axis=-1).reshape(5, 25, 3).repeat(8, axis=0).repeat(8, axis=1)
SRGB_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
WHITE = 203
PQ, HLG = 16, 18


def make_nits() -> NDArray[np.float64]:
    """Return the light of the scene in BT.2020, in nits."""
    light = np.where(SCENE <= 0.04045, SCENE / 12.92, ((SCENE + 0.055) / 1.055) ** 2.4)
    nits: NDArray[np.float64] = WHITE * np.einsum("ij,rcj->rci", SRGB_TO_BT2020, light)
    return nits


def encode_hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return HLG codes for a display of 1,000 nits (BT.2100)."""
    display = nits / 1000
    luma = np.maximum(display @ [0.2627, 0.6780, 0.0593], 1e-9)[..., np.newaxis]
    scene = display * luma ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


ENCODERS = {PQ: encode_pq, HLG: encode_hlg}


def make_png(codes: NDArray[np.float64], transfer: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.round(codes * 255).astype(np.uint8)).save(file, "PNG")
    name, content = b"cICP", bytes([9, transfer, 0, 1])
    crc = struct.pack(">I", zlib.crc32(name + content))
    return file.getvalue()[:33] + struct.pack(">I", len(content)) + name + content + crc + file.getvalue()[33:]


def make_png_with_profile(codes: NDArray[np.float64], transfer: int) -> bytes:
    """Return a PNG whose profile has a wrong curve, but also the code points."""
    file = io.BytesIO()
    profile = icc.make_rgb_profile(cicp=b"cicp" + bytes([0, 0, 0, 0, 9, transfer, 0, 1]))
    Image.fromarray(np.round(codes * 255).astype(np.uint8)).save(file, "PNG", icc_profile=profile)
    return file.getvalue()


def make_heic(codes: NDArray[np.float64], transfer: int) -> bytes:
    """Return a HEIC with 10 bits."""
    file = io.BytesIO()
    pixels = np.round(codes * 65535).astype(np.uint16)
    from_bytes("RGB;16", (codes.shape[1], codes.shape[0]), pixels.tobytes()).save(
        file, quality=95, chroma=444, color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9,
        full_range_flag=1,
    )  # fmt: skip
    return file.getvalue()


def make_avif(codes: NDArray[np.float64], transfer: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.round(codes * 255).astype(np.uint8)).save(file, "AVIF", quality=95, subsampling="4:4:4")
    data = file.getvalue()
    start = data.index(b"colrnclx") + 8
    return data[:start] + struct.pack(">HH", 2, transfer) + data[start + 4 :]


def render(data: bytes) -> NDArray[np.uint8]:
    """Return the RGB pixels that the model sees, and of which the preview is made."""
    header = read_header(data)
    pixels = decode(data, header)
    assert convert_to_srgb(pixels, header) is pixels
    return np.asarray(pixels[..., ::-1], np.uint8)


def difference(pixels: NDArray[np.uint8]) -> float:
    return float(np.linalg.norm(rgb2lab(pixels) - rgb2lab(SCENE), axis=-1).mean())


@pytest.mark.parametrize("make", [make_png, make_png_with_profile, make_heic, make_avif])
@pytest.mark.parametrize("transfer", ENCODERS)
def test_preview_of_a_hdr_photo_without_highlights_looks_like_the_scene(
    make: Callable[[NDArray[np.float64], int], bytes], transfer: int
) -> None:
    assert difference(render(make(ENCODERS[transfer](make_nits()), transfer))) <= 3


@pytest.mark.parametrize("transfer", ENCODERS)
def test_preview_of_a_hdr_photo_with_highlights_keeps_the_other_colours(transfer: int) -> None:
    lamp = np.full((40, 40, 3), 900.0)
    nits = np.concatenate([make_nits(), lamp], axis=1)

    pixels = render(make_png(ENCODERS[transfer](nits), transfer))

    assert difference(pixels[:, :200]) <= 3
    assert pixels[-1, 199].max() < 245  # white
    assert pixels[:, 200:].min() >= 253


@pytest.mark.parametrize("transfer", ENCODERS)
def test_preview_of_a_hdr_photo_keeps_the_order_of_tones(transfer: int) -> None:
    ramp = np.linspace(0, 1000, 512).reshape(1, -1, 1).repeat(3, axis=2)

    tones = render(make_png(ENCODERS[transfer](ramp), transfer))[0].astype(int)

    assert (np.diff(tones, axis=0) >= 0).all()
    assert np.ptp(tones, axis=1).max() <= 1
    assert (tones[0, 0], tones[-1, 0]) == (0, 255)


def test_map_tones_keeps_dark_tones_and_compresses_highlights() -> None:
    nits = np.array([0.0, 1.0, 80.0, 203.0, 600.0, 1000.0, 4000.0])

    tones = map_tones(nits, 1000)

    assert tones[:3] == pytest.approx(nits[:3])
    assert tones[3:] == pytest.approx([160, 202, 203, 203], abs=3)
    assert map_tones(nits, WHITE) == pytest.approx(np.minimum(nits, WHITE))


def test_transfer_functions_meet_the_reference_values() -> None:
    assert decode_pq(np.array([0.0, 0.5081, 0.5807, 1.0])) == pytest.approx([0, 100, 203, 10_000], rel=2e-3)
    assert encode_pq(np.array([100.0, 203.0, 10_000.0])) == pytest.approx([0.5081, 0.5807, 1], abs=1e-4)
    assert decode_hlg(np.array([0.0, 0.5, 0.75, 1.0])) == pytest.approx([0, 1 / 12, 0.2650, 1], abs=1e-3)
