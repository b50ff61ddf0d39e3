"""Threads that change images in a data folder: `python -m tests.robustness.kills.writer FOLDER THREADS CHANGES ID…`.

Each change adds a dog to one of the images. Its number of dogs is printed after the change is committed.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.adapters.local.database import Database
from app.adapters.local.images import SqliteImages
from app.domain.edits import TagChange, retag
from app.domain.errors import ImageChanged

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


def add_dog(images: SqliteImages, image_id: str) -> None:
    """Add a dog, and print the image's id and new version."""
    while True:
        image = images.get_image(OWNER, image_id)
        with suppress(ImageChanged):
            saved = images.save(retag(image, [TagChange("dog", 1)], datetime.now(UTC)), image)
            sys.stdout.write(f"{image_id} {saved.version}\n")
            sys.stdout.flush()
            return


def main(folder: Path, threads: int, changes: int, ids: list[str]) -> None:
    """Make this number of changes in this number of threads."""
    images = SqliteImages(Database(folder / "pixtag.db"))
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(add_dog, images, ids[number % len(ids)]) for number in range(changes)]:
            future.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
