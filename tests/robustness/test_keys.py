"""The pool's keys, from a server that goes wrong: who is signed in goes on, and nobody else gets in."""

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
from app.api import auth
from app.api.auth import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet, User, verify
from app.domain.errors import InvalidToken, Unavailable
from app.main import app
from tests.support.tokens import SETTINGS, claims, jwks, sign

OWNER = str(uuid4())
Answer = tuple[int, dict[str, str], bytes]

GOOD: Answer = (200, {}, jwks())
STRANGE: dict[str, Answer] = {
    "an error": (500, {}, jwks()),
    "not there": (404, {}, jwks()),
    "led elsewhere": (302, {"Location": "/elsewhere"}, b""),
    "led to another host": (301, {"Location": "http://192.0.2.1/jwks.json"}, b""),
    "huge": (200, {}, jwks() + b" " * 100_000),
    "empty": (200, {}, b""),
    "no keys": (200, {}, b'{"keys": []}'),
    "no JSON": (200, {}, b"<html>down for maintenance</html>"),
    "no UTF-8": (200, {}, b"\xff" + jwks()),
    "deep": (200, {}, b"[" * 60_000),
    "cut off": (200, {"Content-Length": "5000"}, jwks()[:100]),
    "compressed, says it": (200, {"Content-Encoding": "gzip"}, jwks()),
    "keys of another use": (200, {}, jwks().replace(b'"sig"', b'"enc"')),
    "keys of another kind": (200, {}, jwks().replace(b'"RSA"', b'"oct"')),
    "slow": (200, {"X-Slow": "1"}, jwks()),
}


class Server(ThreadingHTTPServer):
    """A key server whose answer a test chooses, and which counts how often it was asked."""

    answer = GOOD
    asked = 0
    over = Event()


class Asked(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        status, headers, body = GOOD if self.path == "/elsewhere" else self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if "X-Slow" in headers:
            self.server.over.wait(10)
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None: ...


@pytest.fixture
def pool() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Asked) as server:
        server.over.clear()
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.over.set()
        server.shutdown()


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(pool: Server, clock: Clock) -> KeySet:
    return KeySet(lambda: auth.fetch_keys(f"http://127.0.0.1:{pool.server_port}/jwks.json"), clock)


@pytest.mark.parametrize("name", STRANGE)
def test_a_set_that_goes_wrong_leaves_the_last_good_one(pool: Server, keys: KeySet, clock: Clock, name: str) -> None:
    token = sign(claims(OWNER))
    verify(token, keys, SETTINGS)

    pool.answer = STRANGE[name]
    clock.now += FRESH_SECONDS + 1

    assert verify(token, keys, SETTINGS) == User(OWNER, token)
    assert pool.asked == 2
    clock.now += STALE_SECONDS
    with pytest.raises(Unavailable):
        verify(token, keys, SETTINGS)


@pytest.mark.parametrize("name", STRANGE)
def test_without_a_good_set_everybody_is_asked_to_come_back(
    pool: Server, keys: KeySet, clock: Clock, name: str
) -> None:
    pool.answer = STRANGE[name]
    app.dependency_overrides |= {auth.key_set: lambda: keys, wiring.settings: lambda: SETTINGS}
    client = TestClient(app, headers={"Authorization": f"Bearer {sign(claims(OWNER))}"})

    answers = [client.get("/auth/me") for _ in range(3)]

    app.dependency_overrides.clear()
    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(503, "5")] * 3
    assert pool.asked == 1
    pool.answer = GOOD
    clock.now += RETRY_SECONDS
    assert verify(sign(claims(OWNER)), keys, SETTINGS).owner == OWNER


def test_a_thousand_tokens_of_unknown_keys_cost_one_fetch(pool: Server, keys: KeySet, clock: Clock) -> None:
    _, payload, signature = sign(claims(OWNER)).split(".")

    for number in range(1000):
        header = urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": f"unknown {number}"}).encode())
        with pytest.raises(InvalidToken):
            verify(f"{header.decode().rstrip('=')}.{payload}.{signature}", keys, SETTINGS)
        clock.now += RETRY_SECONDS / 1001

    assert pool.asked == 1


def test_a_new_key_works_after_one_fetch_and_the_old_one_no_longer(pool: Server, keys: KeySet, clock: Clock) -> None:
    old, new = sign(claims(OWNER)), sign(claims(OWNER), headers={"kid": "2"})
    verify(old, keys, SETTINGS)

    pool.answer = (200, {}, jwks(kid="2"))
    clock.now += RETRY_SECONDS

    assert verify(new, keys, SETTINGS).owner == OWNER
    assert pool.asked == 2
    with pytest.raises(InvalidToken):
        verify(old, keys, SETTINGS)
