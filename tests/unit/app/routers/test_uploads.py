from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.catalog import Catalog
from app.problems import MAX_FILE_BYTES
from tests.conftest import FakeDetector

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
    client: TestClient, catalog: Catalog, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 2, "person": 1}

    answer = client.post("/images", files={"file": ("beach.jpg", photo, "image/jpeg")})
    catalog.ingest(owner, answer.json()["id"])

    assert answer.status_code == 202
    image = client.get(answer.headers["Location"]).json()
    assert [(one["tag"], one["count"]) for one in image["tags"]] == [("dog", 2), ("person", 1)]
    assert image["detections"][0] == {
        "label": "dog",
        "confidence": 0.9,
        "box": {"x1": 0, "y1": 0, "x2": 64, "y2": 48},
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
