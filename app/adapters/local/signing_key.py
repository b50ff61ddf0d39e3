"""Signs access tokens with the key of this installation, which is stored in the database."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.adapters.local.database import Database
from app.adapters.local.secrets import Secrets, load_secrets
from app.domain.accounts import TokenIssuer
from app.domain.errors import InvalidToken

ALGORITHM: Final = "RS256"
CLIENT_ID: Final = "pixtag"
KEY_BITS: Final = 2048
_NAMES: Final = ("signing_key", "refresh_secret")  # rows of the table `setting`

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class SigningKey:
    """The key of this installation.

    Attributes:
        private_key: An RSA key in PEM.
        refresh_secret: A random number in hexadecimal, from which the successors of refresh tokens are derived.
    """

    private_key: str = field(repr=False)
    refresh_secret: str = field(repr=False)

    @classmethod
    def load(cls, database: Database) -> Self:
        """Return the key of this installation. If there is none, or if it is damaged, create it.

        A new key only makes clients get new access tokens, because refresh tokens are not signed.
        """
        values = load_secrets(database, _NAMES, lambda: (_generate_key(), secrets.token_hex(32)), _is_usable)
        return cls(*(values[name] for name in _NAMES))

    @cached_property
    def issuer(self) -> TokenIssuer:
        """The issuer of the access tokens. Its name contains the key's id, so each installation has another name."""
        jwks = {"keys": [{**self._public_key, "kid": self._id, "use": "sig"}]}
        return TokenIssuer(f"urn:pixtag:{self._id}", CLIENT_ID, lambda: json.dumps(jwks).encode())

    def sign(self, claims: Claims) -> str:
        """Return a token with these claims and the claims `iss` and `client_id`."""
        payload = {"iss": self.issuer.issuer, "client_id": CLIENT_ID, **claims}
        token: str = jws.sign(payload, self._key, headers={"kid": self._id}, algorithm=ALGORITHM)
        return token

    def verify(self, token: str) -> Claims:
        """Return the claims of a token that this key signed. `app.api.auth` checks the claims.

        Raises:
            InvalidToken: this key did not sign the token.
        """
        try:
            claims: Claims = json.loads(jws.verify(token, self._public_key, [ALGORITHM]))
        except JOSEError as error:
            raise InvalidToken from error
        return claims

    @cached_property
    def _key(self) -> Key:
        key: Key = jwk.construct(self.private_key, ALGORITHM)
        return key

    @cached_property
    def _public_key(self) -> dict[str, Any]:
        public_key: dict[str, Any] = self._key.public_key().to_dict()
        return public_key

    @cached_property
    def _id(self) -> str:
        """The start of the key's thumbprint (RFC 7638), as hexadecimal digits."""
        members = {name: self._public_key[name] for name in ("e", "kty", "n")}
        return hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).hexdigest()[:32]


def _is_usable(values: Secrets) -> bool:
    """Return whether the private key is complete and its numbers belong together."""
    try:
        key = serialization.load_pem_private_key(values[_NAMES[0]].encode(), None)
    except (TypeError, UnsupportedAlgorithm, ValueError):  # a changed bit can make it encrypted or of another kind
        return False
    return isinstance(key, rsa.RSAPrivateKey)


def _generate_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
