from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws import quotas as quotas_module
from app.adapters.aws.items import SHARDS, shard, values
from app.adapters.aws.quotas import Limits, Quotas, Rate, Usage
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.domain.errors import TooManyRequests
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.main import app
from app.services.ingest import Ingest
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOON = 1_800_000_000  # begins a minute


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes it so many seconds after noon."""

    def move(seconds: int) -> None:
        monkeypatch.setattr(quotas_module, "time", SimpleNamespace(time=lambda: NOON + seconds + 0.9))

    move(0)
    return move


@pytest.fixture
def small(dynamodb: "DynamoDBClient", at: Callable[[int], None]) -> Quotas:
    return Quotas(
        dynamodb,
        TABLE_NAME,
        Limits(images=2, bytes=1_000, uploads_per_minute=3, edits_per_minute=2, detections_per_minute=1),
    )


@pytest.fixture
def client(client: TestClient, small: Quotas, subscriptions: Subscriptions) -> TestClient:
    app.dependency_overrides |= {wiring.quotas: lambda: small, wiring.subscriptions: lambda: subscriptions}
    return client


def test_calls_are_counted_by_owner_kind_and_minute(small: Quotas, owner: str, at: Callable[[int], None]) -> None:
    at(15)
    for _ in range(2):
        small.count(owner, Rate.EDITS)

    with pytest.raises(TooManyRequests) as failure:
        small.count(owner, Rate.EDITS)
    small.count(owner, Rate.UPLOADS)
    small.count("somebody else", Rate.EDITS)
    at(60)
    small.count(owner, Rate.EDITS)

    assert failure.value.retry_after == 45
    assert str(failure.value) == "You have made 2 edits in this minute, the most. Try again in 45 seconds."


def test_a_refused_call_is_not_counted_and_counters_do_not_stay(
    small: Quotas, owner: str, dynamodb: "DynamoDBClient"
) -> None:
    for _ in range(2):
        small.count(owner, Rate.EDITS)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            small.count(owner, Rate.EDITS)

    [row] = [values(item) for item in dynamodb.scan(TableName=TABLE_NAME)["Items"]]
    assert row == {
        "pk": f"U#{owner}",
        "sk": f"RATE#edits#{NOON // 60}",
        "used": 2,
        "expires_at": NOON + 60,
    }


def sized(owner: str, size: int, state: ImageState = ImageState.READY) -> Image:
    return replace(image(owner, state, dog=1), size=size)


def test_usage_is_what_is_kept(table: Table, quotas: Quotas, owner: str) -> None:
    ready, second = table.save(sized(owner, 100)), table.save(sized(owner, 20))
    pending = table.save(sized(owner, 3, ImageState.PENDING))
    table.save(sized("somebody else", 4_000))
    assert quotas.usage(owner) == Usage(2, 120)

    trashed = table.save(replace(ready, state=ImageState.TRASHED), ready)
    assert quotas.usage(owner) == Usage(2, 120)

    table.save(replace(trashed, state=ImageState.GONE, size=0), trashed)
    table.save(replace(pending, state=ImageState.FAILED), pending)
    assert quotas.usage(owner) == Usage(2, 23)

    table.save(replace(second, detections=()), second)
    assert quotas.usage(owner) == Usage(2, 23)
    assert quotas.usage("nobody") == Usage(0, 0)


def test_usage_is_summed_up_over_the_shards(table: Table, quotas: Quotas, owner: str) -> None:
    for number in range(SHARDS):
        image_id = next(one for one in iter(new_id, "") if shard(one) == number)
        table.save(replace(sized(owner, 10), id=image_id))

    assert quotas.usage(owner) == Usage(SHARDS, 10 * SHARDS)


@pytest.mark.parametrize(("images", "size"), [(2, 1), (1, 1_000)])
def test_a_full_library_takes_no_more_until_the_trash_is_emptied(
    client: TestClient, table: Table, owner: str, photo: bytes, images: int, size: int
) -> None:
    saved = [table.save(sized(owner, size)) for _ in range(images)]
    request = {"name": "a.jpg", "type": "image/jpeg", "size": 1}

    for answer in (client.post("/uploads", json=request), client.post("/images", files={"file": ("a.jpg", photo)})):
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "3600"
        assert answer.json()["type"] == "urn:pixtag:quota-exceeded"
        assert f"contains {images} images and 0.00 GiB" in answer.json()["detail"]
        assert "POST /images/purge" in answer.json()["detail"]
    for act in ("trash", "purge"):
        assert client.post(f"/images/{act}", json={"images": {"ids": [saved[0].id]}}).json()["changed"] == 1
    assert client.post("/uploads", json=request).status_code == 201


def test_a_library_knows_what_it_uses(client: TestClient, ingest: Ingest, owner: str, photo: bytes) -> None:
    image_id = client.post("/images", files={"file": ("a.jpg", photo, "image/jpeg")}).json()["id"]
    ingest.ingest(owner, image_id)

    assert client.get("/usage").json() == {
        "images": 1,
        "bytes": len(photo),
        "max_images": 2,
        "max_bytes": 1_000,
        "max_uploads_per_minute": 3,
        "max_edits_per_minute": 2,
        "max_detections_per_minute": 1,
    }


CHOSEN = {"images": {"ids": ["0" * 26]}}
EDITS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/tags", CHOSEN),
    ("POST", "/tags/rename", {"old": "a", "new": "b", "dry_run": True}),
    ("POST", "/images/trash", CHOSEN),
    ("POST", "/images/restore", CHOSEN),
    ("POST", "/images/purge", CHOSEN),
    ("DELETE", f"/images/{new_id()}", None),
    ("POST", "/subscriptions", {"query": "a,"}),
    ("DELETE", "/subscriptions/x", None),
]
UPLOADS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/uploads", {"name": "a.svg", "type": "image/svg+xml", "size": 1}),
    ("POST", "/images", None),
]


@pytest.mark.parametrize(("calls", "most"), [(EDITS, 2), (UPLOADS, 3)])
def test_who_acts_too_often_is_told_when_to_go_on(
    client: TestClient, at: Callable[[int], None], calls: list[tuple[str, str, dict[str, Any] | None]], most: int
) -> None:
    method, path, body = calls[0]
    for number in range(most):
        assert client.request(method, path, json=body).status_code != 429, number

    at(50)
    for method, path, body in calls:
        answer = client.request(method, path, json=body, headers={"X-Forwarded-For": f"192.0.2.{len(path)}"})
        assert (answer.status_code, path) == (429, path)
        assert answer.headers["Retry-After"] == "10"
        assert answer.json()["type"] == "urn:pixtag:too-many-requests"
    at(61)
    assert client.request(method, path, json=body).status_code != 429


def test_every_operation_that_changes_something_tells_of_429() -> None:
    untold = [
        (method, path)
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if method != "get" and not path.startswith("/search") and "429" not in operation["responses"]
    ]

    assert untold == []


def test_reading_is_not_counted(client: TestClient) -> None:
    for _ in range(5):
        assert client.get("/images").status_code == client.get("/usage").status_code == 200


def test_without_more_ado_the_limits_are_generous(quotas: Quotas) -> None:
    assert quotas.limits == Limits(
        images=100_000, bytes=500 * 10**9, uploads_per_minute=600, edits_per_minute=3_000, detections_per_minute=60
    )


def test_changing_many_images_counts_each(client: TestClient, table: Table, small: Quotas, owner: str) -> None:
    ids = [table.save(image(owner, dog=1)).id for _ in range(3)]
    edit = {"images": {"ids": ids}, "add": [{"tag": "cat"}]}

    answers = [client.post("/tags", json=edit).status_code for _ in range(2)]

    assert answers == [200, 429]


def test_looking_at_pictures_has_a_rate_of_its_own(client: TestClient, photo: bytes) -> None:
    answers = [client.post("/search/image", files={"file": ("a.jpg", photo)}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert "1 detections in this minute" in answers[1].json()["detail"]
