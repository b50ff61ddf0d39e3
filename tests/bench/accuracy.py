"""Accuracy of the detector on labelled photos: precision and F1 of tags, F1 of counts, and AP50 by pycocotools.

It also prints the precision and the recall of certain counts over thresholds, and draws them if there is a `--plot`.

    make accuracy PHOTOS=photos/images LABELS=photos/labels
    .venv/bin/python -m tests.bench.accuracy photos/images photos/labels --model one.onnx --against other.onnx

The labels are in YOLO's format: each photo has a text file of the same name with one line per object,
`class x y width height`. The class is an index into the model's labels. The other numbers are relative to the photo's
size, and x and y are the centre of the box.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from rich.progress import track

from detector import BoundingBox, Detection
from detector.pixels import UnreadablePhoto, decode, read_header
from detector.yolo import MODEL_PATH, ModelNotBuilt, Yolo, find_sufficient_side
from tests.bench import certainty, comparison
from tests.bench.certainty import Pair

AP_CONFIDENCE = 0.005  # COCO's average precision also needs detections of very low confidence
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


class Mismatch(ValueError):
    """Photos and labels do not match. The message names the file."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo and the objects that people labelled in it."""

    data: bytes
    width: int
    height: int
    objects: list[Detection]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Precision of tags, F1 of tags, F1 of counts, and AP50 as COCO defines it, each from 0 to 1."""

    model: str
    photos: int
    precision: float
    tag_f1: float
    count_f1: float
    ap50: float


def read(photos: Path, labels: Path, names: Sequence[str]) -> list[Photo]:
    """Read the photos of a folder with their labels.

    Raises:
        Mismatch: there are no photos, most of them have no labels, or a line of labels is not in YOLO's format.
        UnreadablePhoto: a file is not a photo.
    """
    files = sorted(file for file in photos.glob("*") if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise Mismatch(f"The folder {photos} contains no photos.")
    labelled_count = sum((labels / f"{file.stem}.txt").is_file() for file in files)
    if labelled_count < len(files) / 2:
        raise Mismatch(f"{labels} has labels for only {labelled_count} of the {len(files)} photos in {photos}.")
    return [_read_photo(file, labels / f"{file.stem}.txt", names) for file in files]


def _read_photo(file: Path, labels: Path, names: Sequence[str]) -> Photo:
    data = file.read_bytes()
    header = read_header(data)
    lines = labels.read_text().splitlines() if labels.is_file() else []
    objects = [_parse(line, header.width, header.height, names, labels) for line in lines if line.strip()]
    return Photo(data, header.width, header.height, objects)


def _parse(line: str, width: int, height: int, names: Sequence[str], labels: Path) -> Detection:
    try:
        class_index, *shares = line.split()
        x, y, box_width, box_height = map(float, shares)
        name = names[int(class_index)]
    except (ValueError, IndexError) as error:
        raise Mismatch(f"{labels}: '{line}' is not `class x y width height` of {len(names)} classes.") from error
    left, top = (x - box_width / 2) * width, (y - box_height / 2) * height
    return Detection(name, 1, BoundingBox(left, top, left + box_width * width, top + box_height * height))


def measure(model: Path, photos: Path, labels: Path) -> tuple[Accuracy, list[Pair]]:
    """Detect objects in each photo at the model's operating point, and again with all detections for AP50.

    Also return the detected and the labelled objects of each photo, in the order of their names.

    Raises:
        Mismatch, UnreadablePhoto: as `read`.
        ModelNotBuilt: the file of the model does not exist.
    """
    detector = Yolo(model)
    unfiltered_detector = Yolo(model, confidence=AP_CONFIDENCE, further=AP_CONFIDENCE, cross_label_overlap=1)
    labelled = read(photos, labels, detector.labels)
    detections, unfiltered_detections = [], []
    for photo in track(labelled, detector.model, disable=not sys.stderr.isatty(), transient=True):
        detections.append(detect(detector, photo))
        unfiltered_detections.append(detect(unfiltered_detector, photo))
    pairs: list[Pair] = [(detected, photo.objects) for detected, photo in zip(detections, labelled, strict=True)]
    ap50 = average_precision(labelled, unfiltered_detections, detector.labels)
    return Accuracy(detector.model, len(labelled), *comparison.score(pairs), ap50), pairs


def detect(detector: Yolo, photo: Photo) -> list[Detection]:
    long_side = find_sufficient_side(photo.width, photo.height)
    pixels = decode(photo.data, read_header(photo.data), long_side=long_side)
    return detector.detect(pixels, width=photo.width, height=photo.height)


def average_precision(photos: list[Photo], detections: list[list[Detection]], names: Sequence[str]) -> float:
    """Return COCO's average precision at an overlap of 0.5, over the classes that occur in the photos."""
    numbers = {name: number for number, name in enumerate(names, start=1)}
    annotations = [
        {
            "image_id": image,
            "category_id": numbers[labelled.label],
            "bbox": _xywh(labelled.box),
            "area": labelled.box.area,
            "iscrowd": 0,
        }
        for image, photo in enumerate(photos)
        for labelled in photo.objects
    ]
    results = [
        {"image_id": image, "category_id": numbers[each.label], "bbox": _xywh(each.box), "score": each.confidence}
        for image, photo_detections in enumerate(detections)
        for each in photo_detections
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": image} for image in range(len(photos))],
            "categories": [{"id": number, "name": name} for name, number in numbers.items()],
            "annotations": [{"id": number} | annotation for number, annotation in enumerate(annotations, start=1)],
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[1])


def _xywh(box: BoundingBox) -> list[float]:
    return [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.accuracy", description="Measure the accuracy of a model."
    )
    parser.add_argument("photos", metavar="PHOTOS", type=Path, help="folder of photos")
    parser.add_argument(
        "labels", metavar="LABELS", type=Path, help="folder of labels in YOLO's format, one text file per photo"
    )
    parser.add_argument("--model", type=Path, default=MODEL_PATH, help="path of the model (default: %(default)s)")
    parser.add_argument(
        "--against", metavar="MODEL", type=Path, help="compare with this model, with intervals of the differences"
    )
    parser.add_argument(
        "--plot", metavar="FILE", type=Path, help="draw the accuracy of certain counts to this SVG file"
    )
    options = parser.parse_args(arguments)
    models = [model for model in (options.model, options.against) if model]
    try:
        measured = [measure(model, options.photos, options.labels) for model in models]
    except (Mismatch, UnreadablePhoto, ModelNotBuilt) as error:
        print(error, file=sys.stderr)
        return 1
    for accuracy, _ in measured:
        for name, figure in asdict(accuracy).items():
            print(f"{name.replace('_', ' '):<12}", f"{figure:.3f}" if isinstance(figure, float) else figure)
    (accuracy, pairs), *others = measured
    for other, other_pairs in others:
        comparison.report(accuracy.model, other.model, comparison.compare(pairs, other_pairs))
    certainty.report(pairs, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
