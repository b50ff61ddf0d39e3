"""Parses requests strictly. Ambiguous or undecodable input is rejected and never repaired."""

import inspect
import json
import math
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

from fastapi import HTTPException, Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.types import Receive, Scope

from app.api.body_sizes import measure_body
from app.api.conditional_requests import add_tag
from app.api.form_parser import parse_multipart
from app.api.threads import in_thread
from app.domain.errors import InvalidRequest, WrongSize

MULTIPART: Final = "multipart/form-data"
MAX_JSON_BYTES: Final = 2**19  # a request with 100 links has 200 KB; parsing 5 MB takes seconds
MAX_DEPTH: Final = 16
MAX_VALUES: Final = 1_100  # in a document, e.g. the order of an album; checking a million values takes seconds
MAX_FIELDS: Final = 20  # of a form
MAX_PATH_PARAMETER: Final = 64  # characters
MAX_DIGITS: Final = 20  # no field needs more; parsers disagree about integers beyond 64 bits

_INVALID_CHARACTER: Final = re.compile(r"[\x00\ud800-\udfff]")
_INVALID_ENCODING: Final = re.compile(rb"[^ -~]|%(?![0-9A-Fa-f]{2})")
_TOO_MANY_DIGITS: Final = f"This is not a finite number of at most {MAX_DIGITS} digits."
_TOO_DEEP: Final = f"This is nested more than {MAX_DEPTH} levels deep."


class StrictRoute(APIRoute):
    """A route that parses query strings, JSON and forms strictly. API routers set it as their `route_class`.

    Every length is checked before the text is parsed. Each field of a JSON or URL-encoded body needs a maximum length,
    and their sum limits the size of the body. The function of the route runs as `in_thread` says.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        function = endpoint if inspect.iscoroutinefunction(endpoint) else in_thread(endpoint)
        super().__init__(path, function, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that parses the request strictly and then calls FastAPI's handler."""
        handle = super().get_route_handler()
        fields = get_flat_params(self.dependant)
        parameters = {field.alias for field in fields if isinstance(field.field_info, params.Query)}
        size = measure_body(self)
        max_bytes = size if size is None else min(size, MAX_JSON_BYTES)

        async def handle_strictly(request: Request) -> Response:
            _check_path(request.path_params)
            _check_encoding(request.scope["query_string"], "query")
            _check_parameters([name for name, _ in request.query_params.multi_items()], parameters)
            response = await handle(_StrictRequest(request.scope, request.receive, max_bytes))
            return add_tag(request, response) if self.include_in_schema else response

        return handle_strictly


class _StrictRequest(Request):
    """A request that parses JSON and form bodies strictly. FastAPI calls its methods to read a body.

    A body of more than `max_bytes` is not read completely.
    """

    def __init__(self, scope: Scope, receive: Receive, max_bytes: int | None) -> None:
        super().__init__(scope, receive)
        self._max_bytes = max_bytes

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if self._max_bytes is not None and size > self._max_bytes:
                raise WrongSize(f"The body of this operation can have at most {self._max_bytes:,} bytes. Send less.")
            yield chunk

    async def json(self) -> dict[str, Any]:
        return read_json(await self.body())

    async def form(self, **limits: Any) -> FormData:  # type: ignore[override]  # FastAPI only awaits it
        if data := await self.body():
            _check_form_body(data, self.headers.get("Content-Type", ""), has_file=self._max_bytes is None)
        limits |= {"max_fields": MAX_FIELDS, "max_files": MAX_FIELDS}
        is_multipart = _read_media_type(self.headers.get("Content-Type", "")) == MULTIPART
        form = await (parse_multipart(self, **limits) if is_multipart else super().form(**limits))
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
            and arrays can be nested 16 levels deep. All together can have at most 1,100 members.
    """
    if len(data) > MAX_JSON_BYTES:
        raise WrongSize(f"JSON can have at most {MAX_JSON_BYTES // 2**10} KiB. This has {len(data):,} bytes.")
    try:
        value = json.loads(data.decode(), object_pairs_hook=tuple)
    except UnicodeDecodeError as error:
        raise InvalidRequest("body", f"This is not UTF-8 (at byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest("body", f"This is not JSON: {error.msg} ({position}).") from error
    except ValueError as error:  # an integer has thousands of digits
        raise InvalidRequest("body", _TOO_MANY_DIGITS) from error
    except RecursionError as error:
        raise InvalidRequest("body", _TOO_DEEP) from error
    if not isinstance(value, tuple):
        raise InvalidRequest("body", "This is JSON, but not an object. Send an object: {…}.")
    return cast("dict[str, Any]", _Checker().check(value, "body", MAX_DEPTH))


class _Checker:
    """Checks the values of a document, and counts the members of all its objects and arrays."""

    def __init__(self) -> None:
        self._remaining = MAX_VALUES

    def check(self, value: object, pointer: str, levels: int) -> object:
        """Check a value and convert its objects to dictionaries. The parser returns objects as tuples of pairs."""
        match value:
            case str():
                _check_text(value, pointer)
            case int() if abs(value) >= 10**MAX_DIGITS:
                raise InvalidRequest(pointer, _TOO_MANY_DIGITS)
            case float() if not math.isfinite(value):
                raise InvalidRequest(pointer, _TOO_MANY_DIGITS)
            case list() | tuple() if not levels:
                raise InvalidRequest(pointer, _TOO_DEEP)
            case list():
                self._count(len(value), pointer)
                return [self.check(item, f"{pointer}/{index}", levels - 1) for index, item in enumerate(value)]
            case tuple():
                self._count(len(value), pointer)
                _check_names([name for name, _ in value], pointer)
                return {name: self.check(member, f"{pointer}/{name}", levels - 1) for name, member in value}
        return value

    def _count(self, members: int, pointer: str) -> None:
        self._remaining -= members
        if self._remaining < 0:
            raise InvalidRequest(pointer, f"The body has more than {MAX_VALUES:,} members.")


def _check_names(names: list[str], pointer: str) -> None:
    """Reject invalid and duplicate names in an object, form or query string."""
    seen: set[str] = set()
    for name in names:
        _check_text(name, pointer)
        if name in seen:
            raise InvalidRequest(f"{pointer}/{name}", "Duplicate key. Send it once.")
        seen.add(name)


def _check_path(values: Mapping[str, str]) -> None:
    for value in values.values():
        if len(value) > MAX_PATH_PARAMETER:
            raise HTTPException(HTTPStatus.NOT_FOUND)


def _check_parameters(names: list[str], parameters: set[str]) -> None:
    """Reject duplicate and unknown query parameters."""
    _check_names(names, "query")
    if unknown := next((name for name in names if name not in parameters), None):
        raise InvalidRequest(f"query/{unknown}", "This operation has no such parameter.")


def _check_text(text: str, pointer: str) -> None:
    """Reject NUL and lone surrogates."""
    if match := _INVALID_CHARACTER.search(text):
        raise InvalidRequest(pointer, f"A text cannot contain {match[0]!a} (character {match.start() + 1}).")


def _check_form_body(data: bytes, content_type: str, *, has_file: bool) -> None:
    media_type = _read_media_type(content_type)
    if media_type == "application/x-www-form-urlencoded" and not has_file:
        if data.count(b"&") >= MAX_FIELDS:  # the parser needs time for each '&', also without a field behind it
            raise InvalidRequest("body", f"A form can have at most {MAX_FIELDS} fields.")
        _check_encoding(data, "body")
    elif media_type != MULTIPART:
        types = "multipart/form-data" if has_file else "application/x-www-form-urlencoded or multipart/form-data"
        raise InvalidRequest("body", f"Send a form: {types}.")
    elif not data.rstrip().endswith(b"--"):
        raise InvalidRequest("body", "The form is incomplete: its last boundary is missing.")


def _read_media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


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
