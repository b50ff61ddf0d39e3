"""Compresses responses with gzip for clients that accept it (RFC 9110, section 12.5.3)."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.entity_tags import weaken
from app.api.media_types import read_qualities
from app.domain.media_types import MEDIA_TYPES, UNKNOWN_TYPE

LEVEL: Final = 4
"""Level 9 makes a page of 100 images 6 % smaller, but takes 2.3 times as long: 2.3 ms instead of 1.0 ms."""

THREAD_BYTES: Final = 2**20  # smaller responses take less time than some other steps in the event loop

NOT_COMPRESSED: Final = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *MEDIA_TYPES, UNKNOWN_TYPE, "font/woff2")


class CompressionMiddleware:
    """ASGI middleware that compresses responses. Starlette's own ignores that `gzip;q=0` refuses gzip.

    A compressed response has the weak form of its entity tag, because a strong tag means the same bytes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = GZipMiddleware(
            app, compresslevel=LEVEL, thread_minimum_size=THREAD_BYTES, exclude_content_types=NOT_COMPRESSED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app and compress its response."""

        async def send_with_weak_tag(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "ETag" in headers and "Content-Encoding" in headers:
                    headers["ETag"] = weaken(headers["ETag"])
            await send(message)

        _read_coding(scope)
        await self._app(scope, receive, send_with_weak_tag)


def _read_coding(scope: Scope) -> None:
    """Replace `Accept-Encoding` by `gzip`, in the spelling that Starlette knows, or remove it."""
    qualities = read_qualities(Headers(scope=scope).get("Accept-Encoding", ""))
    is_accepted = qualities.get("gzip", qualities.get("x-gzip", 0.0)) > 0
    others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    scope["headers"] = [*others, *([(b"accept-encoding", b"gzip")] if is_accepted else [])]
