"""The user pool's keys from a failing server: valid tokens work for a day, and invalid ones never do."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws import keys as keys_module
from app.api import auth
from app.api.auth import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet, User, verify
from app.api.dependencies import provide
from app.domain.errors import InvalidToken, Unavailable
from app.main import app
from tests.support.tokens import ISSUER, claims, jwks, sign

OWNER = str(uuid4())
KeyResponse = tuple[int, dict[str, str], bytes]

VALID: KeyResponse = (200, {}, jwks())
INVALID: dict[str, KeyResponse] = {
    "an error": (500, {}, jwks()),
    "not found": (404, {}, jwks()),
    "redirected": (302, {"Location": "/elsewhere"}, b""),
    "redirected to another host": (301, {"Location": "http://192.0.2.1/jwks.json"}, b""),
    "huge": (200, {}, jwks() + b" " * 100_000),
    "empty": (200, {}, b""),
    "no keys": (200, {}, b'{"keys": []}'),
    "not JSON": (200, {}, b"<html>down for maintenance</html>"),
    "not UTF-8": (200, {}, b"\xff" + jwks()),
    "deep": (200, {}, b"[" * 60_000),
    "cut off": (200, {"Content-Length": "5000"}, jwks()[:100]),
    "declared as compressed": (200, {"Content-Encoding": "gzip"}, jwks()),
    "keys of another use": (200, {}, jwks().replace(b'"sig"', b'"enc"')),
    "keys of another kind": (200, {}, jwks().replace(b'"RSA"', b'"oct"')),
    "slow": (200, {"X-Slow": "1"}, jwks()),
}


class Server(ThreadingHTTPServer):
    """A key server with a response that the test sets. It counts the requests."""

    response = VALID
    requests = 0
    closing = Event()


class KeyRequestHandler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        status, headers, body = VALID if self.path == "/elsewhere" else self.server.response
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if "X-Slow" in headers:
            self.server.closing.wait(10)
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None: ...


@pytest.fixture
def pool() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), KeyRequestHandler) as server:
        server.closing.clear()
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.closing.set()
        server.shutdown()


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(pool: Server, clock: Clock) -> KeySet:
    return KeySet(lambda: keys_module.fetch_keys(f"http://127.0.0.1:{pool.server_port}/jwks.json"), clock)


@pytest.mark.parametrize("name", INVALID)
def test_verify_with_an_invalid_key_response_uses_the_last_keys_for_a_day(
    pool: Server, keys: KeySet, clock: Clock, name: str
) -> None:
    token = sign(claims(OWNER))
    verify(token, keys, ISSUER)

    pool.response = INVALID[name]
    clock.now += FRESH_SECONDS + 1

    assert verify(token, keys, ISSUER) == User(OWNER, token)
    assert pool.requests == 2
    clock.now += STALE_SECONDS
    with pytest.raises(Unavailable):
        verify(token, keys, ISSUER)


@pytest.mark.parametrize("name", INVALID)
def test_request_without_any_valid_keys_returns_503_until_a_retry_succeeds(
    pool: Server, keys: KeySet, clock: Clock, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.response = INVALID[name]
    monkeypatch.setattr(auth, "key_set", lambda _: keys)
    app.dependency_overrides[provide(wiring.token_issuer)] = lambda: ISSUER
    client = TestClient(app, "http://127.0.0.1", headers={"Authorization": f"Bearer {sign(claims(OWNER))}"})

    responses = [client.get("/auth/me") for _ in range(3)]

    app.dependency_overrides.clear()
    assert [(response.status_code, response.headers["Retry-After"]) for response in responses] == [(503, "5")] * 3
    assert pool.requests == 1
    pool.response = VALID
    clock.now += RETRY_SECONDS
    assert verify(sign(claims(OWNER)), keys, ISSUER).owner == OWNER


def test_verify_of_a_thousand_tokens_with_unknown_keys_fetches_once(pool: Server, keys: KeySet, clock: Clock) -> None:
    _, payload, signature = sign(claims(OWNER)).split(".")

    for number in range(1000):
        header = urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": f"unknown {number}"}).encode())
        with pytest.raises(InvalidToken):
            verify(f"{header.decode().rstrip('=')}.{payload}.{signature}", keys, ISSUER)
        clock.now += RETRY_SECONDS / 1001

    assert pool.requests == 1


def test_verify_after_a_key_rotation_fetches_once_and_rejects_the_old_key(
    pool: Server, keys: KeySet, clock: Clock
) -> None:
    old, new = sign(claims(OWNER)), sign(claims(OWNER), headers={"kid": "2"})
    verify(old, keys, ISSUER)

    pool.response = (200, {}, jwks(kid="2"))
    clock.now += RETRY_SECONDS

    assert verify(new, keys, ISSUER).owner == OWNER
    assert pool.requests == 2
    with pytest.raises(InvalidToken):
        verify(old, keys, ISSUER)
