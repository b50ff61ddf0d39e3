"""Damaged, unsuitable and hostile colour marks never prevent that a photo is shown."""

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image

from detector.colour.png_and_gif import read_gif_profile
from detector.colour.profiles import is_usable, read_matrix, read_tags
from detector.colour.transforms import find_transform
from detector.pixels import convert_to_srgb, decode, read_header
from tests.robustness import hostile
from tests.support import hostile_colours, icc

PICTURE = Image.linear_gradient("L").resize((16, 16)).convert("RGB")
UNUSABLE = dict(hostile_colours.make_profiles())
ODD = dict(hostile_colours.make_odd_profiles())
CHUNKS = dict(hostile_colours.make_chunks())


def encode(format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    PICTURE.save(file, format_, **options)
    return file.getvalue()


@pytest.mark.parametrize("profile", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_profile_is_ignored(profile: bytes) -> None:
    data = encode("JPEG", icc_profile=profile)

    header = read_header(data)

    assert header.colour is None
    assert decode(data, header).shape == (16, 16, 3)
    assert find_transform(profile, "RGB") is None


@pytest.mark.parametrize("curve", [b"text" + bytes(40), b"curv" + bytes(6) + b"\1\0"], ids=["text", "cut off"])
def test_read_matrix_of_an_unknown_curve_returns_none(curve: bytes) -> None:
    assert read_matrix(icc.make_rgb_profile(curve=curve)) is None


@pytest.mark.parametrize("profile", ODD.values(), ids=ODD)
def test_profile_with_odd_content_is_converted_or_ignored(profile: bytes) -> None:
    data = encode("JPEG", icc_profile=profile)
    header = read_header(data)

    assert convert_to_srgb(decode(data, header), header).shape == (16, 16, 3)


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_odd_chunks_of_a_png_are_ignored(chunks: list[tuple[bytes, bytes]]) -> None:
    data = hostile.add_chunks(encode("PNG"), *chunks)
    header = read_header(data)

    assert convert_to_srgb(decode(data, header), header).shape == (16, 16, 3)


def test_png_whose_profile_has_a_wrong_checksum_is_decoded() -> None:
    data = hostile.add_chunks(encode("PNG"), hostile_colours.make_profile_chunk(icc.make_rgb_profile()))
    damaged = hostile_colours.replace(data, 60, b"\0\0\0")

    header = read_header(damaged)

    assert header.colour is None
    assert np.array_equal(decode(damaged, header), decode(data, read_header(data)))


def test_profile_with_many_large_tags_needs_little_memory() -> None:
    profile = hostile_colours.make_shared_profile()
    tracemalloc.start()

    assert len(read_tags(profile) or {}) == 100
    assert is_usable(profile, "RGB")

    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "profile"),
    [
        (b"GIF89a", b""),
        (b"GIF89a!\xff\x0bICCRGBG1012", b""),
        (b"GIF89a!\xff\x0bICCRGBG1012\3abc\2de\0;", b"abcde"),
        (b"GIF89a!\xff\x0bICCRGBG1012\3abc\xffde", b"abcde"),
        (b"GIF89a!\xff\x0bICCRGBG1012" + b"\3abc" * 100, b"abc" * 4),
    ],
)
def test_read_gif_profile_joins_blocks_up_to_the_limit(data: bytes, profile: bytes) -> None:
    assert read_gif_profile(data, 10) == profile


@pytest.mark.parametrize("chroma", [b"aaaa", b"nclx"])
def test_avif_with_other_colours_is_decoded(chroma: bytes) -> None:
    data = encode("AVIF").replace(b"nclx", chroma)
    header = read_header(data)

    assert header.colour is None
    assert decode(data, header).shape == (16, 16, 3)
