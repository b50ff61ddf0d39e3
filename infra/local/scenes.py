"""Draws street scenes. YOLOv3-tiny detects exactly the stop signs and clocks in these drawings."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_CELL_WIDTH, _HEIGHT = 400, 480
_RADIUS = 110
_RED, _WHITE, _BLACK, _POST = (40, 30, 190), (250, 250, 250), (20, 20, 20), (110, 110, 110)


def scene(*, stop_signs: int = 0, clocks: int = 0) -> bytes:
    """Return a PNG of stop signs and clocks, side by side. The same arguments always give the same bytes."""
    objects = [_draw_stop_sign] * stop_signs + [_draw_clock] * clocks
    columns = max(2, len(objects))
    canvas = _draw_landscape(columns * _CELL_WIDTH)
    for column, draw in enumerate(objects):
        draw(canvas, column * _CELL_WIDTH + _CELL_WIDTH // 2, _HEIGHT // 2 - 40)
    return cv2.imencode(".png", canvas)[1].tobytes()


def _draw_landscape(width: int) -> Canvas:
    sky, ground = np.array([235, 190, 140]), np.array([90, 120, 100])
    fraction = np.linspace(0, 1, _HEIGHT)[:, np.newaxis]
    column = (sky * (1 - fraction) + ground * fraction).astype(np.uint8)
    return np.repeat(column[:, np.newaxis], width, axis=1)


def _draw_stop_sign(canvas: Canvas, x: int, y: int) -> None:
    cv2.rectangle(canvas, (x - 8, y), (x + 8, _HEIGHT), _POST, cv2.FILLED)
    for radius, colour in ((_RADIUS, _WHITE), (_RADIUS - 8, _RED)):
        angles = np.pi / 8 + np.arange(8) * np.pi / 4
        corners = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
        cv2.fillPoly(canvas, [corners.round().astype(np.int32)], colour, cv2.LINE_AA)
    _write(canvas, "STOP", (x, y), scale=2.4, colour=_WHITE)


def _draw_clock(canvas: Canvas, x: int, y: int) -> None:
    cv2.circle(canvas, (x, y), _RADIUS, _BLACK, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(canvas, (x, y), _RADIUS - 12, _WHITE, cv2.FILLED, cv2.LINE_AA)
    for hour in range(1, 13):
        _write(canvas, str(hour), _dial_position(x, y, hour, 78), scale=0.7, colour=_BLACK)
    cv2.line(canvas, (x, y), _dial_position(x, y, 10, 45), _BLACK, 7, cv2.LINE_AA)
    cv2.line(canvas, (x, y), _dial_position(x, y, 2, 65), _BLACK, 4, cv2.LINE_AA)


def _dial_position(x: int, y: int, hour: int, radius: int) -> tuple[int, int]:
    angle = np.pi * hour / 6
    return round(x + radius * np.sin(angle)), round(y - radius * np.cos(angle))


def _write(canvas: Canvas, text: str, centre: tuple[int, int], *, scale: float, colour: Colour) -> None:
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, round(3 * scale)
    (width, height), _ = cv2.getTextSize(text, font, scale, thickness)
    origin = (centre[0] - width // 2, centre[1] + height // 2)
    cv2.putText(canvas, text, origin, font, scale, colour, thickness, cv2.LINE_AA)
