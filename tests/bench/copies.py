"""Shares of changed copies of photos that join and find their original, and the smallest distance of different photos.

    .venv/bin/python -m tests.bench.copies FOLDER

The photos are the JPEG files in a folder. Each is changed in several ways, encoded again, and hashed.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import cv2
from rich.progress import track
from rich.table import Table

from app.domain.picture_hashes import (
    CROP_WEAK_BITS,
    MAX_CROP_DISTANCE,
    MAX_DISTANCE,
    PREFIX_DIGITS,
    list_prefixes,
    measure_distance,
)
from detector.picture_hash import hash_picture
from detector.scaling import Pixels
from tests.bench.frame import console

Change = Callable[[Pixels], Pixels]


def encode(pixels: Pixels, quality: int = 90, extension: str = ".jpg") -> Pixels:
    """Return the pixels after a lossy encoding."""
    option = cv2.IMWRITE_WEBP_QUALITY if extension == ".webp" else cv2.IMWRITE_JPEG_QUALITY
    decoded = cv2.imdecode(cv2.imencode(extension, pixels, [option, quality])[1], cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError
    return decoded


def scale(pixels: Pixels, factor: float) -> Pixels:
    """Return the pixels in another size."""
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def crop(pixels: Pixels, top: float, bottom: float) -> Pixels:
    """Return the pixels without these parts of the height and of the width."""
    height, width = pixels.shape[:2]
    return pixels[
        round(height * top) : height - round(height * bottom), round(width * top) : width - round(width * bottom)
    ]


CHANGES: Final[dict[str, Change]] = {
    "JPEG of quality 60": lambda pixels: encode(pixels, 60),
    "JPEG of quality 30": lambda pixels: encode(pixels, 30),
    "WebP of quality 60": lambda pixels: encode(pixels, 60, ".webp"),
    "half size": lambda pixels: encode(scale(pixels, 0.5)),
    "a quarter of the size": lambda pixels: encode(scale(pixels, 0.25)),
    "brighter by 20 levels": lambda pixels: encode(cv2.convertScaleAbs(pixels, alpha=1, beta=20)),
    "15 % more contrast": lambda pixels: encode(cv2.convertScaleAbs(pixels, alpha=1.15, beta=-10)),
    "crop of 1 %, half at each edge": lambda pixels: encode(crop(pixels, 0.005, 0.005)),
    "crop of 3 %, half at each edge": lambda pixels: encode(crop(pixels, 0.015, 0.015)),
    "crop of 3 % at two edges": lambda pixels: encode(crop(pixels, 0.03, 0)),
}


def is_grouped(copy: str, original: str) -> bool:
    """Return whether a copy joins the group of its original."""
    is_listed = original[:PREFIX_DIGITS] in list_prefixes(copy) if copy else False
    return is_listed and measure_distance(copy, original) <= MAX_DISTANCE


def is_found(copy: str, original: str) -> bool:
    """Return whether a search with a copy finds its original."""
    is_listed = original[:PREFIX_DIGITS] in list_prefixes(copy, CROP_WEAK_BITS) if copy else False
    return is_listed and measure_distance(copy, original) <= MAX_CROP_DISTANCE


def report(photos: Sequence[Pixels]) -> None:
    """Print the shares and distances."""
    originals = [hash_picture(pixels) for pixels in photos]
    table = Table("change", "grouped", "found", "largest distance")
    for name, change in CHANGES.items():
        copies = [hash_picture(change(pixels)) for pixels in track(photos, name, transient=True)]
        pairs = list(zip(copies, originals, strict=True))
        distances = [measure_distance(*pair) for pair in pairs if all(pair)]
        shares = [f"{sum(map(accepts, copies, originals))} of {len(pairs)}" for accepts in (is_grouped, is_found)]
        table.add_row(name, *shares, str(max(distances)))
    console.print(table)
    pairs = [pair for pair in combinations(originals, 2) if all(pair)]
    false = sum(is_found(*pair) or is_found(*reversed(pair)) for pair in pairs)
    nearest = min(measure_distance(*pair) for pair in pairs)
    console.print(f"False pairs: {false} of {len(pairs):,}. The smallest distance is {nearest} bits.")


def main() -> None:
    """Read the photos in the folder on the command line, and print the report."""
    files = sorted(Path(sys.argv[1]).glob("*.jpg"))
    photos = [pixels for file in files if (pixels := cv2.imread(str(file), cv2.IMREAD_COLOR)) is not None]
    report(photos)


if __name__ == "__main__":
    main()
