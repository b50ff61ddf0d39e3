"""Notifications in any order and more than once, as S3 and SQS may deliver them."""

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from app import worker
from app.domain.ids import Rendition
from app.domain.images import ImageState
from app.domain.uploads import Upload
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, make_world, notification
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.invariants import ACCOUNT, REGION
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import rounds

TIMES = 10
PHOTOS = [make_gray_jpeg(shade) for shade in (50, 100, 150)]
# They depend on the number and time of changes. `World.check` checks the numbers in `alerts`.
VOLATILE = {"version", "expires_at", "created_at", "last_digest", "revision", "alerts", "secret"}


def upload_files(world: World) -> list[str]:
    """Subscribe, upload three photos and a file that is not a photo, and return their notifications."""
    world.subscribe("dog")
    ids = [world.upload(data, "a.jpg") for data in (*PHOTOS, b"<html>")]
    return [notification(Rendition.INCOMING.key(OWNER, image_id)) for image_id in ids]


def deliver(bodies: list[str]) -> None:
    for body in bodies:
        response = worker.handler({"Records": [{"messageId": "1", "body": body}]}, None)
        assert response == {"batchItemFailures": []}


def hash_stores() -> str:
    """Return a hash of all rows and objects."""
    items = [item.to_json()["Attributes"] for item in dynamodb_backends[ACCOUNT][REGION].tables[TABLE_NAME].all_items()]
    rows = [{name: value for name, value in item.items() if name not in VOLATILE} for item in items]
    objects = {key: stored.value.hex() for key, stored in s3_backends[ACCOUNT]["aws"].buckets[BUCKET_NAME].keys.items()}
    stores: dict[str, Any] = {"rows": sorted(json.dumps(row, sort_keys=True) for row in rows), "objects": objects}
    return hashlib.sha256(json.dumps(stores, sort_keys=True).encode()).hexdigest()


def outcome_of(deliver_all: Callable[[list[str]], None]) -> tuple[str, set[str]]:
    """Return the hash of the stores after all notifications are handled, and the announcements to the owner."""
    with make_world() as world:
        deliver_all(upload_files(world))
        world.settle()
        world.check()
        return hash_stores(), world.outcome()["announcements"]


@pytest.mark.timeout(0)
def test_notifications_in_any_order_and_ten_times_each_have_the_same_outcome() -> None:
    expected, announcements = outcome_of(deliver)
    assert len(announcements) == 1
    order = random.Random(7)  # noqa: S311 - a shuffle, not a secret

    def deliver_shuffled(bodies: list[str]) -> None:
        repeated = bodies * TIMES
        order.shuffle(repeated)
        deliver(repeated)

    for _ in range(rounds(1, 100)):
        cases.append(1)
        assert outcome_of(deliver_shuffled) == (expected, announcements)


@pytest.mark.parametrize("data", [PHOTOS[1], b"<html>"])
def test_second_upload_with_the_same_form_changes_no_rendition(data: bytes) -> None:
    with make_world() as world:
        image_id = world.add_photo(PHOTOS[0], "first.jpg")
        key = Rendition.INCOMING.key(OWNER, image_id)
        before, files = world.images.get_image(OWNER, image_id), read_renditions(world, image_id)

        assert world.objects.claim(key, Upload(data, "image/jpeg", "second.jpg"))
        world.deliver()

        assert before.state is ImageState.READY
        assert world.images.get_image(OWNER, image_id) == before
        assert read_renditions(world, image_id) == files
        assert world.objects.find(key) is None
        world.check()


def read_renditions(world: World, image_id: str) -> list[Upload | None]:
    return [world.objects.find(rendition.key(OWNER, image_id)) for rendition in Rendition]
