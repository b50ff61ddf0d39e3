"""YOLO on the CPU: pixels made ready for the network, the network run, its cells made into detections."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from detector.detections import BoundingBox, Detection
from detector.pixels import halved, smooth

if TYPE_CHECKING:
    from detector.pixels import Pixels

Floats: TypeAlias = npt.NDArray[np.float32]

MODEL_PATH = Path(__file__).parent / "model" / "model.onnx"
INPUT_SIDE = 416

_GREY = (127, 127, 127)
_LARGEST_STRIDE = 32


RUNTIME_ERRORS = (
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NotImplemented,
    runtime.RuntimeException,
)
"""What ONNX Runtime raises about a model that it cannot read or run."""


class ModelNotBuilt(RuntimeError):
    """There is no model file that could be used; the message says how to make one."""


class Yolo:
    """A Detector that runs a YOLO model made by ``python -m detector build``; threads may share one.

    Args:
        path: the ONNX file.
        confidence: how sure (0 to 1) the model must be of an object of a label for the label to be reported; by
            default what the model's metadata say.
        further: how sure it must be of each further object of such a label; by default the same.
        overlap: of two boxes of a label whose IoU is above this, only the more confident one is reported.
        rivalry: the same for two boxes of different labels: one thing at one place is a cat or a dog, not both.
        threads: for one inference; by default as many as ONNX Runtime finds cores.

    Raises:
        ModelNotBuilt: there is no file at ``path``, or not one that was built.
    """

    def __init__(  # noqa: PLR0913 - most need no more than the path
        self,
        path: Path = MODEL_PATH,
        *,
        confidence: float | None = None,
        further: float | None = None,
        overlap: float = 0.35,
        rivalry: float = 0.6,
        threads: int | None = None,
    ) -> None:
        if not path.exists():
            raise ModelNotBuilt(f"{path} is not there yet: run `python -m detector build`.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        # Threads that wait would turn on the spot, for a quarter of an inference's time on cores others could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except RUNTIME_ERRORS as error:
            raise ModelNotBuilt(f"{path} is no model: run `python -m detector build`.") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        if "further" not in metadata:
            raise ModelNotBuilt(f"{path} was not made by this version: run `python -m detector build`.")
        self.labels: list[str] = json.loads(metadata["labels"])
        self._heads = tuple(_Head.from_json(**head) for head in json.loads(metadata["heads"]))
        self._confidence = float(metadata["confidence"]) if confidence is None else confidence
        self._further = min(self._confidence, float(metadata["further"]) if further is None else further)
        self._overlap = overlap
        self._rivalry = rivalry
        self.model: str = metadata["model"]

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        """Find the objects as ``Detector.detect`` says; a decode of INPUT_SIDE pixels or more suffices."""
        frame, frame_width, frame_height = letterbox(pixels)
        [cells] = self._session.run(["cells"], {"pixels": frame[np.newaxis]})
        boxes, scores, classes = _decode(cells, _grid(self._heads, *frame.shape[:2]), self._further)
        edges = np.array([width, height] * 2, np.float32)
        boxes = np.clip(boxes / ([frame_width, frame_height] * 2) * edges, 0, edges)
        detections = [
            Detection(self.labels[classes[best]], float(scores[best]), BoundingBox(*boxes[best].tolist()))
            for best in _suppress(boxes, scores, classes, self._overlap, self._rivalry)
        ]
        certain = {found.label for found in detections if found.confidence >= self._confidence}
        return [found for found in detections if found.label in certain]


@dataclass(frozen=True, slots=True)
class _Head:
    """One output of the network: input pixels a cell, anchors' (width, height) in input pixels, reach of middles."""

    stride: int
    anchors: tuple[tuple[int, int], ...]
    scale: float

    @classmethod
    def from_json(cls, stride: int, anchors: list[list[int]], scale: float) -> _Head:
        return cls(stride, tuple((width, height) for width, height in anchors), scale)


def letterbox(pixels: Pixels) -> tuple[Pixels, int, int]:
    """Scale the long side to INPUT_SIDE, with grey to the right and below, as little as the network needs.

    Returns the frame, and the width and height that the photograph has in it. Measured on 128 photographs:
    32 pixels of grey are as good as a full square and spare the network a sixth of its work, a tight fit
    costs tag F1 .01, and so does the photograph in the middle, off the network's own grid.
    """
    rows, columns = pixels.shape[:2]
    scale = INPUT_SIDE / max(rows, columns)
    width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
    pixels = halved(pixels, INPUT_SIDE)
    scaled = cv2.resize(pixels, (width, height), interpolation=smooth(pixels, INPUT_SIDE))
    below, right = _padding(height), _padding(width)
    frame = cv2.copyMakeBorder(scaled, 0, below, 0, right, cv2.BORDER_CONSTANT, value=_GREY)
    return frame, width, height


def _padding(side: int) -> int:
    """Return how much grey makes a side one that the network can halve five times."""
    padded = -(-(side + _LARGEST_STRIDE) // _LARGEST_STRIDE) * _LARGEST_STRIDE
    return min(INPUT_SIDE, padded) - side


@lru_cache(maxsize=32)
def _grid(heads: tuple[_Head, ...], height: int, width: int) -> Floats:
    """Return for each of the network's cells: column, row, anchor's width and height, stride, reach of middles."""
    grids = []
    for head in heads:
        shape = height // head.stride, width // head.stride, len(head.anchors)
        rows, columns, anchors = np.indices(shape).reshape(3, -1)
        same = np.full((rows.size, 2), [head.stride, head.scale])
        grids.append(np.column_stack([columns, rows, np.array(head.anchors)[anchors], same]))
    return np.concatenate(grids, dtype=np.float32)


def _decode(cells: Floats, grid: Floats, at_least: float) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """Return x1, y1, x2, y2 in pixels of the frame, score and class of whatever scores ``at_least``.

    Source: J. Redmon, A. Farhadi, "YOLOv3: An Incremental Improvement" (2018), section 2.1. A score is
    objectness times the class's, so most cells need not be looked at further.
    """
    objectness = _sigmoid(cells[:, 4])
    promising = objectness >= at_least
    cells, grid = cells[promising], grid[promising]
    every_score = objectness[promising, np.newaxis] * _sigmoid(cells[:, 5:])
    found, classes = np.nonzero(every_score >= at_least)
    cells, grid = cells[found], grid[found]
    stride, reach = grid[:, 4:5], grid[:, 5:]
    centres = (reach * (_sigmoid(cells[:, :2]) - 0.5) + 0.5 + grid[:, :2]) * stride
    halves = np.exp(cells[:, 2:4]) * grid[:, 2:4] / 2
    return np.hstack([centres - halves, centres + halves]), every_score[found, classes], classes


def _sigmoid(numbers: Floats) -> Floats:
    """Return 1 / (1 + exp(-numbers)), written so that nothing overflows."""
    return np.asarray(np.tanh(numbers / 2) / 2 + 0.5, np.float32)


def _suppress(
    boxes: Floats, scores: Floats, classes: npt.NDArray[np.intp], overlap: float, rivalry: float
) -> list[int]:
    """Return the indices of the boxes that no better box overlaps, best first."""
    xywh = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    best = list(cv2.dnn.NMSBoxesBatched(xywh.tolist(), scores.tolist(), classes.tolist(), 0, overlap))
    return [best[place] for place in cv2.dnn.NMSBoxes(xywh[best].tolist(), scores[best].tolist(), 0, rivalry)]
