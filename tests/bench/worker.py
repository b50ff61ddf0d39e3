"""The process of PixTag's own way, with one thread (`python -m tests.bench.worker MODEL`)."""

import sys
from pathlib import Path

from detector import Detection
from detector.pixels import decode, read_header
from detector.yolo import INPUT_SIDE, Yolo
from tests.bench.timing import serve


def main(model: Path) -> None:
    yolo = Yolo(model, threads=1)

    def detect(data: bytes) -> list[Detection]:
        header = read_header(data)
        pixels = decode(data, header, long_side=INPUT_SIDE)
        return yolo.detect(pixels, width=header.width, height=header.height)

    serve(detect)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
