"""Another's way, for comparison only: `a`, that of the first PixTag, with what was wrong about it put right.

It decodes in full, stretches to 416 x 416, lets OpenCV run Darknet's files and goes through the cells in Python:
confidence .3, overlap .1. Put right: the second head has the anchors 1, 2, 3, the colours are swapped once, not twice.
Its best settings: blobFromImage does scaling and swapping in one, the network is read once, one thread as all others.

OpenCV 5 reads no Darknet files, so it runs in an environment of its own and imports nothing of PixTag:

    PYTHON-WITH-OPENCV-4 tests/bench/peers.py CFG WEIGHTS
"""

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from timing import serve  # type: ignore[import-not-found] # run as a program, from this folder

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

    def look(self, data: bytes) -> list[tuple[int, float, list[int]]]:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        height, width = picture.shape[:2]
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1 / 255, (SIDE, SIDE), swapRB=True, crop=False))
        boxes, confidences, classes = [], [], []
        for output in self._net.forward(self._outputs):
            for row in output:
                scores = row[5:]
                class_ = int(np.argmax(scores))
                confidence = float(scores[class_])
                if confidence > CONFIDENCE:
                    x, y, across, down = row[:4] * np.array([width, height, width, height])
                    boxes.append([int(x - across / 2), int(y - down / 2), int(across), int(down)])
                    confidences.append(confidence)
                    classes.append(class_)
        kept = cv2.dnn.NMSBoxes(boxes, confidences, CONFIDENCE, OVERLAP)
        return [(classes[index], confidences[index], boxes[index]) for index in np.array(kept, int).flatten()]


if __name__ == "__main__":
    serve(FirstPixTag(Path(sys.argv[1]), Path(sys.argv[2])).look)
