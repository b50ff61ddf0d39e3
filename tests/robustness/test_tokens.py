"""Hostile tokens: each is rejected as invalid, and none causes another error."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from jose import jws, jwt

from app.adapters.local.database import Database
from app.adapters.local.signing_key import SigningKey
from app.api.auth import KeySet, verify
from app.domain.errors import InvalidToken
from tests.support.tokens import Signer, cognito

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

Token = Callable[[Signer], str]


def with_claims(**changes: Any) -> Token:
    """Return a correctly signed token with changed claims. Claims that are None are left out.

    A change can be a function of the signer.
    """

    def make_token(signer: Signer) -> str:
        return signer.sign(signer.claims(OWNER) | resolve(changes, signer))

    return make_token


def resolve(changes: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Call the values that are functions of the signer."""
    return {name: value(signer) if callable(value) else value for name, value in changes.items()}


def with_headers(**changes: Any) -> Token:
    """Return a correctly signed token with changed headers."""
    return lambda signer: signer.sign(signer.claims(OWNER), headers={"kid": signer.kid} | resolve(changes, signer))


def with_payload(write: Callable[[dict[str, Any]], str]) -> Token:
    """Return a correctly signed token whose payload is written from valid claims, and may be malformed."""
    return lambda signer: jws.sign(
        write(signer.claims(OWNER)).encode(), signer.private_key, headers={"kid": signer.kid}, algorithm="RS256"
    )


def with_text(text: str) -> Token:
    """Return a correctly signed token with this text as its payload."""
    return with_payload(lambda _: text)


def with_json(claim: str, value: Any) -> Token:
    """Return a correctly signed token in which a claim has this value, which may be null or infinity."""
    return with_payload(lambda claims: json.dumps(claims | {claim: value}))


def with_raw_header(header: str, payload: str | None = None, signature: str | None = None) -> Token:
    """Return a token with exactly this header, in which "1" is the id of the key.

    The payload and the signature are of a valid token by default.
    """

    def make_token(signer: Signer) -> str:
        valid = signer.sign(signer.claims(OWNER)).split(".")
        parts = [
            encode(header.replace('"1"', json.dumps(signer.kid))),
            valid[1] if payload is None else encode(payload),
            signature or valid[2],
        ]
        return ".".join(parts)

    return make_token


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def alter(change: Callable[[str], str]) -> Token:
    return lambda signer: change(signer.sign(signer.claims(OWNER)))


def respell_signature(token: str) -> str:
    """Return the token with the same signature bytes in another spelling: the last character has unused bits."""
    return token[:-1] + LETTERS[LETTERS.index(token[-1]) ^ 1]


def forms() -> Iterator[tuple[str, Token]]:
    yield from {
        "empty": lambda _: "",
        "dots": lambda _: "..",
        "junk": lambda _: "a.b.c",
        "two parts": lambda _: "a.b",
        "five parts, as encrypted tokens have": lambda _: "a.b.c.d.e",
        "not ASCII": lambda _: "ä.b.c",
        "NUL": lambda _: "a\0.b.c",
        "huge": lambda _: "a" * 5000 + ".b.c",
        "a newline after it": alter(lambda valid: valid + "\n"),
        "a space before it": alter(lambda valid: " " + valid),
        "padding": alter(lambda valid: valid + "="),
        "another spelling of its signature": alter(respell_signature),
        "another alphabet": alter(lambda valid: valid.replace("-", "+").replace("_", "/") + "/"),
        "an alter payload": alter(lambda valid: valid.replace(".", ".e", 1)),
        "no signature": alter(lambda valid: valid.rpartition(".")[0] + "."),
        "half a signature": alter(lambda valid: valid[:-100]),
        "the signature of another token": lambda signer: ".".join(
            [
                *signer.sign(signer.claims(OWNER)).split(".")[:2],
                signer.sign(signer.claims(str(uuid4()))).split(".")[2],
            ]
        ),
        "Bearer twice": alter(lambda valid: f"Bearer {valid}"),
        "two tokens": alter(lambda valid: f"{valid},{valid}"),
    }.items()


def hostile_headers() -> Iterator[tuple[str, Token]]:
    for alg in ("none", "nOnE", "None", "", "RS384", "RS512", "PS256", "ES256", "HS256", "rs256", "RS256 ", "EdDSA"):
        yield f"alg {alg!r}", with_raw_header(json.dumps({"alg": alg, "kid": "1"}))
    for value in (None, True, 256, ["RS256"], {"RS256": 1}):
        yield f"alg {value!r}", with_raw_header(json.dumps({"alg": value, "kid": "1"}))
        yield f"kid {value!r}", with_raw_header(json.dumps({"alg": "RS256", "kid": value}))
    yield "alg none, no signature", with_raw_header('{"alg":"none","kid":"1"}', signature="x")
    yield "no alg", with_raw_header('{"kid":"1"}')
    yield (
        "HS256 with the public key",
        lambda signer: jwt.encode(
            signer.claims(OWNER), signer.issuer.fetch_keys().decode(), "HS256", headers={"kid": signer.kid}
        ),
    )
    yield "RS512, correctly signed", lambda signer: signer.sign(signer.claims(OWNER), algorithm="RS512")
    for kid in ("2", "", "1 ", "../1", "1\0", "1' OR '1'='1", "https://evil.example/key"):
        yield f"kid {kid!r}", with_headers(kid=kid)
    headers: dict[str, Any] = {
        "jku": "https://evil.example",
        "jwk": lambda signer: json.loads(signer.issuer.fetch_keys())["keys"][0],
        "x5u": "https://evil.example",
        "x5c": ["MII"],
        "x5t": "x",
        "crit": ["exp"],
        "b64": False,
        "cty": "JWT",
        "zip": "DEF",
        "enc": "A128GCM",
        "nonce": "x",
    }
    for name, value in headers.items():
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
        yield f"payload {text[:10]!r}", with_text(text)
    yield "a claim twice", with_payload(lambda claims: json.dumps(claims).replace("{", '{"sub": "x", ', 1))
    yield "a claim twice, the valid one first", with_payload(lambda claims: json.dumps(claims)[:-1] + ', "sub": "x"}')
    now = int(time.time())
    times = {"exp": {"now": now, "past": now - 1, "long past": 0, "before 1970": -1, "missing": None}}
    times |= {"iat": {"in the future": now + DAY_SECONDS, "too large": 10**400, "missing": None}}
    times |= {"nbf": {"in the future": now + DAY_SECONDS, "too large": 10**400}}
    for claim, values in times.items():
        for name, value in values.items():
            yield f"{claim} {name}", with_claims(**{claim: value})
        for name, value in NUMBERS.items():
            yield f"{claim} as {name}", with_json(claim, value)
        if claim != "nbf":
            yield f"{claim} null", with_json(claim, None)
    yield from {
        "iss empty": with_claims(iss=""),
        "iss with a slash": with_claims(iss=lambda signer: signer.issuer.issuer + "/"),
        "iss in upper case": with_claims(iss=lambda signer: signer.issuer.issuer.upper()),
        "iss with another scheme": with_claims(iss=lambda signer: "http:" + signer.issuer.issuer.partition(":")[2]),
        "iss of another pool": with_claims(iss="https://cognito-idp.us-east-1.amazonaws.com/other"),
        "iss of another installation": with_claims(iss="urn:pixtag:" + "0" * 32),
        "iss in a list": with_claims(iss=lambda signer: [signer.issuer.issuer]),
        "iss missing": with_claims(iss=None),
        "client_id in upper case": with_claims(client_id=lambda signer: signer.issuer.client_id.upper()),
        "client_id in a list": with_claims(client_id=lambda signer: [signer.issuer.client_id]),
    }.items()
    wrong_values: dict[str, list[Any]] = {
        "token_use": ["id", "refresh", "Access", "access ", ["access"], True, None],
        "client_id": ["", "other", None],
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


HOSTILE = dict([*forms(), *hostile_headers(), *payloads()])


def test_hostile_tokens_are_at_least_120() -> None:
    assert len(HOSTILE) >= 120


@pytest.fixture(scope="module", params=["cognito", "local"])
def signer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """The user pool of the tests, or an installation on one machine."""
    if request.param == "cognito":
        return cognito()
    key = SigningKey.load(Database(tmp_path_factory.mktemp("installation") / "pixtag.db"))
    return Signer(key.issuer, key.private_key, json.loads(key.issuer.fetch_keys())["keys"][0]["kid"])


def test_verify_of_a_valid_token_returns_its_owner(signer: Signer) -> None:
    token = signer.sign(signer.claims(OWNER))

    assert verify(token, KeySet(signer.issuer.fetch_keys), signer.issuer).owner == OWNER


@pytest.mark.parametrize("name", HOSTILE)
def test_verify_of_a_hostile_token_raises_invalid_token(signer: Signer, name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name](signer), KeySet(signer.issuer.fetch_keys), signer.issuer)


def test_verify_of_a_token_of_the_other_issuer_raises_invalid_token(signer: Signer) -> None:
    stranger = (
        cognito() if signer.kid != "1" else replace(cognito(), issuer=replace(signer.issuer, issuer="urn:pixtag:1"))
    )

    for kid in (stranger.kid, signer.kid):
        token = stranger.sign(stranger.claims(OWNER), headers={"kid": kid})
        with pytest.raises(InvalidToken):
            verify(token, KeySet(signer.issuer.fetch_keys), signer.issuer)
