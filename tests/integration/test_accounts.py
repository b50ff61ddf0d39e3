from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from app.domain.ids import Rendition
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.integration.conftest import Schedule

SECONDS = 30
PASSWORD, NEW_PASSWORD = "correct horse battery staple", "another good password"


@pytest.fixture
def email() -> str:
    return f"{uuid4()}@example.com"


@pytest.fixture
def visitor(cloud: LocalCloud) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=cloud.api_url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def browser(visitor: httpx.Client, cloud: LocalCloud, email: str) -> httpx.Client:
    """A visitor with an account, on a page of ours."""
    names = {"given_name": "Ada", "family_name": "Lovelace"}
    visitor.post("/auth/register", json={"email": email, "password": PASSWORD} | names).raise_for_status()
    code = confirmation_code(cloud.endpoint_url, email)
    visitor.post("/auth/confirm", json={"email": email, "code": code}).raise_for_status()
    visitor.headers["X-PixTag"] = "1"
    return visitor


def test_a_forgotten_password_is_replaced_with_the_code_from_the_mail(
    browser: httpx.Client, cloud: LocalCloud, email: str
) -> None:
    browser.post("/auth/forgot", json={"email": email}).raise_for_status()
    code = confirmation_code(cloud.endpoint_url, email)
    new = {"email": email, "code": code, "password": NEW_PASSWORD}
    browser.post("/auth/reset", json=new).raise_for_status()

    old = browser.post("/auth/session", json={"email": email, "password": PASSWORD})
    session = browser.post("/auth/session", json={"email": email, "password": NEW_PASSWORD})
    assert (old.status_code, session.status_code) == (401, 200)


def test_a_session_lasts_until_the_person_signs_out(browser: httpx.Client, email: str) -> None:
    browser.post("/auth/session", json={"email": email, "password": PASSWORD}).raise_for_status()
    stolen = browser.cookies["session"]

    renewed = browser.post("/auth/session/refresh").raise_for_status().json()["access_token"]
    me = browser.get("/auth/me", headers={"Authorization": f"Bearer {renewed}"}).json()
    signed_out = [browser.delete("/auth/session").status_code for _ in range(2)]
    replayed = browser.post("/auth/session/refresh", headers={"Cookie": f"session={stolen}"})

    assert me["email"] == email
    assert signed_out == [204, 204]
    assert not browser.cookies
    assert replayed.status_code == 401


def test_a_program_renews_its_access_until_it_signs_out(browser: httpx.Client, email: str) -> None:
    form = {"grant_type": "password", "username": email, "password": PASSWORD}
    token = browser.post("/auth/token", data=form).raise_for_status().json()["refresh_token"]
    renewal = {"grant_type": "refresh_token", "refresh_token": token}

    renewed = browser.post("/auth/token", data=renewal)
    revoked = browser.post("/auth/revoke", json={"refresh_token": token})
    refused = browser.post("/auth/token", data=renewal)

    assert [answer.status_code for answer in (renewed, revoked, refused)] == [200, 204, 401]
    assert "refresh_token" not in renewed.json()


@pytest.mark.parametrize("path", ["/auth/resend", "/auth/forgot"])
def test_asking_for_a_code_answers_all_addresses_alike(browser: httpx.Client, email: str, path: str) -> None:
    answers = [browser.post(path, json={"email": address}) for address in (email, f"{uuid4()}@example.com")]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1


def test_a_weak_password_is_refused_with_the_pools_rules(browser: httpx.Client, email: str) -> None:
    weak = {"code": "123456", "password": "weak"}

    answers = [browser.post("/auth/reset", json=weak | {"email": who}) for who in (email, f"{uuid4()}@example.com")]

    rules = "A password has at least 12 characters and no space at either end."
    assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == [(422, rules)] * 2


def test_an_account_is_deleted_with_everything_in_it(
    browser: httpx.Client, cloud: LocalCloud, email: str, schedule: Schedule
) -> None:
    token = browser.post("/auth/session", json={"email": email, "password": PASSWORD}).json()["access_token"]
    browser.headers["Authorization"] = f"Bearer {token}"
    owner = browser.get("/auth/me").json()["id"]
    file = {"file": ("stop.png", scene(stop_signs=1), "image/png")}
    address = browser.post("/images", files=file).raise_for_status().headers["Location"]
    browser.post("/subscriptions", json={"query": "stop sign"}).raise_for_status()
    wait_until(lambda: browser.get(address).status_code == 200, SECONDS, "It stays pending.")
    before = stored(cloud, owner)

    answer = browser.delete("/auth/me", params={"confirm": email})
    cookies = len(browser.cookies)
    schedule()
    wait_until(lambda: stored(cloud, owner) == [], SECONDS, "Something is left in the bucket.")

    assert (len(before) >= 3, answer.status_code, cookies) == (True, 202, 0)
    assert browser.post("/auth/session", json={"email": email, "password": PASSWORD}).status_code == 401
    assert browser.get("/auth/me").status_code == 401
    assert browser.get("/images").json()["images"] == []
    assert browser.get("/search", params={"q": "stop sign"}).json()["images"] == []
    assert browser.get("/subscriptions").json()["email"] == "none"


def stored(cloud: LocalCloud, owner: str) -> list[str]:
    """The keys of the owner's objects."""
    s3 = emulator.session().client("s3", endpoint_url=cloud.endpoint_url)
    listings = [
        s3.list_objects_v2(Bucket=cloud.environment["PIXTAG_BUCKET"], Prefix=rendition.key(owner, ""))
        for rendition in Rendition
    ]
    return [entry["Key"] for listing in listings for entry in listing.get("Contents", [])]
