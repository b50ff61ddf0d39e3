from concurrent.futures import ThreadPoolExecutor

import httpx

from app.adapters.local.queue import SqliteQueue
from app.domain.messages import Message
from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.integration.conftest import Person
from tests.support.http_uploads import upload
from tests.support.new_database import open_database

SIGN = scene(stop_signs=1)


def list_ids(client: httpx.Client) -> list[str]:
    return [image["id"] for image in client.get("/images").json()["images"]]


def test_upload_of_same_bytes_restores_image_from_trash(person: Person) -> None:
    client = person()
    first_url = upload(client, SIGN)
    client.delete(first_url).raise_for_status()
    assert client.get("/search", params={"q": "stop sign"}).json()["images"] == []

    second_url = upload(client, SIGN)

    assert client.get(second_url).json()["id"] == first_url.rpartition("/")[2]
    assert list_ids(client) == [first_url.rpartition("/")[2]]


def test_concurrent_uploads_of_same_bytes_become_one_image(person: Person) -> None:
    client = person()

    with ThreadPoolExecutor(4) as pool:
        urls = list(pool.map(lambda _: upload(client, SIGN), range(4)))

    assert {client.get(url).json()["id"] for url in urls} == set(list_ids(client))
    assert len(list_ids(client)) == 1
    assert client.get("/tags").json()["tags"] == [{"tag": "stop sign", "images": 1, "objects": 1}]


def test_late_message_for_purged_image_has_no_effect(person: Person, pixtag: PixTag) -> None:
    client = person()
    owner, url = client.get("/auth/me").json()["id"], upload(client, SIGN)
    image_id = url.rpartition("/")[2]
    client.delete(url).raise_for_status()
    client.post("/images/purge", json={"images": {"ids": [image_id]}}).raise_for_status()

    with open_database(pixtag.data) as database:
        SqliteQueue(database).send([Message(owner, image_id).to_json()])
    next_url = upload(client, SIGN)  # its message comes later in the queue

    assert client.get(url).status_code == 404
    assert list_ids(client) == [next_url.rpartition("/")[2]]
