import json
from concurrent.futures import ThreadPoolExecutor

import httpx

from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Person

SECONDS = 30
SIGN = {"file": ("sign.png", scene(stop_signs=1), "image/png")}


def uploaded(client: httpx.Client) -> str:
    """The address of the image that an upload became, once it is settled."""
    address = client.post("/images", files=SIGN).raise_for_status().headers["Location"]
    wait_until(lambda: client.get(address).status_code != 202, SECONDS, "It stays pending.")
    return address


def library(client: httpx.Client) -> list[str]:
    return [one["id"] for one in client.get("/images").json()["images"]]


def test_the_same_bytes_come_out_of_the_trash(person: Person) -> None:
    client = person()
    first = uploaded(client)
    client.delete(first).raise_for_status()
    assert client.get("/search", params={"q": "stop sign"}).json()["images"] == []

    again = uploaded(client)

    assert client.get(again).json()["id"] == first.rpartition("/")[2]
    assert library(client) == [first.rpartition("/")[2]]


def test_the_same_bytes_sent_at_the_same_time_become_one_image(person: Person) -> None:
    client = person()

    with ThreadPoolExecutor(4) as pool:
        addresses = list(pool.map(lambda _: uploaded(client), range(4)))

    assert {client.get(address).json()["id"] for address in addresses} == set(library(client))
    assert len(library(client)) == 1
    assert client.get("/tags").json()["tags"] == [{"tag": "stop sign", "images": 1, "objects": 1}]


def test_a_late_notification_brings_nothing_back(person: Person, cloud: LocalCloud) -> None:
    client = person()
    owner, address = client.get("/auth/me").json()["id"], uploaded(client)
    image_id = address.rpartition("/")[2]
    client.delete(address).raise_for_status()
    client.post("/images/purge", json={"images": {"ids": [image_id]}}).raise_for_status()
    sqs = emulator.session().client("sqs", endpoint_url=cloud.endpoint_url)
    late = {"Records": [{"s3": {"object": {"key": f"incoming/{owner}/{image_id}"}}}]}

    sqs.send_message(QueueUrl=cloud.environment["PIXTAG_QUEUE_URL"], MessageBody=json.dumps(late))
    then = uploaded(client)  # behind it in the queue

    assert client.get(address).status_code == 404
    assert library(client) == [then.rpartition("/")[2]]
