from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.adapters.aws.bucket import Bucket, Upload
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.table import Table
from app.domain.edits import TagChange
from app.domain.ids import Rendition, new_id
from app.domain.images import Image
from app.services.ingest import Ingest
from app.services.library import Library
from tests.support.fakes import FakeDetector
from tests.support.fakes import image as picture
from tests.unit.app.conftest import Caller


@pytest.fixture
def image(table: Table, owner: str) -> Image:
    return table.save(picture(owner, dog=2, person=1))


@pytest.fixture
def ready(ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> Image:
    """An image with its original."""
    detector.sees = {"dog": 2}
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    image = ingest.ingest(owner, pending.id)
    assert image
    return image


def boxes(client: TestClient, image: Image) -> list[str]:
    """The paths of an image's detections."""
    found = client.get(f"/images/{image.id}").json()["detections"]
    return [f"/images/{image.id}/detections/{one['id']}" for one in found]


def tags(client: TestClient, image: Image) -> dict[str, int]:
    return {one["tag"]: one["count"] for one in client.get(f"/images/{image.id}").json()["tags"]}


def test_a_box_is_called_something_else_and_the_counts_follow(client: TestClient, image: Image) -> None:
    answer = client.patch(boxes(client, image)[0], json={"label": "Fox"})

    assert answer.status_code == 200
    assert tags(client, image) == {"dog": 1, "person": 1, "fox": 1}
    relabel = answer.json()["detections"][0]
    assert (relabel["label"], relabel["detected_label"]) == ("fox", "dog")
    sources = {one["tag"]: one for one in answer.json()["tags"]}
    assert relabel["corrected_at"] == sources["fox"]["edited_at"] == sources["dog"]["edited_at"] is not None
    assert sources["person"]["edited_at"] is None
    assert [one["id"] for one in client.get("/search", params={"q": "fox"}).json()["images"]] == [image.id]


def test_a_box_is_deleted_and_brought_back(client: TestClient, image: Image) -> None:
    box = boxes(client, image)[0]

    answer = client.delete(box)

    assert answer.status_code == 200
    assert (len(answer.json()["detections"]), [one["label"] for one in answer.json()["dismissed"]]) == (2, ["dog"])
    assert tags(client, image) == {"dog": 1, "person": 1}
    assert client.patch(box, json={"label": "dog"}).json()["dismissed"] == []
    assert tags(client, image) == {"dog": 2, "person": 1}


@pytest.mark.parametrize("detection_id", ["0" * 12, "x", "%00"])
def test_a_box_that_is_not_there_is_not_found(client: TestClient, image: Image, detection_id: str) -> None:
    answer = client.delete(f"/images/{image.id}/detections/{detection_id}")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:pixtag:detection-not-found")


@pytest.mark.parametrize("body", [{}, {"label": ""}, {"label": "a|b"}, {"label": 1}, {"label": "fox", "box": 1}])
def test_what_is_no_tag_is_refused(client: TestClient, image: Image, body: dict[str, object]) -> None:
    assert client.patch(boxes(client, image)[0], json=body).status_code == 422


def test_a_change_for_an_outdated_version_is_refused(client: TestClient, image: Image) -> None:
    box, other, _ = boxes(client, image)
    read = client.get(f"/images/{image.id}").headers["ETag"]

    first = client.delete(box, headers={"If-Match": read})
    second = client.patch(other, json={"label": "fox"}, headers={"If-Match": read})

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["type"] == "urn:pixtag:version-outdated"
    assert tags(client, image) == {"dog": 1, "person": 1}
    assert client.delete(other, headers={"If-Match": first.headers["ETag"]}).status_code == 200
    assert client.delete(other, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("etag", ["7", 'W/"7"', '"seven"', '"1", "2"', ""])
def test_an_if_match_that_no_etag_of_ours_is_is_refused(client: TestClient, image: Image, etag: str) -> None:
    assert client.delete(boxes(client, image)[0], headers={"If-Match": etag}).status_code == 422


def test_looking_again_replaces_what_was_seen_and_keeps_what_was_said(
    client: TestClient, library: Library, detector: FakeDetector, ready: Image
) -> None:
    library.retag(ready.owner, ready.id, [TagChange("beach", 3)])
    detector.sees = {"dog": 1, "cat": 2}
    detector.model = "fake@2"

    answer = client.post(f"/images/{ready.id}/redetect")

    assert answer.status_code == 200
    assert answer.json()["model"] == "fake@2"
    assert tags(client, ready) == {"beach": 3, "cat": 2, "dog": 1}


def test_a_rejected_tag_stays_rejected_when_it_is_seen_again(
    client: TestClient, library: Library, detector: FakeDetector, ready: Image
) -> None:
    library.retag(ready.owner, ready.id, [TagChange("dog", None, removes=True)])
    detector.sees = {"dog": 5}

    assert client.post(f"/images/{ready.id}/redetect").json()["tags"] == []


def test_looking_again_for_an_outdated_version_is_refused(client: TestClient, ready: Image) -> None:
    answer = client.post(f"/images/{ready.id}/redetect", headers={"If-Match": '"99"'})

    assert answer.status_code == 412


def test_a_failed_upload_is_tried_again(
    client: TestClient, ingest: Ingest, bucket: Bucket, owner: str, photo: bytes
) -> None:
    failed = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "beach.jpg"), max_bytes=10)
    ingest.ingest(owner, failed.id)
    key = Rendition.INCOMING.key(owner, failed.id)

    again = client.post(f"/images/{failed.id}/redetect").json()
    bucket.delete(key)
    bucket.claim(key, Upload(photo, "image/jpeg", "beach.jpg"))
    then = client.post(f"/images/{failed.id}/redetect").json()

    assert (again["state"], then["state"]) == ("failed", "ready")


def test_what_is_pending_or_in_the_trash_is_not_looked_at(client: TestClient, ingest: Ingest, ready: Image) -> None:
    pending, _ = ingest.offer(ready.owner, name="a.jpg", media_type="image/jpeg", size=1)
    client.delete(f"/images/{ready.id}")

    answers = [client.post(f"/images/{image.id}/redetect") for image in (pending, ready)]

    assert [(one.status_code, one.json()["type"]) for one in answers] == [(409, "urn:pixtag:invalid-state")] * 2


def test_what_was_purged_in_that_moment_is_not_found(client: TestClient, bucket: Bucket, ready: Image) -> None:
    bucket.delete(Rendition.ORIGINAL.key(ready.owner, ready.id))

    assert client.post(f"/images/{ready.id}/redetect").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "redetect"), ("PATCH", "detections/{box}"), ("DELETE", "detections/{box}")]
)
def test_other_peoples_images_are_not_there(
    client: TestClient, caller: Caller, image: Image, method: str, path: str
) -> None:
    box = boxes(client, image)[0].rpartition("/")[2]
    stranger = caller(str(uuid4()))

    answers = [
        stranger.request(method, f"/images/{one}/{path.format(box=box)}", json={"label": "fox"})
        for one in (image.id, new_id())
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_the_whole_library_is_looked_at_again_with_progress(
    client: TestClient, redetections: Redetections, owner: str
) -> None:
    assert client.get("/redetection").status_code == 404

    begun = client.post("/redetection")

    assert (begun.status_code, begun.headers["Location"]) == (202, "/redetection")
    assert (begun.json()["queued"], begun.json()["done"], begun.json()["finished"]) == (0, 0, False)
    redetections.advance(redetections.get(owner), None, 2)
    for _ in range(3):
        redetections.count(owner, redetections.get(owner).id)
    progress = client.get("/redetection").json()
    assert (progress["queued"], progress["queued_all"], progress["done"], progress["finished"]) == (2, True, 2, True)
