from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.domain.edits import TagChange
from app.domain.ids import Rendition, new_id
from app.domain.images import Image
from app.domain.ports import Images, Objects, Redetections
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from tests.support.fakes import FakeDetector
from tests.support.fakes import image as picture
from tests.unit.app.conftest import Caller


@pytest.fixture
def image(images: Images, owner: str) -> Image:
    return images.save(picture(owner, dog=2, person=1))


@pytest.fixture
def ready(ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes) -> Image:
    """Return a ready image with its original."""
    detector.sees = {"dog": 2}
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    image = ingest.ingest(owner, pending.id)
    assert image
    return image


def detection_paths(client: TestClient, image: Image) -> list[str]:
    """Return the paths of an image's detections."""
    detections = client.get(f"/images/{image.id}").json()["detections"]
    return [f"/images/{image.id}/detections/{detection['id']}" for detection in detections]


def tags(client: TestClient, image: Image) -> dict[str, int]:
    return {tag["tag"]: tag["count"] for tag in client.get(f"/images/{image.id}").json()["tags"]}


def test_relabel_changes_label_and_counts(client: TestClient, image: Image) -> None:
    response = client.patch(detection_paths(client, image)[0], json={"label": "Fox"})

    assert response.status_code == 200
    assert tags(client, image) == {"dog": 1, "person": 1, "fox": 1}
    detection = response.json()["detections"][0]
    assert (detection["label"], detection["detected_label"]) == ("fox", "dog")
    sources = {tag["tag"]: tag for tag in response.json()["tags"]}
    assert detection["corrected_at"] == sources["fox"]["edited_at"] == sources["dog"]["edited_at"] is not None
    assert sources["person"]["edited_at"] is None
    assert [image["id"] for image in client.get("/search", params={"q": "fox"}).json()["images"]] == [image.id]


def test_dismissed_detection_is_restored_by_relabel(client: TestClient, image: Image) -> None:
    path = detection_paths(client, image)[0]

    response = client.delete(path)

    assert response.status_code == 200
    assert len(response.json()["detections"]) == 2
    assert [detection["label"] for detection in response.json()["dismissed"]] == ["dog"]
    assert tags(client, image) == {"dog": 1, "person": 1}
    assert client.patch(path, json={"label": "dog"}).json()["dismissed"] == []
    assert tags(client, image) == {"dog": 2, "person": 1}


@pytest.mark.parametrize("detection_id", ["0" * 12, "x", "%00"])
def test_dismiss_with_unknown_id_returns_404(client: TestClient, image: Image, detection_id: str) -> None:
    response = client.delete(f"/images/{image.id}/detections/{detection_id}")

    assert (response.status_code, response.json()["type"]) == (404, "urn:pixtag:detection-not-found")


@pytest.mark.parametrize(
    "body",
    [{}, {"label": ""}, {"label": "a|b"}, {"label": "\N{HANGUL FILLER}"}, {"label": 1}, {"label": "fox", "box": 1}],
)
def test_relabel_with_invalid_label_returns_422(client: TestClient, image: Image, body: dict[str, object]) -> None:
    assert client.patch(detection_paths(client, image)[0], json=body).status_code == 422


def test_relabel_with_outdated_version_returns_412(client: TestClient, image: Image) -> None:
    path, other_path, _ = detection_paths(client, image)
    etag = client.get(f"/images/{image.id}").headers["ETag"]

    first = client.delete(path, headers={"If-Match": etag})
    second = client.patch(other_path, json={"label": "fox"}, headers={"If-Match": etag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["type"] == "urn:pixtag:version-outdated"
    assert tags(client, image) == {"dog": 1, "person": 1}
    assert client.delete(other_path, headers={"If-Match": first.headers["ETag"]}).status_code == 200
    assert client.delete(other_path, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("etag", ["7", '"7', 'w/"7"', '"1" "2"', '*, "1"'])
def test_dismiss_with_malformed_if_match_returns_400(client: TestClient, image: Image, etag: str) -> None:
    response = client.delete(detection_paths(client, image)[0], headers={"If-Match": etag})

    assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:invalid-precondition")


def test_redetect_replaces_detections_and_keeps_edits(
    client: TestClient, library: Library, detector: FakeDetector, ready: Image
) -> None:
    library.retag(ready.owner, ready.id, [TagChange("beach", 3)])
    detector.sees = {"dog": 1, "cat": 2}
    detector.model = "fake@2"

    response = client.post(f"/images/{ready.id}/redetect")

    assert response.status_code == 200
    assert response.json()["model"] == "fake@2"
    assert tags(client, ready) == {"beach": 3, "cat": 2, "dog": 1}


def test_redetect_keeps_rejected_tag_rejected(
    client: TestClient, library: Library, detector: FakeDetector, ready: Image
) -> None:
    library.retag(ready.owner, ready.id, [TagChange("dog", None, removes=True)])
    detector.sees = {"dog": 5}

    assert client.post(f"/images/{ready.id}/redetect").json()["tags"] == []


def test_redetect_with_outdated_version_returns_412(client: TestClient, ready: Image) -> None:
    response = client.post(f"/images/{ready.id}/redetect", headers={"If-Match": '"99"'})

    assert response.status_code == 412


def test_redetect_on_failed_image_retries_ingest(
    client: TestClient, ingest: Ingest, objects: Objects, owner: str, photo: bytes
) -> None:
    failed = ingest.receive(owner, Upload(b"<html>", "image/jpeg", "beach.jpg"), max_bytes=10)
    ingest.ingest(owner, failed.id)
    key = Rendition.INCOMING.key(owner, failed.id)

    first = client.post(f"/images/{failed.id}/redetect").json()
    objects.delete(key)
    objects.claim(key, Upload(photo, "image/jpeg", "beach.jpg"))
    second = client.post(f"/images/{failed.id}/redetect").json()

    assert (first["state"], second["state"]) == ("failed", "ready")


def test_redetect_on_pending_or_trashed_image_returns_409(client: TestClient, ingest: Ingest, ready: Image) -> None:
    pending, _ = ingest.offer(ready.owner, name="a.jpg", media_type="image/jpeg", size=1)
    client.delete(f"/images/{ready.id}")

    responses = [client.post(f"/images/{image.id}/redetect") for image in (pending, ready)]

    kinds = [(response.status_code, response.json()["type"]) for response in responses]
    assert kinds == [(409, "urn:pixtag:invalid-state")] * 2


def test_redetect_on_image_without_original_returns_404(client: TestClient, objects: Objects, ready: Image) -> None:
    objects.delete(Rendition.ORIGINAL.key(ready.owner, ready.id))

    assert client.post(f"/images/{ready.id}/redetect").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "redetect", {}),
        ("PATCH", "detections/{id}", {"label": "fox"}),
        ("DELETE", "detections/{id}", {}),
        ("POST", "detections", {"label": "fox", "box": {"x1": 0, "y1": 0, "x2": 9, "y2": 9}}),
        ("POST", "review", {"confirm": ["0" * 12]}),
    ],
)
def test_image_of_other_owner_returns_same_404_as_unknown_image(
    client: TestClient, caller: Caller, image: Image, method: str, path: str, body: dict[str, object]
) -> None:
    detection_id = detection_paths(client, image)[0].rpartition("/")[2]
    stranger = caller(str(uuid4()))

    responses = [
        stranger.request(method, f"/images/{image_id}/{path.format(id=detection_id)}", json=body)
        for image_id in (image.id, new_id())
    ]

    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].json() == responses[1].json()


def test_redetect_library_returns_progress(client: TestClient, redetections: Redetections, owner: str) -> None:
    assert client.get("/redetection").status_code == 404

    started = client.post("/redetection")

    assert (started.status_code, started.headers["Location"]) == (202, "/redetection")
    assert (started.json()["queued"], started.json()["done"], started.json()["finished"]) == (0, 0, False)
    redetections.record_queued(redetections.get(owner), None, 2)
    for _ in range(3):
        redetections.record_done(owner, redetections.get(owner).id)
    progress = client.get("/redetection").json()
    assert (progress["queued"], progress["queued_all"], progress["done"], progress["finished"]) == (2, True, 2, True)
