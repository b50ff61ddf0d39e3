import base64
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
import urllib3
from jose import jws, jwt

from app import auth
from app.auth import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet, User, verify
from app.errors import InvalidToken, Unavailable
from tests.tokens import SETTINGS, claims, jwks, private_key, sign

OWNER = str(uuid4())


@pytest.fixture
def keys() -> KeySet:
    return KeySet(jwks)


def test_a_token_of_our_pool_names_its_owner(keys: KeySet) -> None:
    token = sign(claims(OWNER))

    user = verify(token, keys, SETTINGS)

    assert user == User(OWNER, token)
    assert token not in repr(user)


def spelt_again(token: str) -> str:
    """The same signature bytes in another spelling: the last character has unused bits."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]


def unsigned(header: str, payload: str) -> str:
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in (header, payload, "x"))


HOSTILE: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "junk": lambda: "a.b.c",
    "two parts": lambda: "a.b",
    "not ASCII": lambda: "ä.b.c",
    "huge": lambda: "a" * 5000 + ".b.c",
    "trailing newline": lambda: sign(claims(OWNER)) + "\n",
    "padding": lambda: sign(claims(OWNER)) + "=",
    "re-spelt signature": lambda: spelt_again(sign(claims(OWNER))),
    "alg none": lambda: unsigned('{"alg":"none","kid":"1"}', json.dumps(claims(OWNER))),
    "alg nOnE": lambda: unsigned('{"alg":"nOnE","kid":"1"}', json.dumps(claims(OWNER))),
    "HS256 with the public key": lambda: jwt.encode(claims(OWNER), jwks().decode(), "HS256", headers={"kid": "1"}),
    "RS512": lambda: sign(claims(OWNER), algorithm="RS512"),
    "no kid": lambda: sign(claims(OWNER), headers={"kid": None}),
    "unknown kid": lambda: sign(claims(OWNER), headers={"kid": "2"}),
    "kid of another type": lambda: unsigned('{"alg":"RS256","kid":["1"]}', json.dumps(claims(OWNER))),
    "jku": lambda: sign(claims(OWNER), headers={"kid": "1", "jku": "https://evil.example"}),
    "jwk": lambda: sign(claims(OWNER), headers={"kid": "1", "jwk": {}}),
    "crit": lambda: sign(claims(OWNER), headers={"kid": "1", "crit": ["exp"]}),
    "duplicate alg": lambda: unsigned('{"alg":"none","alg":"RS256","kid":"1"}', json.dumps(claims(OWNER))),
    "deep header": lambda: unsigned("[" * 1000 + "]" * 1000, "{}"),
    "header no object": lambda: unsigned("[]", "{}"),
    "header no UTF-8": lambda: "_____w.e30.e30",
    "payload no object": lambda: jwt_of("[]"),
    "payload no JSON": lambda: jwt_of("no JSON"),
    "duplicate claim": lambda: jwt_of(json.dumps(claims(OWNER)).replace("{", '{"sub": "x", ', 1)),
    "altered": lambda: sign(claims(OWNER)).replace(".", ".e", 1),
    "ID token": lambda: sign(claims(OWNER) | {"token_use": "id"}),
    "other client": lambda: sign(claims(OWNER) | {"client_id": "other"}),
    "other pool": lambda: sign(claims(OWNER) | {"iss": "https://cognito-idp.us-east-1.amazonaws.com/other"}),
    "no issuer": lambda: sign(claims(OWNER) | {"iss": None}),
    "owner no UUID": lambda: sign(claims("U#somebody")),
    "owner missing": lambda: sign(claims(OWNER) | {"sub": None}),
    "owner in capitals": lambda: sign(claims(OWNER.upper() + "A")),
    "expired": lambda: sign(claims(OWNER) | {"exp": int(time.time())}),
    "no end": lambda: sign(claims(OWNER) | {"exp": None}),
    "end as text": lambda: sign(claims(OWNER) | {"exp": "9999999999"}),
    "end as float": lambda: sign(claims(OWNER) | {"exp": 9999999999.5}),
    "end as bool": lambda: sign(claims(OWNER) | {"exp": True}),
    "end not a number": lambda: jwt_of(json.dumps(claims(OWNER) | {"exp": float("nan")})),
    "begin in the future": lambda: sign(claims(OWNER) | {"iat": int(time.time()) + 1000}),
    "not yet": lambda: sign(claims(OWNER) | {"nbf": int(time.time()) + 1000}),
    "begin as bool": lambda: sign(claims(OWNER) | {"iat": True}),
    "begin beyond numbers": lambda: sign(claims(OWNER) | {"iat": 10**400}),
}


def jwt_of(payload: str) -> str:
    """A rightly signed token around any payload."""
    return jws.sign(payload.encode(), private_key(), headers={"kid": "1"}, algorithm="RS256")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused(keys: KeySet, name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name](), keys, SETTINGS)


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
