"""How right the detector is on labelled photographs: precision and F1 of tags, F1 of counts, AP50 by pycocotools.

    make accuracy PHOTOS=photos/images LABELS=photos/labels
    .venv/bin/python -m tests.bench.accuracy photos/images photos/labels --model other.onnx

Labels are YOLO's: for each photograph a text of its name with a line an object, `class x y width height`, the class
as its number among the model's labels, the rest as shares of the photograph, x and y of the middle.
"""

import argparse
import contextlib
import io
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from rich.progress import track

from detector import BoundingBox, Detection, tally
from detector.pixels import UnreadablePhoto, decode, read_header
from detector.yolo import INPUT_SIDE, MODEL_PATH, ModelNotBuilt, Yolo

AP_CONFIDENCE = 0.005  # COCO's average precision asks for everything the model can be brought to say
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


class Mismatch(ValueError):
    """Photographs and labels do not belong together; the message says where."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph and what people say is on it."""

    data: bytes
    width: int
    height: int
    objects: list[Detection]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares, 0 to 1: of the tags given, how many are right; F1 of tags; F1 of counts; AP50 as COCO defines it."""

    model: str
    photographs: int
    precision: float
    tag_f1: float
    count_f1: float
    ap50: float


def read(photos: Path, labels: Path, names: Sequence[str]) -> list[Photo]:
    """Read the photographs of a folder with their labels.

    Raises:
        Mismatch: there are no photographs, one of them has no labels, or a line of labels is not YOLO's.
        UnreadablePhoto: a file is no photograph.
    """
    files = sorted(file for file in photos.glob("*") if file.suffix.lower() in _SUFFIXES)
    if not files:
        raise Mismatch(f"No photographs in {photos}.")
    labelled = sum((labels / f"{file.stem}.txt").is_file() for file in files)
    if labelled < len(files) / 2:
        raise Mismatch(f"{labels} has labels for only {labelled} of the {len(files)} photographs in {photos}.")
    return [_read(file, labels / f"{file.stem}.txt", names) for file in files]


def _read(file: Path, labels: Path, names: Sequence[str]) -> Photo:
    data = file.read_bytes()
    header = read_header(data)
    lines = labels.read_text().splitlines() if labels.is_file() else []
    objects = [_parse(line, header.width, header.height, names, labels) for line in lines if line.strip()]
    return Photo(data, header.width, header.height, objects)


def _parse(line: str, width: int, height: int, names: Sequence[str], labels: Path) -> Detection:
    try:
        class_, *shares = line.split()
        x, y, across, down = map(float, shares)
        name = names[int(class_)]
    except (ValueError, IndexError) as error:
        raise Mismatch(f"{labels}: '{line}' is not `class x y width height` of {len(names)} classes.") from error
    left, top = (x - across / 2) * width, (y - down / 2) * height
    return Detection(name, 1, BoundingBox(left, top, left + across * width, top + down * height))


def measure(model: Path, photos: Path, labels: Path) -> Accuracy:
    """Look at every photograph with a model at its operating point, and once more with all it can say.

    Raises:
        Mismatch, UnreadablePhoto: see read.
        ModelNotBuilt: there is no model.
    """
    detector, eager = Yolo(model), Yolo(model, confidence=AP_CONFIDENCE, further=AP_CONFIDENCE, rivalry=1)
    known = read(photos, labels, detector.labels)
    found, all_ = [], []
    for photo in track(known, detector.model, disable=not sys.stderr.isatty(), transient=True):
        found.append(look(detector, photo))
        all_.append(look(eager, photo))
    pairs = [(tally(seen), tally(photo.objects)) for seen, photo in zip(found, known, strict=True)]
    return Accuracy(detector.model, len(known), *score(pairs), ap50(known, all_, detector.labels))


def look(detector: Yolo, photo: Photo) -> list[Detection]:
    pixels = decode(photo.data, read_header(photo.data), long_side=INPUT_SIDE)
    return detector.detect(pixels, width=photo.width, height=photo.height)


def score(pairs: Iterable[tuple[dict[str, int], dict[str, int]]]) -> tuple[float, float, float]:
    """Return precision and F1 of tags, and F1 of counts, over pairs of what was found and what is there."""
    counts: Counter[str] = Counter()
    for found, there in pairs:
        counts["tags found"] += len(found)
        counts["tags there"] += len(there)
        counts["tags right"] += len(found.keys() & there.keys())
        counts["objects found"] += sum(found.values())
        counts["objects there"] += sum(there.values())
        counts["objects right"] += sum((Counter(found) & Counter(there)).values())
    return (
        counts["tags right"] / max(1, counts["tags found"]),
        2 * counts["tags right"] / max(1, counts["tags found"] + counts["tags there"]),
        2 * counts["objects right"] / max(1, counts["objects found"] + counts["objects there"]),
    )


def ap50(photos: list[Photo], found: list[list[Detection]], names: Sequence[str]) -> float:
    """Return COCO's average precision at an overlap of a half, over the classes that are on the photographs."""
    numbers = {name: number for number, name in enumerate(names, start=1)}
    annotations = [
        {
            "image_id": image,
            "category_id": numbers[one.label],
            "bbox": _xywh(one.box),
            "area": one.box.area,
            "iscrowd": 0,
        }
        for image, photo in enumerate(photos)
        for one in photo.objects
    ]
    results = [
        {"image_id": image, "category_id": numbers[one.label], "bbox": _xywh(one.box), "score": one.confidence}
        for image, detections in enumerate(found)
        for one in detections
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
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy", description="Measure how right it is.")
    parser.add_argument("photos", metavar="PHOTOS", type=Path, help="a folder of photographs")
    parser.add_argument("labels", metavar="LABELS", type=Path, help="a folder of YOLO's labels, a text each")
    parser.add_argument("--model", type=Path, default=MODEL_PATH, help="(%(default)s)")
    options = parser.parse_args(arguments)
    try:
        accuracy = measure(options.model, options.photos, options.labels)
    except (Mismatch, UnreadablePhoto, ModelNotBuilt) as error:
        print(error, file=sys.stderr)
        return 1
    for name, figure in asdict(accuracy).items():
        print(f"{name.replace('_', ' '):<12}", f"{figure:.3f}" if isinstance(figure, float) else figure)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
