"""Rejects requests that bypass CloudFront. Does nothing when CloudFront is not deployed."""

import os
from hmac import compare_digest
from typing import Final

from fastapi import Request

from app.domain import errors

ORIGIN_VARIABLE: Final = "PIXTAG_ORIGIN_SECRET"  # not in Settings, because it is a secret that only the API receives
ORIGIN_HEADER: Final = "X-Origin-Secret"  # CloudFront adds this header, see infra/aws/template.yaml


async def require_cloudfront(request: Request) -> None:
    """Accept only requests with CloudFront's secret. If no secret is configured, accept every request.

    FastAPI would run a synchronous dependency in a thread. The thread would take longer than the check.

    Raises:
        OriginBypassed: the request went directly to API Gateway and bypassed CloudFront's firewall.
    """
    expected, received = os.environ.get(ORIGIN_VARIABLE, ""), request.headers.get(ORIGIN_HEADER, "")
    if expected and not compare_digest(received.encode(), expected.encode()):
        raise errors.OriginBypassed
