"""Who is calling: a Cognito access token, checked strictly, becomes a `User`; and whether they may go on.

python-jose checks the signature; everything else that makes a token ours is checked here, because the
library accepts much that it should not (ID tokens, other clients' tokens, untyped claims).
"""

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Annotated, Any, Final

import urllib3
from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer
from jose import jws
from jose.exceptions import JOSEError

from app.adapters.aws.quotas import Rate
from app.api.dependencies import QuotasDep, SettingsDep
from app.api.request_validation import read_json
from app.domain.errors import InvalidRequest, InvalidToken, Unavailable
from app.settings import Settings

MAX_TOKEN_CHARACTERS: Final = 4096
MAX_KEYS_BYTES: Final = 64 * 1024
FETCH_SECONDS: Final = 1.5
RETRY_SECONDS: Final = 10
FRESH_SECONDS: Final = 3600
STALE_SECONDS: Final = 24 * 3600
CLOCK_SKEW_SECONDS: Final = 60

_PARTS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

Claims = Mapping[str, Any]
Key = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class User:
    """The caller; `owner` is the `sub` of the token and part of the key of everything that is theirs.

    `token` is the access token itself, for what Cognito does only for the person who holds it.
    """

    owner: str
    token: str = field(repr=False)


class KeySet:
    """The public keys of the user pool (JWKS), kept while they are good and fetched at most every 10 seconds.

    Fresh for an hour; when the pool cannot be reached, the last good set serves for a day.
    """

    def __init__(self, fetch: Callable[[], bytes], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._keys: dict[str, Key] = {}
        self._fetched = self._tried = float("-inf")

    def get(self, kid: str) -> Key:
        """The RSA signing key of this id, as a JWK.

        Raises:
            InvalidToken: the pool has no such key.
            Unavailable: no set of keys could be had.
        """
        with self._lock:
            now = self._clock()
            due = kid not in self._keys or now - self._fetched > FRESH_SECONDS
            if due and now - self._tried >= RETRY_SECONDS:
                self._refresh(now)
            if now - self._fetched > STALE_SECONDS:
                raise Unavailable
            if kid not in self._keys:
                raise InvalidToken
            return self._keys[kid]

    def _refresh(self, now: float) -> None:
        self._tried = now
        try:
            keys = _signing_keys(self._fetch())
        except (urllib3.exceptions.HTTPError, ValueError, InvalidRequest):
            return
        if keys:
            self._keys, self._fetched = keys, now


def fetch_keys(url: str) -> bytes:
    """The body that the address answers with: at once, directly and of a sensible size.

    Raises:
        urllib3.exceptions.HTTPError: no whole answer of status 200 within 1.5 seconds.
        ValueError: the answer is larger than 64 KiB.
    """
    deadline = time.monotonic() + FETCH_SECONDS
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url, redirect=False, retries=False, timeout=FETCH_SECONDS, preload_content=False)
        body = bytearray()
        for piece in answer.stream(4096):
            body += piece
            if time.monotonic() > deadline:
                raise urllib3.exceptions.TimeoutError
            if len(body) > MAX_KEYS_BYTES:
                raise ValueError
    if answer.status != HTTPStatus.OK:
        raise urllib3.exceptions.HTTPError
    return bytes(body)


def verify(token: str, keys: KeySet, settings: Settings) -> User:
    """The caller whom an access token of our pool and client names.

    Raises:
        InvalidToken: it is anything else.
        Unavailable: the pool's keys cannot be had.
    """
    parts = _PARTS.fullmatch(token) if len(token) <= MAX_TOKEN_CHARACTERS else None
    if not parts:
        raise InvalidToken
    try:
        header, *_ = read_json(_decoded(parts[1])), _decoded(parts[2]), _decoded(parts[3])
        key = keys.get(_key_id(header))
        claims = read_json(jws.verify(token, dict(key), algorithms=["RS256"]))
    except (JOSEError, TypeError, OverflowError, RecursionError, ValueError, InvalidRequest) as error:
        raise InvalidToken from error
    if not (_is_current(claims, time.time()) and _is_ours(claims, settings)):
        raise InvalidToken
    return User(owner=claims["sub"], token=token)


def _key_id(header: Claims) -> str:
    """The key that the header names, if it names nothing else that could matter."""
    kid = header.get("kid")
    if not (header.keys() - {"typ"} == {"alg", "kid"} and header["alg"] == "RS256" and isinstance(kid, str)):
        raise InvalidToken
    return kid


def _is_current(claims: Claims, now: float) -> bool:
    begun = [claims.get("iat"), claims.get("nbf", 0)]
    ends = claims.get("exp")
    return (
        type(ends) is int
        and now < ends
        and all(type(moment) is int and moment <= now + CLOCK_SKEW_SECONDS for moment in begun)
    )


def _is_ours(claims: Claims, settings: Settings) -> bool:
    owner = claims.get("sub")
    return (
        claims.get("iss") == settings.issuer
        and claims.get("token_use") == "access"
        and claims.get("client_id") == settings.client_id
        and isinstance(owner, str)
        and bool(_UUID.fullmatch(owner))
    )


def _decoded(part: str) -> bytes:
    """The bytes of a base64url text, which has to be the one spelling of them."""
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise InvalidToken
    return data


def _signing_keys(data: bytes) -> dict[str, Key]:
    """The RSA signing keys of a JWKS by their ids; what else is in it is passed over."""
    keys = read_json(data).get("keys")
    return {
        key["kid"]: {name: key[name] for name in ("kty", "n", "e")} | {"alg": "RS256"}
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and (key.get("use"), key.get("kty")) == ("sig", "RSA")
        and all(isinstance(key.get(name), str) for name in ("kid", "n", "e"))
    }


@cache
def _key_set(url: str) -> KeySet:
    return KeySet(lambda: fetch_keys(url))


def key_set(settings: SettingsDep) -> KeySet:
    """The keys of this deployment's user pool."""
    return _key_set(settings.jwks_url)


_bearer: Final = OAuth2PasswordBearer(
    tokenUrl="/auth/token",
    refreshUrl="/auth/token",
    scheme_name="accessToken",
    description="Sign in with your e-mail address as username. The token is sent as `Authorization: Bearer …` and is"
    " good for an hour; `POST /auth/token` renews it.",
    auto_error=False,
)


def current_user(
    token: Annotated[str | None, Depends(_bearer)],
    keys: Annotated[KeySet, Depends(key_set)],
    settings: SettingsDep,
) -> User:
    """The caller.

    Raises:
        InvalidToken: there is no valid access token in the Authorization header.
    """
    return verify(token or "", keys, settings)


CurrentUser = Annotated[User, Depends(current_user)]


def limit_edits(user: CurrentUser, quotas: QuotasDep) -> None:
    """Count an edit of the caller.

    Raises:
        TooManyRequests: the caller has used up this minute's edits.
    """
    quotas.count(user.owner, Rate.EDITS)


def limit_detections(user: CurrentUser, quotas: QuotasDep) -> None:
    """Count a detection that the caller waits for.

    Raises:
        TooManyRequests: the caller has used up this minute's detections.
    """
    quotas.count(user.owner, Rate.DETECTIONS)


def limit_uploads(user: CurrentUser, quotas: QuotasDep) -> None:
    """Count an upload of the caller.

    Raises:
        TooManyRequests: the caller has used up this minute's uploads.
        QuotaExceeded: the library is full.
    """
    quotas.count(user.owner, Rate.UPLOADS)
    quotas.require_room(user.owner)
