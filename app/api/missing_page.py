"""Returns a page to browsers at paths that do not exist. Other clients get a problem."""

from typing import Final

from fastapi import FastAPI, Request, Response, status
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from app.api.languages import VARY, choose_language
from app.api.media_types import read_qualities
from app.api.problems import handle_http_exception
from app.api.security_headers import TRUSTED_TYPES, page_policy
from app.api.ui_files import ui_folder
from app.domain import errors

FILE_NAME: Final = "not-found.html"


def install(app: FastAPI) -> None:
    """Replace the handler of responses to unknown paths."""
    app.add_exception_handler(HTTPException, _handle_http_exception)


def _handle_http_exception(request: Request, error: Exception) -> Response:
    is_missing = isinstance(error, HTTPException) and error.status_code == status.HTTP_404_NOT_FOUND
    if is_missing and request.method in {"GET", "HEAD"} and wants_page(request.headers.get("Accept", "")):
        try:
            language = choose_language(request)
            page = (ui_folder() / language / FILE_NAME).read_bytes()
        except (errors.UiNotBuilt, FileNotFoundError):
            return handle_http_exception(request, error)
        headers = {
            "Content-Security-Policy": f"{page_policy()}; {TRUSTED_TYPES}",
            "Content-Language": language,
            "Vary": f"Accept, {VARY}",
        }
        return HTMLResponse(page, status.HTTP_404_NOT_FOUND, headers)
    return handle_http_exception(request, error)


def wants_page(accept: str) -> bool:
    """Return whether a request comes from the address bar of a browser, as far as its Accept header says."""
    qualities = read_qualities(accept)
    wants_json = any(quality and "json" in name for name, quality in qualities.items())
    return bool(qualities.get("text/html")) and not wants_json
