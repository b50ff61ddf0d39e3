"""Tokens that are no access token of our pool and client: each is refused, and none is an error of ours."""

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
from tests.support.tokens import SETTINGS, claims, jwks, private_key, sign

OWNER = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
DAY_SECONDS = 24 * 60 * 60  # longer than all tests take under torture
# pragma: allowlist nextline secret - an alphabet
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NUMBERS: dict[str, Any] = {
    "text": "9999999999",
    "a float": 9999999999.5,
    "a whole float": 9999999999.0,
    "true": True,
    "a list": [9999999999],
    "an object": {"$numberLong": "9999999999"},
    "not a number": float("nan"),
    "infinite": float("inf"),
    "minus infinite": float("-inf"),
}

Token = Callable[[], str]


def token(**said: Any) -> Token:
    """Rightly signed, of claims of which some say something else; None: not there."""
    return lambda: sign(claims(OWNER) | said)


def headed(**said: Any) -> Token:
    """Rightly signed, with other headers."""
    return lambda: sign(claims(OWNER), headers={"kid": "1"} | said)


def around(payload: str) -> Token:
    """Rightly signed, around any payload."""
    return lambda: jws.sign(payload.encode(), private_key(), headers={"kid": "1"}, algorithm="RS256")


def spelt(header: str, payload: str | None = None, signature: str | None = None) -> Token:
    """With a header in these very characters; payload and signature are those of a good one, unless they are given."""

    def made() -> str:
        good = sign(claims(OWNER)).split(".")
        parts = [encoded(header), good[1] if payload is None else encoded(payload), signature or good[2]]
        return ".".join(parts)

    return made


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def altered(change: Callable[[str], str]) -> Token:
    return lambda: change(sign(claims(OWNER)))


def spelt_again(good: str) -> str:
    """The same signature bytes in another spelling: the last character has unused bits."""
    return good[:-1] + LETTERS[LETTERS.index(good[-1]) ^ 1]


def forms() -> Iterator[tuple[str, Token]]:
    yield from {
        "nothing": lambda: "",
        "dots": lambda: "..",
        "junk": lambda: "a.b.c",
        "two parts": lambda: "a.b",
        "five parts, as encrypted ones have": lambda: "a.b.c.d.e",
        "not ASCII": lambda: "ä.b.c",
        "NUL": lambda: "a\0.b.c",
        "huge": lambda: "a" * 5000 + ".b.c",
        "a newline behind it": altered(lambda good: good + "\n"),
        "a space before it": altered(lambda good: " " + good),
        "padding": altered(lambda good: good + "="),
        "another spelling of its signature": altered(spelt_again),
        "another alphabet": altered(lambda good: good.replace("-", "+").replace("_", "/") + "/"),
        "an altered payload": altered(lambda good: good.replace(".", ".e", 1)),
        "no signature": altered(lambda good: good.rpartition(".")[0] + "."),
        "half a signature": altered(lambda good: good[:-100]),
        "the signature of another": altered(
            lambda good: ".".join([*good.split(".")[:2], sign(claims(str(uuid4()))).split(".")[2]])
        ),
        "Bearer twice": altered(lambda good: f"Bearer {good}"),
        "two tokens": altered(lambda good: f"{good},{good}"),
    }.items()


def headers() -> Iterator[tuple[str, Token]]:
    for alg in ("none", "nOnE", "None", "", "RS384", "RS512", "PS256", "ES256", "HS256", "rs256", "RS256 ", "EdDSA"):
        yield f"alg {alg!r}", spelt(json.dumps({"alg": alg, "kid": "1"}))
    for no_text in (None, True, 256, ["RS256"], {"RS256": 1}):
        yield f"alg {no_text!r}", spelt(json.dumps({"alg": no_text, "kid": "1"}))
        yield f"kid {no_text!r}", spelt(json.dumps({"alg": "RS256", "kid": no_text}))
    yield "alg none, no signature", spelt('{"alg":"none","kid":"1"}', signature="x")
    yield "no alg", spelt('{"kid":"1"}')
    yield "HS256 with the public key", lambda: jwt.encode(claims(OWNER), jwks().decode(), "HS256", headers={"kid": "1"})
    yield "RS512, rightly signed", lambda: sign(claims(OWNER), algorithm="RS512")
    for kid in ("2", "", "1 ", "../1", "1\0", "1' OR '1'='1", "https://evil.example/key"):
        yield f"kid {kid!r}", headed(kid=kid)
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
        yield f"{name} in the header", headed(**{name: value})
    yield "alg twice", spelt('{"alg":"none","alg":"RS256","kid":"1"}')
    yield "kid twice", spelt('{"alg":"RS256","kid":"2","kid":"1"}')
    yield "a deep header", spelt("[" * 1000 + "]" * 1000)
    yield "a deep object as header", spelt('{"alg":' * 500 + "1" + "}" * 500)
    yield "a list as header", spelt("[]")
    yield "null as header", spelt("null")
    yield "text as header", spelt('"RS256"')
    yield "a header with a number of 5,000 digits", spelt('{"alg":"RS256","kid":"1","typ":' + "1" * 2000 + "}")
    yield "a header that is no JSON", spelt("{'alg':'RS256','kid':'1'}")
    yield "a header that is no UTF-8", altered(lambda good: "_____w" + good[good.index(".") :])
    yield "a header with a byte-order mark", spelt('\ufeff{"alg":"RS256","kid":"1"}')


def payloads() -> Iterator[tuple[str, Token]]:
    for text in ("[]", "null", '"x"', "1", "no JSON", "", "{", "[" * 1000):
        yield f"payload {text[:10]!r}", around(text)
    yield "a claim twice", around(json.dumps(claims(OWNER)).replace("{", '{"sub": "x", ', 1))
    yield "a claim twice, the good one first", around(json.dumps(claims(OWNER))[:-1] + ', "sub": "x"}')
    now = int(time.time())
    times = {"exp": {"now": now, "past": now - 1, "long past": 0, "before all": -1, "missing": None}}
    times |= {"iat": {"to come": now + DAY_SECONDS, "beyond numbers": 10**400, "missing": None}}
    times |= {"nbf": {"to come": now + DAY_SECONDS, "beyond numbers": 10**400}}
    for claim, values in times.items():
        for name, value in values.items():
            yield f"{claim} {name}", token(**{claim: value})
        for name, value in NUMBERS.items():
            yield f"{claim} as {name}", around(json.dumps(claims(OWNER) | {claim: value}))
        if claim != "nbf":
            yield f"{claim} null", around(json.dumps(claims(OWNER) | {claim: None}))
    named: dict[str, list[Any]] = {
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
    for claim, others in named.items():
        for value in others:
            yield f"{claim} {value!r}", token(**{claim: value})


HOSTILE = dict([*forms(), *headers(), *payloads()])


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 120


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name](), KeySet(jwks), SETTINGS)
