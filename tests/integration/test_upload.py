from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus

import httpx
import pytest

from app.adapters.aws.images import DynamoImages
from app.domain.errors import ImageChanged
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.query import parse
from app.domain.tags import TagTotal
from detector import BoundingBox, Detection
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.scenes import scene
from tests.integration.conftest import Person
from tests.support.http_uploads import count_tags, get_image, send_form, upload, upload_with_form, wait_until_processed

ONE_SIGN = scene(stop_signs=1)


def test_uploaded_photo_is_found_by_its_tags(person: Person) -> None:
    client = person()

    image = upload_with_form(client, scene(stop_signs=2, clocks=1))

    assert count_tags(image) == {"stop sign": 2, "clock": 1}
    for query, matches in {"stop sign>=2, clock": 1, "stop sign>=3": 0, "clock|dog": 1, "!clock": 0}.items():
        assert len(client.get("/search", params={"q": query}).json()["images"]) == matches
    assert client.get("/tags").json()["tags"] == [
        {"tag": "clock", "images": 1, "objects": 1},
        {"tag": "stop sign", "images": 1, "objects": 2},
    ]


def test_image_links_lead_to_original_preview_and_thumbnail(person: Person) -> None:
    client = person()

    links = get_image(client, upload(client, ONE_SIGN, "a b.png"))["links"]

    original, preview, thumbnail = (
        httpx.get(links[name], trust_env=False) for name in ("original", "preview", "thumbnail")
    )
    assert original.content == ONE_SIGN
    assert original.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.png"
    assert len(thumbnail.content) < len(preview.content) < len(ONE_SIGN)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo."),
        (ONE_SIGN[: len(ONE_SIGN) // 2], "This photo is damaged or cut off."),
    ],
)
def test_upload_that_is_not_a_photo_fails_with_reason(person: Person, data: bytes, reason: str) -> None:
    client = person()

    image = upload_with_form(client, data)

    assert (image["state"], image["reason"]) == ("failed", reason)
    assert client.get("/tags").json() == {"tags": []}


def test_image_of_another_person_is_not_found(person: Person) -> None:
    ada, grace = person(), person()
    url = send_form(ada, ONE_SIGN)
    wait_until_processed(ada, url)

    assert grace.get(url).status_code == HTTPStatus.NOT_FOUND
    assert grace.get("/images").json()["images"] == []
    assert grace.get("/search", params={"q": "stop sign"}).json()["images"] == []


def test_concurrent_saves_of_one_image_add_one_version_each_or_fail(cloud: LocalCloud) -> None:
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)
    table = DynamoImages(dynamodb, cloud.environment["PIXTAG_TABLE"])
    dogs = tuple(Detection("dog", 0.9, BoundingBox(0, 0, 1, 1)) for _ in range(3))
    empty = Image(owner=new_id(), id=new_id(), state=ImageState.READY, name="a", media_type="image/png", size=1)
    first = table.save(empty)

    def write(number: int) -> bool:
        before = table.get_image(first.owner, first.id)
        try:
            table.save(replace(before, detections=dogs[: number % 4]), before)
        except ImageChanged:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        saved = sum(pool.map(write, range(200)))

    last = table.get_image(first.owner, first.id)
    assert last.version == 1 + saved
    assert table.count_tag(first.owner, "dog") == TagTotal("dog", len(last.tags), last.tags.get("dog", 0))
    assert len(table.search(first.owner, parse("dog"), 10).images) == len(last.tags)
