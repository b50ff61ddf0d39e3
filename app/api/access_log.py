"""The access log: a line for each request, which names its route and never its path, query, headers or body."""

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
    """ASGI middleware: logs each request once it is answered, under the id that API Gateway gave it.

    A request about one image carries that image's id as `correlation_id`, as the worker's lines about it do.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; one whose answer never began counts as 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                logs.note(**_image(scope, message))
            await send(message)

        logs.begin(**_request(scope))
        try:
            await self._app(scope, receive, send_noted)
        finally:
            route = f"{scope['method']} {getattr(scope.get('route'), 'path', '(no route)')}"
            seconds = round(time.perf_counter() - start, 4)
            facts = {"route": route, "status": status, "seconds": seconds}
            logger.info("%s: %d in %.3f s", route, status, seconds, extra=facts)


def _request(scope: Scope) -> dict[str, str]:
    """The id that API Gateway gave the request; elsewhere it has none."""
    context: dict[str, Any] = scope.get("aws.event", {}).get("requestContext", {})
    return {"request_id": context["requestId"]} if "requestId" in context else {}


def _image(scope: Scope, start: Message) -> dict[str, str]:
    """The image that is asked for, or that has been made; what is no image's id is what somebody typed."""
    location = Headers(raw=start["headers"]).get("location", "")
    named = scope.get("path_params", {}).get("image_id", "")
    found = re.fullmatch(ID, named) or _LOCATION.fullmatch(location)
    return {"correlation_id": found[found.lastindex or 0]} if found else {}
