"""A check that requests come through CloudFront. Does nothing when CloudFront is not deployed."""

import os
from hmac import compare_digest
from typing import Final

from fastapi import Request

from app.domain import errors

ORIGIN_VARIABLE: Final = "PIXTAG_ORIGIN_SECRET"  # not in Settings: only the API receives it, and it is a secret
ORIGIN_HEADER: Final = "X-Origin-Secret"  # CloudFront adds this header: infra/aws/template.yaml


async def require_cloudfront(request: Request) -> None:
    """Accept only requests with CloudFront's secret. Without a configured secret, accept all.

    This is asynchronous because it waits for nothing. A thread would cost more than the check.

    Raises:
        OriginBypassed: the request went directly to API Gateway, past CloudFront and its firewall.
    """
    expected, received = os.environ.get(ORIGIN_VARIABLE, ""), request.headers.get(ORIGIN_HEADER, "")
    if expected and not compare_digest(received.encode(), expected.encode()):
        raise errors.OriginBypassed
