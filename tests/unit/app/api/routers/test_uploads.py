import hashlib
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.api.problems import MAX_FILE_BYTES
from app.api.routers.uploads import MAX_NAME_TEXT
from app.domain.dates import parse_date
from app.domain.ids import new_id
from app.domain.ports import Images, Objects
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.part_uploads import PartUploads
from detector.metadata.values import Metadata, Position, TimeSource
from tests.support.fakes import FakeDetector
from tests.support.parts import send_parts
from tests.unit.app.conftest import Caller

REQUEST = {"name": "beach.jpg", "type": "image/jpeg", "size": 1000}


def test_create_upload_returns_form_and_pending_image(client: TestClient) -> None:
    response = client.post("/uploads", json=REQUEST)

    assert response.status_code == 201
    upload = response.json()
    assert upload["form"]["fields"]["key"].endswith(f"/{upload['id']}")
    assert response.headers["Location"] == f"/images/{upload['id']}"
    assert client.get(response.headers["Location"]).json()["state"] == "pending"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"type": "image/svg+xml"}, 415),
        ({"type": "video/mp4"}, 415),
        ({"type": "Text/HTML; charset=utf-8"}, 415),
        ({"size": 0}, 413),
        ({"size": 200 * 2**20 + 1}, 413),
        ({"size": "1000"}, 422),
        ({"size": True}, 422),
        ({"name": ""}, 422),
        ({"owner": "other"}, 422),
        ({"last_modified": "2026-01-31T16:20:00"}, 422),
        ({"last_modified": "2026-01-31"}, 422),
        ({"last_modified": "yesterday"}, 422),
        ({"last_modified": 1_800_000_000}, 422),
        ({"last_modified": "0001-01-01T00:00:00+01:00"}, 422),
        ({"last_modified": "2026-01-31T16:20:00Z" + " " * 40}, 422),
        ({"metadata": {"taken_at": "yesterday"}}, 422),
        ({"metadata": {"taken_at": "1799-01-01"}}, 422),
        ({"metadata": {"taken_at": "2019-07-28" + " " * 60}}, 422),
        ({"metadata": {"rating": 6}}, 422),
        ({"metadata": {"position": {"latitude": 35.6}}}, 422),
        ({"metadata": {"position": {"longitude": 35.6}}}, 422),
        ({"metadata": {"position": {"latitude": 90.1, "longitude": 0}}}, 422),
        ({"metadata": {"keywords": ["a" * 101]}}, 422),
        ({"metadata": {"keywords": ["a"] * 201}}, 422),
        ({"metadata": {"title": "a" * 2_001}}, 422),
        ({"metadata": {"camera": "X-T4"}}, 422),
        ({"metadata": None}, 422),
    ],
)
def test_create_upload_with_invalid_request_returns_error_and_no_image(
    client: TestClient, change: dict[str, Any], status: int
) -> None:
    response = client.post("/uploads", json=REQUEST | change)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert client.get("/images").json() == {"images": [], "next": None}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2019-07-28T01:03:05.250+09:00", "2019-07-28T01:03:05.250000+09:00"),
        ("2026-01-31T16:20:00Z", "2026-01-31T16:20:00+00:00"),
        (None, None),
    ],
)
def test_create_upload_stores_the_time_of_the_file(
    client: TestClient, images: Images, owner: str, sent: str | None, stored: str | None
) -> None:
    response = client.post("/uploads", json=REQUEST | {"last_modified": sent})

    assert response.status_code == 201
    file_time = images.get_image(owner, response.json()["id"]).file_time
    assert (file_time and file_time.isoformat()) == stored


def test_create_upload_stores_the_metadata(client: TestClient, images: Images, owner: str) -> None:
    metadata = {
        "taken_at": "2019-07-28T01:03:00+09:00",
        "title": " Tokyo\nTower",
        "description": "The tower\r\nat night",
        "keywords": ["Ann", "ann", "Tokyo"],
        "rating": -1,
        "position": {"latitude": 35.658581, "longitude": 139.745433, "altitude": 17.5},
    }

    response = client.post("/uploads", json=REQUEST | {"metadata": metadata})

    assert response.status_code == 201
    assert images.get_image(owner, response.json()["id"]).sidecar == Metadata(
        taken=parse_date("2019-07-28T01:03:00+09:00", TimeSource.SIDECAR),
        title="Tokyo Tower",
        description="The tower\nat night",
        keywords=("Ann", "Tokyo"),
        rating=-1,
        position=Position(35.658581, 139.745433, 17.5),
    )


def test_create_upload_of_known_bytes_adds_the_metadata(
    client: TestClient, ingest: Ingest, owner: str, photo: bytes
) -> None:
    image_id = client.post("/images", files={"file": ("beach.jpg", photo, "image/jpeg")}).json()["id"]
    ingest.ingest(owner, image_id)
    request = REQUEST | {"sha256": hashlib.sha256(photo).hexdigest()}

    response = client.post("/uploads", json=request | {"metadata": {"taken_at": "2019-07-28", "keywords": ["Ann"]}})

    assert (response.status_code, response.json()["id"]) == (200, image_id)
    image = client.get(f"/images/{image_id}").json()
    assert (image["taken_at"], image["taken_source"], image["metadata"]["keywords"]) == (
        "2019-07-28",
        "sidecar",
        ["Ann"],
    )


def test_upload_image_is_ingested_with_detections(
    client: TestClient, ingest: Ingest, detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 2, "person": 1}

    response = client.post("/images", files={"file": ("beach.jpg", photo, "image/jpeg")})
    ingest.ingest(owner, response.json()["id"])

    assert response.status_code == 202
    image = client.get(response.headers["Location"]).json()
    assert [(tag["tag"], tag["count"]) for tag in image["tags"]] == [("dog", 2), ("person", 1)]
    (detection, *_) = image["detections"]
    assert len(detection.pop("id")) == 12
    assert detection == {
        "source": "model",
        "label": "dog",
        "detected_label": "dog",
        "confidence": 0.9,
        "certain": True,
        "corrected_at": None,
        "box": {"x1": 0, "y1": 0, "x2": 64, "y2": 16},
        "detected_box": None,
    }


@pytest.mark.parametrize("name", ["a.HIF", "a", "a.txt", "a.jpg"])
@pytest.mark.parametrize(
    "declared", ["application/octet-stream", "", "video/mp4", "image/png", "Image/JPG; charset=binary"]
)
def test_upload_image_of_photo_ignores_its_name_and_type(
    client: TestClient, ingest: Ingest, owner: str, photo: bytes, name: str, declared: str
) -> None:
    response = client.post("/images", files={"file": (name, photo, declared)})

    assert (response.status_code, response.json()["type"]) == (202, "image/jpeg")
    ingest.ingest(owner, response.json()["id"])
    assert client.get(response.headers["Location"]).json()["state"] == "ready"


@pytest.mark.parametrize(
    ("change", "media_type"),
    [
        ({"type": "image/HEIC-sequence; x=y"}, "image/heic"),
        ({"type": "image/pjpeg"}, "image/jpeg"),
        ({"type": "", "name": "a.HIF"}, "image/heif"),
        ({"type": "binary/octet-stream", "name": "a"}, "application/octet-stream"),
        ({"type": "image/tiff", "name": "a.tif"}, "application/octet-stream"),
    ],
)
def test_create_upload_signs_the_type_of_a_photo_or_none(
    client: TestClient, change: dict[str, Any], media_type: str
) -> None:
    response = client.post("/uploads", json=REQUEST | change)

    assert response.status_code == 201
    assert response.json()["form"]["fields"]["Content-Type"] == media_type
    assert client.get(response.headers["Location"]).json()["type"] == media_type


def test_create_upload_without_a_type_uses_the_name(client: TestClient) -> None:
    response = client.post("/uploads", json={"name": "x" * 300 + ".JFIF", "size": 1_000})

    image = client.get(response.headers["Location"]).json()
    assert (image["type"], image["name"]) == ("image/jpeg", "x" * 250 + ".JFIF")


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
def test_upload_image_with_wrong_type_or_size_returns_error_and_no_image(
    client: TestClient, file: tuple[str, bytes, str], status: int
) -> None:
    response = client.post("/images", files={"file": file})

    assert response.status_code == status
    assert client.get("/images").json()["images"] == []


def create_upload(client: TestClient, **fields: str) -> httpx2.Response:
    return client.post("/uploads", json={"name": "beach.jpg", "type": "image/jpeg", "size": 1_000, **fields})


def test_create_upload_with_known_hash_returns_restored_image_without_form(
    client: TestClient, ingest: Ingest, owner: str, photo: bytes
) -> None:
    image = ingest.receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(owner, image.id)
    client.delete(f"/images/{image.id}")

    response = create_upload(client, sha256=hashlib.sha256(photo).hexdigest())

    assert (response.status_code, response.headers["Location"]) == (200, f"/images/{image.id}")
    assert response.json() == {"id": image.id, "form": None, "parts": None}
    assert client.get(f"/images/{image.id}").json()["state"] == "ready"


def test_create_upload_of_large_file_returns_parts(client: TestClient) -> None:
    size = 50 * 2**20 + 1

    response = client.post("/uploads", json=REQUEST | {"size": size})

    assert response.status_code == 201
    upload = response.json()
    assert upload["form"] is None
    assert [(part["number"], part["start"]) for part in upload["parts"]] == [(n + 1, n * 2**23) for n in range(7)]
    assert sum(part["size"] for part in upload["parts"]) == size
    assert {part["expires_in"] for part in upload["parts"]} == {3600}
    assert len({part["url"] for part in upload["parts"]}) == 7
    assert client.get(response.headers["Location"]).json()["size"] == size


def test_upload_in_parts_is_resumed_and_completed(
    client: TestClient, small_parts: PartUploads, objects: Objects, ingest: Ingest, owner: str, photo: bytes
) -> None:
    created = client.post("/uploads", json=REQUEST | {"size": len(photo)}).json()
    path = f"/uploads/{created['id']}"
    _, links = small_parts.resume(owner, created["id"])
    send_parts(objects, links[1:], photo)

    incomplete = client.post(f"{path}/complete")
    missing = client.get(path)
    send_parts(objects, links[:1], photo)
    pending = client.post(f"{path}/complete")
    ingest.ingest(owner, created["id"])
    ready = client.post(f"{path}/complete")

    assert (incomplete.status_code, incomplete.json()["type"]) == (409, "urn:pixtag:upload-incomplete")
    assert (missing.status_code, [part["number"] for part in missing.json()["parts"]]) == (200, [1])
    assert (pending.status_code, pending.json()["state"]) == (202, "pending")
    assert pending.headers["Location"] == f"/images/{created['id']}"
    assert (ready.status_code, ready.json()["state"]) == (200, "ready")
    assert client.get(path).json() == {"id": created["id"], "form": None, "parts": []}


def test_resume_of_upload_with_form_returns_409(client: TestClient) -> None:
    upload_id = client.post("/uploads", json=REQUEST).json()["id"]

    response = client.get(f"/uploads/{upload_id}")

    assert (response.status_code, response.json()["type"]) == (409, "urn:pixtag:upload-has-no-parts")


def test_create_upload_with_hash_in_other_library_returns_form(
    client: TestClient, caller: Caller, ingest: Ingest, photo: bytes
) -> None:
    other = ingest.receive(str(uuid4()), Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    ingest.ingest(other.owner, other.id)

    response = create_upload(client, sha256=hashlib.sha256(photo).hexdigest())

    assert response.status_code == 201
    assert response.json()["form"]["fields"]


def test_create_upload_with_hash_of_purged_image_returns_form(
    client: TestClient, library: Library, images: Images, owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "find_by_hash", lambda *_: new_id())

    assert create_upload(client, sha256=hashlib.sha256(photo).hexdigest()).status_code == 201


@pytest.mark.parametrize("sha256", ["", "ab", "A" * 64, "g" * 64])
def test_create_upload_with_invalid_hash_returns_422(client: TestClient, sha256: str) -> None:
    assert create_upload(client, sha256=sha256).status_code == 422


def test_upload_image_with_a_long_name_is_refused_above_the_maximum(client: TestClient, photo: bytes) -> None:
    responses = [
        client.post("/images", files={"file": (letter * length, photo, "image/jpeg")})
        for letter in ("a", "\N{DOG}")
        for length in (MAX_NAME_TEXT, MAX_NAME_TEXT + 1)
    ]

    assert [response.status_code for response in responses] == [202, 422, 202, 422]
    assert responses[1].json()["errors"][0]["pointer"] == "body/file"
    assert {len(image["name"].encode()) for image in client.get("/images").json()["images"]} == {255, 252}
