import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import skimage

from detector import Detection, tally
from detector.pixels import Pixels, decode, read_header
from detector.published import COCO_LABELS
from detector.yolo import INPUT_SIDE, ModelNotBuilt, Yolo
from infra.scenes import scene

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
LEAST_SCORE = REFERENCE["least_score"]


@pytest.fixture(scope="module")
def yolo() -> Yolo:
    return Yolo()


def photograph(name: str) -> Pixels:
    pixels = cv2.imread(str(Path(skimage.__file__).parent / "data" / name))
    assert pixels is not None
    return pixels


def drawn(**objects: int) -> Pixels:
    data = scene(**objects)
    return decode(data, read_header(data))


def detect(yolo: Yolo, pixels: Pixels) -> list[Detection]:
    height, width = pixels.shape[:2]
    return yolo.detect(pixels, width=width, height=height)


def as_rows(detections: list[Detection]) -> npt.NDArray[np.float64]:
    """Class, score, x1, y1, x2, y2, sorted."""
    boxes = [(found.box.x1, found.box.y1, found.box.x2, found.box.y2) for found in detections]
    scores = [(COCO_LABELS.index(found.label), found.confidence) for found in detections]
    return np.array(sorted((*score, *box) for score, box in zip(scores, boxes, strict=True)))


def test_model_tells_its_name_and_version(yolo: Yolo) -> None:
    assert yolo.model == "yolov3-tiny@dccea06f"


def test_missing_model_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotBuilt, match="run `python -m detector build`"):
        Yolo(tmp_path / "none.onnx")


@pytest.mark.parametrize("square", REFERENCE["squares"])
def test_boxes_and_scores_are_those_of_opencv(square: dict[str, Any]) -> None:
    top, left = square["top"], square["left"]
    pixels = photograph(square["file"])[top : top + INPUT_SIDE, left : left + INPUT_SIDE]
    height, width = pixels.shape[:2]
    expected = np.array(sorted(square["found"]))
    middles, halves = expected[:, 2:4], expected[:, 4:] / 2
    corners = np.clip(np.hstack([middles - halves, middles + halves]), 0, [width, height] * 2)

    rows = as_rows(detect(Yolo(confidence=LEAST_SCORE, further=LEAST_SCORE, overlap=1), pixels))

    assert rows[:, :2] == pytest.approx(expected[:, :2], abs=1e-4)
    assert rows[:, 2:] == pytest.approx(corners, abs=1e-2)


@pytest.mark.parametrize("clocks", range(4))
@pytest.mark.parametrize("stop_signs", range(4))
def test_drawn_objects_are_counted(yolo: Yolo, stop_signs: int, clocks: int) -> None:
    detections = detect(yolo, drawn(stop_signs=stop_signs, clocks=clocks))

    asked_for = {"stop sign": stop_signs, "clock": clocks}
    assert tally(detections) == {label: count for label, count in asked_for.items() if count}


def test_boxes_lie_where_the_objects_were_drawn(yolo: Yolo) -> None:
    detections = detect(yolo, drawn(stop_signs=1, clocks=1))

    # Both have a radius of 110 pixels, around (200, 200) and (600, 200).
    rows = {found.label: as_rows([found])[0, 2:] for found in detections}
    assert rows["stop sign"] == pytest.approx([90, 90, 310, 310], abs=20)
    assert rows["clock"] == pytest.approx([490, 90, 710, 310], abs=20)


def test_boxes_of_a_reduced_decode_are_in_pixels_of_the_original(yolo: Yolo) -> None:
    pixels = drawn(stop_signs=1, clocks=1)
    reduced = cv2.resize(pixels, (500, 300), interpolation=cv2.INTER_AREA)

    detections = yolo.detect(reduced, width=800, height=480)

    assert as_rows(detections)[:, 2:] == pytest.approx(as_rows(detect(yolo, pixels))[:, 2:], abs=20)


def test_full_decode_of_a_large_photograph_is_seen_as_well_as_a_reduced_one(yolo: Yolo) -> None:
    large = cv2.resize(drawn(stop_signs=2, clocks=1), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)

    assert tally(detect(yolo, large)) == {"stop sign": 2, "clock": 1}


def test_upright_format_is_seen(yolo: Yolo) -> None:
    assert tally(detect(yolo, drawn(stop_signs=2)[:, :400])) == {"stop sign": 1}


@pytest.mark.parametrize("shape", [(1, 5000, 3), (5000, 1, 3), (1, 1, 3), (600, 800, 3)])
def test_empty_picture_of_any_shape_shows_nothing(yolo: Yolo, shape: tuple[int, int, int]) -> None:
    assert detect(yolo, np.full(shape, 200, np.uint8)) == []


def test_most_confident_comes_first(yolo: Yolo) -> None:
    confidences = [found.confidence for found in detect(yolo, drawn(stop_signs=2, clocks=2))]

    assert confidences == sorted(confidences, reverse=True)


def test_a_sure_object_lets_less_sure_ones_of_its_label_count() -> None:
    pixels = photograph("motorcycle_left.png")

    strict = detect(Yolo(confidence=0.2, further=0.2), pixels)
    lenient = detect(Yolo(confidence=0.2, further=0.02), pixels)

    assert len(lenient) > len(strict)
    assert tally(lenient).keys() == tally(strict).keys()


def test_boxes_that_overlap_are_one_object() -> None:
    pixels = drawn(stop_signs=2)

    assert len(detect(Yolo(overlap=1), pixels)) > len(detect(Yolo(overlap=0.3), pixels)) == 2
