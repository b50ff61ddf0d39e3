from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from infra.local.pixtag import PixTag
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.support.http_uploads import upload
from tests.support.local_invariants import connect

SECONDS = 30
PASSWORD, NEW_PASSWORD = "correct horse battery staple", "another good password"


@pytest.fixture
def email() -> str:
    return f"{uuid4()}@example.com"


@pytest.fixture
def visitor(pixtag: PixTag) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=pixtag.url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def browser(visitor: httpx.Client, pixtag: PixTag, email: str) -> httpx.Client:
    """A visitor with an account, whose requests come from a page of PixTag."""
    names = {"given_name": "Ada", "family_name": "Lovelace"}
    visitor.post("/auth/register", json={"email": email, "password": PASSWORD} | names).raise_for_status()
    code = pixtag.find_code(email)
    visitor.post("/auth/confirm", json={"email": email, "code": code, "password": PASSWORD}).raise_for_status()
    visitor.headers["X-PixTag"] = "1"
    return visitor


def test_reset_with_code_from_mail_replaces_password(browser: httpx.Client, pixtag: PixTag, email: str) -> None:
    browser.post("/auth/forgot", json={"email": email}).raise_for_status()
    code = pixtag.find_code(email)
    reset = {"email": email, "code": code, "password": NEW_PASSWORD}
    browser.post("/auth/reset", json=reset).raise_for_status()

    with_old_password = browser.post("/auth/session", json={"email": email, "password": PASSWORD})
    with_new_password = browser.post("/auth/session", json={"email": email, "password": NEW_PASSWORD})
    assert (with_old_password.status_code, with_new_password.status_code) == (401, 200)


def test_session_after_sign_out_is_invalid(browser: httpx.Client, email: str) -> None:
    browser.post("/auth/session", json={"email": email, "password": PASSWORD}).raise_for_status()
    stolen = browser.cookies["session"]

    token = browser.post("/auth/session/refresh").raise_for_status().json()["access_token"]
    account = browser.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    sign_out_statuses = [browser.delete("/auth/session").status_code for _ in range(2)]
    replayed = browser.post("/auth/session/refresh", headers={"Cookie": f"session={stolen}"})

    assert account["email"] == email
    assert sign_out_statuses == [204, 204]
    assert not browser.cookies
    assert replayed.status_code == 401


def test_refresh_tokens_after_revocation_are_invalid(browser: httpx.Client, email: str) -> None:
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    token = browser.post("/auth/token", data=form).raise_for_status().json()["refresh_token"]

    refresh = refresh_token(browser, token)
    new_token = refresh.json()["refresh_token"]
    revocation = browser.post("/auth/revoke", data={"token": new_token})
    late_refreshes = [refresh_token(browser, each).status_code for each in (token, new_token)]

    assert (refresh.status_code, revocation.status_code, late_refreshes) == (200, 200, [400, 400])
    assert token != new_token


def refresh_token(browser: httpx.Client, token: str) -> httpx.Response:
    return browser.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


@pytest.mark.parametrize("path", ["/auth/resend", "/auth/forgot"])
def test_code_request_for_unknown_address_gets_same_response(browser: httpx.Client, email: str, path: str) -> None:
    responses = [browser.post(path, json={"email": address}) for address in (email, f"{uuid4()}@example.com")]

    assert {response.status_code for response in responses} == {202}
    assert len({response.content for response in responses}) == 1


def test_reset_with_weak_password_returns_password_rules(browser: httpx.Client, email: str) -> None:
    reset = {"code": "123456", "password": "weak"}
    addresses = (email, f"{uuid4()}@example.com")

    responses = [browser.post("/auth/reset", json=reset | {"email": address}) for address in addresses]

    rules = "A password has at least 12 characters and no space at either end."
    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(422, rules)] * 2


def test_account_deletion_removes_account_images_and_subscriptions(
    browser: httpx.Client, pixtag: PixTag, email: str, schedule: Callable[[], None]
) -> None:
    token = browser.post("/auth/session", json={"email": email, "password": PASSWORD}).json()["access_token"]
    browser.headers["Authorization"] = f"Bearer {token}"
    owner = browser.get("/auth/me").json()["id"]
    upload(browser, scene(stop_signs=1))
    browser.post("/subscriptions", json={"query": "stop sign"}).raise_for_status()
    files_before = list_files(pixtag, owner)

    response = browser.delete("/auth/me", params={"confirm": email})
    cookies = len(browser.cookies)
    schedule()
    wait_until(lambda: list_files(pixtag, owner) == [], SECONDS, "Some files of the owner are left.")

    assert (len(files_before) >= 3, response.status_code, cookies) == (True, 202, 0)
    assert browser.post("/auth/session", json={"email": email, "password": PASSWORD}).status_code == 401
    assert browser.get("/auth/me").status_code == 401
    assert browser.get("/images").status_code == 401
    wait_until(lambda: list_rows(pixtag, owner) == [], SECONDS, "Some rows of the owner are left.")


def list_rows(pixtag: PixTag, owner: str) -> list[str]:
    """Return the owner's images, tags and e-mail subscription, without tombstones."""
    selections = (
        "SELECT id FROM image WHERE state <> 'gone' AND owner = ?",
        "SELECT tag FROM image_tag WHERE owner = ?",
        "SELECT address FROM subscriber WHERE owner = ?",
    )
    with closing(connect(pixtag.data)) as connection:
        return [row[0] for selection in selections for row in connection.execute(selection, (owner,))]


def list_files(pixtag: PixTag, owner: str) -> list[Path]:
    """Return the owner's files."""
    return list(pixtag.data.glob(f"objects/*/{owner}/*"))
