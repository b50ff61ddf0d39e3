"""Writes JPEGs to a folder: photos of phones, small photos, and a drawing with a stop sign."""

import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from infra.local.scenes import scene
from tests.bench.ingest import make_photos
from tests.bench.local.photos import LARGE, SCENE, SMALL

LONG_SIDES: Final = {LARGE: 4000, SMALL: 640}
QUALITY: Final = 95  # the photos have 3.6 MB and 0.15 MB, as those of phones and of COCO


def main(folder: Path) -> None:
    """Write the files as `{size} {number}.jpg`."""
    for size, long_side in LONG_SIDES.items():
        for number, photo in enumerate(make_photos(long_side, QUALITY)):
            (folder / f"{size} {number}.jpg").write_bytes(photo)
    pixels = cv2.imdecode(np.frombuffer(scene(stop_signs=1), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    (folder / f"{SCENE} 0.jpg").write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
