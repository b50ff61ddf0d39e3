"""Compares converted Darknet networks with a forward pass in numpy."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from detector.conversion.network import Training, convert
from detector.yolo import Yolo
from tests.support import small_networks
from tests.support.darknet_forward import RandomWeights, forward, measure_difference

SIDE = 128
WIDTH, HEIGHT = 128, 64
FRAME_ROWS = HEIGHT + 32  # with the padding


@pytest.fixture(autouse=True)
def small_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.yolo.INPUT_SIDE", SIDE)


def make_photo() -> npt.NDArray[np.uint8]:
    """Return random BGR pixels, which already have the size of the frame without its padding."""
    return np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def find_all(model: Path) -> npt.NDArray[np.float64]:
    """Return class, score, x1, y1, x2 and y2 of all detections that the model can return."""
    yolo = Yolo(model, confidence=0, overlap=1, cross_label_overlap=1, threads=1)
    detections = yolo.detect(make_photo(), width=WIDTH, height=HEIGHT)
    return np.array([(yolo.labels.index(each.label), each.confidence, *each.box.edges) for each in detections])


@pytest.mark.parametrize(
    "network", [small_networks.yolov2_tiny, small_networks.yolov4_tiny, small_networks.yolov7_tiny]
)
def test_network_returns_the_detections_of_the_numpy_forward_pass(network: Callable[[], str], tmp_path: Path) -> None:
    frame = np.full((FRAME_ROWS, WIDTH, 3), 127, np.uint8)
    frame[:HEIGHT] = make_photo()
    weights = RandomWeights()
    expected = forward(network(), frame[..., ::-1].transpose(2, 0, 1) / 255, weights)
    expected[:, 2:] = np.clip(expected[:, 2:], 0, [WIDTH, HEIGHT] * 2)
    model = tmp_path / "small.onnx"
    model.write_bytes(convert(Training("small@1", network(), weights.file, small_networks.LABELS)))

    rows = find_all(model)

    assert len(rows) == len(expected)
    assert measure_difference(rows, expected) < 1e-3
