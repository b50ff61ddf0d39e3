"""A verifier of AWS Signature Version 4 for presigned links and forms, written only from Amazon's documentation.

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
    """Return whether S3 would allow a request for the link."""
    link = urlsplit(url)
    pairs = parse_qsl(link.query, keep_blank_values=True)
    parameters = dict(pairs)
    signature = parameters.pop("X-Amz-Signature", "")
    if len(pairs) != len(parameters) + 1 or parameters.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return False
    start = _parse_time(parameters.get("X-Amz-Date", ""))
    lifetime = parameters.get("X-Amz-Expires", "")
    if not (start and lifetime.isdecimal() and int(lifetime) <= 7 * 86_400):
        return False
    if not start - timedelta(minutes=15) <= now < start + timedelta(seconds=int(lifetime)):
        return False
    if parameters.get("X-Amz-SignedHeaders") != "host":
        return False
    canonical = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items())
    )
    request = "\n".join([method, link.path, canonical, f"host:{link.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    _, _, scope = parameters.get("X-Amz-Credential", "").partition("/")
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", parameters["X-Amz-Date"], scope, digest])
    return _is_signed(text, signature, scope, secret, parameters["X-Amz-Date"])


def allows_post(fields: Mapping[str, str], size: int, bucket: str, secret: str, now: datetime) -> bool:
    """Return whether S3 would accept a file of `size` bytes with these form fields into the bucket."""
    form = {name.lower(): value for name, value in fields.items()}
    policy = form.get("policy", "")
    scope = form.get("x-amz-credential", "").partition("/")[2]
    if not _is_signed(policy, form.get("x-amz-signature", ""), scope, secret, form.get("x-amz-date", "")):
        return False
    document: dict[str, Any] = json.loads(base64.b64decode(policy))
    if now >= datetime.fromisoformat(document["expiration"]):
        return False
    checked = {name: value for name, value in form.items() if name not in {"policy", "x-amz-signature", "file"}}
    checked["bucket"] = bucket
    allowed: set[str] = set()
    for condition in document["conditions"]:
        if isinstance(condition, list) and condition[0] == "content-length-range":
            if not condition[1] <= size <= condition[2]:
                return False
            continue
        operator, name, expected = condition if isinstance(condition, list) else ("eq", *next(iter(condition.items())))
        name = name.removeprefix("$").lower()
        allowed.add(name)
        value = checked.get(name, "")
        if not (value.startswith(expected) if operator == "starts-with" else value == expected):
            return False
    return checked.keys() <= allowed


def _is_signed(text: str, signature: str, scope: str, secret: str, date: str) -> bool:
    parts = scope.split("/")
    if len(parts) != 4 or parts[0] != date[:8] or parts[2:] != ["s3", "aws4_request"]:
        return False
    key = b"AWS4" + secret.encode()
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature)


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
