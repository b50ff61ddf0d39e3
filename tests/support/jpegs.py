"""JPEG files that are damaged or unusual, made from small photos."""

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

END = b"\xff\xd9"


def make_photo(width: int = 96, height: int = 160) -> Image.Image:
    """Return a photo without uniform areas."""
    small = np.random.default_rng(1).integers(0, 255, (height // 16 + 1, width // 16 + 1, 3), np.uint8)
    return Image.fromarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def encode_jpeg(picture: Image.Image, **options: Any) -> bytes:
    """Return the picture as a JPEG."""
    file = io.BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


def find_scans(jpeg: bytes) -> list[int]:
    """Return the positions of the scan headers. The metadata must contain none."""
    positions, at = [], jpeg.find(b"\xff\xda")
    while at >= 0:
        positions.append(at)
        at = jpeg.find(b"\xff\xda", at + 1)
    return positions
