"""Receives the file in a multipart form, after the access token and the limits of the caller were checked.

FastAPI parses the body of a route with a `File` parameter before it calls any dependency. So the routes that receive a
file have a dependency instead.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from app.api.auth import CurrentUser
from app.api.form_parser import FILE
from app.api.problems import MAX_FILE_BYTES
from app.domain.errors import InvalidRequest

MAX_NAME: Final = 40  # characters of a field's name that are quoted


async def receive_file(request: Request, _: CurrentUser) -> AsyncIterator[UploadFile]:
    """Parse the form, and yield the file in its field `file`.

    FastAPI calls the dependencies of a route first, so a route that limits its callers does it there.

    Raises:
        InvalidRequest: the body is not a form, or it lacks this file.
    """
    form = await request.form()
    try:
        file = form.get(FILE)
        if not isinstance(file, UploadFile):
            raise InvalidRequest("body/file", _explain_missing_file(form))
        yield file
    finally:
        await form.close()


def _explain_missing_file(form: FormData) -> str:
    others = [name for name, value in form.items() if isinstance(value, UploadFile)]
    found = f" The form has a file in the field `{others[0][:MAX_NAME]}`." if others else ""
    return f"Field required. Send a file in the field `file`.{found}"


ReceivedFile = Annotated[UploadFile, Depends(receive_file)]


def describe_file(description: str) -> dict[str, Any]:
    """Return the request body of a route with a `ReceivedFile`, for `openapi_extra`."""
    file = {
        "type": "string",
        "maxLength": MAX_FILE_BYTES,
        "format": "binary",
        "contentMediaType": "application/octet-stream",
        "title": "File",
        "description": f"At most {MAX_FILE_BYTES:,} bytes. {description}",
    }
    form = {"properties": {"file": file}, "type": "object", "required": ["file"]}
    return {"requestBody": {"content": {"multipart/form-data": {"schema": form}}, "required": True}}
