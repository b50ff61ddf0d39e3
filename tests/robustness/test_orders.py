"""Deleting, ingesting and retagging one image at the same time: in whichever order their calls come, all holds."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from app.domain.edits import TagChange
from app.domain.errors import ImageChanged, ImageNotFound, InvalidState
from app.domain.images import ImageState
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, redetect, restore, trash, world
from tests.support.aws import TABLE_NAME
from tests.support.invariants import check_invariants
from tests.support.sampling import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

PHOTO = cv2.imencode(".jpg", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()
TWIN = "twin.jpg"

Operation = Callable[[World, str], object]


def ingest(world: World, image_id: str) -> None:
    world.ingest.ingest(OWNER, image_id)


def ingest_twin(world: World, image_id: str) -> None:
    """The same bytes come again as another image."""
    for other in list(world.table.list_ids(OWNER)):
        if other != image_id:
            world.ingest.ingest(OWNER, other)


def retag(world: World, image_id: str) -> None:
    world.library.retag(OWNER, image_id, [TagChange("boat", 1)])


def delete(world: World, image_id: str) -> None:
    """Into the trash, and out of it for good."""
    world.library.trash(OWNER, image_id)
    world.library.purge(OWNER, image_id)


def work_off(world: World, image_id: str) -> None:
    world.outbox_worker.process(OWNER)


OPERATIONS = (ingest, ingest_twin, retag, redetect, trash, restore, delete, work_off)


@dataclass
class Barrier:
    """Before a call of an operation, where another runs wholly."""

    at: int
    run: Callable[[], None]
    calls: int = 0

    def __call__(self, **_: object) -> None:
        self.calls += 1
        if self.calls == self.at:
            self.run()

    @contextmanager
    def across(self, world: World) -> "Iterator[None]":
        for client in world.clients:
            client.meta.events.register("before-call", self)
        try:
            yield
        finally:
            for client in world.clients:
                client.meta.events.unregister("before-call", self)


def attempt(operation: Operation, world: World, image_id: str) -> None:
    """Do it; whoever comes too late is told so, in one of these words."""
    try:
        operation(world, image_id)
    except (ImageChanged, ImageNotFound, InvalidState):
        return


@contextmanager
def world_in_state(state: ImageState) -> "Iterator[tuple[World, str]]":
    """An image in that state, with a twin that waits to be looked at."""
    with world() as made:
        made.subscribe("dog")
        image_id = made.upload(PHOTO, "beach.jpg")
        if state is not ImageState.PENDING:
            made.ingest.ingest(OWNER, image_id)
        if state is ImageState.TRASHED:
            made.library.trash(OWNER, image_id)
        made.upload(PHOTO, TWIN)
        yield made, image_id


@cache
def calls_of(operation: Operation, state: ImageState) -> int:
    with world_in_state(state) as (made, image_id):
        barrier = Barrier(-1, lambda: None)
        with barrier.across(made):
            attempt(operation, made, image_id)
    return barrier.calls


def run_across(state: ImageState, first: Operation, other: Operation, at: int) -> None:
    """Run the first up to its call of that number, then the other wholly, then let the first go on."""
    with world_in_state(state) as (made, image_id):

        def run() -> None:
            attempt(other, made, image_id)
            check_invariants(TABLE_NAME)

        with Barrier(at, run).across(made):
            attempt(first, made, image_id)
        check_invariants(TABLE_NAME)

        made.deliver()
        made.settle()
        made.check()
        images = made.table.list_images(OWNER, 10, states=frozenset(ImageState) - {ImageState.GONE}).images
        assert len(images) <= 1, (first, other, at)
        assert {image.state for image in images} <= {ImageState.READY, ImageState.TRASHED}


@pytest.mark.timeout(0)
@pytest.mark.parametrize(("state", "start"), [(ImageState.PENDING, 0), (ImageState.READY, 5), (ImageState.TRASHED, 11)])
def test_whoever_comes_between_two_calls_breaks_nothing(state: ImageState, start: int) -> None:
    pairs = list(permutations(OPERATIONS, 2))[rounds(start, 0) :: rounds(19, 1)]
    for first, other in pairs:
        for at in range(1, calls_of(first, state) + 1, rounds(3, 1)):
            cases.append(1)
            run_across(state, first, other, at)
