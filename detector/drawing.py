"""Draws detections on a copy of a photo."""

from __future__ import annotations

import colorsys
import zlib
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detector.detections import Detection
    from detector.pixels import Pixels


def draw(pixels: Pixels, detections: Sequence[Detection]) -> Pixels:
    """Return a copy of the photo with the boxes, labels and confidences of the detections.

    Line width and font size depend on the size of the photo. A label has the same colour in every photo.

    Args:
        pixels: The upright original at full size: uint8 BGR, rows x columns x 3.
        detections: The detections to draw. The labels of earlier detections are drawn on top.
    """
    picture = Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    canvas = ImageDraw.Draw(picture)
    side = max(picture.size)
    line, font = max(2, side // 250), ImageFont.load_default(max(12, side // 32))
    for detection in detections:
        canvas.rectangle(detection.box.edges, outline=_colour(detection.label), width=line)
    for detection in reversed(detections):  # so that the most confident label is on top
        text = f"{detection.label} {detection.confidence:.0%}"
        right, bottom = canvas.textbbox((2 * line, line), text, font=font)[2:]
        left = max(0, min(detection.box.x1, picture.width - right - 2 * line))
        top = max(0, detection.box.y1 - bottom - line)
        background = (left, top, left + right + 2 * line, top + bottom + line)
        canvas.rectangle(background, fill=_colour(detection.label))
        canvas.text((left + 2 * line, top + line), text, fill="black", font=font)
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)


def _colour(label: str) -> tuple[int, int, int]:
    """Return the colour of a label as RGB, from 0 to 255. The colour is light, so black text on it is readable."""
    hue = zlib.adler32(label.encode()) * 0.618 % 1
    red, green, blue = colorsys.hls_to_rgb(hue, 0.65, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)
