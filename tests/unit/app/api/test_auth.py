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


def test_a_token_of_our_pool_names_its_owner(keys: KeySet) -> None:
    token = sign(claims(OWNER))

    user = verify(token, keys, SETTINGS)

    assert user == User(OWNER, token)
    assert token not in repr(user)


class Pool:
    """A user pool's key server, and a clock, as a test wants them."""

    def __init__(self) -> None:
        self.answers: list[bytes | Exception] = []
        self.asked = 0
        self.now = 1000.0

    def fetch(self) -> bytes:
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def keys(self, *answers: bytes | Exception) -> KeySet:
        self.answers = list(answers)
        return KeySet(self.fetch, lambda: self.now)


@pytest.fixture
def pool() -> Pool:
    return Pool()


DOWN = urllib3.exceptions.HTTPError("down")


def test_unknown_keys_cost_one_fetch_in_ten_seconds(pool: Pool) -> None:
    keys = pool.keys(jwks())
    for number in range(1000):
        with pytest.raises(InvalidToken):
            keys.get(f"unknown {number}")
        pool.now += RETRY_SECONDS / 1001

    assert pool.asked == 1


def test_a_pool_that_is_down_at_first_is_unavailable_until_it_is_up(pool: Pool) -> None:
    keys = pool.keys(DOWN, jwks())

    with pytest.raises(Unavailable):
        keys.get("1")
    pool.now += RETRY_SECONDS

    assert keys.get("1")["kty"] == "RSA"


@pytest.mark.parametrize(
    "answer", [DOWN, b"", b"no JSON", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1, {"kid": "1"}]}', b"[" * 100_000]
)
def test_a_pool_that_goes_wrong_later_is_served_from_memory_for_a_day(pool: Pool, answer: bytes | Exception) -> None:
    keys = pool.keys(jwks(), answer)
    keys.get("1")

    pool.now += FRESH_SECONDS + 1
    assert keys.get("1")
    pool.now += STALE_SECONDS
    with pytest.raises(Unavailable):
        keys.get("1")
    assert pool.asked == 3


def test_a_new_key_works_after_one_fetch(pool: Pool) -> None:
    keys = pool.keys(jwks(), jwks(kid="2"))
    keys.get("1")

    pool.now += RETRY_SECONDS

    assert keys.get("2")
    with pytest.raises(InvalidToken):
        keys.get("1")


class Answers(BaseHTTPRequestHandler):
    """A server whose answer depends on the path."""

    finished = Event()

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
            self.finished.wait(10)
        for _ in range(10 if self.path == "/dripping" else 0):
            self.wfile.write(b"x" * 4096)
            self.finished.wait(0.05)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as served:
        Thread(target=served.serve_forever).start()
        yield f"http://127.0.0.1:{served.server_port}"
        Answers.finished.set()
        served.shutdown()


def test_keys_are_fetched(server: str) -> None:
    assert auth.fetch_keys(f"{server}/keys") == b"x" * 10


@pytest.mark.parametrize("path", ["redirect", "missing", "huge", "slow", "dripping"])
def test_a_strange_answer_is_no_keys(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "FETCH_SECONDS", 0.2)

    with pytest.raises((urllib3.exceptions.HTTPError, ValueError)):
        auth.fetch_keys(f"{server}/{path}")
