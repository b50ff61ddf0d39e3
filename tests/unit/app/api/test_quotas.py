from collections.abc import Callable
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api import dependencies
from app.api.dependencies import provide
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState
from app.domain.ports import Images, Objects, Quotas, Subscriptions
from app.domain.quotas import AddressLimits, Limits
from app.domain.uploads import Upload
from app.main import app
from app.services.ingest import Ingest
from tests.support.fakes import NOON, image

NOT_SHOWN = {
    "visits_per_minute",
    "files_per_minute",
    "confirmations_per_minute",
    "passwords_per_minute",
    "wrong_passwords",
}


@pytest.fixture
def client(client: TestClient, small_quotas: Quotas, subscriptions: Subscriptions) -> TestClient:
    app.dependency_overrides |= {
        provide(wiring.quotas): lambda: small_quotas,
        provide(wiring.subscriptions): lambda: subscriptions,
    }
    return client


def make_image(owner: str, size: int, state: ImageState = ImageState.READY) -> Image:
    return replace(image(owner, state, dog=1), size=size)


@pytest.mark.parametrize(("number", "size"), [(2, 1), (1, 1_000)])
def test_upload_to_full_library_returns_429_until_the_trash_is_emptied(
    client: TestClient, images: Images, objects: Objects, owner: str, photo: bytes, number: int, size: int
) -> None:
    full = [make_image(owner, size) for _ in range(number)]
    for each in full:  # uploads are refused while all originals are missing
        objects.claim(Rendition.ORIGINAL.key(owner, each.id), Upload(photo, "image/jpeg", "a.jpg"))
    saved = [images.save(each) for each in full]
    request = {"name": "a.jpg", "type": "image/jpeg", "size": 1}

    for response in (client.post("/uploads", json=request), client.post("/images", files={"file": ("a.jpg", photo)})):
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "3600"
        assert response.json()["type"] == "urn:pixtag:quota-exceeded"
        assert f"contains {number} images and 0.00 GiB" in response.json()["detail"]
        assert "POST /images/purge" in response.json()["detail"]
    for action in ("trash", "purge"):
        assert client.post(f"/images/{action}", json={"images": {"ids": [saved[0].id]}}).json()["changed"] == 1
    assert client.post("/uploads", json=request).status_code == 201


def test_upload_above_the_bytes_of_a_day_returns_429_until_midnight(
    client: TestClient, images: Images, small_quotas: Quotas, owner: str, photo: bytes
) -> None:
    small_quotas.receive(owner, small_quotas.limits.bytes_per_day)

    for response in (
        client.post("/uploads", json={"name": "a.jpg", "type": "image/jpeg", "size": 1}),
        client.post("/images", files={"file": ("a.jpg", photo)}),
    ):
        assert response.status_code == 429
        assert response.json()["type"] == "urn:pixtag:daily-limit-reached"
        assert response.headers["Retry-After"] == str(86_400 - NOON % 86_400)
    assert list(images.list_ids(owner)) == []


def test_get_usage_returns_the_size_and_limits_of_the_library(
    client: TestClient, small_quotas: Quotas, ingest: Ingest, owner: str, photo: bytes
) -> None:
    image_id = client.post("/images", files={"file": ("a.jpg", photo, "image/jpeg")}).json()["id"]
    ingest.ingest(owner, image_id)

    assert client.get("/usage").json() == {
        "images": 1,
        "bytes": len(photo),
        "free_bytes": None,
        "uploaded_today": len(photo),
        **{f"max_{name}": limit for name, limit in asdict(small_quotas.limits).items() if name not in NOT_SHOWN},
    }


SELECTION = {"images": {"ids": ["0" * 26]}}
EDITS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/tags", SELECTION),
    ("POST", "/tags/rename", {"old": "a", "new": "b", "dry_run": True}),
    ("POST", "/images/trash", SELECTION),
    ("POST", "/images/restore", SELECTION),
    ("POST", "/images/purge", SELECTION),
    ("DELETE", f"/images/{new_id()}", None),
    ("POST", "/subscriptions", {"query": "a,"}),
    ("DELETE", "/subscriptions/x", None),
]
UPLOADS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/uploads", {"name": "a.svg", "type": "image/svg+xml", "size": 1}),
    ("POST", "/images", None),
]


@pytest.mark.parametrize(("requests", "limit"), [(EDITS, 2), (UPLOADS, 3)])
def test_requests_above_the_limit_return_429_with_retry_after(
    client: TestClient,
    move_clock: Callable[[int], None],
    requests: list[tuple[str, str, dict[str, Any] | None]],
    limit: int,
) -> None:
    method, path, body = requests[0]
    for number in range(limit):
        assert client.request(method, path, json=body).status_code != 429, number

    move_clock(50)
    for method, path, body in requests:
        response = client.request(method, path, json=body, headers={"X-Forwarded-For": f"192.0.2.{len(path)}"})
        assert (response.status_code, path) == (429, path)
        assert response.headers["Retry-After"] == "10"
        assert response.json()["type"] == "urn:pixtag:too-many-requests"
    move_clock(61)
    assert client.request(method, path, json=body).status_code != 429


def test_requests_of_all_kinds_have_a_common_limit(client: TestClient, move_clock: Callable[[int], None]) -> None:
    paths = ("/images", "/usage", "/tags", "/images/x")
    statuses = {client.get(path).status_code for _ in range(5) for path in paths}

    move_clock(50)
    response = client.get("/usage")
    move_clock(61)

    assert statuses == {200, 404}
    assert (response.status_code, response.headers["Retry-After"]) == (429, "10")
    assert response.json()["detail"] == "You have reached the limit of 20 requests per minute. Try again in 10 seconds."
    assert client.get("/usage").status_code == 200


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> AddressLimits:
    limits = AddressLimits(Limits(visits_per_minute=2, files_per_minute=1))
    monkeypatch.setattr(wiring, "address_limits", lambda: limits)
    return limits


def test_requests_without_a_token_are_limited_by_address(
    anonymous: TestClient, limits: AddressLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "time", SimpleNamespace(time=lambda: NOON + 50))
    app.dependency_overrides |= {provide(wiring.disk): lambda: None, provide(wiring.object_server): lambda: None}
    paths = ("/health", "/images", "/health", "/images", "/objects/a", "/objects/b", "/docs")

    responses = [anonymous.get(path, headers={"X-Forwarded-For": path}) for path in paths]
    other = TestClient(app, client=("192.0.2.1", 1)).get("/health")

    assert [each.status_code for each in responses] == [200, 401, 429, 429, 404, 429, 200]
    assert responses[2].headers["Retry-After"] == "10"
    assert "2 requests without an access token per minute" in responses[2].json()["detail"]
    assert "1 files per minute" in responses[5].json()["detail"]
    assert other.status_code == 200


def test_requests_with_a_token_are_not_limited_by_address(client: TestClient, limits: AddressLimits) -> None:
    assert [client.get("/usage").status_code for _ in range(5)] == [200] * 5


def test_bulk_edit_counts_each_image(client: TestClient, images: Images, small_quotas: Quotas, owner: str) -> None:
    ids = [images.save(image(owner, dog=1)).id for _ in range(3)]
    edit = {"images": {"ids": ids}, "add": [{"tag": "cat"}]}

    statuses = [client.post("/tags", json=edit).status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_picture_search_has_its_own_limit(client: TestClient, photo: bytes) -> None:
    responses = [client.post("/search/image", files={"file": ("a.jpg", photo)}) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 429]
    assert "1 detections per minute" in responses[1].json()["detail"]
