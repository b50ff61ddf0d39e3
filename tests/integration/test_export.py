import csv
import re

import httpx

from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person

SECONDS = 30


def upload(client: httpx.Client, data: bytes, name: str) -> str:
    """Upload a picture, wait until it is ready, and return its id."""
    answer = client.post("/images", files={"file": (name, data, "image/png")}).raise_for_status()
    address = answer.headers["Location"]
    wait_until(lambda: client.get(address).json()["state"] == "ready", SECONDS, "It stays pending.")
    return address.rpartition("/")[2]


def test_what_was_uploaded_is_exported_page_by_page(person: Person) -> None:
    ada, grace = person(), person()
    signs = upload(ada, scene(stop_signs=2), "=signs.png")
    clock = upload(ada, scene(clocks=1), "clock.png")
    upload(grace, scene(stop_signs=1), "hers.png")
    ada.post("/tags", json={"add": [{"tag": "mine"}], "images": {"ids": [clock]}}).raise_for_status()

    first = ada.get("/export", params={"format": "csv", "limit": 1}).raise_for_status()
    link = re.match("<(.*?)>", first.headers["Link"])
    assert link
    second = ada.get(link[1]).raise_for_status()
    document = ada.get("/export", params={"format": "coco"}).raise_for_status().json()

    rows = [row for page in (first, second) for row in csv.DictReader(page.text.splitlines())]
    assert [(row["id"], row["name"], row["tag"], row["count"], row["boxes"]) for row in rows] == [
        (clock, "clock.png", "clock", "1", "1"),
        (clock, "clock.png", "mine", "1", "0"),
        (signs, "'=signs.png", "stop sign", "2", "2"),
    ]
    assert [one["pixtag_id"] for one in document["images"]] == [clock, signs]
    assert document["images"][0]["tags"] == {"clock": 1, "mine": 1}
    assert [one["name"] for one in document["categories"]] == ["clock", "stop sign"]
    assert [(one["image_id"], one["category_id"]) for one in document["annotations"]] == [(1, 1), (2, 2), (2, 2)]
    for one in document["annotations"]:
        left, top, width, height = one["bbox"]
        assert 0 <= left < left + width <= document["images"][0]["width"]
        assert 0 <= top < top + height <= document["images"][0]["height"]
