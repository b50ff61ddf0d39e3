import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import skimage

from detector import Detection, tally
from detector.conversion.network import Training, convert
from detector.conversion.published import COCO_LABELS, yolov3_tiny
from detector.pixels import Pixels, decode, read_header
from detector.yolo import INPUT_SIDE, ModelNotBuilt, Yolo
from infra.local.scenes import scene
from tests.support import toy_network as toy

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
LEAST_SCORE = REFERENCE["least_score"]


@pytest.fixture(scope="module")
def yolo() -> Yolo:
    return Yolo()


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published network in float32."""
    path = tmp_path_factory.mktemp("model") / "exact.onnx"
    path.write_bytes(convert(yolov3_tiny()))
    return path


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
    assert yolo.model == "yolov3-tiny-int8@5958eec7"


def test_missing_model_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotBuilt, match="run `python -m detector build`"):
        Yolo(tmp_path / "none.onnx")


def everything(model: Path, square: dict[str, Any]) -> npt.NDArray[np.float64]:
    """All that a model finds in the square of a photograph, however unlikely."""
    top, left = square["top"], square["left"]
    pixels = photograph(square["file"])[top : top + INPUT_SIDE, left : left + INPUT_SIDE]
    return as_rows(detect(Yolo(model, confidence=LEAST_SCORE, further=LEAST_SCORE, overlap=1, rivalry=1), pixels))


def corners(found: list[list[float]], square: dict[str, Any]) -> npt.NDArray[np.float64]:
    """OpenCV's rows, with x1, y1, x2, y2 as far as they lie in the photograph."""
    rows = np.array(sorted(found))
    height, width = (
        min(INPUT_SIDE, side) for side in photograph(square["file"])[square["top"] :, square["left"] :].shape[:2]
    )
    edges = np.hstack([rows[:, 2:4] - rows[:, 4:] / 2, rows[:, 2:4] + rows[:, 4:] / 2])
    return np.hstack([rows[:, :2], np.clip(edges, 0, [width, height] * 2)])


@pytest.mark.parametrize("square", REFERENCE["squares"])
def test_boxes_and_scores_are_those_of_opencv(exact: Path, square: dict[str, Any]) -> None:
    expected = corners(square["found"], square)

    rows = everything(exact, square)

    assert rows[:, :2] == pytest.approx(expected[:, :2], abs=1e-4)
    assert rows[:, 2:] == pytest.approx(expected[:, 2:], abs=1e-2)


def test_every_kind_of_section_computes_what_it_does_in_opencv(tmp_path: Path) -> None:
    model = tmp_path / "toy.onnx"
    model.write_bytes(convert(Training("toy@1", toy.CFG, toy.weights(), COCO_LABELS[:2])))
    square = REFERENCE["squares"][0]
    expected = corners(REFERENCE["toy"], square)

    rows = everything(model, square)

    assert rows[:, :2] == pytest.approx(expected[:, :2], abs=1e-4)
    assert rows[:, 2:] == pytest.approx(expected[:, 2:], abs=1e-2)


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


def test_threads_that_wait_leave_their_core_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    session = create_autospec(onnxruntime.InferenceSession, side_effect=onnxruntime.InferenceSession)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    Yolo()
    options = session.call_args.args[1]
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


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

    assert len(detect(Yolo(overlap=1, rivalry=1), pixels)) > len(detect(Yolo(rivalry=1), pixels)) == 2


def test_one_thing_at_one_place_has_one_label() -> None:
    pixels = photograph("motorcycle_left.png")

    both = detect(Yolo(confidence=0.02, further=0.02, rivalry=1), pixels)
    one = detect(Yolo(confidence=0.02, further=0.02), pixels)

    pairs = [(found, other) for found, other in combinations(both, 2) if found.box.overlap(other.box) > 0.6]
    assert pairs
    assert not [found for found, other in combinations(one, 2) if found.box.overlap(other.box) > 0.6]
    assert len(one) < len(both)


def test_thresholds_are_those_that_the_model_was_built_with(tmp_path: Path) -> None:
    pixels, model = drawn(clocks=1), tmp_path / "sure.onnx"
    model.write_bytes(convert(replace(yolov3_tiny(), confidence=0.999)))

    assert detect(Yolo(model), pixels) == []
    assert tally(detect(Yolo(model, confidence=0.5), pixels)) == {"clock": 1}


def test_file_that_is_no_model_says_how_to_build_one(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")

    with pytest.raises(ModelNotBuilt, match=r"text\.onnx is no model: run `python -m detector build`"):
        Yolo(tmp_path / "text.onnx")


def test_model_of_another_making_says_how_to_build_one(tmp_path: Path) -> None:
    model = onnx.load_from_string(convert(yolov3_tiny()))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "other.onnx")

    with pytest.raises(ModelNotBuilt, match="was not made by this version"):
        Yolo(tmp_path / "other.onnx")


def test_nothing_is_told_to_the_maker_of_onnx_runtime(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    look = "from detector.yolo import Yolo; Yolo()"

    subprocess.run(
        [sys.executable, "-c", look], check=True, env=kept | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    )

    assert list(tmp_path.iterdir()) == []  # what reports keeps a number for this machine here
