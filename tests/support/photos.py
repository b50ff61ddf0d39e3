"""Small photos of one shade of gray."""

import cv2
import numpy as np


def make_gray_jpeg(shade: int = 100) -> bytes:
    """Return a JPEG of 8 x 8 pixels with this shade, 0 to 255."""
    return cv2.imencode(".jpg", np.full((8, 8, 3), shade, np.uint8))[1].tobytes()
