"""Authenticates callers by their access tokens or API keys, and enforces the callers' rate limits.

python-jose only verifies the signature. This module checks the format, the header and the claims, because python-jose
also accepts ID tokens, other clients' tokens and claims of the wrong type.
"""

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from jose import jwk, jws
from jose.backends.base import Key as PublicKey
from jose.exceptions import JOSEError

from app.api.dependencies import ApiKeysDep, QuotasDep, TokenIssuerDep, count_for_address, require_space
from app.api.request_validation import read_json
from app.api.scopes import SCOPES
from app.api.threads import in_thread
from app.domain.accounts import TokenIssuer
from app.domain.api_keys import PREFIX, ApiKey
from app.domain.errors import InsufficientScope, InvalidRequest, InvalidToken, KeyNotAllowed, Unavailable
from app.domain.ports import ApiKeys
from app.domain.quotas import Rate
from app.services.api_keys import authenticate_key

MAX_TOKEN_CHARACTERS: Final = 4096
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
    """An authenticated caller.

    Attributes:
        owner: The `sub` claim of the access token, or the owner of the API key. Every key of the caller's data contains
            it.
        token: The access token. Some operations of the account store require it. It is empty for an API key.
        key: The API key, or None for an access token.
    """

    owner: str
    token: str = field(repr=False)
    key: ApiKey | None = None


class KeySet:
    """Caches the issuer's public keys (JWKS) for an hour. Fetches keys at most every 10 seconds.

    While the issuer is unreachable, the last fetched keys stay valid for a day.
    """

    def __init__(self, fetch: Callable[[], bytes], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._keys: dict[str, Key] = {}
        self._fetched_at = self._tried_at = float("-inf")

    def get(self, kid: str) -> Key:
        """Return the RSA signing key with this id, as a JWK.

        Raises:
            InvalidToken: the issuer has no such key.
            Unavailable: no keys have been fetched in the last day.
        """
        with self._lock:
            now = self._clock()
            is_due = kid not in self._keys or now - self._fetched_at > FRESH_SECONDS
            if is_due and now - self._tried_at >= RETRY_SECONDS:
                self._refresh(now)
            if now - self._fetched_at > STALE_SECONDS:
                raise Unavailable
            if kid not in self._keys:
                raise InvalidToken
            return self._keys[kid]

    def _refresh(self, now: float) -> None:
        self._tried_at = now
        try:
            keys = _parse_keys(self._fetch())
        except (Unavailable, ValueError, InvalidRequest):
            return
        if keys:
            self._keys, self._fetched_at = keys, now


def verify(token: str, keys: KeySet, issuer: TokenIssuer) -> User:
    """Verify an access token of this deployment. Return its user.

    Raises:
        InvalidToken: the token is not a valid access token of this issuer and client.
        Unavailable: the issuer's keys cannot be fetched.
    """
    parts = _PARTS.fullmatch(token) if len(token) <= MAX_TOKEN_CHARACTERS else None
    if not parts:
        raise InvalidToken
    try:
        header, *_ = read_json(_decode(parts[1])), _decode(parts[2]), _decode(parts[3])
        key = keys.get(_get_key_id(header))
        claims = _read_claims(token, key["n"], key["e"])
    except (JOSEError, TypeError, OverflowError, RecursionError, ValueError, InvalidRequest) as error:
        raise InvalidToken from error
    if not (_is_current(claims, time.time()) and _is_for_this_api(claims, issuer)):
        raise InvalidToken
    if not issuer.is_active(claims["sub"], str(claims.get("origin_jti"))):
        raise InvalidToken("The access token was revoked.")
    return User(owner=claims["sub"], token=token)


@lru_cache(maxsize=256)
def _read_claims(token: str, modulus: str, exponent: str) -> Claims:
    """Verify a token's signature with this key, and return its claims.

    A client sends the same token for up to an hour. The result for a token and a key never changes, so it is kept. What
    can change is checked for each request: the time, the issuer's keys, and whether the session has ended.

    Raises:
        JOSEError: the signature is not valid.
        InvalidRequest: the claims are not a JSON object.
    """
    return MappingProxyType(read_json(jws.verify(token, _load_key(modulus, exponent), algorithms=["RS256"])))


@lru_cache(maxsize=16)
def _load_key(modulus: str, exponent: str) -> PublicKey:
    """Return the key of a JWK. Loading it takes longer than the verification of a signature.

    Raises:
        JWKError: the numbers are not those of an RSA key.
    """
    return jwk.construct({"kty": "RSA", "n": modulus, "e": exponent}, "RS256")


def _get_key_id(header: Claims) -> str:
    """Return the key id in a token's header.

    Raises:
        InvalidToken: the header has unexpected members, or the algorithm is not RS256.
    """
    kid = header.get("kid")
    if not (header.keys() - {"typ"} == {"alg", "kid"} and header["alg"] == "RS256" and isinstance(kid, str)):
        raise InvalidToken
    return kid


def _is_current(claims: Claims, now: float) -> bool:
    start_times = [claims.get("iat"), claims.get("nbf", 0)]
    end_time = claims.get("exp")
    return (
        type(end_time) is int
        and now < end_time
        and all(type(start) is int and start <= now + CLOCK_SKEW_SECONDS for start in start_times)
    )


def _is_for_this_api(claims: Claims, issuer: TokenIssuer) -> bool:
    owner = claims.get("sub")
    return (
        claims.get("iss") == issuer.issuer
        and claims.get("token_use") == "access"
        and claims.get("client_id") == issuer.client_id
        and isinstance(owner, str)
        and bool(_UUID.fullmatch(owner))
    )


def _decode(part: str) -> bytes:
    """Decode base64url without padding.

    Raises:
        InvalidToken: the encoding is not canonical.
    """
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise InvalidToken
    return data


def _parse_keys(data: bytes) -> dict[str, Key]:
    """Return the RSA signing keys in a JWKS by key id. Other keys are ignored."""
    keys = read_json(data).get("keys")
    return {
        key["kid"]: {name: key[name] for name in ("kty", "n", "e")} | {"alg": "RS256"}
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and (key.get("use"), key.get("kty")) == ("sig", "RSA")
        and all(isinstance(key.get(name), str) for name in ("kid", "n", "e"))
    }


@cache
def key_set(issuer: TokenIssuer) -> KeySet:
    """Return the public keys of an issuer. Each process has one set for each issuer."""
    return KeySet(issuer.fetch_keys)


_bearer: Final = OAuth2PasswordBearer(
    tokenUrl="/auth/token",
    refreshUrl="/auth/token",
    scheme_name="accessToken",
    description="Sign in with your e-mail address as the username. Send the access token as"
    " `Authorization: Bearer …`. It expires after an hour. Use `POST /auth/token` to get a new one.",
    auto_error=False,
)


@in_thread
def current_user(
    request: Request,
    token: Annotated[str | None, Depends(_bearer)],
    issuer: TokenIssuerDep,
    api_keys: ApiKeysDep,
    quotas: QuotasDep,
) -> User:
    """Return the authenticated caller, and count the request. Every operation that needs a token is counted this way.

    A request without a valid token is counted for the client's address.

    Raises:
        InvalidToken: the Authorization header contains no valid access token or API key.
        InsufficientScope: the API key lacks the scope of the operation.
        KeyNotAllowed: the operation allows no API keys.
        TooManyRequests: the caller, the API key or the client's address has reached its limit of requests per minute.
    """
    try:
        user = _authenticate(token or "", issuer, api_keys)
    except InvalidToken:
        count_for_address(request, Rate.VISITS)
        raise
    quotas.count(user.owner, Rate.REQUESTS)
    if user.key:
        quotas.count_key(user.owner, user.key.id)
        _require_scope(user.key, request.scope["route"].operation_id)
    return user


def _authenticate(token: str, issuer: TokenIssuer, api_keys: ApiKeys) -> User:
    """Return the caller with this access token or API key.

    Raises:
        InvalidToken: it is not a valid access token or API key.
    """
    if not token.startswith(PREFIX):
        return verify(token, key_set(issuer), issuer)
    address, key = authenticate_key(api_keys, token)
    return User(address.owner, "", key)


def _require_scope(key: ApiKey, operation: str) -> None:
    scope = SCOPES.get(operation)
    if not scope:
        raise KeyNotAllowed
    if scope not in key.scopes:
        raise InsufficientScope(scope)


CurrentUser = Annotated[User, Depends(current_user)]


@in_thread
def limit_edits(user: CurrentUser, quotas: QuotasDep) -> None:
    """Count an edit by the caller.

    Raises:
        TooManyRequests: the caller has reached the limit of edits per minute.
    """
    quotas.count(user.owner, Rate.EDITS)


# For changes that free no space. `limit_edits` alone is for those that must work on a full disk, such as deletions.
EDIT: Final = (Depends(current_user), Depends(require_space), Depends(limit_edits))


@in_thread
def limit_detections(user: CurrentUser, quotas: QuotasDep) -> None:
    """Count a detection that the caller requests.

    Raises:
        TooManyRequests: the caller has reached the limit of detections per minute.
    """
    quotas.count(user.owner, Rate.DETECTIONS)


@in_thread
def limit_uploads(user: CurrentUser, quotas: QuotasDep) -> User:
    """Count an upload by the caller, and return the caller.

    Raises:
        TooManyRequests: the caller has reached the limit of uploads per minute.
        QuotaExceeded: the library is full.
    """
    quotas.count(user.owner, Rate.UPLOADS)
    quotas.require_room(user.owner)
    return user


Uploader = Annotated[User, Depends(limit_uploads)]
