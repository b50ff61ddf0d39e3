"""Rejects requests that other web sites send to PixTag on one machine. Does nothing on AWS.

A browser can reach PixTag on the same machine, and any page in it can send requests there. The page's own host name may
resolve to 127.0.0.1 (DNS rebinding). Such requests have a foreign `Host` or `Origin` header.
"""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app import wiring
from app.api import problems
from app.api.cors import uses_cookie
from app.domain import errors
from app.settings import InvalidSettings, LocalSettings

_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.ASCII)


class HostCheckMiddleware:
    """ASGI middleware that accepts only the loopback host names and the host of `PIXTAG_URL`.

    It also sets the address with which the links in the response start. With a public `PIXTAG_URL`, this is the URL,
    and its scheme applies to every request, because the reverse proxy may connect without TLS.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or respond with 421 or 403. Respond with 503 if the settings are not valid."""
        try:
            settings = wiring.find_local_settings() if scope["type"] == "http" else None
        except InvalidSettings as error:
            await problems.to_settings_response(error)(scope, receive, send)
            return
        if not settings:
            await self._app(scope, receive, send)
            return
        try:
            address = _check(scope, settings)
        except (errors.ForeignHost, errors.ForeignOrigin) as error:
            response = problems.to_response(Request(scope), error)
            await response(scope, receive, send)
        else:
            with wiring.use_address(address):
                await self._app(scope, receive, send)


def _check(scope: Scope, settings: LocalSettings) -> str:
    """Return the address at which the client reaches PixTag, such as `http://127.0.0.1:8000`.

    Raises:
        ForeignHost: the Host header is missing or names another host.
        ForeignOrigin: the Origin header names another site, which is not in `PIXTAG_CORS_ORIGINS`.
    """
    headers = Headers(scope=scope)
    host, public = _get_host(headers), _normalise(settings.url)
    public_scheme = public.partition(":")[0]
    is_public = bool(host) and _normalise(f"{public_scheme}://{host}") == public
    if not (is_public or _LOOPBACK.fullmatch(host)):
        raise errors.ForeignHost(public)
    own = public if is_public else _normalise(f"{scope['scheme']}://{host}")
    if is_public or settings.is_public:  # also if the proxy replaces the Host header
        scope["scheme"] = public_scheme
    origins = {_normalise(origin) for origin in headers.getlist("origin")}
    others = () if uses_cookie(scope["path"]) else settings.origins
    if not origins <= {own, public, *others} - {""}:
        raise errors.ForeignOrigin
    return public if settings.is_public else own


def _get_host(headers: Headers) -> str:
    """Return the Host header in lower case. Return an empty text if there is not exactly one."""
    hosts = headers.getlist("host")
    return hosts[0].lower() if len(hosts) == 1 else ""


def _normalise(origin: str) -> str:
    """Return an origin in lower case and without the default port of its scheme."""
    return re.sub(r"^(http://.*):80$|^(https://.*):443$", r"\1\2", origin.lower())
