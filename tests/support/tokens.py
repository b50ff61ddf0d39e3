"""Access tokens as Cognito issues them, signed with a key of the tests."""

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt

from app.domain.accounts import TokenIssuer
from app.settings import AwsSettings
from tests.support.fast_keys import speed_up

speed_up()

SETTINGS = AwsSettings(
    table="library",
    bucket="photographs",
    queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/uploads",
    user_pool_id="us-east-1_TestPool1",
    client_id="web",
    issuer="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool1",
    jwks_url="http://127.0.0.1:9/jwks.json",
    topic_prefix="arn:aws:sns:us-east-1:123456789012:pixtag-",
    mailbox_url="",
    ui_url="https://pixtag.example",
)


@cache
def private_key() -> str:
    """Return an RSA key of 2048 bits in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def jwks(kid: str = "1") -> bytes:
    """Return the JSON Web Key Set with the public key, as the user pool publishes it."""
    public = jwk.construct(private_key(), "RS256").public_key().to_dict()
    return json.dumps({"keys": [{**public, "kid": kid, "use": "sig"}]}).encode()


ISSUER = TokenIssuer(SETTINGS.issuer, SETTINGS.client_id, jwks)


@dataclass(frozen=True)
class Signer:
    """Signs tokens as an issuer does, whose private key is known.

    Attributes:
        private_key: An RSA key in PEM.
        kid: The id of the key in the issuer's key set.
    """

    issuer: TokenIssuer
    private_key: str
    kid: str = "1"

    def claims(self, owner: str) -> dict[str, Any]:
        """Return the claims of a valid access token."""
        now = int(time.time())
        return {
            "sub": owner,
            "iss": self.issuer.issuer,
            "client_id": self.issuer.client_id,
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "auth_time": now,
            "iat": now,
            "exp": now + 3600,
            "jti": "9c6d3c1e-0000-4000-8000-000000000000",
            "username": owner,
        }

    def sign(self, claims: dict[str, Any], *, headers: dict[str, Any] | None = None, algorithm: str = "RS256") -> str:
        """Return a token with these claims and headers. Those that are None are left out."""
        payload = {name: value for name, value in claims.items() if value is not None}
        header = {name: value for name, value in (headers or {"kid": self.kid}).items() if value is not None}
        key = _parse(self.private_key) if algorithm == "RS256" else self.private_key
        return jwt.encode(payload, key, algorithm, headers=header)


@cache
def _parse(private_key: str) -> Any:
    """Return the parsed key. Parsing its PEM takes longer than signing a hundred tokens."""
    return jwk.construct(private_key, "RS256")


@cache
def cognito() -> Signer:
    """Return the signer of the tests' user pool."""
    return Signer(ISSUER, private_key())


def claims(owner: str) -> dict[str, Any]:
    """Return the claims of a valid access token of the user pool."""
    return cognito().claims(owner)


def sign(claims: dict[str, Any], *, headers: dict[str, Any] | None = None, algorithm: str = "RS256") -> str:
    """Return a token of the user pool with these claims and headers. Those that are None are left out."""
    return cognito().sign(claims, headers=headers, algorithm=algorithm)
