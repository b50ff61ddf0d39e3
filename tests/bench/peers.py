"""The way `a`, for comparison: the detector of the first PixTag, with its errors corrected.

It decodes the whole photo, stretches it to 416 x 416, runs Darknet's files with OpenCV, and loops over the cells in
Python with confidence 0.3 and overlap 0.1. Two errors are corrected: the second head uses the anchors 1, 2, 3, and the
colours are swapped once instead of twice. It uses its best settings: blobFromImage scales and swaps in one step, the
network is read once, and it has one thread like all other ways.

OpenCV 5 does not read Darknet files, so this module runs in a separate environment and imports nothing of PixTag:

    PYTHON-WITH-OPENCV-4 tests/bench/peers.py CFG WEIGHTS
"""

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from timing import serve  # type: ignore[import-not-found] # this module runs as a program from its folder

REQUIREMENTS = ("opencv-python-headless==4.14.0.94", "numpy==2.4.6")
SIDE, CONFIDENCE, OVERLAP = 416, 0.3, 0.1


class FirstPixTag:
    def __init__(self, cfg: Path, weights: Path) -> None:
        cv2.setNumThreads(1)
        text = cfg.read_text().replace("mask = 0,1,2", "mask = 1,2,3")
        self._net: Any = cv2.dnn.readNetFromDarknet(  # type: ignore[attr-defined]
            np.frombuffer(text.encode(), np.uint8), np.frombuffer(weights.read_bytes(), np.uint8)
        )
        self._outputs = self._net.getUnconnectedOutLayersNames()

    def detect(self, data: bytes) -> list[tuple[int, float, list[int]]]:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        height, width = picture.shape[:2]
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1 / 255, (SIDE, SIDE), swapRB=True, crop=False))
        boxes, confidences, classes = [], [], []
        for output in self._net.forward(self._outputs):
            for row in output:
                scores = row[5:]
                class_index = int(np.argmax(scores))
                confidence = float(scores[class_index])
                if confidence > CONFIDENCE:
                    x, y, box_width, box_height = row[:4] * np.array([width, height, width, height])
                    boxes.append([int(x - box_width / 2), int(y - box_height / 2), int(box_width), int(box_height)])
                    confidences.append(confidence)
                    classes.append(class_index)
        kept = cv2.dnn.NMSBoxes(boxes, confidences, CONFIDENCE, OVERLAP)
        return [(classes[index], confidences[index], boxes[index]) for index in np.array(kept, int).flatten()]


if __name__ == "__main__":
    serve(FirstPixTag(Path(sys.argv[1]), Path(sys.argv[2])).detect)
