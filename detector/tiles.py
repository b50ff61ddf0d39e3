"""Divides wide and tall photos into overlapping tiles, and merges the detections of the tiles.

In one frame of the model, the objects of a panorama would be too small. On 128 photos that were padded to 4:1, tiles
raise the F1 score of tags from 0.46 to 0.66, which is 0.02 to 0.05 below the score of the original photos.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = npt.NDArray[np.float32]
Classes: TypeAlias = npt.NDArray[np.intp]

MAX_RATIO = 2
MAX_TILES = 3

_OVERLAP = 0.4  # of the short side
_TILE_RATIO = 1.6  # a longer tile would make its objects smaller
_BORDER = 0.02  # of the short side; a box that ends closer to a cut may be a part of an object
_MIN_SHARED = 0.5


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible detections.

    Attributes:
        boxes: N x 4: x1, y1, x2 and y2 in pixels.
        scores: N confidences from 0 to 1.
        classes: N indices of labels.
    """

    boxes: Floats
    scores: Floats
    classes: Classes

    def __getitem__(self, indices: Sequence[int] | Classes) -> Candidates:
        """Return the candidates with these indices."""
        return Candidates(self.boxes[indices], self.scores[indices], self.classes[indices])

    def __add__(self, other: Candidates) -> Candidates:
        """Return the candidates of both."""
        return Candidates(
            np.concatenate([self.boxes, other.boxes]),
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.classes, other.classes]),
        )


def split(long_side: int, short_side: int) -> list[slice]:
    """Return ranges of pixels along the long side: one, or up to `MAX_TILES` if the photo is wider than `MAX_RATIO`.

    All tiles have the same length, and neighbours overlap.
    """
    if long_side <= MAX_RATIO * short_side:
        return [slice(0, long_side)]
    overlap = _OVERLAP * short_side
    count = 2 if 2 * _TILE_RATIO * short_side - overlap >= long_side else MAX_TILES
    length = math.ceil((long_side + (count - 1) * overlap) / count)
    starts = [number * (long_side - length) // (count - 1) for number in range(count)]
    return [slice(start, start + length) for start in starts]


def merge(tiles: Sequence[slice], found: Sequence[Candidates], axis: int, short_side: int) -> Candidates:
    """Merge the candidates of neighbouring tiles that show parts of the same object.

    Two boxes of a label belong together if a cut divides one of them, and one of them covers at least half of the
    other in the pixels that both tiles share. Complete boxes that occur twice are left to non-maximum suppression.

    Args:
        tiles: The result of `split`.
        found: The candidates of each tile, without overlapping boxes. Boxes have the photo's coordinates.
        axis: 0 if the tiles lie side by side, 1 if one is below the other.
        short_side: The short side of the photo in pixels.
    """
    merged = found[0]
    for (before, after), candidates in zip(pairwise(tiles), found[1:], strict=True):
        shared, border = slice(after.start, before.stop), _BORDER * short_side
        cut_before = merged.boxes[:, axis + 2] > before.stop - border
        cut_after = candidates.boxes[:, axis] < after.start + border
        pairs = _share_pixels(merged, candidates, shared, axis)
        pairs[~(cut_before[:, np.newaxis] | cut_after)] = 0
        merged = _join(merged, candidates, pairs)
    return merged


def _share_pixels(one: Candidates, other: Candidates, shared: slice, axis: int) -> Floats:
    """Return the intersection over the smaller area for each pair of boxes of a label, inside the shared pixels."""
    first, second = (_clip(each.boxes, shared, axis)[:, np.newaxis] for each in (one, other))
    second = second.swapaxes(0, 1)
    intersection = _area(
        np.concatenate([np.maximum(first[..., :2], second[..., :2]), np.minimum(first[..., 2:], second[..., 2:])], -1)
    )
    smaller = np.minimum(_area(first), _area(second))
    shares = np.divide(intersection, smaller, out=np.zeros_like(intersection), where=smaller > 0)
    return np.where(one.classes[:, np.newaxis] == other.classes, shares, 0)


def _clip(boxes: Floats, shared: slice, axis: int) -> Floats:
    clipped = boxes.copy()
    clipped[:, axis::2] = np.clip(clipped[:, axis::2], shared.start, shared.stop)
    return clipped


def _area(boxes: Floats) -> Floats:
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def _join(merged: Candidates, candidates: Candidates, pairs: Floats) -> Candidates:
    """Enlarge each merged box by the candidate that shares most of it, and add the remaining candidates."""
    boxes, scores = merged.boxes.copy(), merged.scores.copy()
    remaining = set(range(len(candidates.scores)))
    pairs = pairs.copy()
    while pairs.size and pairs.max() >= _MIN_SHARED:
        row, column = np.unravel_index(pairs.argmax(), pairs.shape)
        box = candidates.boxes[column]
        boxes[row, :2] = np.minimum(boxes[row, :2], box[:2])
        boxes[row, 2:] = np.maximum(boxes[row, 2:], box[2:])
        scores[row] = max(scores[row], candidates.scores[column])
        remaining.discard(int(column))
        pairs[row] = pairs[:, column] = 0
    return replace(merged, boxes=boxes, scores=scores) + candidates[sorted(remaining)]
