"""Notifications as S3 and SQS may bring them: in any order, and more than once."""

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from app import worker
from app.adapters.aws.bucket import Upload
from app.domain.ids import Rendition
from app.domain.images import ImageState
from tests.robustness.torture import cases
from tests.robustness.world import OWNER, World, notification, world
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.invariants import ACCOUNT, REGION
from tests.support.sampling import rounds

TIMES = 10
PHOTOS = [cv2.imencode(".jpg", np.full((8, 8, 3), shade, np.uint8))[1].tobytes() for shade in (50, 100, 150)]
PASSING = {"version", "expires_at", "created_at", "last_digest"}  # how often and when, not what


def library(world: World) -> list[str]:
    """Upload photographs, and one file that is none, to somebody who waits for them; give the notifications."""
    world.subscribe("dog")
    ids = [world.upload(data, "a.jpg") for data in (*PHOTOS, b"<html>")]
    return [notification(Rendition.INCOMING.key(OWNER, image_id)) for image_id in ids]


def bring(bodies: list[str]) -> None:
    for body in bodies:
        answer = worker.handler({"Records": [{"messageId": "1", "body": body}]}, None)
        assert answer == {"batchItemFailures": []}


def state() -> str:
    """A digest of all rows and objects."""
    items = [item.to_json()["Attributes"] for item in dynamodb_backends[ACCOUNT][REGION].tables[TABLE_NAME].all_items()]
    rows = [{name: value for name, value in item.items() if name not in PASSING} for item in items]
    objects = {key: stored.value.hex() for key, stored in s3_backends[ACCOUNT]["aws"].buckets[BUCKET_NAME].keys.items()}
    said: dict[str, Any] = {"rows": sorted(json.dumps(row, sort_keys=True) for row in rows), "objects": objects}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def after(bring_all: Callable[[list[str]], None]) -> tuple[str, set[str]]:
    """The digest once these notifications are worked off, and what its owner was told."""
    with world() as made:
        bring_all(library(made))
        made.settle()
        made.check()
        return state(), made.outcome()["told"]


@pytest.mark.timeout(0)
def test_notifications_in_any_order_and_ten_times_each_come_to_the_same() -> None:
    expected, told = after(bring)
    assert len(told) == 1
    order = random.Random(7)  # noqa: S311 - a shuffle, no secret

    def bring_shuffled(bodies: list[str]) -> None:
        many = bodies * TIMES
        order.shuffle(many)
        bring(many)

    for _ in range(rounds(1, 100)):
        cases.append(1)
        assert after(bring_shuffled) == (expected, told)


@pytest.mark.parametrize("data", [PHOTOS[1], b"<html>"])
def test_an_upload_again_under_the_same_form_changes_nothing_that_is_served(data: bytes) -> None:
    with world() as made:
        image_id = made.uploaded(PHOTOS[0], "first.jpg")
        key = Rendition.INCOMING.key(OWNER, image_id)
        before, served = made.table.get_image(OWNER, image_id), renditions(made, image_id)

        assert made.bucket.claim(key, Upload(data, "image/jpeg", "second.jpg"))
        made.deliver()

        assert before.state is ImageState.READY
        assert made.table.get_image(OWNER, image_id) == before
        assert renditions(made, image_id) == served
        assert made.bucket.find(key) is None
        made.check()


def renditions(world: World, image_id: str) -> list[Upload | None]:
    return [world.bucket.find(rendition.key(OWNER, image_id)) for rendition in Rendition]
