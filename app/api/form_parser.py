"""Parses multipart/form-data like Starlette, and reads the file names that Starlette does not know."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from typing_extensions import override

from app.api.form_file_names import read_file_name
from app.domain.errors import InvalidRequest

FILE: Final = "file"  # the only field with a file in PixTag's forms
NO_FILE_NAME: Final = (
    "This part has no file name, so it is a text and not a file. Add a name to its header `Content-Disposition`:"
    ' form-data; name="file"; filename="beach.jpg".'
)


class FileNameMissing(MultiPartException):
    """The part that should be a file has no file name (RFC 7578, section 4.2)."""


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
        elif part.field_name == FILE:  # otherwise, its bytes would be refused as a text that is too long or invalid
            raise FileNameMissing(NO_FILE_NAME)


async def parse_multipart(request: Request, **limits: Any) -> FormData:
    """Parse the form in a request. `limits` are the arguments of `Request.form`.

    Raises:
        HTTPException: the form cannot be parsed.
        InvalidRequest: the file has no name.
    """
    try:
        return await FileNameParser(request.headers, request.stream(), **limits).parse()
    except FileNameMissing as error:
        raise InvalidRequest(f"body/{FILE}", error.message) from error
    except MultiPartException as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, error.message) from error
    except UnicodeError as error:  # Starlette ignores other errors of the declared character set
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, "A text in the form is not in the declared character set."
        ) from error
