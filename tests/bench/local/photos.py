"""Provides JPEGs to upload. A separate process makes them, so that this one shares no libraries with PixTag.

A page of memory that several processes share counts only in part for each of them.
"""

import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Final
from uuid import uuid4

LARGE: Final = "12 MP"
SMALL: Final = "0.3 MP"
SCENE: Final = "scene"

_COMMAND: Final = (sys.executable, "-m", "tests.bench.local.photo_files")


class Photos:
    """JPEGs of each size. `scene` is a drawing in which PixTag detects a stop sign."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([*_COMMAND, str(folder)], check=True)
        self._photos = {
            size: [file.read_bytes() for file in sorted(folder.glob(f"{size} *.jpg"))] for size in (LARGE, SMALL, SCENE)
        }

    def take(self, size: str, count: int) -> Iterator[bytes]:
        """Yield photos of the size. Their bytes are unique, because PixTag stores the same bytes only once."""
        for photo in islice(cycle(self._photos[size]), count):
            yield photo + uuid4().bytes  # decoders ignore bytes after the end of the JPEG

    def mean_bytes(self, size: str) -> float:
        """Return the mean size of a file in bytes."""
        photos = self._photos[size]
        return sum(map(len, photos)) / len(photos)
