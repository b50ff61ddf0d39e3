"""Changes of names and addresses on one machine. `tests/unit/app/adapters/test_accounts.py` also tests AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.main import app
from tests.support.fakes import FakeDetector
from tests.support.wired_app import PASSWORD, wire_local_app

ADA, GRACE, NEW = "ada@example.com", "grace@example.com", "ada@example.org"


@pytest.fixture(autouse=True)
def run_on_aws() -> None:
    """These tests run on one machine."""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A client of Ada, on a machine that Grace uses too."""
    with wire_local_app(tmp_path, FakeDetector({})) as pixtag:
        token = pixtag.signer.sign(pixtag.add_person(ADA))
        pixtag.add_person(GRACE)
        yield TestClient(app, pixtag.url, headers={"Authorization": f"Bearer {token}"})


def read_code(email: str) -> str:
    return wiring.local_stores().mail.list_mails(email)[0].body.partition(" ")[0]


def test_change_me_returns_the_account_with_the_new_name(client: TestClient) -> None:
    changed = client.patch("/auth/me", json={"given_name": "Augusta", "family_name": None})

    assert (changed.status_code, changed.json()) == (200, client.get("/auth/me").json())
    assert (changed.json()["given_name"], changed.json()["family_name"]) == ("Augusta", "Lovelace")
    assert client.patch("/auth/me", json={}).json() == changed.json()


@pytest.mark.parametrize("body", [{"given_name": ""}, {"family_name": "a\nb"}, {"email": NEW}])
def test_change_me_with_invalid_name_returns_422(client: TestClient, body: dict[str, str]) -> None:
    assert client.patch("/auth/me", json=body).status_code == 422
    assert client.get("/auth/me").json()["given_name"] == "Ada"


def test_change_of_the_address_needs_the_password_and_the_code(client: TestClient) -> None:
    wrong = client.post("/auth/me/email", json={"email": NEW, "password": "wrong"})
    requested = client.post("/auth/me/email", json={"email": NEW.upper(), "password": PASSWORD})
    before = client.get("/auth/me").json()["email"]

    changed = [client.put("/auth/me/email", json={"email": NEW, "code": read_code(NEW)}) for _ in range(2)]

    assert (wrong.status_code, requested.status_code) == (403, 202)
    assert requested.json()["mailbox"] == "http://127.0.0.1:8000/mailbox"
    assert [response.status_code for response in changed] == [204, 204]
    assert (before, client.get("/auth/me").json()["email"]) == (ADA, NEW)
    assert wiring.local_stores().mail.list_mails(ADA)[0].subject == "A new address for your PixTag account"


def test_request_of_a_known_address_gets_the_response_of_an_unknown_one(client: TestClient) -> None:
    known, unknown = (
        client.post("/auth/me/email", json={"email": email, "password": PASSWORD}) for email in (GRACE, NEW)
    )

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    changed = client.put("/auth/me/email", json={"email": GRACE, "code": "000000"})
    assert (changed.status_code, changed.json()["type"]) == (400, "urn:pixtag:invalid-code")
