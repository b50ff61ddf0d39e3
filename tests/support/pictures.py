"""Pictures with as many frequencies as photos have."""

import cv2
import numpy as np

from detector.scaling import Pixels


def paint_picture(seed: int, width: int = 640, height: int = 480) -> Pixels:
    """Return a picture of soft spots of many sizes. Another seed gives another picture."""
    noise = np.random.default_rng(seed).uniform(-1, 1, (64, 64)).astype(np.float32)
    layers = [
        cv2.resize(noise[:side, :side] / side, (width, height), interpolation=cv2.INTER_CUBIC) for side in (4, 8, 16)
    ]
    grey = cv2.normalize(sum(layers[1:], layers[0]), np.empty(0), 20, 235, cv2.NORM_MINMAX)
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, 2)
