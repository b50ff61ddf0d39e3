"""Parses multipart/form-data like Starlette, and reads the file names that Starlette does not know."""

from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from typing_extensions import override

from app.api.form_file_names import read_file_name


class FileNameParser(MultiPartParser):
    """A parser that decodes file names. A part with `filename*` alone is a file too."""

    @override
    def on_headers_finished(self) -> None:
        part = self._current_part
        name = read_file_name(part.content_disposition or b"")
        if name is not None:
            part.content_disposition = (part.content_disposition or b"") + b'; filename="file"'
        super().on_headers_finished()
        if part.file:
            part.file.filename = name


async def parse_multipart(request: Request, **limits: Any) -> FormData:
    """Parse the form in a request. `limits` are the arguments of `Request.form`.

    Raises:
        HTTPException: the form cannot be parsed.
    """
    try:
        return await FileNameParser(request.headers, request.stream(), **limits).parse()
    except MultiPartException as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, error.message) from error
    except UnicodeError as error:  # Starlette ignores other errors of the declared character set
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, "A text in the form is not in the declared character set."
        ) from error
