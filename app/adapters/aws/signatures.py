"""Computes signatures of AWS Signature Version 4.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the same credentials at the same time.

    Attributes:
        timestamp: The time in ISO 8601, without separators.
        scope: The day, the region and the service for which `key` is valid.
        credential: The access key and the scope.
        token: The session token. Empty for the credentials of a user.
        start: The start of a signature with the key of the scope. Copying it is faster than a new HMAC with the key.
    """

    timestamp: str
    scope: str
    credential: str
    token: str
    start: hmac.HMAC

    def sign_request(self, request: str) -> str:
        """Return the signature of a canonical request."""
        digest = hashlib.sha256(request.encode()).hexdigest()
        return self.sign(f"{ALGORITHM}\n{self.timestamp}\n{self.scope}\n{digest}")

    def sign(self, text: str) -> str:
        """Return the signature of a text."""
        signature = self.start.copy()
        signature.update(text.encode())
        return signature.hexdigest()


@lru_cache(maxsize=16)
def make_signer(credentials: "ReadOnlyCredentials", region: str, service: str, signed_at: int) -> Signer:
    """Return the signer of requests to a service. `signed_at` is Unix time in seconds."""
    timestamp = datetime.fromtimestamp(signed_at, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    start = hmac.new(_derive_key(credentials.secret_key, scope), digestmod="sha256")
    return Signer(timestamp, scope, f"{credentials.access_key}/{scope}", credentials.token or "", start)


@lru_cache(maxsize=16)
def _derive_key(secret_key: str, scope: str) -> bytes:
    """Return the key that signs for a day, a region and a service."""
    key = b"AWS4" + secret_key.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
