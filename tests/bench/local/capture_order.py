"""Measures lists and searches by capture time: their growth, and what random dates cost when photos are added."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from app.adapters.local.stores import LocalStores
from app.settings import LocalSettings
from tests.bench.frame import progress
from tests.bench.library import image_id
from tests.bench.local.composition import SMALLEST, Photo, compose
from tests.bench.local.filling import fill, link_objects, make_image
from tests.bench.local.instances import DataFolder
from tests.bench.local.reads import Read, Times, search_read, time_reads

SMALL_SIZE: Final = 1_000
"""The size of the small library. It has enough photos in the trash and without a date for a page."""

YEARS: Final = 20
MIDDLE: Final = "2016-07"
_FIRST_YEAR: Final = 2006
_SHARE: Final = 10  # one photo of so many is in the trash, and one has no date

ORDER_READS: Final = (
    Read("first page", "/images?limit=50", "images"),
    Read("jump to the middle", f"/images?limit=50&cursor={MIDDLE}", "images"),
    Read("jump to the middle, oldest first", f"/images?limit=50&cursor={MIDDLE}&direction=asc", "images"),
    Read("first page by upload", "/images?limit=50&order=added", "images"),
    search_read("month of a tag", f"person, taken:{MIDDLE}"),
    search_read("search", "undated"),
    Read("trash", "/images?limit=50&state=trashed", "images"),
    Read("months", "/timeline", "months"),
    Read("months of a tag", "/timeline?q=sorted", "months"),
)


def compose_dated(size: int) -> Iterator[Photo]:
    """Yield the photos of a library, newest upload first. They were taken over `YEARS` years, in random order.

    The photos that libraries of all sizes share were taken in the month `MIDDLE`. Each other month has photos too.
    """
    random = Random(2)  # noqa: S311 - the same dates for every size
    for number, photo in enumerate(compose(size)):
        seconds = random.randrange(28 * 86_400)
        year, month = divmod(number % (12 * YEARS), 12)
        start = datetime(_FIRST_YEAR + year, month + 1, 1, tzinfo=UTC)
        if number < SMALLEST:
            start = datetime.fromisoformat(f"{MIDDLE}-01").replace(tzinfo=UTC)
        share = (number - SMALLEST) * _SHARE // size  # undated photos were uploaded in the same month in each library
        taken_at = "" if share == 0 else (start + timedelta(seconds=seconds)).isoformat()
        yield replace(photo, taken_at=taken_at, is_trashed=share == 1)


def time_order_reads(folder: Path, sizes: Sequence[int], rounds: int) -> Times:
    """Send the reads to libraries of these sizes, and return the milliseconds."""
    libraries = {size: DataFolder.create(folder / f"order-{size}") for size in sizes}
    for size, library in libraries.items():
        fill(library, compose_dated(size), size)
        link_objects(library, [image_id(0)])  # it does not start without any original
    with ExitStack() as running:
        instances = {size: running.enter_context(library.run()) for size, library in libraries.items()}
        return time_reads(instances, rounds, "Reads by capture time", ORDER_READS, ())


@dataclass(frozen=True, slots=True)
class Additions:
    """The seconds that each round took, by whether the dates are in order, and the bytes of the database files."""

    seconds: dict[bool, list[float]]
    bytes: dict[bool, int]


def time_additions(folder: Path, size: int, rounds: int, photos_per_round: int) -> Additions:
    """Add photos to two libraries of this size in turn: with dates in the order of uploads, and in random order.

    Each photo is its own transaction, and is on the disk when it ends.
    """
    count = size + (rounds + 1) * photos_per_round
    photos = [replace(photo, is_trashed=False) for photo in compose(count)][::-1]  # oldest upload first
    shuffled = Random(3).sample([photo.taken_at for photo in photos], count)  # noqa: S311 - the same in each run
    dated = {
        True: photos,
        False: [replace(photo, taken_at=taken_at) for photo, taken_at in zip(photos, shuffled, strict=True)],
    }
    folders = {is_ordered: DataFolder.create(folder / f"ordered-{is_ordered}") for is_ordered in dated}
    for is_ordered, library in folders.items():
        fill(library, dated[is_ordered][:size], size)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with progress("Photos with dates in order and in random order", rounds + 1) as step:
        for turn in range(rounds + 1):
            start = size + turn * photos_per_round
            for is_ordered in (True, False)[:: 1 if turn % 2 else -1]:
                elapsed = _add(folders[is_ordered], dated[is_ordered][start : start + photos_per_round])
                if turn:  # the first round warms up
                    seconds[is_ordered].append(elapsed)
            next(step)
    sizes = {is_ordered: (library.path / "pixtag.db").stat().st_size for is_ordered, library in folders.items()}
    return Additions(seconds, sizes)


def _add(folder: DataFolder, photos: Sequence[Photo]) -> float:
    """Store photos, each in its own transaction. Return the seconds."""
    stores = LocalStores(LocalSettings(data=folder.path))
    images = [make_image(folder.owner, photo) for photo in photos]
    stores.images.find_image(folder.owner, images[0].id)  # opens the database
    start = time.perf_counter()
    for image in images:
        stores.images.save(image)
    elapsed = time.perf_counter() - start
    stores.database.close()
    return elapsed
