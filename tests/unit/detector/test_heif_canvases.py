import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from detector import limits
from detector.heif_canvases import measure_canvases
from detector.pixels import TooManyPixels, decode, read_header
from tests.support.heif_files import file_type, full_box, make_derived, make_meta

pillow_heif.register_heif_opener()


def encode(**options: int) -> bytes:
    picture = Image.fromarray(np.add.outer(np.arange(256), np.arange(256)).astype(np.uint8)).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "HEIF", **options)
    return file.getvalue()


HEIC = encode()


@pytest.mark.parametrize("kind", [b"grid", b"iovl"])
@pytest.mark.parametrize("is_long", [False, True])
def test_photo_with_a_canvas_above_the_limit_has_too_many_pixels(
    monkeypatch: pytest.MonkeyPatch, kind: bytes, *, is_long: bool
) -> None:
    monkeypatch.setattr(limits, "_MILLION", 1)  # a lower limit, so that the canvas is small
    monkeypatch.setattr(limits, "_HEIC", limits.Kind("HEIC", 256 * 256, 4.8))
    data = make_derived(HEIC, kind, (257, 256), is_long=is_long)

    assert measure_canvases(data) == 257 * 256
    with pytest.raises(TooManyPixels):
        read_header(data)


@pytest.mark.parametrize("kind", [b"grid", b"iovl"])
def test_photo_with_a_usual_canvas_is_decoded(kind: bytes) -> None:
    data = make_derived(HEIC, kind, is_long=True)

    assert measure_canvases(data) == 256 * 256
    assert decode(data, read_header(data)).shape == (256, 256, 3)


def test_canvas_of_libheif_is_measured() -> None:
    assert measure_canvases(encode(tile_size=128)) == 256 * 256


@pytest.mark.parametrize(
    "data",
    [
        HEIC,
        b"",
        file_type(b"heic"),
        make_meta((1, b"grid")),
        make_meta((1, b"grid")).replace(b"iref", b"iloc"),
        make_derived(HEIC, b"iden"),
    ],
)
def test_file_without_canvas_measures_0(data: bytes) -> None:
    assert measure_canvases(data) == 0


def make_locations(locations: bytes) -> bytes:
    """Return a file with a grid and with this iloc box."""
    item = full_box(b"infe", 2, struct.pack(">HH4s", 1, 0, b"grid"))
    return file_type(b"heic", b"mif1") + full_box(b"meta", 0, full_box(b"iinf", 0, b"\0\1", item), locations)


@pytest.mark.parametrize(
    "locations",
    [
        full_box(b"iloc", 0, b"\x44\0\xff\xff"),
        full_box(b"iloc", 2, b"\x44\0\xff\xff\xff\xff"),
        full_box(b"iloc", 0, b"\0\0\0\1", struct.pack(">HHH", 1, 0, 0xFFFF)),
        full_box(b"iloc", 0, b"\0\0\0\1", struct.pack(">HHH", 1, 0, 0)),
        full_box(b"iloc", 1, b"\x44\0\0\1", struct.pack(">HHHHII", 1, 1, 0, 1, 0, 8)),
    ],
)
def test_damaged_locations_measure_0(locations: bytes) -> None:
    assert measure_canvases(make_locations(locations)) == 0


def test_canvas_in_several_extents_is_measured() -> None:
    recipe = struct.pack(">BBBBHH", 0, 0, 0, 0, 300, 200)
    start = 0
    for _ in range(2):  # the length of the head does not depend on the positions
        extents = struct.pack(">HHHHIIIIII", 1, 0, 0, 3, start, 3, start + 3, 3, start + 6, 2)
        head = make_locations(full_box(b"iloc", 1, b"\x44\0\0\1", extents))
        start = len(head)

    assert measure_canvases(head + recipe) == 300 * 200
