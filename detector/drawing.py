"""Detections drawn into a copy of a photograph, for people to look at."""

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
    """Return a copy of ``pixels`` (the original in full size) with boxes, labels and confidences.

    Lines and letters grow with the picture. A label has the same colour in every picture.
    """
    picture = Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    canvas = ImageDraw.Draw(picture)
    side = max(picture.size)
    line, font = max(2, side // 250), ImageFont.load_default(max(12, side // 32))
    for found in detections:
        box = found.box
        canvas.rectangle((box.x1, box.y1, box.x2, box.y2), outline=_colour(found.label), width=line)
    for found in reversed(detections):  # so that the most confident one lies on top
        text = f"{found.label} {found.confidence:.0%}"
        right, bottom = canvas.textbbox((2 * line, line), text, font=font)[2:]
        left = max(0, min(found.box.x1, picture.width - right - 2 * line))
        top = max(0, found.box.y1 - bottom - line)
        plate = (left, top, left + right + 2 * line, top + bottom + line)
        canvas.rectangle(plate, fill=_colour(found.label))
        canvas.text((left + 2 * line, top + line), text, fill="black", font=font)
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)


def _colour(label: str) -> tuple[int, int, int]:
    """Choose a light colour, so that black text can be read on it."""
    hue = zlib.adler32(label.encode()) * 0.618 % 1
    red, green, blue = colorsys.hls_to_rgb(hue, 0.65, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)
