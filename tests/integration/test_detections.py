from collections.abc import Callable

from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person
from tests.support.http_uploads import count_tags, upload

SECONDS = 30


def test_redetection_of_library_keeps_corrections_and_edits(person: Person, schedule: Callable[[], None]) -> None:
    client = person()
    street, clock = upload(client, scene(stop_signs=2, clocks=1)), upload(client, scene(clocks=1))
    image = client.get(street)
    urls = {detection["label"]: f"{street}/detections/{detection['id']}" for detection in image.json()["detections"]}
    current = client.delete(urls["stop sign"], headers={"If-Match": image.headers["ETag"]})
    outdated = client.delete(urls["clock"], headers={"If-Match": image.headers["ETag"]})
    client.patch(urls["clock"], json={"label": "moon"}).raise_for_status()
    edit = {"images": {"ids": [clock.rpartition("/")[2]]}, "remove": [{"tag": "clock"}]}
    client.post("/tags", json=edit).raise_for_status()

    redetection = client.post("/redetection")
    schedule()
    wait_until(lambda: client.get("/redetection").json()["finished"], SECONDS, "The redetection does not finish.")

    assert (current.status_code, outdated.status_code, redetection.status_code) == (200, 412, 202)
    assert count_tags(client.get(street).json()) == {"stop sign": 1, "moon": 1}
    assert count_tags(client.get(clock).json()) == {}
    assert [tag["tag"] for tag in client.get(clock).json()["rejected"]] == ["clock"]
    progress = client.get("/redetection").json()
    assert (progress["queued"], progress["done"]) == (2, 2)
    assert len(client.get("/search", params={"q": "moon"}).json()["images"]) == 1
