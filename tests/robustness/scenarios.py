"""The scenarios of `test_faults.py`: what people, SQS and the schedule do, step by step."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from app.domain.albums import Album
from app.domain.dates import parse_date, set_date
from app.domain.edits import TagChange
from app.domain.errors import AlbumNotFound, ImageNotFound, SubscriptionNotFound
from app.domain.ids import EXAMPLE_ID, Rendition
from app.domain.images import RequestId
from app.domain.query import parse
from app.domain.quotas import Rate
from app.services.albums import change_album
from app.services.bulk_library import BulkLibrary
from app.services.queue_worker import TRIES
from app.services.shared_originals import SharedOriginals
from app.services.undo import Undo
from tests.robustness.world import OWNER, DeliveryFailed, World, redetect, restore, trash
from tests.support.boxes import relabel_in_library
from tests.support.fakes import PHOTO_METADATA
from tests.support.photos import make_gray_jpeg

PHOTO: Final = make_gray_jpeg()
OPERATION: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
ALBUM: Final = Album(EXAMPLE_ID, "Summer", datetime(2026, 1, 31, tzinfo=UTC))

Step = Callable[[World], object]


@dataclass(frozen=True)
class Scenario:
    """A function that prepares a world, and steps that run in it. A step that fails is repeated once."""

    arrange: Step
    steps: Sequence[Step]


def image_id(world: World) -> str:
    """Return the id of the first image, in any state."""
    return next(world.images.list_ids(OWNER))


def upload_photo(world: World) -> None:
    world.upload(PHOTO, "beach.jpg")


def upload_page(world: World) -> None:
    world.upload(b"<html>", "page.jpg")


def add_image(world: World) -> None:
    world.subscribe("dog>=2")
    world.add_photo(PHOTO, "beach.jpg")


def add_trashed_image(world: World) -> None:
    add_image(world)
    world.library.trash(OWNER, image_id(world))


def add_image_without_original(world: World) -> None:
    add_image(world)
    world.objects.delete(Rendition.ORIGINAL.key(OWNER, image_id(world)))


def add_pending_image(world: World) -> None:
    world.subscribe("dog")
    world.upload(PHOTO, "beach.jpg")


def add_two_images(world: World) -> None:
    add_image(world)
    world.add_photo(PHOTO + b"0", "hill.jpg")
    world.detector.sees = {"dog": 2, "cat": 1}


def on_image(act: Callable[[World, str], object]) -> Step:
    """Return a step that acts on the first image."""
    return lambda world: act(world, image_id(world))


def on_deleted_image(act: Callable[[World, str], object]) -> Step:
    """Return a step as `on_image` that accepts a deleted image: on a retry, only the response may have been lost."""

    def step(world: World) -> None:
        with suppress(ImageNotFound, StopIteration):
            act(world, image_id(world))

    return step


def retag(world: World, image_id: str) -> None:
    world.library.retag(OWNER, image_id, [TagChange("dog", 1), TagChange("boat", 2)], RequestId("key", "body"))


def open_bulk(world: World) -> tuple[BulkLibrary, list[str]]:
    """Return the library of a request for all images, and their ids."""
    ids = [*world.images.list_ids(OWNER)]
    return BulkLibrary(world.images, world.objects, world.preferences, OWNER, ids), ids


def retag_all(world: World) -> None:
    library, ids = open_bulk(world)
    for each in ids:
        library.retag(OWNER, each, [TagChange("dog", 1)], RequestId("key", "body"))


def date_all_in_operation(world: World) -> None:
    library, ids = open_bulk(world)
    operation = world.operations.proceed(OWNER, OPERATION)
    change = partial(set_date, time=parse_date("2019-07-28"), now=datetime.now(UTC))
    for each in ids:
        library.change_date(OWNER, each, change, request=RequestId("key", "body"), operation=operation)


def trash_all(world: World) -> None:
    library, ids = open_bulk(world)
    for each in ids:
        library.trash(OWNER, each)


def restore_all(world: World) -> None:
    library, ids = open_bulk(world)
    for each in ids:
        library.restore(OWNER, each)


def trash_in_operation(world: World) -> None:
    operation = world.operations.proceed(OWNER, OPERATION)
    world.library.trash(OWNER, image_id(world), operation=operation)


def rename_and_trash_in_operation(world: World) -> None:
    operation = world.operations.proceed(OWNER, OPERATION)
    world.library.rename_tag(OWNER, image_id(world), "dog", "wolf", operation=operation)
    world.library.trash(OWNER, image_id(world), operation=operation)


def undo(world: World) -> None:
    rows = world.operations.list_rows(world.operations.get(OWNER, OPERATION), 10)
    undo = Undo(world.images, world.operations, rows)
    for row in rows:
        undo.undo(row)


def relabel(world: World, image_id: str) -> None:
    relabel_in_library(world.library, OWNER, image_id, 0, "cat")


def give_up(world: World) -> None:
    world.tries = TRIES + 1
    with suppress(DeliveryFailed):  # the message goes to the dead-letter queue
        world.deliver()
    world.tries = 1


def add_image_with_new_detections(world: World) -> None:
    add_image(world)
    world.detector.sees = {"dog": 2}


def unsubscribe(world: World) -> None:
    for subscription in world.subscriptions.list(OWNER):
        with suppress(SubscriptionNotFound):
            world.subscriptions.remove(OWNER, subscription.id)


def redetect_library(world: World) -> None:
    world.redetections.start(OWNER)


def add_located_images(world: World) -> None:
    add_two_images(world)
    for image_id in world.images.list_ids(OWNER):
        before = world.images.get_image(OWNER, image_id)
        world.images.save(replace(before, metadata=PHOTO_METADATA), before)


def remove_positions(world: World) -> None:
    world.preferences.choose(OWNER, remove_positions=True)


def read_lists(world: World) -> None:
    world.images.list_images(OWNER, 10)
    world.images.search(OWNER, parse("dog, taken>=2019"), 10)
    world.images.count_months(OWNER, "dog")
    world.images.search(OWNER, parse("album:Summer"), 10)


def offer_parts(world: World) -> None:
    """Begin an upload in two parts. If it is begun again, the first upload is never completed."""
    world.offer_parts(PHOTO, "beach.jpg")


def complete_parts(world: World) -> None:
    world.part_uploads.complete(OWNER, world.offered)


def add_offered_image(world: World) -> None:
    world.subscribe("dog")
    offer_parts(world)


def add_sent_image(world: World) -> None:
    add_offered_image(world)
    world.send_missing_parts(PHOTO)


def add_images_and_offer(world: World) -> None:
    add_two_images(world)
    add_album(world)
    world.offer_parts(PHOTO + b"1", "lake.jpg")


def add_album(world: World) -> None:
    world.albums.put(OWNER, ALBUM)


def rename_album(world: World) -> None:
    change_album(world.albums, OWNER, ALBUM.id, lambda album: replace(album, title="Autumn"), placed=[EXAMPLE_ID])


def delete_album(world: World) -> None:
    with suppress(AlbumNotFound):  # on a retry, only the response may have been lost
        world.albums.delete(OWNER, ALBUM.id)


def join_album(world: World, image_id: str) -> None:
    world.library.change_album(OWNER, image_id, ALBUM.id)


def leave_album(world: World, image_id: str) -> None:
    world.library.change_album(OWNER, image_id, ALBUM.id, removes=True)


def add_full_album(world: World) -> None:
    add_two_images(world)
    add_album(world)
    for image_id in world.images.list_ids(OWNER):
        join_album(world, image_id)


def delete_account(world: World) -> None:
    world.outbox.put_account_deletion(OWNER)


def pass_hours(world: World) -> None:
    world.clock.ahead += 3 * 3600


def count_edit(world: World) -> None:
    world.quotas.count(OWNER, Rate.EDITS)
    world.quotas.require_room(OWNER)


def rename(world: World, image_id: str) -> None:
    world.library.rename_tag(OWNER, image_id, "dog", "wolf")


def purge(world: World, image_id: str) -> None:
    world.library.purge(OWNER, image_id)


def download_shared(world: World, image_id: str) -> None:
    SharedOriginals(world.images, world.objects).prepare(world.images.get_image(OWNER, image_id))


def add_nothing(world: World) -> None: ...


SCENARIOS = {
    "upload a photo": Scenario(partial(World.subscribe, text="dog"), [upload_photo, World.deliver]),
    "upload a photo in parts": Scenario(
        partial(World.subscribe, text="dog"),
        [
            *(offer_parts, partial(World.send_missing_parts, data=PHOTO), complete_parts, complete_parts),
            *(World.deliver, complete_parts),
        ],
    ),
    "cancel an upload in parts": Scenario(add_offered_image, [on_deleted_image(trash), World.run_schedule]),
    "cancel a complete upload in parts": Scenario(
        add_sent_image, [complete_parts, on_deleted_image(trash), World.deliver]
    ),
    "upload a file that is not a photo": Scenario(add_image, [upload_page, World.deliver]),
    "give up an upload and redrive it": Scenario(add_pending_image, [give_up, World.deliver]),
    "upload the photo of a trashed image": Scenario(add_trashed_image, [upload_photo, World.deliver]),
    "upload the photo of a lost original": Scenario(add_image_without_original, [upload_photo, World.deliver]),
    "announce by the schedule": Scenario(
        add_image_with_new_detections, [on_image(redetect), pass_hours, World.run_schedule]
    ),
    "retag": Scenario(add_image, [on_image(retag)]),
    "change all images": Scenario(add_two_images, [retag_all, trash_all, restore_all]),
    "set all dates and undo it": Scenario(add_two_images, [date_all_in_operation, undo]),
    "relabel": Scenario(add_image, [on_image(relabel)]),
    "rename a tag": Scenario(add_image, [on_image(rename)]),
    "trash": Scenario(add_image, [on_image(trash)]),
    "restore": Scenario(add_trashed_image, [on_image(restore)]),
    "change an image twice in an operation": Scenario(add_image, [rename_and_trash_in_operation]),
    "undo": Scenario(add_image, [trash_in_operation, undo]),
    "purge": Scenario(add_trashed_image, [on_deleted_image(purge)]),
    "subscribe": Scenario(add_nothing, [partial(World.subscribe, text="dog")]),
    "unsubscribe": Scenario(add_image, [unsubscribe]),
    "redetect the library": Scenario(add_two_images, [redetect_library, World.run_schedule, World.deliver]),
    "trash an image before its redetection": Scenario(
        add_two_images, [redetect_library, World.run_schedule, on_image(trash), World.deliver]
    ),
    "remove positions": Scenario(add_located_images, [remove_positions, pass_hours, World.run_schedule]),
    "collect images in an album": Scenario(
        add_image, [add_album, on_image(join_album), rename_album, on_image(leave_album), on_image(join_album)]
    ),
    "delete an album": Scenario(add_full_album, [on_image(trash), delete_album, pass_hours, World.run_schedule]),
    "restore an image of a deleted album": Scenario(
        add_full_album, [on_image(trash), delete_album, on_image(restore), pass_hours, World.run_schedule]
    ),
    "read lists": Scenario(add_two_images, [read_lists]),
    "count an edit": Scenario(add_image, [count_edit]),
    "download the original of a shared image": Scenario(add_image, [on_image(download_shared)]),
    "delete the account": Scenario(
        add_images_and_offer,
        [
            *(delete_account, World.run_schedule, pass_hours, World.run_schedule),
            *(pass_hours, World.run_schedule, pass_hours, World.run_schedule),
        ],
    ),
}
