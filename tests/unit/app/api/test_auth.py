from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from app.api import auth
from app.api.auth import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet, User, verify
from app.domain.errors import InvalidToken, Unavailable
from tests.support.tokens import SETTINGS, claims, jwks, sign

OWNER = str(uuid4())


@pytest.fixture
def keys() -> KeySet:
    return KeySet(jwks)


def test_verify_with_valid_token_returns_user_and_hides_token(keys: KeySet) -> None:
    token = sign(claims(OWNER))

    user = verify(token, keys, SETTINGS)

    assert user == User(OWNER, token)
    assert token not in repr(user)


class Pool:
    """The key server of a user pool, with responses and a clock that a test sets."""

    def __init__(self) -> None:
        self.responses: list[bytes | Exception] = []
        self.fetches = 0
        self.now = 1000.0

    def fetch(self) -> bytes:
        self.fetches += 1
        response = self.responses[min(self.fetches, len(self.responses)) - 1]
        if isinstance(response, Exception):
            raise response
        return response

    def keys(self, *responses: bytes | Exception) -> KeySet:
        self.responses = list(responses)
        return KeySet(self.fetch, lambda: self.now)


@pytest.fixture
def pool() -> Pool:
    return Pool()


DOWN = urllib3.exceptions.HTTPError("down")


def test_key_set_with_unknown_keys_fetches_once_in_ten_seconds(pool: Pool) -> None:
    keys = pool.keys(jwks())
    for number in range(1000):
        with pytest.raises(InvalidToken):
            keys.get(f"unknown {number}")
        pool.now += RETRY_SECONDS / 1001

    assert pool.fetches == 1


def test_key_set_with_unreachable_pool_is_unavailable_until_next_fetch(pool: Pool) -> None:
    keys = pool.keys(DOWN, jwks())

    with pytest.raises(Unavailable):
        keys.get("1")
    pool.now += RETRY_SECONDS

    assert keys.get("1")["kty"] == "RSA"


@pytest.mark.parametrize(
    "response", [DOWN, b"", b"no JSON", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1, {"kid": "1"}]}', b"[" * 100_000]
)
def test_key_set_with_failing_refresh_uses_cached_keys_for_a_day(pool: Pool, response: bytes | Exception) -> None:
    keys = pool.keys(jwks(), response)
    keys.get("1")

    pool.now += FRESH_SECONDS + 1
    assert keys.get("1")
    pool.now += STALE_SECONDS
    with pytest.raises(Unavailable):
        keys.get("1")
    assert pool.fetches == 3


def test_key_set_after_key_rotation_has_only_new_key(pool: Pool) -> None:
    keys = pool.keys(jwks(), jwks(kid="2"))
    keys.get("1")

    pool.now += RETRY_SECONDS

    assert keys.get("2")
    with pytest.raises(InvalidToken):
        keys.get("1")


class KeyServer(BaseHTTPRequestHandler):
    """A server whose response depends on the path."""

    is_finished = Event()

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(b"x" * (100_000 if self.path == "/huge" else 10))
        if self.path == "/slow":
            self.wfile.flush()
            self.is_finished.wait(10)
        for _ in range(10 if self.path == "/dripping" else 0):
            self.wfile.write(b"x" * 4096)
            self.is_finished.wait(0.05)

    def log_message(self, *_args: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), KeyServer) as key_server:
        Thread(target=key_server.serve_forever).start()
        yield f"http://127.0.0.1:{key_server.server_port}"
        KeyServer.is_finished.set()
        key_server.shutdown()


def test_fetch_keys_returns_body(server: str) -> None:
    assert auth.fetch_keys(f"{server}/keys") == b"x" * 10


@pytest.mark.parametrize("path", ["redirect", "missing", "huge", "slow", "dripping"])
def test_fetch_keys_with_unusable_response_raises(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "FETCH_SECONDS", 0.2)

    with pytest.raises((urllib3.exceptions.HTTPError, ValueError)):
        auth.fetch_keys(f"{server}/{path}")
