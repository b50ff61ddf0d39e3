"""Adds security headers to every response. The default content security policy allows nothing to load.

Pages load scripts and images, so they set their own content security policy.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The policy of responses that are not pages. They load nothing, and no page can embed them.
DENY_ALL: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
REQUIRE_TRUSTED_TYPES: Final = "require-trusted-types-for 'script'; trusted-types"
TRUSTED_TYPES: Final = f"{REQUIRE_TRUSTED_TYPES} 'none'"

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # public responses that browsers may cache override this value
    "Content-Security-Policy": f"{DENY_ALL}; {TRUSTED_TYPES}",
}
HSTS: Final = "max-age=63072000; includeSubDomains"


def page_policy(*storage: str, images: tuple[str, ...] = ()) -> str:
    """Return the content security policy of a page that loads scripts, styles, fonts and images from this server.

    The page can also load images from the sources in `images` and `storage`, and send requests to those in `storage`.

    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    """
    sources = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", *images, *storage],
        "connect-src": ["'self'", *storage],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *allowed]) for name, allowed in sources.items())


class SecurityHeadersMiddleware:
    """ASGI middleware that adds the security headers to every response. Existing headers are kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app and add the headers to its response. Over TLS, also add HSTS."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)
