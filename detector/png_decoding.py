"""Decodes PNG files to BGR pixels at a reduced scale, as far as they are intact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from detector.damage import BLURRED, NEUTRAL, ReadRows
from detector.photo_errors import broken_photo_error
from detector.png import PngHeader, RowReader, read_png_header

if TYPE_CHECKING:
    import numpy.typing as npt

    from detector.scaling import Pixels

    Bytes = npt.NDArray[np.uint8]
    Samples = npt.NDArray[np.uint8 | np.uint16]

_RGB, _PALETTE = 2, 3  # colour types
_BYTE, _DEEP = 8, 16  # bits
_OPAQUE = 255
# The first column and row of each pass of an interlaced photo, and the distances between its columns and rows.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip


def decode_png(data: bytes, divisor: int) -> tuple[Pixels, ReadRows]:
    """Decode a PNG to uint8 BGR at the scale 1/divisor. Rows that cannot be decoded are grey, transparent pixels white.

    Raises:
        BrokenPhoto: no row can be decoded.
    """
    header = read_png_header(data)
    reader = RowReader(data, header)
    pixels, rows = (_decode_passes if header.is_interlaced else _decode_rows)(reader, header, divisor)
    if not rows.rows:
        raise broken_photo_error()
    return pixels, rows


def _decode_rows(reader: RowReader, header: PngHeader, divisor: int) -> tuple[Pixels, ReadRows]:
    columns = -(-header.width // divisor)
    pixels = np.full((-(-header.height // divisor), columns, 3), NEUTRAL, np.uint8)
    top = 0
    for band in reader.read(header.width, header.height):
        bgr = _convert_to_bgr(band, header, header.width)
        target = pixels[top // divisor : -(-(top + len(bgr)) // divisor)]
        target[:] = cv2.resize(bgr, (columns, len(target)), interpolation=cv2.INTER_AREA)
        top += len(bgr)
    return pixels, ReadRows(top, header.height)


def _decode_passes(reader: RowReader, header: PngHeader, divisor: int) -> tuple[Pixels, ReadRows]:
    """Decode an interlaced photo. Each pixel of the result is the mean of the stored pixels that it covers."""
    shape = -(-header.height // divisor), -(-header.width // divisor)
    sums, counts = np.zeros((*shape, 3), np.uint16), np.zeros((*shape, 1), np.uint8)
    rows, is_complete = 0, True
    for left, top, across, down in _PASSES:
        width, height = -(-(header.width - left) // across), -(-(header.height - top) // down)
        if width <= 0 or height <= 0:
            continue
        done = 0
        for band in reader.read(width, height):
            bgr = _convert_to_bgr(band, header, width)
            partial, columns, widths = _sum_groups(bgr, left, across, divisor, axis=1)
            total, lines, heights = _sum_groups(partial, top + done * down, down, divisor, axis=0)
            sums[lines, columns] += total
            counts[lines, columns] += (heights[:, None] * widths)[..., None]
            done += len(band)
        rows = rows or min(header.height, done * down)
        if done < height:
            is_complete = False
            break
    return _divide(sums, counts, 8 // divisor), ReadRows(rows, header.height, "" if is_complete else BLURRED)


def _sum_groups(
    values: Pixels | Samples, first: int, step: int, divisor: int, *, axis: int
) -> tuple[Samples, slice, Bytes]:
    """Add up the pixels of a pass that belong to the same pixel of the result.

    Args:
        values: Pixels of the pass.
        first: The column or row of the first one in the photo.
        step: The distance between two of them in the photo.
        divisor: The number of the photo's pixels in a pixel of the result.
        axis: 0 for rows, 1 for columns.

    Returns:
        The sums, their places in the result, and the number of pixels in each.
    """
    count = values.shape[axis]
    group = max(1, divisor // step)
    starts = np.arange(0, count, group)
    sizes = np.minimum(group, count - starts).astype(np.uint8)
    sums: Samples = np.add.reduceat(values, starts, axis=axis, dtype=np.uint16)
    start, distance = first // divisor, max(1, step // divisor)
    return sums, slice(start, start + (len(starts) - 1) * distance + 1, distance), sizes


def _divide(sums: npt.NDArray[np.uint16], counts: Bytes, coarsest: int) -> Pixels:
    """Return the means. A pixel without a sample gets the value of the pixel above or left of it that has one."""
    missing = counts == 0
    pixels = ((sums + counts // 2) // np.maximum(counts, 1)).astype(np.uint8)
    pixels[missing[..., 0]] = NEUTRAL
    step = 2
    while missing.any() and step <= coarsest:
        rows, columns = (np.arange(side) // step * step for side in missing.shape[:2])
        has_sample = missing & ~missing[rows][:, columns]
        np.copyto(pixels, pixels[rows][:, columns], where=has_sample)
        missing = missing & ~has_sample
        step *= 2
    return pixels


def _convert_to_bgr(band: Bytes, header: PngHeader, columns: int) -> Pixels:
    """Convert unfiltered rows to uint8 BGR on white."""
    stored = _unpack(band, header, columns)
    if header.colour_type == _PALETTE:
        palette, opacities = _read_palette(header)
        indices = stored[..., 0]
        return put_on_white(palette[indices], opacities[indices]) if header.transparency else palette[indices]
    samples = (
        (stored >> 8).astype(np.uint8) if header.depth == _DEEP else stored * np.uint8(255 // (2**header.depth - 1))
    )
    has_colour = bool(header.colour_type & _RGB)
    colours = 3 if has_colour else 1
    bgr = cv2.cvtColor(
        np.ascontiguousarray(samples[..., :colours]), cv2.COLOR_RGB2BGR if has_colour else cv2.COLOR_GRAY2BGR
    )
    if samples.shape[2] > colours:
        return put_on_white(bgr, samples[..., colours])
    if len(header.transparency) == 2 * colours:
        key = np.frombuffer(header.transparency, ">u2") & ((1 << header.depth) - 1)  # the other bits are not used
        is_clear = (stored == key).all(axis=2)
        bgr[is_clear] = _OPAQUE
    return bgr


def _unpack(band: Bytes, header: PngHeader, columns: int) -> npt.NDArray[np.uint8 | np.uint16]:
    """Return the samples: rows x columns x samples. Grey of 1 to 4 bits is scaled to 0 to 255, palette indices not."""
    if header.depth == _DEEP:
        return band.view(">u2").reshape(len(band), columns, -1)
    if header.depth == _BYTE:
        return band.reshape(len(band), columns, -1)
    mask = (1 << header.depth) - 1
    parts = [(band >> shift) & mask for shift in range(8 - header.depth, -1, -header.depth)]
    return np.stack(parts, axis=-1).reshape(len(band), -1, 1)[:, :columns]


def _read_palette(header: PngHeader) -> tuple[Bytes, Bytes]:
    """Return the colours (256 x 3, BGR) and the opacities (256)."""
    colours = np.zeros((256, 3), np.uint8)
    stored = np.frombuffer(header.palette[: len(header.palette) // 3 * 3][:768], np.uint8).reshape(-1, 3)
    colours[: len(stored)] = stored[:, ::-1]
    alpha = np.full(256, _OPAQUE, np.uint8)
    opacities = np.frombuffer(header.transparency[:256], np.uint8)
    alpha[: len(opacities)] = opacities
    return colours, alpha


def put_on_white(bgr: Pixels, alpha: Bytes) -> Pixels:
    """Return the picture on a white background. `alpha` contains the opacities: uint8, rows x columns."""
    if (alpha == _OPAQUE).all():
        return bgr
    opacity = alpha[..., np.newaxis].astype(np.uint16)
    return ((bgr * opacity + _OPAQUE * (_OPAQUE - opacity) + _OPAQUE // 2) // _OPAQUE).astype(np.uint8)
