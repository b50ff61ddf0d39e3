"""What is personal stays out of the log: every route and the worker are asked, well and ill, and every line is read."""

import io
import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from fastapi.testclient import TestClient

from app import wiring, worker
from app.adapters.aws.bucket import Upload
from app.domain.ids import Rendition
from app.domain.query import parse
from app.main import app
from app.observability import logs
from tests.robustness.test_authorisation import ROWS, Named, Row
from tests.support.fakes import FakeDetector
from tests.support.tokens import claims, sign
from tests.support.user_pool import EMAIL, NAMES, PASSWORD
from tests.support.wired_app import wired

FILE = "diary-of-ada.jpg"
QUERY = "unicorn"
SIGNATURE = "X-Amz-Signature=0a1b2c"
PLANTED = (*(text.lower() for text in (EMAIL, PASSWORD, FILE, QUERY, SIGNATURE)), *map(str.lower, NAMES.values()))


@pytest.fixture(params=["as JSON", "as text"])
def log(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> io.StringIO:
    """All that is logged, of every logger and level, as it is written in Lambda or on a laptop."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(logs.add_facts)
    handler.setFormatter(logs.make_formatter("api", as_json=request.param == "as JSON"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    for name in ("app", "mangum"):
        caplog.set_level(logging.INFO, name)
    return written


@pytest.fixture
def owner() -> Iterator[str]:
    with wired(boto3.Session("test", "test", region_name="us-east-1"), FakeDetector({QUERY: 1})):
        yield str(uuid4())


def upload(owner: str, data: bytes) -> str:
    return wiring.ingest().receive(owner, Upload(data, "image/jpeg", FILE), max_bytes=10_000).id


def arrives(owner: str, image_id: str) -> None:
    body = json.dumps({"Records": [{"s3": {"object": {"key": Rendition.INCOMING.key(owner, image_id)}}}]})
    worker.handler({"Records": [{"messageId": "1", "body": body}]}, None)


@pytest.fixture
def named(owner: str, photo: bytes) -> Named:
    """A photograph with its box, and a subscription."""
    image_id = upload(owner, photo)
    arrives(owner, image_id)
    subscription = wiring.subscriptions().add(owner, parse(QUERY))
    return Named(image_id, wiring.table().get_image(owner, image_id).corrected_detections[0].id, subscription.id, owner)


STRAY = {"headers": {"User-Agent": EMAIL}, "params": {"stray": PASSWORD, "link": f"https://a.example/?{SIGNATURE}"}}


def send(method: str, path: str, row: Row, named: Named, token: str) -> int:
    """Send a request, and return the status of its answer."""
    arguments = row.ask(named)
    arguments["headers"] = arguments.get("headers", {}) | {"Authorization": f"Bearer {token}"}
    at = path.format(image_id=named.image, detection_id=named.box, subscription_id=named.subscription)
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    return client.request(method, at, **arguments).status_code


def personal(log: io.StringIO, token: str) -> list[str]:
    """What of a log is personal."""
    text = log.getvalue().lower()
    assert text, "nothing was logged"
    return [planted for planted in (*PLANTED, token.lower(), token.rpartition(".")[2].lower()) if planted in text]


def test_no_route_and_no_upload_writes_anything_personal(log: io.StringIO, named: Named) -> None:
    token = sign(claims(named.owner))
    typed = Named(EMAIL, EMAIL, EMAIL, named.owner)

    for (method, path), row in ROWS.items():
        for one in (named, typed):
            send(method, path, row, one, token)
            send(method, path, Row(lambda _: STRAY | {"content": f"{EMAIL} {PASSWORD}"}), one, token)
    TestClient(app).get(f"/{EMAIL}/{FILE}", params={"q": QUERY})

    assert len(log.getvalue().splitlines()) > 4 * len(ROWS)
    assert personal(log, token) == []


class Refusing:
    """Stands in for the table and fails as AWS, or our own code, would: quoting what it was given."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> object:
        raise self._error


SAID = f"{EMAIL} {PASSWORD} {FILE} {QUERY} {SIGNATURE}"


@pytest.mark.parametrize(
    "error", [ClientError({"Error": {"Code": "Throttled", "Message": SAID}}, "GetItem"), RuntimeError(SAID)]
)
def test_what_goes_wrong_is_told_without_what_it_quotes(log: io.StringIO, owner: str, error: Exception) -> None:
    token = sign(claims(owner))
    pending = upload(owner, b"no photograph")
    app.dependency_overrides[wiring.table] = lambda: Refusing(error)
    wiring.ingest()._table = Refusing(error)  # type: ignore[assignment]  # noqa: SLF001

    status = send("GET", "/images/{image_id}", Row(), Named(pending, "", "", owner), token)
    arrives(owner, pending)

    assert status in {500, 503}
    assert type(error).__name__ in log.getvalue()
    assert personal(log, token) == []


def test_a_photograph_that_cannot_be_read_is_told_without_its_name(log: io.StringIO, owner: str) -> None:
    pending = upload(owner, b"no photograph")

    arrives(owner, pending)

    assert f"ingested {pending}: failed" in log.getvalue()
    assert personal(log, "a.b.signature") == []
