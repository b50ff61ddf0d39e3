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
from detector.conversion.published import COCO_LABELS, load_yolov3_tiny
from detector.pixels import Pixels, decode, read_header
from detector.yolo import INPUT_SIDE, ModelNotBuilt, Yolo, find_sufficient_side
from infra.local.scenes import scene
from tests.support import toy_network as toy

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
MIN_SCORE = REFERENCE["min_score"]


@pytest.fixture(scope="module")
def yolo() -> Yolo:
    return Yolo()


@pytest.fixture(scope="module")
def float32_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the published network in float32."""
    path = tmp_path_factory.mktemp("model") / "float32.onnx"
    path.write_bytes(convert(load_yolov3_tiny()))
    return path


def load_photo(name: str) -> Pixels:
    pixels = cv2.imread(str(Path(skimage.__file__).parent / "data" / name))
    assert pixels is not None
    return pixels


def draw_scene(**objects: int) -> Pixels:
    data = scene(**objects)
    return decode(data, read_header(data))


def detect(yolo: Yolo, pixels: Pixels) -> list[Detection]:
    height, width = pixels.shape[:2]
    return yolo.detect(pixels, width=width, height=height)


def to_rows(detections: list[Detection]) -> npt.NDArray[np.float64]:
    """Return class, score, x1, y1, x2 and y2 of each detection, sorted."""
    rows = [(COCO_LABELS.index(each.label), each.confidence, *each.box.edges) for each in detections]
    return np.array(sorted(rows))


def test_model_is_its_name_and_version(yolo: Yolo) -> None:
    assert yolo.model == "yolov3-tiny-int8@5958eec7"


def test_yolo_without_a_file_raises_model_not_built(tmp_path: Path) -> None:
    with pytest.raises(ModelNotBuilt, match="Run `python -m detector build`"):
        Yolo(tmp_path / "none.onnx")


def detect_unlikely(model: Path, square: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return all detections in a square of a photo, also the unlikely ones."""
    top, left = square["top"], square["left"]
    pixels = load_photo(square["file"])[top : top + INPUT_SIDE, left : left + INPUT_SIDE]
    return to_rows(
        detect(Yolo(model, confidence=MIN_SCORE, further=MIN_SCORE, overlap=1, cross_label_overlap=1), pixels)
    )


def expected_rows(reference: list[list[float]], square: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return OpenCV's detections as rows, with boxes clipped to the photo."""
    rows = np.array(sorted(reference))
    height, width = (
        min(INPUT_SIDE, side) for side in load_photo(square["file"])[square["top"] :, square["left"] :].shape[:2]
    )
    edges = np.hstack([rows[:, 2:4] - rows[:, 4:] / 2, rows[:, 2:4] + rows[:, 4:] / 2])
    return np.hstack([rows[:, :2], np.clip(edges, 0, [width, height] * 2)])


@pytest.mark.parametrize("square", REFERENCE["squares"])
def test_detect_returns_the_boxes_and_scores_of_opencv(float32_model: Path, square: dict[str, Any]) -> None:
    expected = expected_rows(square["detections"], square)

    rows = detect_unlikely(float32_model, square)

    assert rows[:, :2] == pytest.approx(expected[:, :2], abs=1e-4)
    assert rows[:, 2:] == pytest.approx(expected[:, 2:], abs=1e-2)


def test_every_kind_of_section_computes_the_same_as_in_opencv(tmp_path: Path) -> None:
    model = tmp_path / "toy.onnx"
    model.write_bytes(convert(Training("toy@1", toy.CFG, toy.weights(), COCO_LABELS[:2])))
    square = REFERENCE["squares"][0]
    expected = expected_rows(REFERENCE["toy"], square)

    rows = detect_unlikely(model, square)

    assert rows[:, :2] == pytest.approx(expected[:, :2], abs=1e-4)
    assert rows[:, 2:] == pytest.approx(expected[:, 2:], abs=1e-2)


@pytest.mark.parametrize("clocks", range(4))
@pytest.mark.parametrize("stop_signs", range(4))
def test_detect_counts_drawn_objects(yolo: Yolo, stop_signs: int, clocks: int) -> None:
    detections = detect(yolo, draw_scene(stop_signs=stop_signs, clocks=clocks))

    counts = {"stop sign": stop_signs, "clock": clocks}
    assert tally(detections) == {label: count for label, count in counts.items() if count}


def test_detect_returns_boxes_where_objects_were_drawn(yolo: Yolo) -> None:
    detections = detect(yolo, draw_scene(stop_signs=1, clocks=1))

    # Both have a radius of 110 pixels, around (200, 200) and (600, 200).
    rows = {detection.label: detection.box.edges for detection in detections}
    assert rows["stop sign"] == pytest.approx([90, 90, 310, 310], abs=20)
    assert rows["clock"] == pytest.approx([490, 90, 710, 310], abs=20)


def test_yolo_disables_spinning_of_waiting_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    session = create_autospec(onnxruntime.InferenceSession, side_effect=onnxruntime.InferenceSession)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    Yolo()
    options = session.call_args.args[1]
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_detect_in_a_reduced_decode_returns_boxes_in_pixels_of_the_original(yolo: Yolo) -> None:
    pixels = draw_scene(stop_signs=1, clocks=1)
    reduced = cv2.resize(pixels, (500, 300), interpolation=cv2.INTER_AREA)

    detections = yolo.detect(reduced, width=800, height=480)

    assert to_rows(detections)[:, 2:] == pytest.approx(to_rows(detect(yolo, pixels))[:, 2:], abs=20)


def test_detect_in_a_full_decode_finds_the_same_as_in_a_reduced_one(yolo: Yolo) -> None:
    large = cv2.resize(draw_scene(stop_signs=2, clocks=1), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)

    assert tally(detect(yolo, large)) == {"stop sign": 2, "clock": 1}


def test_detect_in_a_tall_photo_finds_objects(yolo: Yolo) -> None:
    assert tally(detect(yolo, draw_scene(stop_signs=2)[:, :400])) == {"stop sign": 1}


@pytest.mark.parametrize("left", [0, 350, 400, 450, 700, 1050])
def test_detect_in_a_panorama_counts_an_object_at_a_cut_once(yolo: Yolo, left: int) -> None:
    panorama = np.tile(draw_scene()[:, :1], (1, 1920, 1))
    panorama[:, left : left + 400] = draw_scene(stop_signs=1)[:, :400]

    [sign] = detect(yolo, panorama)

    assert sign.label == "stop sign"
    assert sign.box.edges == pytest.approx([left + 90, 90, left + 310, 310], abs=30)


def test_detect_in_a_panorama_finds_small_objects(yolo: Yolo) -> None:
    panorama = np.tile(draw_scene()[:, :1], (1, 1920, 1))
    for left in range(0, 1920, 320):
        small = cv2.resize(draw_scene(clocks=1)[:, :400], (160, 192), interpolation=cv2.INTER_AREA)
        panorama[200:392, left : left + 160] = small

    assert tally(detect(yolo, panorama)) == {"clock": 6}


def test_sufficient_side_of_a_photo_is_the_input_side() -> None:
    assert (find_sufficient_side(4000, 3000), find_sufficient_side(480, 960)) == (INPUT_SIDE, INPUT_SIDE)


def test_sufficient_side_of_a_panorama_grows_with_its_tiles() -> None:
    assert (find_sufficient_side(4000, 1000), find_sufficient_side(1000, 4000)) == (1040, 1040)


@pytest.mark.parametrize("shape", [(1, 5000, 3), (5000, 1, 3), (1, 1, 3), (600, 800, 3)])
def test_detect_in_an_empty_image_of_any_shape_finds_nothing(yolo: Yolo, shape: tuple[int, int, int]) -> None:
    assert detect(yolo, np.full(shape, 200, np.uint8)) == []


def test_detect_returns_the_most_confident_first(yolo: Yolo) -> None:
    confidences = [detection.confidence for detection in detect(yolo, draw_scene(stop_signs=2, clocks=2))]

    assert confidences == sorted(confidences, reverse=True)


def test_detect_with_lower_further_returns_more_detections_of_the_same_labels() -> None:
    pixels = load_photo("motorcycle_left.png")

    strict = detect(Yolo(confidence=0.2, further=0.2), pixels)
    lenient = detect(Yolo(confidence=0.2, further=0.02), pixels)

    assert len(lenient) > len(strict)
    assert tally(lenient).keys() == tally(strict).keys()


def test_detect_merges_overlapping_boxes_of_a_label() -> None:
    pixels = draw_scene(stop_signs=2)

    assert (
        len(detect(Yolo(overlap=1, cross_label_overlap=1), pixels))
        > len(detect(Yolo(cross_label_overlap=1), pixels))
        == 2
    )


def test_detect_merges_overlapping_boxes_of_different_labels() -> None:
    pixels = load_photo("motorcycle_left.png")

    unmerged = detect(Yolo(confidence=0.02, further=0.02, cross_label_overlap=1), pixels)
    merged = detect(Yolo(confidence=0.02, further=0.02), pixels)

    assert [first for first, second in combinations(unmerged, 2) if first.box.overlap(second.box) > 0.6]
    assert not [first for first, second in combinations(merged, 2) if first.box.overlap(second.box) > 0.6]
    assert len(merged) < len(unmerged)


def test_detect_uses_the_thresholds_of_the_model_file(tmp_path: Path) -> None:
    pixels, model = draw_scene(clocks=1), tmp_path / "strict.onnx"
    model.write_bytes(convert(replace(load_yolov3_tiny(), confidence=0.999)))

    assert detect(Yolo(model), pixels) == []
    assert tally(detect(Yolo(model, confidence=0.5), pixels)) == {"clock": 1}


def test_yolo_with_a_file_that_is_not_a_model_raises_model_not_built(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("not a model")

    with pytest.raises(ModelNotBuilt, match=r"text\.onnx is not a model. Run `python -m detector build`"):
        Yolo(tmp_path / "text.onnx")


def test_yolo_with_a_model_of_another_tool_raises_model_not_built(tmp_path: Path) -> None:
    model = onnx.load_from_string(convert(load_yolov3_tiny()))
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "other.onnx")

    with pytest.raises(ModelNotBuilt, match="was not built by this version"):
        Yolo(tmp_path / "other.onnx")


def test_yolo_disables_the_telemetry_of_onnx_runtime(tmp_path: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = "from detector.yolo import Yolo; Yolo()"

    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env=variables | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
    )

    assert list(tmp_path.iterdir()) == []  # telemetry would store an id of this machine here
