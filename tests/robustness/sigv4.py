"""A verifier of Signature Version 4, written from Amazon's description alone: what S3 would say of our links and forms.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit


def allows_get(url: str, secret: str, now: datetime, method: str = "GET") -> bool:
    """Whether S3 would answer a request for the link."""
    link = urlsplit(url)
    pairs = parse_qsl(link.query, keep_blank_values=True)
    said = dict(pairs)
    signature = said.pop("X-Amz-Signature", "")
    if len(pairs) != len(said) + 1 or said.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return False
    begun = _moment(said.get("X-Amz-Date", ""))
    lives = said.get("X-Amz-Expires", "")
    if not (begun and lives.isdecimal() and int(lives) <= 7 * 86_400):
        return False
    if not begun - timedelta(minutes=15) <= now < begun + timedelta(seconds=int(lives)):
        return False
    if said.get("X-Amz-SignedHeaders") != "host":
        return False
    canonical = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(said.items()))
    request = "\n".join([method, link.path, canonical, f"host:{link.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    _, _, scope = said.get("X-Amz-Credential", "").partition("/")
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", said["X-Amz-Date"], scope, digest])
    return _is_signed(text, signature, scope, secret, said["X-Amz-Date"])


def allows_post(fields: Mapping[str, str], size: int, bucket: str, secret: str, now: datetime) -> bool:
    """Whether S3 would take a file of so many bytes with these form fields into the bucket."""
    named = {name.lower(): value for name, value in fields.items()}
    policy = named.get("policy", "")
    scope = named.get("x-amz-credential", "").partition("/")[2]
    if not _is_signed(policy, named.get("x-amz-signature", ""), scope, secret, named.get("x-amz-date", "")):
        return False
    terms: dict[str, Any] = json.loads(base64.b64decode(policy))
    if now >= datetime.fromisoformat(terms["expiration"]):
        return False
    sent = {name: value for name, value in named.items() if name not in {"policy", "x-amz-signature", "file"}}
    sent["bucket"] = bucket
    allowed: set[str] = set()
    for term in terms["conditions"]:
        if isinstance(term, list) and term[0] == "content-length-range":
            if not term[1] <= size <= term[2]:
                return False
            continue
        operator, name, wanted = term if isinstance(term, list) else ("eq", *next(iter(term.items())))
        name = name.removeprefix("$").lower()
        allowed.add(name)
        value = sent.get(name, "")
        if not (value.startswith(wanted) if operator == "starts-with" else value == wanted):
            return False
    return sent.keys() <= allowed


def _is_signed(text: str, signature: str, scope: str, secret: str, moment: str) -> bool:
    parts = scope.split("/")
    if len(parts) != 4 or parts[0] != moment[:8] or parts[2:] != ["s3", "aws4_request"]:
        return False
    key = b"AWS4" + secret.encode()
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
