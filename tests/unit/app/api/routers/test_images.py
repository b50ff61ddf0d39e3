from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import EndpointConnectionError
from fastapi.testclient import TestClient

from app.domain.capture_times import load_capture_time
from app.domain.errors import StorageFull, Unavailable
from app.domain.ids import Rendition, created_at, new_id
from app.domain.images import Image, ImageState
from app.domain.outbox import TRASH_LIFE
from app.domain.ports import Images, Objects
from app.domain.tags import MAX_TAGS, TagEdit
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from detector import BoundingBox, Detection
from detector.metadata.values import Metadata
from tests.support.fakes import PHOTO_METADATA, Clock
from tests.support.fakes import image as picture
from tests.support.jpegs import encode_jpeg, make_photo
from tests.support.stored_data import before_call
from tests.unit.app.conftest import Caller

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def ready(ingest: Ingest, owner: str, photo: bytes) -> Image:
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    image = ingest.ingest(owner, pending.id)
    assert image
    return image


def test_ready_image_has_links_to_its_three_objects(client: TestClient, ready: Image) -> None:
    response = client.get(f"/images/{ready.id}")

    assert response.status_code == 200
    links = response.json()["links"]
    assert {name: link.partition("?")[0].rpartition("/")[0].split("/")[-2] for name, link in links.items()} == {
        "original": "originals",
        "preview": "previews",
        "large_thumbnail": "large-thumbnails",
        "thumbnail": "thumbnails",
    }


def test_pending_image_returns_202_with_retry_after(client: TestClient, ingest: Ingest, owner: str) -> None:
    image, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    response = client.get(f"/images/{image.id}")

    assert (response.status_code, response.headers["Retry-After"]) == (202, "1")
    assert response.json()["links"] is None


def test_failed_image_has_reason(client: TestClient, ingest: Ingest, owner: str) -> None:
    image = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "a.jpg"), max_bytes=10)
    ingest.ingest(owner, image.id)

    response = client.get(f"/images/{image.id}").json()

    assert response["state"] == "failed"
    assert response["reason"] == "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo."


def test_original_of_a_failed_image_can_be_downloaded(client: TestClient, ingest: Ingest, owner: str) -> None:
    image = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "a.jpg"), max_bytes=10)
    assert client.get(f"/images/{image.id}/original", follow_redirects=False).status_code == 409
    ingest.ingest(owner, image.id)

    response = client.get(f"/images/{image.id}/original", follow_redirects=False)

    assert response.status_code == 307
    assert f"/originals/{owner}/{image.id}?" in response.headers["Location"]


def test_original_of_a_failed_image_without_one_is_a_conflict(
    client: TestClient, images: Images, ingest: Ingest, owner: str
) -> None:
    pending, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)
    images.save(replace(pending, state=ImageState.FAILED, reason="It was lost."), pending)

    assert client.get(f"/images/{pending.id}/original", follow_redirects=False).status_code == 409


def test_image_of_half_a_photo_names_its_damage(client: TestClient, ingest: Ingest, owner: str) -> None:
    data = encode_jpeg(make_photo(64, 320))
    upload = Upload(data[: len(data) * 6 // 10], "image/jpeg", "a.jpg")
    ingest.ingest(owner, ingest.receive(owner, upload, max_bytes=len(data)).id)

    (listed,) = client.get("/images").json()["images"]

    assert listed["state"] == "ready"
    assert listed["damage"] == client.get(f"/images/{listed['id']}").json()["damage"]
    assert listed["damage"].startswith("Damaged: about the upper ")


def test_image_of_other_owner_returns_same_404_as_unknown_image(caller: Caller, ready: Image) -> None:
    stranger = caller("6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f")

    responses = [stranger.get(f"/images/{image_id}") for image_id in (ready.id, new_id(), "malformed")]

    assert {response.status_code for response in responses} == {404}
    assert len({response.content for response in responses}) == 1


def test_list_images_returns_pages_newest_first(client: TestClient, ingest: Ingest, owner: str) -> None:
    image_ids = [ingest.offer(owner, name=f"{n}", media_type="image/jpeg", size=1)[0].id for n in range(3)]

    first = client.get("/images", params={"limit": 2}).json()
    second = client.get("/images", params={"limit": 2, "cursor": first["next"]}).json()

    assert [image["id"] for page in (first, second) for image in page["images"]] == sorted(image_ids, reverse=True)
    assert second["next"] is None


TAKEN = ("2018-12-31", "2019-07-01", "2019-07-28T01:03:00", "2019-08-01", "!2106-02-07T06:28:15")


@pytest.fixture
def taken(images: Images, owner: str) -> list[str]:
    """The ids of images with the capture times `TAKEN`. They were added in the opposite order."""
    saved = [images.save(replace(picture(owner, dog=1), taken=load_capture_time(each))) for each in reversed(TAKEN)]
    return [image.id for image in reversed(saved)]


def test_list_images_is_sorted_by_capture_time_in_both_directions(client: TestClient, taken: list[str]) -> None:
    oldest_first = [taken[4], *taken[:4]]

    assert list_ids(client, direction="asc") == oldest_first
    assert list_ids(client) == list(reversed(oldest_first))
    assert list_ids(client, order="taken", state="ready") == list(reversed(oldest_first))


def test_list_images_in_order_of_uploads_contains_all_states(
    client: TestClient, taken: list[str], images: Images, owner: str
) -> None:
    pending = images.save(picture(owner, ImageState.PENDING))

    assert list_ids(client, order="added") == [pending.id, *taken]
    assert list_ids(client, order="added", direction="asc") == [*reversed(taken), pending.id]


def test_list_images_continues_in_each_order_and_direction(client: TestClient, taken: list[str]) -> None:
    for params in ({}, {"direction": "asc"}, {"order": "added"}, {"order": "added", "direction": "asc"}):
        first = client.get("/images", params={"limit": 2, **params}).json()
        rest = client.get("/images", params={"cursor": first["next"], **params}).json()

        found = [image["id"] for page in (first, rest) for image in page["images"]]
        assert (found, rest["next"]) == (list_ids(client, **params), None)


@pytest.mark.parametrize(
    ("month", "direction", "numbers"),
    [("2019-07", "desc", [2, 1, 0, 4]), ("2019-07", "asc", [1, 2, 3]), ("2019-01", "desc", [0, 4])],
)
def test_list_images_with_month_begins_there(
    client: TestClient, taken: list[str], month: str, direction: str, numbers: list[int]
) -> None:
    assert list_ids(client, cursor=month, direction=direction) == [taken[number] for number in numbers]


def test_list_images_shows_whether_capture_times_are_plausible(client: TestClient, taken: list[str]) -> None:
    listed = client.get("/images").json()["images"]

    assert {image["id"]: image["taken_plausible"] for image in listed} == {
        image_id: image_id != taken[4] for image_id in taken
    }
    assert listed[-1]["taken_at"] == "2106-02-07T06:28:15"


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"cursor": "garbage"}, 400),
        ({"cursor": "2019-13"}, 400),
        ({"limit": "0"}, 422),
        ({"limit": "101"}, 422),
        ({"order": "name"}, 422),
        ({"direction": "up"}, 422),
    ],
)
def test_list_images_with_invalid_parameter_returns_error(
    client: TestClient, params: dict[str, str], status: int
) -> None:
    assert client.get("/images", params=params).status_code == status


def bulk(client: TestClient, operation: str, images: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = client.post(f"/images/{operation}", json={"images": images}).raise_for_status().json()
    return response


def list_ids(client: TestClient, **params: str) -> list[str]:
    return [image["id"] for image in client.get("/images", params=params).json()["images"]]


def test_get_original_redirects_to_object(client: TestClient, ready: Image) -> None:
    response = client.get(f"/images/{ready.id}/original")

    assert response.status_code == 307
    assert f"/originals/{ready.owner}/{ready.id}?" in response.headers["Location"]


def test_links_to_the_original_name_a_file_that_no_program_runs(
    client: TestClient, images: Images, ready: Image
) -> None:
    images.save(replace(ready, name="beach.html", version=ready.version), ready)

    links = client.get(f"/images/{ready.id}").json()["links"], client.get(f"/images/{ready.id}/original").headers

    for link in (links[0]["original"], links[1]["Location"]):
        assert unquote(unquote(link)).partition("beach.html")[2].startswith(".jpg&")


def test_failed_image_has_a_link_to_its_original_if_it_is_stored(
    client: TestClient, ingest: Ingest, objects: Objects, owner: str
) -> None:
    pending = ingest.receive(owner, Upload(b"<html>", "image/png", "a.png"), max_bytes=10)
    image = ingest.ingest(owner, pending.id)
    key = Rendition.ORIGINAL.key(owner, pending.id)
    objects.delete(key)

    before = client.get(f"/images/{pending.id}").json()
    objects.claim(key, Upload(b"<html>", "image/png", "a.png"))
    after = client.get(f"/images/{pending.id}").json()

    assert image
    assert image.state == before["state"] == "failed"
    assert (before["original"], before["links"], after["links"]) == (None, None, None)
    assert f"/originals/{owner}/{pending.id}?" in after["original"]


def test_ready_image_has_a_link_to_its_original(client: TestClient, ready: Image) -> None:
    details = client.get(f"/images/{ready.id}").json()

    assert details["original"] == details["links"]["original"]


def test_get_original_of_pending_image_returns_409(client: TestClient, ingest: Ingest, owner: str) -> None:
    image, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    assert client.get(f"/images/{image.id}/original").status_code == 409


def test_trash_image_moves_it_from_library_to_trash(client: TestClient, ready: Image) -> None:
    assert client.delete(f"/images/{ready.id}").status_code == 204

    assert list_ids(client) == []
    assert list_ids(client, state="trashed") == [ready.id]
    assert client.get(f"/images/{ready.id}").json()["trashed_at"]
    assert client.get("/search", params={"q": "untagged"}).json()["images"] == []


def test_restore_images_returns_image_to_library(client: TestClient, ready: Image) -> None:
    client.delete(f"/images/{ready.id}")

    assert bulk(client, "restore", {"ids": [ready.id], "dry_run": True})["changed"] == 1
    assert bulk(client, "restore", {"ids": [ready.id]})["changed"] == 1

    assert list_ids(client) == [ready.id]
    assert client.get(f"/images/{ready.id}").json()["trashed_at"] is None


def test_trashed_image_after_thirty_days_is_deleted(
    client: TestClient, ready: Image, outbox_worker: OutboxWorker, clock: Clock
) -> None:
    client.delete(f"/images/{ready.id}")

    clock.run_for(TRASH_LIFE.total_seconds() - 60, lambda: outbox_worker.process(ready.owner))
    before = list_ids(client, state="trashed")
    clock.ahead += 120
    outbox_worker.process(ready.owner)

    assert (before, list_ids(client, state="trashed")) == ([ready.id], [])
    assert client.get(f"/images/{ready.id}").status_code == 404


def test_trash_images_by_query_moves_matches_to_trash(client: TestClient, ready: Image) -> None:
    assert bulk(client, "trash", {"query": "untagged", "dry_run": True})["changed"] == 1
    assert bulk(client, "trash", {"query": "untagged"})["changed"] == 1

    assert list_ids(client, state="trashed") == [ready.id]


def test_purge_images_deletes_only_trashed_image(client: TestClient, ready: Image) -> None:
    link = client.get(f"/images/{ready.id}").json()["links"]["thumbnail"]
    outcomes_before_trash = bulk(client, "purge", {"ids": [ready.id]})["outcomes"]
    client.delete(f"/images/{ready.id}")

    assert bulk(client, "purge", {"links": [link], "dry_run": True})["changed"] == 1
    assert bulk(client, "purge", {"links": [link]})["changed"] == 1

    assert outcomes_before_trash == [
        {"image": ready.id, "result": "failed", "detail": "This is not possible while the image is ready."}
    ]
    assert client.get(f"/images/{ready.id}").status_code == 404
    assert list_ids(client, state="trashed") == list_ids(client, state="gone") == []


def test_upload_of_known_bytes_returns_existing_image(
    client: TestClient, ready: Image, ingest: Ingest, owner: str, photo: bytes
) -> None:
    duplicate = ingest.receive(owner, Upload(photo, "image/jpeg", "duplicate.jpg"), max_bytes=10_000)
    ingest.ingest(owner, duplicate.id)

    assert client.get(f"/images/{duplicate.id}").json()["id"] == ready.id
    assert list_ids(client) == [ready.id]


def test_restore_and_purge_by_query_select_only_from_trash(client: TestClient, ready: Image) -> None:
    client.delete(f"/images/{ready.id}")

    restored = bulk(client, "restore", {"query": "untagged"})
    ready_matches = bulk(client, "purge", {"query": "untagged", "dry_run": True})
    client.delete(f"/images/{ready.id}")
    purged = bulk(client, "purge", {"query": "untagged"})

    assert (restored["changed"], ready_matches["changed"], purged["changed"]) == (1, 0, 1)


def test_trash_image_with_outdated_version_returns_412(client: TestClient, ready: Image) -> None:
    rejected = client.delete(f"/images/{ready.id}", headers={"If-Match": '"1"'})
    current = client.get(f"/images/{ready.id}")

    assert (rejected.status_code, current.json()["state"]) == (412, "ready")
    assert client.delete(f"/images/{ready.id}", headers={"If-Match": current.headers["ETag"]}).status_code == 204


def test_bulk_with_duplicate_id_counts_image_once(client: TestClient, ready: Image) -> None:
    assert bulk(client, "trash", {"ids": [ready.id, ready.id], "dry_run": True})["changed"] == 1


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), Unavailable(), StorageFull()]
)
def test_bulk_with_failing_stores_reports_outcome_of_each_image(
    client: TestClient, images: Images, ready: Image, error: Exception
) -> None:
    def fail() -> None:
        raise error

    with before_call(images, "save", fail), before_call(images, "save_all", fail):
        response = bulk(client, "trash", {"ids": [ready.id, new_id()]})

    assert [outcome["result"] for outcome in response["outcomes"]] == ["failed", "failed"]
    assert list_ids(client) == [ready.id]


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), StorageFull()])
def test_purge_with_failing_stores_reports_that_all_images_failed(
    client: TestClient, images: Images, ready: Image, error: Exception
) -> None:
    def fail() -> None:
        raise error

    with before_call(images, "find_images", fail):
        response = bulk(client, "purge", {"ids": [ready.id, new_id()]})

    assert [outcome["result"] for outcome in response["outcomes"]] == ["failed", "failed"]
    assert (response["changed"], "" in {outcome["detail"] for outcome in response["outcomes"]}) == (0, False)


def test_image_has_its_capture_time_and_metadata(client: TestClient, images: Images, ready: Image) -> None:
    images.save(replace(ready, taken=PHOTO_METADATA.taken, metadata=PHOTO_METADATA), ready)

    response = client.get(f"/images/{ready.id}").json()

    assert (response["taken_at"], response["taken_source"]) == ("2019-07-28T01:03:00+09:00", "exif")
    assert response["metadata"] == {
        "taken_at": "2019-07-28T01:03:00+09:00",
        "camera": "FUJIFILM X-T4",
        "camera_make": "FUJIFILM",
        "camera_model": "X-T4",
        "lens": "XF35mmF2 R WR",
        "exposure_seconds": 0.004,
        "f_number": 2.8,
        "iso": 200,
        "focal_length": 35.0,
        "focal_length_35mm": 53.0,
        "position": {"latitude": 35.658581, "longitude": 139.745433, "altitude": 17.5},
        "title": "Tower",
        "description": "The tower\nat night",
        "rating": 4,
        "keywords": ["Tokyo", "Night, blue"],
    }
    (summary,) = client.get("/images").json()["images"]
    assert (summary["taken_at"], summary["taken_source"]) == (response["taken_at"], "exif")


def test_image_without_known_date_has_the_time_of_the_upload(client: TestClient, ready: Image) -> None:
    response = client.get(f"/images/{ready.id}").json()

    assert response["taken_at"] == created_at(ready.id).isoformat(timespec="seconds")
    assert (response["taken_source"], response["metadata"]["position"]) == ("upload", None)


def test_pending_image_has_no_capture_time(client: TestClient, ingest: Ingest, owner: str) -> None:
    image, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=1)

    response = client.get(f"/images/{image.id}").json()

    assert (response["taken_at"], response["taken_source"]) == (None, None)


def test_image_says_where_each_tag_comes_from(client: TestClient, images: Images, ready: Image) -> None:
    labels = ("cat", "dog", "bird", "fox")
    tagged = replace(
        ready,
        detections=tuple(Detection(label, 0.9, BoundingBox(0, row, 1, row + 1)) for row, label in enumerate(labels)),
        metadata=Metadata(keywords=("Dog", "Sea", "Sand", "Bird")),
        edits={"cat": TagEdit(3, NOW), "fox": TagEdit(0, NOW), "sand": TagEdit(0, NOW), "bird": TagEdit(0, NOW)},
    )
    images.save(tagged, ready)

    response = client.get(f"/images/{ready.id}").json()

    sources = [(tag["tag"], tag["count"], tag["source"], tag["in_file"]) for tag in response["tags"]]
    assert sources == [("cat", 3, "hand", False), ("dog", 1, "detected", True), ("sea", 1, "file", True)]
    rejected = [(tag["tag"], tag["count"], tag["source"], tag["in_file"]) for tag in response["rejected"]]
    assert rejected == [("bird", 0, "hand", True), ("fox", 0, "hand", False), ("sand", 0, "hand", True)]


def test_image_does_not_reject_keywords_beyond_the_maximum_number_of_tags(
    client: TestClient, images: Images, ready: Image
) -> None:
    images.save(replace(ready, metadata=Metadata(keywords=tuple(f"k{number:02}" for number in range(30)))), ready)

    response = client.get(f"/images/{ready.id}").json()

    assert (len(response["tags"]), response["rejected"]) == (MAX_TAGS, [])
    assert len(response["metadata"]["keywords"]) == 30
