from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import cv2
import numpy as np
import pytest
from PIL import Image

from app.observability.timings import Timings
from app.services.detection import decode
from app.services.previews import store_previews


@pytest.mark.parametrize(("width", "expected"), [(640, 640), (641, 512), (100, 100)])
def test_preview_of_a_small_photo_is_its_large_thumbnail(width: int, expected: int) -> None:
    photo = cv2.imencode(".png", np.zeros((width, width, 3), np.uint8))[1].tobytes()
    stored: dict[str, bytes] = {}
    objects = cast("Any", SimpleNamespace(put_derived=stored.__setitem__))

    store_previews(objects, "owner", "id", decode(photo, Timings()), Timings())

    preview, thumbnail = (stored[f"{name}/owner/id"] for name in ("previews", "large-thumbnails"))
    assert Image.open(BytesIO(thumbnail)).width == expected
    assert (preview == thumbnail) is (expected == width)
