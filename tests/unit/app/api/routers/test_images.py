from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from fastapi.testclient import TestClient

from app.adapters.aws.bucket import Upload
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.outbox import TRASH_LIFE
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from tests.support.aws import before
from tests.support.fakes import Clock
from tests.unit.app.conftest import Caller

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@pytest.fixture
def ready(ingest: Ingest, owner: str, photo: bytes) -> Image:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    image = ingest.ingest(owner, pending.id)
    assert image
    return image


def test_a_ready_image_has_links_to_its_three_objects(client: TestClient, ready: Image) -> None:
    answer = client.get(f"/images/{ready.id}")

    assert answer.status_code == 200
    links = answer.json()["links"]
    assert {name: link.partition("?")[0].rpartition("/")[0].split("/")[-2] for name, link in links.items()} == {
        "original": "originals",
        "preview": "previews",
        "thumbnail": "thumbnails",
    }


def test_a_pending_image_asks_for_patience(client: TestClient, ingest: Ingest, owner: str) -> None:
    image, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    answer = client.get(f"/images/{image.id}")

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    assert answer.json()["links"] is None


def test_a_failed_image_tells_why(client: TestClient, ingest: Ingest, owner: str) -> None:
    image = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "a.jpg"), max_bytes=10)
    ingest.ingest(owner, image.id)

    answer = client.get(f"/images/{image.id}").json()

    assert answer["state"] == "failed"
    assert answer["reason"] == "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture."


def test_not_yours_and_not_there_are_the_same_answer(caller: Caller, ready: Image) -> None:
    stranger = caller("6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f")

    answers = [stranger.get(f"/images/{image_id}") for image_id in (ready.id, new_id(), "malformed")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_the_list_is_read_page_by_page_newest_first(client: TestClient, ingest: Ingest, owner: str) -> None:
    made = [ingest.offer(owner, name=f"{n}", media_type="image/jpeg", size=1)[0].id for n in range(3)]

    first = client.get("/images", params={"limit": 2}).json()
    second = client.get("/images", params={"limit": 2, "cursor": first["next"]}).json()

    assert [image["id"] for page in (first, second) for image in page["images"]] == sorted(made, reverse=True)
    assert second["next"] is None


@pytest.mark.parametrize(
    ("params", "status"), [({"cursor": "garbage"}, 400), ({"limit": "0"}, 422), ({"limit": "101"}, 422)]
)
def test_a_list_of_nonsense_is_refused(client: TestClient, params: dict[str, str], status: int) -> None:
    assert client.get("/images", params=params).status_code == status


def bulk(client: TestClient, what: str, images: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(f"/images/{what}", json={"images": images}).raise_for_status().json()
    return answer


def found(client: TestClient, **params: str) -> list[str]:
    return [image["id"] for image in client.get("/images", params=params).json()["images"]]


def test_the_original_is_a_redirect_away(client: TestClient, ready: Image) -> None:
    answer = client.get(f"/images/{ready.id}/original")

    assert answer.status_code == 307
    assert f"/originals/{ready.owner}/{ready.id}?" in answer.headers["Location"]


def test_an_image_without_an_original_has_none_to_download(client: TestClient, ingest: Ingest, owner: str) -> None:
    image, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    assert client.get(f"/images/{image.id}/original").status_code == 409


def test_a_trashed_image_is_out_of_the_library_and_in_the_trash(client: TestClient, ready: Image) -> None:
    assert client.delete(f"/images/{ready.id}").status_code == 204

    assert found(client) == []
    assert found(client, state="trashed") == [ready.id]
    assert client.get(f"/images/{ready.id}").json()["trashed_at"]
    assert client.get("/search", params={"q": "untagged"}).json()["images"] == []


def test_a_restored_image_is_back(client: TestClient, ready: Image) -> None:
    client.delete(f"/images/{ready.id}")

    assert bulk(client, "restore", {"ids": [ready.id], "dry_run": True})["changed"] == 1
    assert bulk(client, "restore", {"ids": [ready.id]})["changed"] == 1

    assert found(client) == [ready.id]
    assert client.get(f"/images/{ready.id}").json()["trashed_at"] is None


def test_after_thirty_days_what_is_in_the_trash_is_gone(
    client: TestClient, ready: Image, outbox_worker: OutboxWorker, clock: Clock
) -> None:
    client.delete(f"/images/{ready.id}")

    clock.ahead = int(TRASH_LIFE.total_seconds()) - 60
    outbox_worker.process(ready.owner)
    before = found(client, state="trashed")
    clock.ahead += 120
    outbox_worker.process(ready.owner)

    assert (before, found(client, state="trashed")) == ([ready.id], [])
    assert client.get(f"/images/{ready.id}").status_code == 404


def test_many_are_trashed_by_a_query(client: TestClient, ready: Image) -> None:
    assert bulk(client, "trash", {"query": "untagged", "dry_run": True})["changed"] == 1
    assert bulk(client, "trash", {"query": "untagged"})["changed"] == 1

    assert found(client, state="trashed") == [ready.id]


def test_a_purged_image_is_gone_for_good(client: TestClient, ready: Image) -> None:
    link = client.get(f"/images/{ready.id}").json()["links"]["thumbnail"]
    early = bulk(client, "purge", {"ids": [ready.id]})["outcomes"]
    client.delete(f"/images/{ready.id}")

    assert bulk(client, "purge", {"links": [link], "dry_run": True})["changed"] == 1
    assert bulk(client, "purge", {"links": [link]})["changed"] == 1

    assert early == [
        {"image": ready.id, "result": "failed", "detail": "This cannot be done with an image that is ready."}
    ]
    assert client.get(f"/images/{ready.id}").status_code == 404
    assert found(client, state="trashed") == found(client, state="gone") == []


def test_the_same_bytes_again_are_the_image_that_is_there(
    client: TestClient, ready: Image, ingest: Ingest, owner: str, photo: bytes
) -> None:
    again = ingest.receive(owner, Upload(photo, "image/jpeg", "again.jpg"), max_bytes=10_000)
    ingest.ingest(owner, again.id)

    assert client.get(f"/images/{again.id}").json()["id"] == ready.id
    assert found(client) == [ready.id]


def test_a_query_over_the_trash_restores_and_purges(client: TestClient, ready: Image) -> None:
    client.delete(f"/images/{ready.id}")

    restored = bulk(client, "restore", {"query": "untagged"})
    live = bulk(client, "purge", {"query": "untagged", "dry_run": True})
    client.delete(f"/images/{ready.id}")
    purged = bulk(client, "purge", {"query": "untagged"})

    assert (restored["changed"], live["changed"], purged["changed"]) == (1, 0, 1)


def test_an_image_is_trashed_only_in_the_version_that_is_meant(client: TestClient, ready: Image) -> None:
    refused = client.delete(f"/images/{ready.id}", headers={"If-Match": '"1"'})
    read = client.get(f"/images/{ready.id}")

    assert (refused.status_code, read.json()["state"]) == (412, "ready")
    assert client.delete(f"/images/{ready.id}", headers={"If-Match": read.headers["ETag"]}).status_code == 204


def test_an_image_named_twice_counts_once(client: TestClient, ready: Image) -> None:
    assert bulk(client, "trash", {"ids": [ready.id, ready.id], "dry_run": True})["changed"] == 1


def test_trouble_with_one_of_many_is_its_own(client: TestClient, ready: Image, dynamodb: "DynamoDBClient") -> None:
    def down() -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    with before(dynamodb, "dynamodb.TransactWriteItems", down):
        answer = bulk(client, "trash", {"ids": [ready.id, new_id()]})

    assert [one["result"] for one in answer["outcomes"]] == ["failed", "failed"]
    assert found(client) == [ready.id]
