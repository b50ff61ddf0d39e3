"""Signs links and upload forms of S3. botocore needs five times as long, because it builds a whole request for each.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from app.adapters.aws.signatures import ALGORITHM, Signer, make_signer

if TYPE_CHECKING:
    from botocore.credentials import Credentials, ReadOnlyCredentials

MAX_LINKS: Final = 4096  # that are kept, because lists and searches contain the same photos again. They take 3 MB


class Presigner:
    """Signs links to the objects of a bucket, and forms that upload objects.

    Args:
        base: What a link contains before the key of the object.
        region: The region of the bucket.
        credentials: The credentials that sign.
    """

    def __init__(self, base: str, region: str, credentials: "Credentials") -> None:
        self._base = base
        self._path = urlsplit(base).path
        self._host = urlsplit(base).netloc
        self._region = region
        self._credentials = credentials
        self._sign_link = lru_cache(MAX_LINKS)(self._sign)

    def sign_link(self, key: str, disposition: str, signed_at: int, seconds: int) -> str:
        """Return a link to an object.

        Args:
            key: The key of the object.
            disposition: The header Content-Disposition with which S3 serves the object.
            signed_at: The Unix time from which the link is valid. Links to an object with the same time are equal.
            seconds: The number of seconds for which the link is valid.
        """
        return self._sign_link(self._credentials.get_frozen_credentials(), key, disposition, signed_at, seconds)

    def _sign(
        self, credentials: "ReadOnlyCredentials", key: str, disposition: str, signed_at: int, seconds: int
    ) -> str:
        signer, query = _make_query(credentials, self._region, disposition, signed_at, seconds)
        name = quote(key, safe="/~")
        signature = signer.sign_request(
            f"GET\n{self._path}{name}\n{query}\nhost:{self._host}\n\nhost\nUNSIGNED-PAYLOAD"
        )
        return f"{self._base}{name}?{query}&X-Amz-Signature={signature}"

    def sign_form(
        self, fields: Mapping[str, str], conditions: Sequence[Any], signed_at: int, seconds: int
    ) -> dict[str, str]:
        """Return the fields of a form: the given fields, and those that prove the policy.

        Args:
            fields: The fields that the client must send.
            conditions: The conditions of the policy.
            signed_at: The Unix time from which the form is valid.
            seconds: The number of seconds for which the form is valid.
        """
        signer = make_signer(self._credentials.get_frozen_credentials(), self._region, "s3", signed_at)
        proof = {
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": signer.credential,
            "x-amz-date": signer.timestamp,
            **({"x-amz-security-token": signer.token} if signer.token else {}),
        }
        policy = {
            "expiration": datetime.fromtimestamp(signed_at + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [*conditions, *({name: value} for name, value in proof.items())],
        }
        text = base64.b64encode(json.dumps(policy).encode()).decode()
        return {**fields, **proof, "policy": text, "x-amz-signature": signer.sign(text)}


@lru_cache(maxsize=16)
def _make_query(
    credentials: "ReadOnlyCredentials", region: str, disposition: str, signed_at: int, seconds: int
) -> tuple[Signer, str]:
    """Return the query of links before the signature, in alphabetical order, and the signer of the links."""
    signer = make_signer(credentials, region, "s3", signed_at)
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": signer.credential,
        "X-Amz-Date": signer.timestamp,
        "X-Amz-Expires": str(seconds),
        **({"X-Amz-Security-Token": signer.token} if signer.token else {}),
        "X-Amz-SignedHeaders": "host",
        "response-content-disposition": disposition,
    }
    return signer, urlencode(parameters, quote_via=quote, safe="")
