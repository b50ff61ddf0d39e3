"""Hostile files: each becomes a ready image, or a failed one with a reason that a person understands."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters.aws import objects as bucket_module
from app.domain.ids import DERIVED, Rendition
from app.domain.images import Image, ImageState
from app.domain.uploads import Upload
from detector.pixels import read_header
from infra.local.emulator import TEMPLATE
from tests.robustness import hostile
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, make_world
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.invariants import check_invariants
from tests.support.sampling import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

REASONS = re.compile(
    r"This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo\."
    r"|This photo is damaged or cut off\."
    r"|This [A-Za-z0-9 ]+ has \d+ megapixels\. PixTag can process [A-Za-z0-9 ]+ photos of up to \d+\."
    r"|This [A-Za-z0-9 ]+ has \d+ megapixels and needs \d+ MB of memory\. PixTag can use 420 MB\."
    r"|The file is larger than 1 MiB\. Upload a smaller file\."  # the limit that the test sets
)
MAX_EXTRA_BYTES = 150 * 2**20
MEASURE = """
import os, sys
from pathlib import Path
from detector import pixels

def read(data):
    try:
        header = pixels.read_header(data)
        decoded = pixels.decode(data, header, long_side=pixels.find_decode_side(header.width, header.height))
        for size in (pixels.PREVIEW, pixels.LARGE_THUMBNAIL, pixels.THUMBNAIL):
            decoded = pixels.reduce(decoded, size.find_long_side(header.width, header.height))
            pixels.encode_jpeg(decoded)
    except pixels.UnreadablePhoto:
        pass

def measure_peak(path):  # in a process for each file, because a process keeps its peak
    child = os.fork()
    if not child:
        read(path.read_bytes())
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0, path
    return used.ru_maxrss * 1024

baseline, *others = map(Path, sys.argv[1:])
baseline_peak = measure_peak(baseline)
for other in others:
    print(measure_peak(other) - baseline_peak, other.name)
"""

Files = Iterable[tuple[str, bytes]]


@pytest.fixture
def ingest_all() -> "Iterator[Callable[[Files], dict[str, Image]]]":
    """Yield a function that ingests each file twice and returns the images by file name."""
    with make_world() as world:
        yield lambda files: {name: ingest_file(world, name, data) for name, data in files}
        check_invariants(TABLE_NAME, BUCKET_NAME)


def ingest_file(world: World, name: str, data: bytes) -> Image:
    cases.append(1)
    pending, _ = world.ingest.offer(OWNER, name=name, media_type="image/jpeg", size=1)
    world.objects.claim(Rendition.INCOMING.key(OWNER, pending.id), Upload(data, "image/jpeg", name))

    image = world.ingest.ingest(OWNER, pending.id)

    assert image, name
    assert image.state in {ImageState.READY, ImageState.FAILED}, name
    assert image.state is ImageState.READY or REASONS.fullmatch(image.reason), (name, image.reason)
    assert world.ingest.ingest(OWNER, pending.id) == image, name
    if image.state is ImageState.READY:
        for rendition in DERIVED:
            file = world.objects.find(rendition.key(OWNER, image.id))
            assert file, name
            assert hostile.MARKER not in file.data, name
            assert read_header(file.data).orientation == 1, name
    return image


def names_by_state(images: dict[str, Image]) -> dict[str, set[str]]:
    return {state: {name for name, image in images.items() if image.state == state} for state in ("ready", "failed")}


def test_ingest_of_a_too_large_file_fails(
    ingest_all: Callable[[Files], dict[str, Image]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "MAX_UPLOAD_BYTES", 2**20)

    image = ingest_all([("a.jpg", hostile.encode(hostile.photo()).ljust(2**20 + 1, b"0"))])["a.jpg"]

    assert (image.state, image.reason) == ("failed", "The file is larger than 1 MiB. Upload a smaller file.")


def test_ingest_of_files_that_are_not_photos_fails(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    assert names_by_state(ingest_all(hostile.not_photos()))["ready"] == set()


def test_ingest_of_polyglots_makes_valid_photos_ready(
    ingest_all: Callable[[Files], dict[str, Image]],
) -> None:
    assert names_by_state(ingest_all(hostile.polyglots()))["failed"] == {"page around.jpg"}


def test_ingest_of_files_with_huge_pictures_fails_for_invalid_ones(
    ingest_all: Callable[[Files], dict[str, Image]],
) -> None:
    assert names_by_state(ingest_all(hostile.too_large()))["failed"] == {
        "bomb.png",
        "lie.png",
        "short rows.png",
        "nothing.png",
        "text bomb.png",
        "wide.gif",
        "lie.jpg",
        "almost a lie.jpg",
    }


def test_ingest_of_unusual_photos_makes_them_ready(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    assert names_by_state(ingest_all(hostile.unusual()))["failed"] == set()


def test_ingest_of_photos_with_metadata_removes_the_place(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    assert names_by_state(ingest_all(hostile.with_metadata()))["failed"] == set()


@pytest.mark.timeout(0)
def test_ingest_of_photos_with_odd_colours_makes_them_ready(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    files = islice(hostile.with_colours(), 0, None, rounds(20, 1))

    assert names_by_state(ingest_all(files))["failed"] == set()


def test_ingest_of_truncated_photos_is_ready_or_failed(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    ingest_all(islice(hostile.truncated(), 0, None, rounds(20, 1)))


def test_ingest_of_damaged_photos_is_ready_or_failed(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    ingest_all(islice(hostile.damaged(), 0, None, rounds(5, 1)))


def test_ingest_of_hostile_structures_is_ready_or_failed(ingest_all: Callable[[Files], dict[str, Image]]) -> None:
    ingest_all(islice(hostile.structures(), 0, None, rounds(12, 1)))


def test_decode_of_hostile_files_uses_little_memory(tmp_path: Path) -> None:
    structures = islice(hostile.structures(), 0, None, rounds(12, 1))
    paths = []
    for number, (name, data) in enumerate(
        [("baseline.jpg", hostile.encode(hostile.photo())), *hostile.too_large(), *structures]
    ):
        paths.append(tmp_path / f"{number} {name}")
        paths[-1].write_bytes(data)

    output = subprocess.run(
        [sys.executable, "-c", MEASURE, *paths], cwd=TEMPLATE.parents[2], check=True, capture_output=True, text=True
    ).stdout

    extra_bytes = {name: int(number) for number, name in (line.split(" ", 1) for line in output.splitlines())}
    assert len(extra_bytes) == len(paths) - 1
    assert {name: number for name, number in extra_bytes.items() if number > MAX_EXTRA_BYTES} == {}
