"""Lets pages of other origins use the API with an API key or an access token (CORS, https://fetch.spec.whatwg.org).

The setting `PIXTAG_CORS_ORIGINS` lists the origins. Cookies are never allowed, and the routes that use one, of sessions
and of shares, have no CORS at all.
"""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app import wiring
from app.api.head_requests import METHODS
from app.api.problems import SESSION_PATH
from app.settings import InvalidSettings

REQUEST_HEADERS: Final = (
    *("Authorization", "Idempotency-Key", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range"),
    *("If-Unmodified-Since", "Range"),
)
RESPONSE_HEADERS: Final = (
    *("Accept-Ranges", "Allow", "Content-Disposition", "Content-Range", "ETag", "Link", "Location", "Retry-After"),
    "WWW-Authenticate",
)
COOKIE_PATHS: Final = (SESSION_PATH, "/s")
PREFLIGHT_SECONDS: Final = 86_400  # browsers keep the response to a preflight for two hours or a day


class CorsMiddleware:
    """ASGI middleware that answers preflights, and adds the CORS headers to every response, errors included.

    Without the setting, it does nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._with_origins: dict[tuple[str, ...], ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or respond to a preflight."""
        origins = _list_origins() if scope["type"] == "http" else ()
        if not origins or uses_cookie(scope["path"]):
            await self._app(scope, receive, send)
            return
        if origins not in self._with_origins:
            self._with_origins[origins] = CORSMiddleware(
                self._app,
                allow_origins=origins,
                allow_methods=(*METHODS, "HEAD"),
                allow_headers=REQUEST_HEADERS,
                expose_headers=RESPONSE_HEADERS,
                max_age=PREFLIGHT_SECONDS,
            )
        await self._with_origins[origins](scope, receive, send)


def _list_origins() -> tuple[str, ...]:
    try:
        return wiring.settings().origins
    except InvalidSettings:  # the response to each request says so
        return ()


def uses_cookie(path: str) -> bool:
    """Return whether browsers send a cookie of PixTag to this path."""
    return any(path == each or path.startswith(f"{each}/") for each in COOKIE_PATHS)
