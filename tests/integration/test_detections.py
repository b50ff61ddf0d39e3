from typing import Any

import httpx

from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person, Schedule

SECONDS = 30


def tags(image: dict[str, Any]) -> dict[str, int]:
    return {one["tag"]: one["count"] for one in image["tags"]}


def uploaded(client: httpx.Client, data: bytes) -> str:
    """The address of an image, once it is ready."""
    address = client.post("/images", files={"file": ("street.png", data, "image/png")}).headers["Location"]
    wait_until(lambda: client.get(address).json()["state"] == "ready", SECONDS, "It stays pending.")
    return address


def test_what_was_said_of_boxes_and_tags_outlasts_looking_at_the_whole_library_again(
    person: Person, schedule: Schedule
) -> None:
    client = person()
    street, clock = uploaded(client, scene(stop_signs=2, clocks=1)), uploaded(client, scene(clocks=1))
    seen = client.get(street)
    boxes = {one["label"]: f"{street}/detections/{one['id']}" for one in seen.json()["detections"]}
    once = client.delete(boxes["stop sign"], headers={"If-Match": seen.headers["ETag"]})
    too_late = client.delete(boxes["clock"], headers={"If-Match": seen.headers["ETag"]})
    client.patch(boxes["clock"], json={"label": "moon"}).raise_for_status()
    edit = {"images": {"ids": [clock.rpartition("/")[2]]}, "remove": [{"tag": "clock"}]}
    client.post("/tags", json=edit).raise_for_status()

    begun = client.post("/redetection")
    schedule()
    wait_until(lambda: client.get("/redetection").json()["finished"], SECONDS, "It is never finished.")

    assert (once.status_code, too_late.status_code, begun.status_code) == (200, 412, 202)
    assert tags(client.get(street).json()) == {"stop sign": 1, "moon": 1}
    assert tags(client.get(clock).json()) == {}
    assert [one["tag"] for one in client.get(clock).json()["rejected"]] == ["clock"]
    progress = client.get("/redetection").json()
    assert (progress["queued"], progress["done"]) == (2, 2)
    assert len(client.get("/search", params={"q": "moon"}).json()["images"]) == 1
