"""Hostile tokens: each is rejected as invalid, and none causes another error."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from jose import jws, jwt

from app.api.auth import KeySet, verify
from app.domain.errors import InvalidToken
from tests.support.tokens import ISSUER, SETTINGS, claims, jwks, private_key, sign

OWNER = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
DAY_SECONDS = 24 * 60 * 60  # longer than `make torture` takes
# pragma: allowlist nextline secret - the alphabet of base64url
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NUMBERS: dict[str, Any] = {
    "text": "9999999999",
    "a float": 9999999999.5,
    "a whole float": 9999999999.0,
    "true": True,
    "a list": [9999999999],
    "an object": {"$numberLong": "9999999999"},
    "not a number": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
}

Token = Callable[[], str]


def with_claims(**changes: Any) -> Token:
    """Return a correctly signed token with changed claims. Claims that are None are left out."""
    return lambda: sign(claims(OWNER) | changes)


def with_headers(**changes: Any) -> Token:
    """Return a correctly signed token with changed headers."""
    return lambda: sign(claims(OWNER), headers={"kid": "1"} | changes)


def with_payload(payload: str) -> Token:
    """Return a correctly signed token with this payload, which may be malformed."""
    return lambda: jws.sign(payload.encode(), private_key(), headers={"kid": "1"}, algorithm="RS256")


def with_raw_header(header: str, payload: str | None = None, signature: str | None = None) -> Token:
    """Return a token with exactly this header. The payload and the signature are of a valid token by default."""

    def make_token() -> str:
        valid = sign(claims(OWNER)).split(".")
        parts = [encode(header), valid[1] if payload is None else encode(payload), signature or valid[2]]
        return ".".join(parts)

    return make_token


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def alter(change: Callable[[str], str]) -> Token:
    return lambda: change(sign(claims(OWNER)))


def respell_signature(token: str) -> str:
    """Return the token with the same signature bytes in another spelling: the last character has unused bits."""
    return token[:-1] + LETTERS[LETTERS.index(token[-1]) ^ 1]


def forms() -> Iterator[tuple[str, Token]]:
    yield from {
        "empty": lambda: "",
        "dots": lambda: "..",
        "junk": lambda: "a.b.c",
        "two parts": lambda: "a.b",
        "five parts, as encrypted tokens have": lambda: "a.b.c.d.e",
        "not ASCII": lambda: "ä.b.c",
        "NUL": lambda: "a\0.b.c",
        "huge": lambda: "a" * 5000 + ".b.c",
        "a newline after it": alter(lambda valid: valid + "\n"),
        "a space before it": alter(lambda valid: " " + valid),
        "padding": alter(lambda valid: valid + "="),
        "another spelling of its signature": alter(respell_signature),
        "another alphabet": alter(lambda valid: valid.replace("-", "+").replace("_", "/") + "/"),
        "an alter payload": alter(lambda valid: valid.replace(".", ".e", 1)),
        "no signature": alter(lambda valid: valid.rpartition(".")[0] + "."),
        "half a signature": alter(lambda valid: valid[:-100]),
        "the signature of another token": alter(
            lambda valid: ".".join([*valid.split(".")[:2], sign(claims(str(uuid4()))).split(".")[2]])
        ),
        "Bearer twice": alter(lambda valid: f"Bearer {valid}"),
        "two tokens": alter(lambda valid: f"{valid},{valid}"),
    }.items()


def headers() -> Iterator[tuple[str, Token]]:
    for alg in ("none", "nOnE", "None", "", "RS384", "RS512", "PS256", "ES256", "HS256", "rs256", "RS256 ", "EdDSA"):
        yield f"alg {alg!r}", with_raw_header(json.dumps({"alg": alg, "kid": "1"}))
    for value in (None, True, 256, ["RS256"], {"RS256": 1}):
        yield f"alg {value!r}", with_raw_header(json.dumps({"alg": value, "kid": "1"}))
        yield f"kid {value!r}", with_raw_header(json.dumps({"alg": "RS256", "kid": value}))
    yield "alg none, no signature", with_raw_header('{"alg":"none","kid":"1"}', signature="x")
    yield "no alg", with_raw_header('{"kid":"1"}')
    yield "HS256 with the public key", lambda: jwt.encode(claims(OWNER), jwks().decode(), "HS256", headers={"kid": "1"})
    yield "RS512, correctly signed", lambda: sign(claims(OWNER), algorithm="RS512")
    for kid in ("2", "", "1 ", "../1", "1\0", "1' OR '1'='1", "https://evil.example/key"):
        yield f"kid {kid!r}", with_headers(kid=kid)
    for name, value in {
        "jku": "https://evil.example",
        "jwk": json.loads(jwks())["keys"][0],
        "x5u": "https://evil.example",
        "x5c": ["MII"],
        "x5t": "x",
        "crit": ["exp"],
        "b64": False,
        "cty": "JWT",
        "zip": "DEF",
        "enc": "A128GCM",
        "nonce": "x",
    }.items():
        yield f"{name} in the header", with_headers(**{name: value})
    yield "alg twice", with_raw_header('{"alg":"none","alg":"RS256","kid":"1"}')
    yield "kid twice", with_raw_header('{"alg":"RS256","kid":"2","kid":"1"}')
    yield "a deep header", with_raw_header("[" * 1000 + "]" * 1000)
    yield "a deep object as header", with_raw_header('{"alg":' * 500 + "1" + "}" * 500)
    yield "a list as header", with_raw_header("[]")
    yield "null as header", with_raw_header("null")
    yield "text as header", with_raw_header('"RS256"')
    yield (
        "a header with a number of 5,000 digits",
        with_raw_header('{"alg":"RS256","kid":"1","typ":' + "1" * 2000 + "}"),
    )
    yield "a header that is not JSON", with_raw_header("{'alg':'RS256','kid':'1'}")
    yield "a header that is not UTF-8", alter(lambda valid: "_____w" + valid[valid.index(".") :])
    yield "a header with a byte-order mark", with_raw_header('\ufeff{"alg":"RS256","kid":"1"}')


def payloads() -> Iterator[tuple[str, Token]]:
    for text in ("[]", "null", '"x"', "1", "not JSON", "", "{", "[" * 1000):
        yield f"payload {text[:10]!r}", with_payload(text)
    yield "a claim twice", with_payload(json.dumps(claims(OWNER)).replace("{", '{"sub": "x", ', 1))
    yield "a claim twice, the valid one first", with_payload(json.dumps(claims(OWNER))[:-1] + ', "sub": "x"}')
    now = int(time.time())
    times = {"exp": {"now": now, "past": now - 1, "long past": 0, "before 1970": -1, "missing": None}}
    times |= {"iat": {"in the future": now + DAY_SECONDS, "too large": 10**400, "missing": None}}
    times |= {"nbf": {"in the future": now + DAY_SECONDS, "too large": 10**400}}
    for claim, values in times.items():
        for name, value in values.items():
            yield f"{claim} {name}", with_claims(**{claim: value})
        for name, value in NUMBERS.items():
            yield f"{claim} as {name}", with_payload(json.dumps(claims(OWNER) | {claim: value}))
        if claim != "nbf":
            yield f"{claim} null", with_payload(json.dumps(claims(OWNER) | {claim: None}))
    wrong_values: dict[str, list[Any]] = {
        "iss": [
            *("", SETTINGS.issuer + "/", SETTINGS.issuer.upper(), SETTINGS.issuer.replace("https", "http")),
            *("https://cognito-idp.us-east-1.amazonaws.com/other", [SETTINGS.issuer], None),
        ],
        "token_use": ["id", "refresh", "Access", "access ", ["access"], True, None],
        "client_id": ["", "other", SETTINGS.client_id.upper(), [SETTINGS.client_id], None],
        "sub": [
            *(
                "",
                "U#somebody",
                OWNER.upper() + "A",
                OWNER + "\n",
                "#" + OWNER,
                OWNER.replace("-", ""),
                [OWNER],
                1,
                None,
            ),
            *(OWNER.replace("-", "_"), OWNER[:-1] + "٣", f"{{{OWNER}}}", f"urn:uuid:{OWNER}"),
        ],
    }
    for claim, values_of_claim in wrong_values.items():
        for value in values_of_claim:
            yield f"{claim} {value!r}", with_claims(**{claim: value})


HOSTILE = dict([*forms(), *headers(), *payloads()])


def test_hostile_tokens_are_at_least_120() -> None:
    assert len(HOSTILE) >= 120


@pytest.mark.parametrize("name", HOSTILE)
def test_verify_of_a_hostile_token_raises_invalid_token(name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name](), KeySet(jwks), ISSUER)
