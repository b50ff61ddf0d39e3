"""Serves the objects of links, and receives upload forms. On AWS, S3 does this, and the routes do not exist."""

from asyncio import wait_for
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response, status
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.dependencies import ObjectServerDep, SettingsDep
from app.api.file_response import respond
from app.api.form_stream import receive_form, receive_part
from app.api.head_requests import is_head
from app.api.problems import FORM_PATH
from app.api.security_headers import DENY_ALL
from app.domain.errors import InvalidLink, UploadStalled
from app.domain.object_server import ObjectServer

PAUSE_SECONDS: Final = 60.0
IMMUTABLE: Final = "private, max-age=31536000, immutable"
VALIDATE: Final = "private, no-cache"  # browsers keep an original, and check that it was not deleted
NO_SCRIPTS: Final = f"{DENY_ALL}; sandbox"  # a photo runs nothing, even if a browser takes it for a page

router = APIRouter(include_in_schema=False)


async def require_server(server: ObjectServerDep) -> ObjectServer:
    """Return the object server. Without one, there is nothing at the paths of this module."""
    if server is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return server


ServerDep = Annotated[ObjectServer, Depends(require_server)]


@router.get("/objects/{key:path}")
def get_object(key: str, request: Request, server: ServerDep, settings: SettingsDep) -> Response:
    """Return the object of a link. `Range` is supported, as on S3."""
    _require_whole_path(key, request)
    file = server.open_link(key, request.query_params.multi_items())
    headers = {"Content-Security-Policy": NO_SCRIPTS, "Cache-Control": IMMUTABLE if file.is_immutable else VALIDATE}
    if settings.origins:  # their pages may show photos
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return respond(file, request.headers, headers, has_content=not is_head(request))


@router.put("/objects/{key:path}")
async def put_part(key: str, request: Request, server: ServerDep) -> Response:
    """Store a part of a file. The link accepts exactly the bytes of its part, as on S3."""
    _require_whole_path(key, request)
    parameters = request.query_params.multi_items()
    try:
        await receive_part(_limit_pauses(request.stream()), lambda: server.open_part(key, parameters))
    except ClientDisconnect:  # the response would not be read
        return Response(status_code=status.HTTP_400_BAD_REQUEST)
    return Response(status_code=status.HTTP_200_OK)


@router.post(FORM_PATH)
async def post_object(request: Request, server: ServerDep) -> Response:
    """Store the file of an upload form."""
    try:
        await receive_form(request.headers.get("Content-Type", ""), _limit_pauses(request.stream()), server.open_form)
    except ClientDisconnect:  # the response would not be read
        return Response(status_code=status.HTTP_400_BAD_REQUEST)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _require_whole_path(key: str, request: Request) -> None:
    if not request.scope["path"].endswith(key):  # Starlette ignores a line feed at the end of a path
        raise InvalidLink


async def _limit_pauses(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks of a body. A client that sends nothing for a minute would hold a file and a connection.

    Raises:
        UploadStalled: the client sent nothing for `PAUSE_SECONDS`.
    """
    while True:
        try:
            chunk = await wait_for(anext(body), PAUSE_SECONDS)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise UploadStalled from error
        yield chunk
