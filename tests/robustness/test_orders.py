"""Concurrent operations on one image: the invariants hold in every order of their calls."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from app.domain.edits import TagChange
from app.domain.errors import AlbumNotFound, ImageChanged, ImageNotFound, InvalidState
from app.domain.images import ImageState
from tests.robustness.scenarios import ALBUM, add_album, join_album
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, make_world, redetect, restore, trash
from tests.support.aws import TABLE_NAME
from tests.support.invariants import check_invariants
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import rounds, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

PHOTO = make_gray_jpeg()
TWIN = "twin.jpg"
STRIDE = 53  # of the pairs of operations, in `make test`

Operation = Callable[[World, str], object]


def ingest(world: World, image_id: str) -> None:
    world.ingest.ingest(OWNER, image_id)


def ingest_twin(world: World, image_id: str) -> None:
    """Ingest another image with the same bytes."""
    for other in list(world.images.list_ids(OWNER)):
        if other != image_id:
            world.ingest.ingest(OWNER, other)


def retag(world: World, image_id: str) -> None:
    world.library.retag(OWNER, image_id, [TagChange("boat", 1)])


def delete(world: World, image_id: str) -> None:
    """Trash the image and purge it."""
    world.library.trash(OWNER, image_id)
    world.library.purge(OWNER, image_id)


def process_outbox(world: World, image_id: str) -> None:
    world.outbox_worker.process(OWNER)


def delete_and_empty_album(world: World, image_id: str) -> None:
    world.albums.delete(OWNER, ALBUM.id)
    world.clock.ahead += 60
    world.outbox_worker.process(OWNER)


OPERATIONS = (
    *(ingest, ingest_twin, retag, redetect, trash, restore, delete, process_outbox),
    *(join_album, delete_and_empty_album),
)


@dataclass
class Interruption:
    """Runs a function before the AWS call with the number `call`, which counts from 1."""

    call: int
    run: Callable[[], None]
    calls: int = 0

    def __call__(self, **_: object) -> None:
        self.calls += 1
        if self.calls == self.call:
            self.run()

    @contextmanager
    def watch(self, world: World) -> "Iterator[None]":
        for client in world.clients:
            client.meta.events.register("before-call", self)
        try:
            yield
        finally:
            for client in world.clients:
                client.meta.events.unregister("before-call", self)


def attempt(operation: Operation, world: World, image_id: str) -> None:
    """Run the operation. It may fail because the other operation came first."""
    try:
        operation(world, image_id)
    except (AlbumNotFound, ImageChanged, ImageNotFound, InvalidState):
        return


@contextmanager
def make_world_in_state(state: ImageState) -> "Iterator[tuple[World, str]]":
    """Yield a world and the id of its image in this state. Only a trashed image is in an album.

    A pending image has the same bytes.
    """
    with make_world() as world:
        world.subscribe("dog")
        add_album(world)
        image_id = world.upload(PHOTO, "beach.jpg")
        if state is not ImageState.PENDING:
            world.ingest.ingest(OWNER, image_id)
        if state is ImageState.TRASHED:
            join_album(world, image_id)
            world.library.trash(OWNER, image_id)
        world.upload(PHOTO, TWIN)
        yield world, image_id


@cache
def count_calls(operation: Operation, state: ImageState) -> int:
    """Return the number of AWS calls of an operation on an image in this state."""
    with make_world_in_state(state) as (world, image_id):
        counter = Interruption(-1, lambda: None)
        with counter.watch(world):
            attempt(operation, world, image_id)
    return counter.calls


def interrupt(state: ImageState, first: Operation, other: Operation, call: int) -> None:
    """Run the first operation up to this call, then all of the other, then the rest of the first."""
    with make_world_in_state(state) as (world, image_id):

        def run() -> None:
            attempt(other, world, image_id)
            check_invariants(TABLE_NAME)

        with Interruption(call, run).watch(world):
            attempt(first, world, image_id)
        check_invariants(TABLE_NAME)

        world.deliver()
        world.settle()
        world.check()
        images = world.images.list_images(OWNER, 10, states=frozenset(ImageState) - {ImageState.GONE}).images
        assert len(images) <= 1, (first, other, call)
        assert {image.state for image in images} <= {ImageState.READY, ImageState.TRASHED}
        assert world.albums.count(OWNER).keys() <= {album.id for album in world.albums.list(OWNER)}


@pytest.mark.timeout(0)
@pytest.mark.parametrize(("state", "start"), [(ImageState.PENDING, 0), (ImageState.READY, 5), (ImageState.TRASHED, 11)])
def test_operation_between_two_calls_of_another_keeps_the_invariants(state: ImageState, start: int) -> None:
    pairs = list(permutations(OPERATIONS, 2))
    for first, other in sample(pairs, STRIDE, start):
        for call in range(1, count_calls(first, state) + 1, rounds(8, 1)):
            cases.append(1)
            interrupt(state, first, other, call)
