from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from app.adapters.aws.table import Table, TagTotal
from app.domain.errors import ImageChanged
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.query import parse
from detector import BoundingBox, Detection
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person

SECONDS = 30
ONE_SIGN = scene(stop_signs=1)


def send(client: httpx.Client, data: bytes, name: str = "street.png", media_type: str = "image/png") -> str:
    """Upload through a form, as a browser does; return the address of the image."""
    offer = client.post("/uploads", json={"name": name, "type": media_type, "size": len(data)})
    form = offer.raise_for_status().json()["form"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": data}, trust_env=False)
    assert sent.status_code == HTTPStatus.NO_CONTENT
    return offer.headers["Location"]


def settled(client: httpx.Client, address: str) -> dict[str, Any]:
    wait_until(lambda: client.get(address).status_code != HTTPStatus.ACCEPTED, SECONDS, "It stays pending.")
    image: dict[str, Any] = client.get(address).raise_for_status().json()
    return image


def tags(image: dict[str, Any]) -> dict[str, int]:
    return {one["tag"]: one["count"] for one in image["tags"]}


def test_a_photograph_is_uploaded_and_found_by_its_tags(person: Person) -> None:
    client = person()

    image = settled(client, send(client, scene(stop_signs=2, clocks=1)))

    assert tags(image) == {"stop sign": 2, "clock": 1}
    for query, found in {"stop sign>=2, clock": 1, "stop sign>=3": 0, "clock|dog": 1, "!clock": 0}.items():
        assert len(client.get("/search", params={"q": query}).json()["images"]) == found
    assert client.get("/tags").json()["tags"] == [
        {"tag": "clock", "images": 1, "objects": 1},
        {"tag": "stop sign", "images": 1, "objects": 2},
    ]


def test_the_links_lead_to_the_original_and_to_smaller_ones(person: Person) -> None:
    client = person()
    image = settled(
        client, client.post("/images", files={"file": ("a b.png", ONE_SIGN, "image/png")}).headers["Location"]
    )

    links = image["links"]

    original, preview, thumbnail = (
        httpx.get(links[name], trust_env=False) for name in ("original", "preview", "thumbnail")
    )
    assert original.content == ONE_SIGN
    assert original.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.png"
    assert len(thumbnail.content) < len(preview.content) < len(ONE_SIGN)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture."),
        (ONE_SIGN[: len(ONE_SIGN) // 2], "This photograph is damaged or cut off."),
    ],
)
def test_what_is_no_photograph_fails_with_its_reason(person: Person, data: bytes, reason: str) -> None:
    client = person()

    image = settled(client, send(client, data))

    assert (image["state"], image["reason"]) == ("failed", reason)
    assert client.get("/tags").json() == {"tags": []}


def test_people_never_see_each_others_images(person: Person) -> None:
    ada, grace = person(), person()
    address = send(ada, ONE_SIGN)
    settled(ada, address)

    assert grace.get(address).status_code == HTTPStatus.NOT_FOUND
    assert grace.get("/images").json()["images"] == []
    assert grace.get("/search", params={"q": "stop sign"}).json()["images"] == []


def test_writers_of_one_image_lose_or_add_exactly_one_version(cloud: LocalCloud) -> None:
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)
    table = Table(dynamodb, cloud.environment["PIXTAG_TABLE"])
    dogs = tuple(Detection("dog", 0.9, BoundingBox(0, 0, 1, 1)) for _ in range(3))
    blank = Image(owner=new_id(), id=new_id(), state=ImageState.READY, name="a", media_type="image/png", size=1)
    first = table.save(blank)

    def write(number: int) -> bool:
        before = table.get_image(first.owner, first.id)
        try:
            table.save(replace(before, detections=dogs[: number % 4]), before)
        except ImageChanged:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(write, range(200)))

    last = table.get_image(first.owner, first.id)
    assert last.version == 1 + won
    assert table.count_tag(first.owner, "dog") == TagTotal("dog", len(last.tags), last.tags.get("dog", 0))
    assert len(table.search(first.owner, parse("dog"), 10).images) == len(last.tags)
