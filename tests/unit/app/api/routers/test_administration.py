"""The administration of one machine. `tests/robustness/test_authorisation.py` tests who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.domain.uploads import Upload
from app.main import app
from app.settings import LocalSettings
from tests.support.fakes import FakeDetector
from tests.support.wired_app import PASSWORD, LocalApp, wire_local_app

ADA, GRACE = "ada@example.com", "grace@example.com"


@dataclass(frozen=True)
class People:
    """Ada, who is the administrator, and Grace, who has a photo."""

    pixtag: LocalApp
    ada: TestClient
    grace: TestClient
    owners: tuple[str, str]


@pytest.fixture(autouse=True)
def run_on_aws() -> None:
    """These tests run on one machine."""


@pytest.fixture
def people(tmp_path: Path, photo: bytes) -> Iterator[People]:
    with wire_local_app(tmp_path, FakeDetector({"dog": 1})) as pixtag:
        claims = [pixtag.add_person(email) for email in (ADA, GRACE)]
        ada, grace = (
            TestClient(app, pixtag.url, headers={"Authorization": f"Bearer {pixtag.signer.sign(each)}"})
            for each in claims
        )
        owners = claims[0]["sub"], claims[1]["sub"]
        pending = wiring.ingest().receive(owners[1], Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
        wiring.ingest().ingest(owners[1], pending.id)
        yield People(pixtag, ada, grace, owners)


def test_administration_without_stores_of_one_machine_returns_404(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.dependency_overrides, provide(wiring.administration), lambda: None)

    assert people.ada.get("/admin/storage").status_code == 404


def test_storage_contains_the_disk_and_the_images_of_all_people(people: People, photo: bytes) -> None:
    storage = people.ada.get("/admin/storage").json()

    assert (storage["images"], storage["bytes"], storage["accounts"]) == (1, len(photo), 2)
    assert 0 < storage["free_bytes"] < storage["total_bytes"]


def test_accounts_are_listed_in_pages_with_their_libraries(people: People, photo: bytes) -> None:
    first = people.ada.get("/admin/accounts", params={"limit": 1}).json()
    second = people.ada.get("/admin/accounts", params={"limit": 1, "cursor": first["next"]}).json()

    accounts = {account["email"]: account for account in first["accounts"] + second["accounts"]}
    today = datetime.now(UTC).date().isoformat()
    assert second["next"] is None
    assert {email: account["id"] for email, account in accounts.items()} == dict(
        zip((ADA, GRACE), people.owners, strict=True)
    )
    assert (accounts[ADA]["is_admin"], accounts[ADA]["images"]) == (True, 0)
    assert accounts[GRACE] | {"created_at": ""} == {
        "id": people.owners[1],
        "email": GRACE,
        "name": "Ada Lovelace",
        "created_at": "",
        "last_sign_in": today,
        "is_confirmed": True,
        "is_admin": False,
        "images": 1,
        "bytes": len(photo),
    }


def test_accounts_with_invalid_cursor_return_400(people: People) -> None:
    for cursor in ("", "x", "1:2", f"{'9' * 16}:{'0' * 36}"):
        response = people.ada.get("/admin/accounts", params={"cursor": cursor})

        assert (response.status_code, response.json()["type"]) == (400, "urn:pixtag:invalid-cursor"), cursor


def test_delete_ends_the_account_its_keys_and_sessions_and_leaves_its_library_to_the_worker(people: People) -> None:
    owner, path = people.owners[1], f"/admin/accounts/{people.owners[1]}"
    key = people.grace.post("/keys", json={"name": "Phone", "scopes": ["read"]}).json()["key"]

    wrong = people.ada.delete(path, params={"confirm": ADA})
    deleted = people.ada.delete(path, params={"confirm": GRACE.upper()})
    again = people.ada.delete(path, params={"confirm": GRACE})

    assert (wrong.status_code, deleted.status_code, again.status_code) == (422, 202, 404)
    assert wiring.outbox().has_account_deletion(owner)
    assert people.grace.get("/images").status_code == 401
    assert people.grace.get("/images", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert [each["email"] for each in people.ada.get("/admin/accounts").json()["accounts"]] == [ADA]


def test_delete_of_the_own_account_is_refused(people: People) -> None:
    response = people.ada.delete(f"/admin/accounts/{people.owners[0]}", params={"confirm": ADA})

    assert (response.status_code, response.json()["type"]) == (409, "urn:pixtag:own-account")
    assert people.ada.get("/auth/me").status_code == 200


REGISTRATION = {"email": "zoe@example.com", "password": PASSWORD, "given_name": "Zoe", "family_name": "Q"}


def test_closed_registration_refuses_people_without_invitation_until_it_is_opened(people: People) -> None:
    closed = people.ada.put("/admin/registration", json={"is_closed": True})
    shown = people.ada.get("/admin/registration").json()
    link = people.ada.post("/auth/me/invitations", json={"email": "zoe@example.com"}).json()["link"]

    refused = people.grace.post("/auth/register", json=REGISTRATION)
    invitation = link.partition("invitation=")[2].partition("&")[0]
    invited = people.grace.post("/auth/register", json=REGISTRATION | {"invitation": invitation})

    assert closed.json() == shown == {"mode": "closed", "is_closed": True, "setting": "open"}
    assert (refused.status_code, invited.status_code) == (403, 202)
    assert people.grace.get("/health").json()["registration"] == "closed"
    assert people.ada.get("/auth/me").json()["can_invite"] is True

    people.ada.put("/admin/registration", json={"is_closed": True})
    opened = people.ada.put("/admin/registration", json={"is_closed": False}).json()
    assert opened == {"mode": "open", "is_closed": False, "setting": "open"}
    assert people.grace.post("/auth/register", json=REGISTRATION | {"email": "y@example.com"}).status_code == 202


def test_setting_that_closes_registration_cannot_be_opened(people: People) -> None:
    app.dependency_overrides[provide(wiring.settings)] = lambda: LocalSettings(registration="closed")

    opened = people.ada.put("/admin/registration", json={"is_closed": False}).json()

    assert opened == {"mode": "closed", "is_closed": False, "setting": "closed"}
    assert people.grace.post("/auth/register", json=REGISTRATION).status_code == 403


def test_people_who_are_not_the_administrator_get_403(people: People) -> None:
    requests = {
        ("GET", "storage"),
        ("GET", "accounts"),
        ("GET", "registration"),
        ("PUT", "registration"),
        ("DELETE", f"accounts/{people.owners[0]}?confirm={ADA}"),
    }
    for method, path in requests:
        body = {"is_closed": True} if method == "PUT" else None
        response = people.grace.request(method, f"/admin/{path}", json=body)

        assert (response.status_code, response.json()["type"]) == (403, "urn:pixtag:not-administrator"), path
    assert not people.ada.get("/admin/registration").json()["is_closed"]
