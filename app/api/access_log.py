"""Writes the access log, with one line per request. No line contains a path, query, header or body."""

import logging
import re
import time
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.ids import ID
from app.observability import logs

logger: Final = logging.getLogger(__name__)

_LOCATION: Final = re.compile(rf"/images/({ID})")


class AccessLogMiddleware:
    """ASGI middleware that logs each request after its response, with API Gateway's request id.

    For a request about one image, `correlation_id` is the image's id. The worker logs the same id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app and log the request. If the response never starts, the logged status is 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                logs.note(**_image_fields(scope, message))
            await send(message)

        logs.begin(**_request_fields(scope))
        try:
            await self._app(scope, receive, send_and_note)
        finally:
            route = f"{scope['method']} {getattr(scope.get('route'), 'path', '(no route)')}"
            seconds = round(time.perf_counter() - start, 4)
            fields = {"route": route, "status": status, "seconds": seconds}
            logger.info("%s: %d in %.3f s", route, status, seconds, extra=fields)


def _request_fields(scope: Scope) -> dict[str, str]:
    """Return API Gateway's request id as a field. Outside Lambda, return no field."""
    context: dict[str, Any] = scope.get("aws.event", {}).get("requestContext", {})
    return {"request_id": context["requestId"]} if "requestId" in context else {}


def _image_fields(scope: Scope, start: Message) -> dict[str, str]:
    """Return the id of the image in the request's path or the response's `Location`.

    Other path parameters are not logged, because they may contain private text.
    """
    location = Headers(raw=start["headers"]).get("location", "")
    path_id = scope.get("path_params", {}).get("image_id", "")
    match = re.fullmatch(ID, path_id) or _LOCATION.fullmatch(location)
    return {"correlation_id": match[match.lastindex or 0]} if match else {}
