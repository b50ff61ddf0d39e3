"""Previews look like the photo after all steps, including their own encoding."""

import io
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from app.domain.ids import Rendition
from app.observability.timings import Timings
from app.services.detection import decode
from app.services.previews import store_previews
from tests.support import icc

P3 = icc.make_rgb_profile("Display P3")
SUBSAMPLED, FULL = (2, 2), (1, 1)


def make_scene() -> Image.Image:
    """Return bars of strong colours on a gradient."""
    ramp = np.tile(np.linspace(0, 255, 160).astype(np.uint8), (96, 1))
    pixels = np.stack([ramp, ramp[:, ::-1], np.full_like(ramp, 60)], axis=-1)
    for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 200, 0), (180, 0, 255)]):
        pixels[32:64, 10 + 30 * number : 30 + 30 * number] = colour
    return Image.fromarray(pixels)


SCENE = make_scene()
P3_SCENE = icc.convert(SCENE, P3)


@pytest.mark.parametrize(
    ("format_", "picture", "options", "chroma"),
    [
        ("AVIF", P3_SCENE, {"icc_profile": P3}, FULL),
        ("WEBP", P3_SCENE, {"icc_profile": P3, "quality": 90}, FULL),
        ("JPEG", P3_SCENE, {"icc_profile": P3, "quality": 90}, SUBSAMPLED),
        ("PNG", SCENE, {}, SUBSAMPLED),
    ],
)
def test_stored_preview_looks_like_the_scene(
    format_: str, picture: Image.Image, options: dict[str, Any], chroma: tuple[int, int]
) -> None:
    file, stored = io.BytesIO(), dict[str, bytes]()
    picture.save(file, format_, **options)

    objects = cast("Any", SimpleNamespace(put_derived=stored.__setitem__))
    store_previews(objects, "owner", "id", decode(file.getvalue(), Timings()), Timings())

    preview = cast("Any", Image.open(io.BytesIO(stored[Rendition.PREVIEW.key("owner", "id")])))
    difference = np.linalg.norm(rgb2lab(np.asarray(preview)) - rgb2lab(np.asarray(SCENE)), axis=-1).mean()
    assert difference <= 5  # smaller pictures have relatively more edges
    assert preview.layer[0][1:3] == chroma
