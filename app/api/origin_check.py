"""What came through CloudFront, where it stands before the API; where it does not, anything may come."""

import os
from hmac import compare_digest
from typing import Final

from fastapi import Request

from app.domain import errors

ORIGIN_VARIABLE: Final = "PIXTAG_ORIGIN_SECRET"  # no setting: it is the API's alone, and a secret
ORIGIN_HEADER: Final = "X-Origin-Secret"  # the header that infra/aws/template.yaml tells CloudFront to add


async def require_cloudfront(request: Request) -> None:
    """Let a request pass that shows CloudFront's secret, or any where there is none.

    Asynchronous, as it waits for nothing: a thread for it would cost every request more than it does.

    Raises:
        PassedBy: it was sent to API Gateway's own address, past CloudFront and its firewall.
    """
    secret, shown = os.environ.get(ORIGIN_VARIABLE, ""), request.headers.get(ORIGIN_HEADER, "")
    if secret and not compare_digest(shown.encode(), secret.encode()):
        raise errors.OriginBypassed
