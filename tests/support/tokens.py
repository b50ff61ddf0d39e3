"""Access tokens as Cognito issues them, signed with a key of the tests."""

import json
import time
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jwt

from app.domain.accounts import TokenIssuer
from app.settings import AwsSettings

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


def claims(owner: str) -> dict[str, Any]:
    """Return the claims of a valid access token."""
    now = int(time.time())
    return {
        "sub": owner,
        "iss": SETTINGS.issuer,
        "client_id": SETTINGS.client_id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "jti": "9c6d3c1e-0000-4000-8000-000000000000",
        "username": owner,
    }


@cache
def _signing_key() -> Any:
    """Return the parsed key. Parsing its PEM takes longer than signing a hundred tokens."""
    return jwk.construct(private_key(), "RS256")


def sign(claims: dict[str, Any], *, headers: dict[str, Any] | None = None, algorithm: str = "RS256") -> str:
    """Return a token with these claims and headers. Those that are None are left out."""
    payload = {name: value for name, value in claims.items() if value is not None}
    header = {name: value for name, value in (headers or {"kid": "1"}).items() if value is not None}
    key = _signing_key() if algorithm == "RS256" else private_key()
    return jwt.encode(payload, key, algorithm, headers=header)
