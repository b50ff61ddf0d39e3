"""Security headers on every answer; pages, which load something, bring a content security policy of their own."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Of what is no page, a browser loads nothing and shows nothing within another page.
NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
TRUSTED_TYPES: Final = "require-trusted-types-for 'script'; trusted-types 'none'"

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # what is the same for everybody, and may be kept, says so itself
    "Content-Security-Policy": f"{NOTHING}; {TRUSTED_TYPES}",
}
HSTS: Final = "max-age=63072000; includeSubDomains"


def page_policy(*storage: str, images: tuple[str, ...] = ()) -> str:
    """A policy for a page of ours: its scripts, styles and requests are ours, its photographs come from `storage`.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
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
    """ASGI middleware: adds the headers to every answer, and leaves those that the answer brings."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; over TLS, browsers are told to keep to TLS."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)
