"""Parses requests strictly. Ambiguous or undecodable input is rejected and never repaired."""

import json
import math
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from app.domain.errors import InvalidRequest, WrongSize

MAX_JSON_BYTES: Final = 2**19  # a request with 100 links has 200 KB; parsing 5 MB takes seconds
MAX_DEPTH: Final = 16
MAX_MEMBERS: Final = 1_000  # validating a million members takes seconds
MAX_DIGITS: Final = 20  # no field needs more; parsers disagree about integers beyond 64 bits

_INVALID_CHARACTER: Final = re.compile(r"[\x00\ud800-\udfff]")
_INVALID_ENCODING: Final = re.compile(rb"[^ -~]|%(?![0-9A-Fa-f]{2})")
_TOO_DEEP: Final = f"This is nested more than {MAX_DEPTH} levels deep."


class StrictRoute(APIRoute):
    """A route that parses query strings, JSON and forms strictly. API routers set it as their `route_class`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that parses the request strictly and then calls FastAPI's handler."""
        handle = super().get_route_handler()
        fields = get_flat_params(self.dependant)
        parameters = {field.alias for field in fields if isinstance(field.field_info, params.Query)}

        async def handle_strictly(request: Request) -> Response:
            _check_encoding(request.scope["query_string"], "query")
            _check_parameters([name for name, _ in request.query_params.multi_items()], parameters)
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    """A request that parses JSON and form bodies strictly. FastAPI calls its methods to read a body."""

    async def json(self) -> dict[str, Any]:
        return read_json(await self.body())

    async def form(self, **limits: Any) -> FormData:  # type: ignore[override]  # FastAPI only awaits it
        if data := await self.body():
            _check_form_body(data, self.headers.get("Content-Type", ""))
        form = await super().form(**limits)
        try:
            _check_fields(form)
        except InvalidRequest:
            await form.close()
            raise
        return form


def read_json(data: bytes) -> dict[str, Any]:
    """Parse a JSON object according to I-JSON (RFC 7493).

    Raises:
        WrongSize: there are more than `MAX_JSON_BYTES` bytes.
        InvalidRequest: the bytes are not a JSON object in UTF-8, or they contain a duplicate key. Strings cannot
            contain NUL or lone surrogates. Numbers must be finite, and integers can have at most 20 digits. Objects
            and arrays can be nested 16 levels deep. Each can have at most 1,000 members.
    """
    if len(data) > MAX_JSON_BYTES:
        raise WrongSize(f"JSON can have at most {MAX_JSON_BYTES // 2**10} KiB. This has {len(data):,} bytes.")
    try:
        value = json.loads(data.decode(), object_pairs_hook=tuple, parse_int=_parse_integer)
    except UnicodeDecodeError as error:
        raise InvalidRequest("body", f"This is not UTF-8 (at byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest("body", f"This is not JSON: {error.msg} ({position}).") from error
    except RecursionError as error:
        raise InvalidRequest("body", _TOO_DEEP) from error
    if not isinstance(value, tuple):
        raise InvalidRequest("body", "This is JSON, but not an object. Send an object: {…}.")
    return cast("dict[str, Any]", _check_value(value, "body", MAX_DEPTH))


def _parse_integer(text: str) -> int | float:
    return int(text) if len(text) <= MAX_DIGITS else math.inf


def _check_value(value: object, pointer: str, levels: int) -> object:
    """Check a value and convert its objects to dictionaries. The parser returns objects as tuples of pairs."""
    match value:
        case str():
            _check_text(value, pointer)
        case float() if not math.isfinite(value):
            raise InvalidRequest(pointer, f"This is not a finite number of at most {MAX_DIGITS} digits.")
        case list() | tuple() if not levels:
            raise InvalidRequest(pointer, _TOO_DEEP)
        case list() | tuple() if len(value) > MAX_MEMBERS:
            raise InvalidRequest(pointer, f"This has more than {MAX_MEMBERS:,} members.")
        case list():
            return [_check_value(item, f"{pointer}/{index}", levels - 1) for index, item in enumerate(value)]
        case tuple():
            _check_names([name for name, _ in value], pointer)
            return {name: _check_value(member, f"{pointer}/{name}", levels - 1) for name, member in value}
    return value


def _check_names(names: list[str], pointer: str) -> None:
    """Reject invalid and duplicate names in an object, form or query string."""
    seen: set[str] = set()
    for name in names:
        _check_text(name, pointer)
        if name in seen:
            raise InvalidRequest(f"{pointer}/{name}", "Duplicate key. Send it once.")
        seen.add(name)


def _check_parameters(names: list[str], parameters: set[str]) -> None:
    """Reject duplicate and unknown query parameters."""
    _check_names(names, "query")
    if unknown := next((name for name in names if name not in parameters), None):
        raise InvalidRequest(f"query/{unknown}", "This operation has no such parameter.")


def _check_text(text: str, pointer: str) -> None:
    """Reject NUL and lone surrogates."""
    if match := _INVALID_CHARACTER.search(text):
        raise InvalidRequest(pointer, f"A text cannot contain {match[0]!a} (character {match.start() + 1}).")


def _check_form_body(data: bytes, content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        _check_encoding(data, "body")
    elif media_type != "multipart/form-data":
        raise InvalidRequest("body", "Send a form: application/x-www-form-urlencoded or multipart/form-data.")
    elif not data.rstrip().endswith(b"--"):
        raise InvalidRequest("body", "The form is incomplete: its last boundary is missing.")


def _check_fields(form: FormData) -> None:
    items = form.multi_items()
    _check_names([name for name, _ in items], "body")
    for name, value in items:
        if isinstance(value, str):
            _check_text(value, f"body/{name}")


def _check_encoding(data: bytes, pointer: str) -> None:
    """Reject a query string or URL-encoded form that is not percent-encoded UTF-8."""
    if match := _INVALID_ENCODING.search(data):
        raise InvalidRequest(pointer, f"Percent-encode this as UTF-8 (character {match.start() + 1}).")
    try:
        text = unquote_to_bytes(data).decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(pointer, f"After percent-decoding, this is not UTF-8 (byte {error.start + 1}).") from error
    _check_text(text, pointer)
