import hashlib
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.adapters.aws.bucket import Upload
from app.adapters.aws.table import Table
from app.api.problems import MAX_FILE_BYTES
from app.domain.ids import new_id
from app.services.ingest import Ingest
from app.services.library import Library
from tests.support.fakes import FakeDetector
from tests.unit.app.conftest import Caller

REQUEST = {"name": "beach.jpg", "type": "image/jpeg", "size": 1000}


def test_a_form_is_offered_for_an_image_that_is_pending(client: TestClient) -> None:
    answer = client.post("/uploads", json=REQUEST)

    assert answer.status_code == 201
    offer = answer.json()
    assert offer["form"]["fields"]["key"].endswith(f"/{offer['id']}")
    assert answer.headers["Location"] == f"/images/{offer['id']}"
    assert client.get(answer.headers["Location"]).json()["state"] == "pending"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"type": "image/svg+xml"}, 415),
        ({"size": 0}, 413),
        ({"size": 50 * 2**20 + 1}, 413),
        ({"size": "1000"}, 422),
        ({"size": True}, 422),
        ({"name": ""}, 422),
        ({"owner": "somebody else"}, 422),
    ],
)
def test_what_cannot_be_uploaded_is_refused_when_asked_for(
    client: TestClient, change: dict[str, Any], status: int
) -> None:
    answer = client.post("/uploads", json=REQUEST | change)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get("/images").json() == {"images": [], "next": None}


def test_a_small_photograph_goes_the_same_way(
    client: TestClient, ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 2, "person": 1}

    answer = client.post("/images", files={"file": ("beach.jpg", photo, "image/jpeg")})
    ingest.ingest(owner, answer.json()["id"])

    assert answer.status_code == 202
    image = client.get(answer.headers["Location"]).json()
    assert [(one["tag"], one["count"]) for one in image["tags"]] == [("dog", 2), ("person", 1)]
    (first, *_) = image["detections"]
    assert len(first.pop("id")) == 12
    assert first == {
        "label": "dog",
        "detected_label": "dog",
        "confidence": 0.9,
        "corrected_at": None,
        "box": {"x1": 0, "y1": 0, "x2": 64, "y2": 16},
    }


@pytest.mark.parametrize("name", ["a.heic", "a.HEIC", "a.jpg", "a.webp", "a.avif"])
def test_a_client_that_knows_no_type_is_believed_by_the_name(client: TestClient, photo: bytes, name: str) -> None:
    answer = client.post("/images", files={"file": (name, photo, "application/octet-stream")})

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (("a.svg", b"<svg/>", "image/svg+xml"), 415),
        (("a.txt", b"text", "application/octet-stream"), 415),
        (("a.jpg", b"text", "text/plain"), 415),
        (("a.jpg", b"", "image/jpeg"), 413),
        (("a.jpg", b"x" * (MAX_FILE_BYTES + 1), "image/jpeg"), 413),
    ],
)
def test_a_file_of_the_wrong_type_or_size_is_refused(
    client: TestClient, file: tuple[str, bytes, str], status: int
) -> None:
    answer = client.post("/images", files={"file": file})

    assert answer.status_code == status
    assert client.get("/images").json()["images"] == []


def offer(client: TestClient, **more: str) -> httpx2.Response:
    return client.post("/uploads", json={"name": "beach.jpg", "type": "image/jpeg", "size": 1_000, **more})


def test_bytes_that_the_library_has_need_not_be_sent_again(
    client: TestClient, ingest: Ingest, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, image.id)
    client.delete(f"/images/{image.id}")

    answer = offer(client, sha256=hashlib.sha256(photo).hexdigest())

    assert (answer.status_code, answer.headers["Location"]) == (200, f"/images/{image.id}")
    assert answer.json() == {"id": image.id, "form": None}
    assert client.get(f"/images/{image.id}").json()["state"] == "ready"


def test_bytes_that_the_library_has_not_are_to_be_sent(
    client: TestClient, caller: Caller, ingest: Ingest, photo: bytes
) -> None:
    other = ingest.receive("other", Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest("other", other.id)

    answer = offer(client, sha256=hashlib.sha256(photo).hexdigest())

    assert answer.status_code == 201
    assert answer.json()["form"]["fields"]


def test_bytes_whose_image_was_purged_in_that_moment_are_to_be_sent(
    client: TestClient, library: Library, table: Table, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "find_by_hash", lambda *_: new_id())

    assert offer(client, sha256=hashlib.sha256(photo).hexdigest()).status_code == 201


@pytest.mark.parametrize("sha256", ["", "ab", "A" * 64, "g" * 64])
def test_what_is_no_sha256_is_refused(client: TestClient, sha256: str) -> None:
    assert offer(client, sha256=sha256).status_code == 422
