"""The log contains nothing personal, after valid and invalid requests to every route and after uploads."""

import io
import logging
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fastapi.testclient import TestClient

from app import local_worker, wiring, worker
from app.api.dependencies import provide
from app.domain.ids import Rendition, new_id
from app.domain.query import parse
from app.domain.uploads import Upload
from app.main import app
from app.observability import logs
from tests.robustness.routes import ROWS, Resources, Row, add_album, add_key, add_share
from tests.robustness.world import notification
from tests.support.fakes import FakeDetector
from tests.support.sampling import TORTURE
from tests.support.user_pool import EMAIL, NAMES, PASSWORD
from tests.support.wired_app import WiredApp, wire_app

FILE = "diary-of-ada.jpg"
QUERY = "unicorn"
FORMATS, STORES = ("as JSON", "as text"), ("aws", "local")
LOGS = list(product(FORMATS, STORES) if TORTURE else zip(FORMATS, STORES, strict=True))  # by default, Lambda logs JSON
SIGNATURE = "X-Amz-Signature=0a1b2c"
PLANTED = (*(text.lower() for text in (EMAIL, PASSWORD, FILE, QUERY, SIGNATURE)), *map(str.lower, NAMES.values()))


@pytest.fixture(params=FORMATS)
def log(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> io.StringIO:
    """The output of all loggers and levels, as JSON in Lambda or as text on a laptop."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.addFilter(logs.add_facts)
    handler.setFormatter(logs.make_formatter("api", as_json=request.param == "as JSON"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    for name in ("app", "mangum"):
        caplog.set_level(logging.INFO, name)
    return output


@pytest.fixture(params=STORES)
def pixtag(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WiredApp]:
    with wire_app(request.param, tmp_path, FakeDetector({QUERY: 1})) as pixtag:
        yield pixtag


@pytest.fixture
def claims(pixtag: WiredApp) -> dict[str, Any]:
    """The claims of a person's access token."""
    return pixtag.add_person(EMAIL)


@pytest.fixture
def owner(claims: dict[str, Any]) -> str:
    return str(claims["sub"])


@pytest.fixture
def token(pixtag: WiredApp, claims: dict[str, Any]) -> str:
    return pixtag.signer.sign(claims)


def upload(owner: str, data: bytes) -> str:
    return wiring.ingest().receive(owner, Upload(data, "image/jpeg", FILE), max_bytes=10_000).id


def deliver(owner: str, image_id: str) -> None:
    """Let the worker process the message about an upload."""
    if wiring.find_local_settings():
        assert local_worker.process_next()
    else:
        body = notification(Rendition.INCOMING.key(owner, image_id))
        worker.handler({"Records": [{"messageId": "1", "body": body}]}, None)


@pytest.fixture
def existing(pixtag: WiredApp, owner: str, photo: bytes) -> Resources:
    """A photo with its detection, a subscription, an album and an API key."""
    image_id = upload(owner, photo)
    deliver(owner, image_id)
    subscription = wiring.subscriptions().add(owner, parse(QUERY))
    operation = wiring.operations().proceed(owner, new_id())
    (detection,) = wiring.images().get_image(owner, image_id).corrected_detections
    ids = add_album(owner).id, add_key(owner).id, add_share(owner, [image_id])[0].id
    return Resources(image_id, detection.id, subscription.id, owner, pixtag.links, operation.id, *ids)


UNEXPECTED = {
    "headers": {"User-Agent": EMAIL},
    "params": {"stray": PASSWORD, "link": f"https://a.example/?{SIGNATURE}"},
}


def send(pixtag: WiredApp, method: str, path: str, row: Row, resources: Resources, token: str) -> int:
    """Send a request and return the status of the response."""
    arguments = row.make_request(resources)
    arguments["headers"] = arguments.get("headers", {}) | {"Authorization": f"Bearer {token}"}
    url = path.format(**resources.ids)
    client = TestClient(app, pixtag.url, raise_server_exceptions=False, follow_redirects=False)
    return client.request(method, url, **arguments).status_code


def find_personal_data(log: io.StringIO, token: str) -> list[str]:
    """Return the planted texts and the parts of the token that the log contains."""
    text = log.getvalue().lower()
    assert text, "nothing was logged"
    return [planted for planted in (*PLANTED, token.lower(), token.rpartition(".")[2].lower()) if planted in text]


@pytest.mark.parametrize(("log", "pixtag"), LOGS, indirect=True)
def test_log_of_all_routes_and_an_upload_contains_nothing_personal(
    log: io.StringIO, pixtag: WiredApp, existing: Resources, token: str
) -> None:
    personal = Resources(EMAIL, EMAIL, EMAIL, existing.owner, album=EMAIL, key=EMAIL, share=EMAIL)

    for (method, path), row in ROWS.items():
        for resources in (existing, personal):
            send(pixtag, method, path, row, resources, token)
            send(pixtag, method, path, Row(lambda _: UNEXPECTED | {"content": f"{EMAIL} {PASSWORD}"}), resources, token)
    TestClient(app, pixtag.url).get(f"/{EMAIL}/{FILE}", params={"q": QUERY})

    assert len(log.getvalue().splitlines()) > 4 * len(ROWS)
    assert find_personal_data(log, token) == []


def test_log_of_requests_with_an_api_key_does_not_contain_it(log: io.StringIO, pixtag: WiredApp, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    client = TestClient(app, pixtag.url, raise_server_exceptions=False)
    created = client.post("/keys", json={"name": FILE, "scopes": ["read"]}, headers=headers).json()

    responses = [
        client.request(method, path, headers={"Authorization": f"Bearer {key}"})
        for key in (created["key"], created["key"][:-1])
        for method, path in (("GET", "/images"), ("POST", "/redetection"), ("GET", "/keys"))
    ]

    assert [response.status_code for response in responses] == [200, 403, 403, 401, 401, 401]
    secret = created["key"].rpartition("_")[2].lower()
    assert find_personal_data(log, secret) == []
    assert not [response for response in responses if secret in response.text.lower()]


class FailingTable:
    """Replaces the table. Each use raises an error whose message quotes personal data."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> object:
        raise self._error


MESSAGE = f"{EMAIL} {PASSWORD} {FILE} {QUERY} {SIGNATURE}"


@pytest.mark.parametrize(
    "error", [ClientError({"Error": {"Code": "Throttled", "Message": MESSAGE}}, "GetItem"), RuntimeError(MESSAGE)]
)
def test_log_of_an_error_leaves_out_its_message(
    log: io.StringIO, pixtag: WiredApp, owner: str, token: str, error: Exception
) -> None:
    pending = upload(owner, b"not a photo")
    app.dependency_overrides[provide(wiring.images)] = lambda: FailingTable(error)
    wiring.ingest()._images = FailingTable(error)  # type: ignore[assignment]  # noqa: SLF001

    status = send(pixtag, "GET", "/images/{image_id}", Row(), Resources(pending, "", "", owner), token)
    deliver(owner, pending)

    assert status in {500, 503}
    assert type(error).__name__ in log.getvalue()
    assert find_personal_data(log, token) == []


def test_log_of_an_unreadable_photo_leaves_out_its_name(log: io.StringIO, owner: str) -> None:
    pending = upload(owner, b"not a photo")

    deliver(owner, pending)

    assert f"ingested {pending}: failed" in log.getvalue()
    assert find_personal_data(log, "a.b.signature") == []
