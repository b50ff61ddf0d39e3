"""Files that nobody means well with: each ends ready, or failed with a reason that a person understands."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters.aws import bucket as bucket_module
from app.adapters.aws.bucket import Upload
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from detector.pixels import MAX_PIXELS, read_header
from infra.local.emulator import TEMPLATE
from tests.robustness import hostile
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, world
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.invariants import check_invariants
from tests.support.sampling import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

REASONS = {
    "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.",
    "This photo is damaged or cut off.",
    "This photo has more than 50 million pixels.",
    "The file has more than 1 MiB.",  # the limit of its test
}
MAX_MORE_BYTES = 150 * 2**20
MAX_MORE_BYTES_A_PIXEL = 6  # a sound PNG is decoded at its full size, which takes Pillow four bytes a pixel of colour
LOOK = """
import os, sys
from pathlib import Path
from detector import pixels

def look(data):
    try:
        header = pixels.read_header(data)
        decoded = pixels.decode(data, header, long_side=pixels.PREVIEW_DECODE_SIDE)
        for side in (pixels.PREVIEW_SIDE, pixels.THUMBNAIL_SIDE):
            pixels.make_thumbnail(decoded, side)
    except pixels.UnreadablePhoto:
        pass

def most(path):  # a process for each: what one takes is not seen behind what another took
    child = os.fork()
    if not child:
        look(path.read_bytes())
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0, path
    return used.ru_maxrss * 1024

sound, *others = map(Path, sys.argv[1:])
least = most(sound)
for other in others:
    print(most(other) - least, other.name)
"""

Files = Iterable[tuple[str, bytes]]


@pytest.fixture
def looked_at() -> "Iterator[Callable[[Files], dict[str, Image]]]":
    """Lets the worker look at each file, and once more; gives what became of it."""
    with world() as made:
        yield lambda files: {name: look_at(made, name, data) for name, data in files}
        check_invariants(TABLE_NAME, BUCKET_NAME)


def look_at(world: World, name: str, data: bytes) -> Image:
    cases.append(1)
    pending, _ = world.ingest.offer(OWNER, name=name, media_type="image/jpeg", size=1)
    world.bucket.claim(Rendition.INCOMING.key(OWNER, pending.id), Upload(data, "image/jpeg", name))

    image = world.ingest.ingest(OWNER, pending.id)

    assert image, name
    assert image.state in {ImageState.READY, ImageState.FAILED}, name
    assert image.state is ImageState.READY or image.reason in REASONS, (name, image.reason)
    assert world.ingest.ingest(OWNER, pending.id) == image, name
    if image.state is ImageState.READY:
        for rendition in (Rendition.PREVIEW, Rendition.THUMBNAIL):
            shown = world.bucket.find(rendition.key(OWNER, image.id))
            assert shown, name
            assert hostile.MARKER not in shown.data, name
            assert read_header(shown.data).orientation == 1, name
    return image


def states(images: dict[str, Image]) -> dict[str, set[str]]:
    return {state: {name for name, image in images.items() if image.state == state} for state in ("ready", "failed")}


def test_what_is_too_large_a_file_fails(
    looked_at: Callable[[Files], dict[str, Image]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "MAX_UPLOAD_BYTES", 2**20)

    image = looked_at([("a.jpg", hostile.encoded(hostile.photograph()).ljust(2**20 + 1, b"0"))])["a.jpg"]

    assert (image.state, image.reason) == ("failed", "The file has more than 1 MiB.")


def test_what_is_no_photograph_fails(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    assert states(looked_at(hostile.not_photographs()))["ready"] == set()


def test_what_is_a_photograph_as_well_as_something_else_is_a_photograph(
    looked_at: Callable[[Files], dict[str, Image]],
) -> None:
    assert states(looked_at(hostile.polyglots()))["failed"] == {"page around.jpg"}


def test_what_says_more_than_it_is_fails(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    assert states(looked_at(hostile.too_large()))["failed"] == {
        "bomb.png",
        "lie.png",
        "short rows.png",
        "nothing.png",
        "text bomb.png",
        "profile bomb.png",
        "wide.gif",
        "lie.jpg",
    }


def test_what_is_rarely_met_is_ready(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    assert states(looked_at(hostile.unusual()))["failed"] == set()


def test_no_preview_tells_where_it_was_taken(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    assert states(looked_at(hostile.told_too_much()))["failed"] == set()


def test_what_is_cut_off_is_ready_or_failed(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    looked_at(islice(hostile.cut_off(), 0, None, rounds(10, 1)))


def test_what_is_damaged_is_ready_or_failed(looked_at: Callable[[Files], dict[str, Image]]) -> None:
    looked_at(islice(hostile.damaged(), 0, None, rounds(5, 1)))


def test_no_file_takes_much_memory(tmp_path: Path) -> None:
    paths = []
    for name, data in [("sound.jpg", hostile.encoded(hostile.photograph())), *hostile.too_large()]:
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)

    measured = subprocess.run(
        [sys.executable, "-c", LOOK, *paths], cwd=TEMPLATE.parents[2], check=True, capture_output=True, text=True
    ).stdout

    more = {name: int(number) for number, name in (line.split(" ", 1) for line in measured.splitlines())}
    assert len(more) == len(paths) - 1
    sound = more.pop("large and colourful.png")
    assert sound <= MAX_MORE_BYTES_A_PIXEL * MAX_PIXELS
    assert {name: number for name, number in more.items() if number > MAX_MORE_BYTES} == {}
