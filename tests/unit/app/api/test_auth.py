import json
import time
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwk

from app.api import auth
from app.api.auth import FRESH_SECONDS, RETRY_SECONDS, STALE_SECONDS, KeySet, User, verify
from app.domain.errors import InvalidToken, Unavailable
from tests.support.tokens import ISSUER, claims, jwks, sign

OWNER = str(uuid4())


@pytest.fixture
def keys() -> KeySet:
    return KeySet(jwks)


def test_verify_with_valid_token_returns_user_and_hides_token(keys: KeySet) -> None:
    token = sign(claims(OWNER))

    user = verify(token, keys, ISSUER)

    assert user == User(OWNER, token)
    assert token not in repr(user)


def test_verified_token_is_rejected_after_it_expired(keys: KeySet, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign(claims(OWNER))
    verify(token, keys, ISSUER)

    later = time.time() + 3601
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: later))

    with pytest.raises(InvalidToken):
        verify(token, keys, ISSUER)


def test_verified_token_is_rejected_after_its_session_ended(keys: KeySet) -> None:
    token = sign(claims(OWNER))
    verify(token, keys, ISSUER)

    with pytest.raises(InvalidToken, match="revoked"):
        verify(token, keys, replace(ISSUER, is_active=lambda _owner, _session: False))


def test_verified_token_is_rejected_with_another_key_of_the_same_id(keys: KeySet) -> None:
    token = sign(claims(OWNER))
    verify(token, keys, ISSUER)
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = other_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public = jwk.construct(pem, "RS256").to_dict()
    others = json.dumps({"keys": [{**public, "kid": "1", "use": "sig"}]}).encode()

    with pytest.raises(InvalidToken):
        verify(token, KeySet(lambda: others), ISSUER)


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


DOWN = Unavailable()


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
