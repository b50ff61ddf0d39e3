"""On a full disk, changes that free no space are refused before anything is written, and all others are possible."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.domain.disk import Disk, DiskState
from app.domain.edits import TagChange, retag
from app.domain.errors import StorageFull
from app.domain.ids import new_id
from app.domain.images import ImageState, move_to_trash
from app.domain.ports import Images, Operations, Quotas
from app.domain.quotas import Rate
from app.domain.undo_values import make_undo_row
from app.main import app
from tests.support.boxes import NOW
from tests.support.fakes import image

SELECTION = {"images": {"ids": ["0" * 26]}}
ADDRESS = {"email": "ada@example.com"}
CODE = ADDRESS | {"code": "123456"}
REFUSED: dict[tuple[str, str], dict[str, Any] | None] = {
    ("POST", "/auth/register"): ADDRESS | {"password": "a", "given_name": "Ada", "family_name": "Lovelace"},
    ("POST", "/auth/confirm"): CODE | {"password": "a"},
    ("POST", "/auth/resend"): ADDRESS,
    ("POST", "/auth/forgot"): ADDRESS,
    ("POST", "/auth/reset"): CODE | {"password": "a"},
    ("PUT", "/auth/me/preferences"): {"remove_positions": True},
    ("PUT", "/auth/me/password"): {"old_password": "a", "new_password": "b"},
    ("PATCH", "/auth/me"): {"given_name": "Ada"},
    ("POST", "/auth/me/email"): ADDRESS | {"password": "a"},
    ("PUT", "/auth/me/email"): CODE,
    ("POST", "/auth/me/invitations"): ADDRESS,
    ("PUT", "/admin/registration"): {"is_closed": True},
    ("POST", "/tags"): SELECTION,
    ("POST", "/tags/rename"): {"old": "a", "new": "b"},
    ("POST", "/images/date"): SELECTION | {"taken_at": None},
    ("POST", "/images/favourite"): SELECTION | {"favourite": True},
    ("POST", "/albums"): {"title": "Summer"},
    ("PATCH", "/albums/{album_id}"): {"title": "Autumn"},
    ("PUT", "/albums/{album_id}/order"): {"images": []},
    ("POST", "/albums/{album_id}/add"): SELECTION,
    ("POST", "/albums/{album_id}/remove"): SELECTION,
    ("PATCH", "/images/{image_id}"): {"taken_at": None},
    ("POST", "/subscriptions"): {"query": "dog"},
    ("POST", "/subscriptions/confirmation"): None,
    ("PATCH", "/subscriptions/{subscription_id}"): {"pinned": True},
    ("PATCH", "/images/{image_id}/detections/{detection_id}"): {"label": "dog"},
    ("DELETE", "/images/{image_id}/detections/{detection_id}"): None,
    ("POST", "/images/{image_id}/detections"): {"label": "dog", "box": {"x1": 0, "y1": 0, "x2": 2, "y2": 2}},
    ("POST", "/images/{image_id}/review"): {"confirm": ["5f2b0c1d9e8a"]},
    ("POST", "/images/{image_id}/redetect"): None,
    ("POST", "/redetection"): None,
    ("POST", "/shares"): {"images": ["0" * 26]},
    ("POST", "/keys"): {"name": "laptop", "scopes": ["read"]},
}
# The uploads have a larger reserve, which the object store checks.
POSSIBLE = {
    *(("POST", path) for path in ("/uploads", "/uploads/{image_id}/complete", "/images", "/search", "/search/image")),
    *(("POST", f"/images/{action}") for action in ("trash", "restore", "purge", "downloads")),
    *(("POST", f"/auth/{path}") for path in ("token", "revoke", "session", "session/refresh")),
    *(("DELETE", path) for path in ("/auth/me", "/auth/me/sessions", "/auth/session", "/images/{image_id}")),
    ("DELETE", "/subscriptions/{subscription_id}"),
    ("DELETE", "/albums/{album_id}"),
    ("DELETE", "/keys/{key_id}"),
    ("DELETE", "/shares/{share_id}"),
    ("DELETE", "/admin/accounts/{account_id}"),
    ("POST", "/operations/{operation}/undo"),  # of changes that only moved images to the trash or from there
}


class FullDisk(Disk):
    free_bytes = 5
    total_bytes = 10
    state = DiskState.FULL

    def require_space_for_edit(self) -> None:
        raise StorageFull


FULL_DISK = FullDisk()


@pytest.fixture
def client(client: TestClient) -> TestClient:
    """A client of a PixTag whose disk is full."""
    app.dependency_overrides |= {provide(wiring.disk): lambda: FULL_DISK, provide(wiring.accounts): lambda: None}
    return client


def test_every_operation_that_changes_something_is_refused_or_possible() -> None:
    operations = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if method != "get"
    }

    assert operations == REFUSED.keys() | POSSIBLE


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_change_is_refused_before_anything_is_written(
    client: TestClient, quotas: Quotas, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    rates: set[Rate] = set()
    monkeypatch.setattr(quotas, "count", lambda owner, rate: rates.add(rate))

    response = client.request(
        method,
        path.format(image_id=new_id(), detection_id="0", subscription_id="x", album_id="x"),
        json=REFUSED[method, path],
    )

    assert (response.status_code, response.json()["type"]) == (507, "urn:pixtag:storage-full")
    assert "The disk of this PixTag is full" in response.json()["detail"]
    assert rates <= {Rate.REQUESTS}  # which is only counted in memory


@pytest.mark.parametrize(("method", "path"), [key for key in REFUSED if not key[1].startswith("/auth/")])
def test_change_without_token_is_unauthorized_first(client: TestClient, method: str, path: str) -> None:
    del client.headers["Authorization"]

    response = client.request(
        method,
        path.format(image_id=new_id(), detection_id="0", subscription_id="x", album_id="x"),
        json=REFUSED[method, path],
    )

    assert response.status_code == 401


def test_photos_can_be_read_trashed_restored_and_deleted(client: TestClient, images: Images, owner: str) -> None:
    image_id = images.save(image(owner, dog=1)).id
    selection = {"images": {"ids": [image_id]}}

    for action in ("trash", "restore", "trash", "purge"):
        assert client.get("/images").status_code == client.get("/search", params={"q": "dog"}).status_code == 200
        assert client.post(f"/images/{action}", json=selection).json()["changed"] == 1


@pytest.mark.parametrize("action", ["trash", "restore"])
def test_move_to_the_trash_and_from_there_can_be_undone(
    client: TestClient, images: Images, owner: str, action: str
) -> None:
    image_id = images.save(image(owner, dog=1)).id
    selection = {"images": {"ids": [image_id]}}
    before = ImageState.READY
    if action == "restore":
        client.post("/images/trash", json=selection)
        before = ImageState.TRASHED
    operation = client.post(f"/images/{action}", json=selection).json()["operation"]

    response = client.post(f"/operations/{operation}/undo", json={})

    assert (response.status_code, response.json()["changed"]) == (200, 1)
    assert images.get_image(owner, image_id).state is before


def test_undo_of_an_edit_is_refused_before_an_image_changes(
    client: TestClient, images: Images, operations: Operations, owner: str
) -> None:
    operation = operations.proceed(owner, str(uuid4()))
    trashed, edited = (images.save(image(owner, dog=1)) for _ in range(2))
    for before, after in ((trashed, move_to_trash(trashed, NOW)), (edited, retag(edited, [TagChange("cat", 1)], NOW))):
        images.save(after, before, undo=make_undo_row(operation, before, after))

    response = client.post(f"/operations/{operation.id}/undo", json={})

    assert (response.status_code, response.json()["type"]) == (507, "urn:pixtag:storage-full")
    assert images.get_image(owner, trashed.id).state is ImageState.TRASHED


def test_usage_contains_the_free_space(client: TestClient) -> None:
    assert client.get("/usage").json()["free_bytes"] == 5
