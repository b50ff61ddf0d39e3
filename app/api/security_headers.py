"""Security headers on every response. Pages load scripts and images, so they set their own content security policy."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For a response that is not a page: it loads nothing, and no other page can embed it.
DENY_ALL: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
TRUSTED_TYPES: Final = "require-trusted-types-for 'script'; trusted-types 'none'"

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # public responses that may be cached override it
    "Content-Security-Policy": f"{DENY_ALL}; {TRUSTED_TYPES}",
}
HSTS: Final = "max-age=63072000; includeSubDomains"


def page_policy(*storage: str, images: tuple[str, ...] = ()) -> str:
    """Return the content security policy of a page. It loads from this server, and images also from `images`.

    Images and requests may also use the origins in `storage`.

    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    """
    sources = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", *images, *storage],
        "connect-src": ["'self'", *storage],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *allowed]) for name, allowed in sources.items())


class SecurityHeadersMiddleware:
    """ASGI middleware that adds the headers to every response. Headers that the response already has stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Over TLS, the response gets HSTS, which tells browsers to use only TLS."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)
