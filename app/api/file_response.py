"""Sends an object's file, or the part of it that a request asks for (RFC 9110, sections 13 and 14).

Like S3, it sends one range per response. A request for several ranges gets the complete file.
"""

import re
from collections.abc import AsyncIterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from app.api.conditional_requests import find_known
from app.domain.errors import PixTagError, RangeNotSatisfiable
from app.domain.object_server import ObjectFile

CHUNK_BYTES: Final = 2**17
WHOLE_BYTES: Final = 2**18  # files up to this size are sent at once, which takes a third of the time
MAX_DIGITS: Final = 20

_RANGE: Final = re.compile(rf"bytes=([0-9]{{0,{MAX_DIGITS}}})-([0-9]{{0,{MAX_DIGITS}}})", re.IGNORECASE)


class FileResponse(StreamingResponse):
    """A response with a part of an open file. The file is closed after the response."""

    def __init__(self, file: ObjectFile, content: range, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(self._read(), status, headers)
        self._file = file.file
        self._content = content

    async def _read(self) -> AsyncIterator[bytes]:
        remaining = len(self._content)
        await to_thread.run_sync(self._file.seek, self._content.start)
        while remaining and (chunk := await to_thread.run_sync(self._file.read, min(CHUNK_BYTES, remaining))):
            remaining -= len(chunk)
            yield chunk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response. If the client disconnects, stop."""
        with self._file:
            await super().__call__(scope, receive, send)


def respond(file: ObjectFile, request: Headers, headers: Mapping[str, str], *, has_content: bool) -> Response:
    """Return the response to a GET or HEAD request for a file.

    Args:
        file: The file. The response closes it.
        request: The headers of the request. `Range` and those with conditions are used.
        headers: Headers of the response, besides those about the file.
        has_content: Whether to send the content. The response to HEAD has none.

    Raises:
        InvalidPrecondition: a header is not a list of entity tags.
        PreconditionFailed: the client wants only another version of the file.
        RangeNotSatisfiable: the range starts after the end of the file.
    """
    modified = formatdate(file.modified_at, usegmt=True)
    validators = {"ETag": file.etag, "Last-Modified": modified}
    try:
        if (known := find_known(request, file.etag, file.modified_at)) is not None:
            all_headers = {**headers, **validators, "ETag": known}
            return _finish(file, Response(status_code=HTTPStatus.NOT_MODIFIED, headers=all_headers))
        content = _select(request, file, modified)
    except PixTagError:
        file.file.close()
        raise
    is_partial = len(content) < file.size
    all_headers = {
        **headers,
        **validators,
        "Accept-Ranges": "bytes",
        "Content-Type": file.media_type,
        "Content-Disposition": file.disposition,
        "Content-Length": str(len(content)),
        **({"Content-Range": f"bytes {content.start}-{content.stop - 1}/{file.size}"} if is_partial else {}),
    }
    status = HTTPStatus.PARTIAL_CONTENT if is_partial else HTTPStatus.OK
    if not has_content:
        return _finish(file, Response(status_code=status, headers=all_headers))
    if len(content) <= WHOLE_BYTES:
        file.file.seek(content.start)
        return _finish(file, Response(file.file.read(len(content)), status, all_headers))
    return FileResponse(file, content, status, all_headers)


def _finish(file: ObjectFile, response: Response) -> Response:
    file.file.close()
    return response


def _select(request: Headers, file: ObjectFile, modified: str) -> range:
    """Return the positions of the bytes to send.

    An invalid range is ignored, as S3 does, and so is a range of another version of the file.

    Raises:
        RangeNotSatisfiable: the range starts after the end of the file.
    """
    match = _RANGE.fullmatch(request.get("Range", "").replace(" ", ""))
    first, last = match.groups() if match else ("", "")
    is_valid = (first or last) and not (first and last and int(first) > int(last))
    if not is_valid or request.get("If-Range", file.etag) not in {file.etag, modified}:
        return range(file.size)
    start = int(first) if first else file.size - min(int(last), file.size)
    stop = min(int(last) + 1, file.size) if first and last else file.size
    if start >= file.size:
        raise RangeNotSatisfiable(file.size)
    return range(start, stop)
