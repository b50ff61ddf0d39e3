"""Decodes opaque HEIC photos to BGR pixels at a reduced scale. Without Pillow, there is only one copy of the pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from detector.damage import NEUTRAL, ReadRows
from detector.photo_errors import BrokenPhoto, broken_photo_error, translate_pillow_errors

if TYPE_CHECKING:
    from detector.heif_grids import Grid, Tile
    from detector.scaling import Pixels


def decode_heif(data: bytes, divisor: int) -> Pixels:
    """Decode a HEIC to uint8 BGR at the scale 1/divisor. Its rotation is applied.

    Raises:
        BrokenPhoto: it cannot be decoded.
    """
    with translate_pillow_errors(broken_photo_error()):
        stored = _open(data)
        rows, columns = (-(-side // divisor) for side in stored.shape[:2])
        return _reduce(stored, rows, columns)


def decode_grid(grid: Grid, divisor: int) -> tuple[Pixels, ReadRows]:
    """Decode a grid tile by tile to uint8 BGR at the scale 1/divisor. Its orientation is not applied.

    From the first row of tiles that cannot be decoded, all rows are grey.

    Raises:
        BrokenPhoto: not a single row of tiles can be decoded.
    """
    pixels = np.empty((-(-grid.height // divisor), -(-grid.width // divisor), 3), np.uint8)
    rows, columns = grid.tile_height // divisor, grid.tile_width // divisor
    decoded = grid.height
    for number, tile in enumerate(grid.tiles):
        row, column = divmod(number, grid.columns)
        target = pixels[row * rows :, column * columns :][:rows, :columns]
        try:
            stored = _open_tile(grid, tile)
        except BrokenPhoto:
            if not row:
                raise
            decoded = row * grid.tile_height
            pixels[row * rows :] = NEUTRAL
            break
        stored = stored[: grid.height - row * grid.tile_height, : grid.width - column * grid.tile_width]
        target[:] = _reduce(stored, *target.shape[:2])
    return pixels, ReadRows(decoded, grid.height)


def _open_tile(grid: Grid, tile: Tile) -> Pixels:
    with translate_pillow_errors(broken_photo_error()):
        return _open(grid.make_file(tile))


def _open(data: bytes) -> Pixels:
    """Return the pixels of a HEIC in the memory of libheif: rows x columns x 3, BGR, or x 1, grey."""
    from pillow_heif import open_heif  # noqa: PLC0415 - see open_picture

    picture = open_heif(data, bgr_mode=True, remove_stride=False)
    frame = picture[picture.primary_index]
    channels = len(frame.mode)  # BGR or L
    shape, strides = (frame.size[1], frame.size[0], channels), (frame.stride, channels, 1)
    return np.ndarray(shape, np.uint8, frame.data, strides=strides)


def _reduce(pixels: Pixels, rows: int, columns: int) -> Pixels:
    reduced = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(reduced, cv2.COLOR_GRAY2BGR) if pixels.shape[2] == 1 else reduced
