"""Requests, read strictly: what could be understood in two ways, or is no text, is refused and never mended."""

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

MAX_JSON_BYTES: Final = 2**19  # the largest that makes sense, 100 links, has 200 KB; to read 5 MB takes seconds
MAX_DEPTH: Final = 16
MAX_MEMBERS: Final = 1_000  # to say what is wrong with each of a million takes seconds
MAX_DIGITS: Final = 20  # no number of ours has more, and those beyond 64 bits differ from reader to reader

_UNFIT: Final = re.compile(r"[\x00\ud800-\udfff]")
_UNFIT_ENCODED: Final = re.compile(rb"[^ -~]|%(?![0-9A-Fa-f]{2})")


class StrictRoute(APIRoute):
    """A route whose query string, JSON and forms are read strictly; every router has it as its `route_class`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        answer = super().get_route_handler()
        fields = get_flat_params(self.dependant)
        known = {field.alias for field in fields if isinstance(field.field_info, params.Query)}

        async def answer_strictly(request: Request) -> Response:
            _check_encoded(request.scope["query_string"], "query")
            _check_parameters([name for name, _ in request.query_params.multi_items()], known)
            return await answer(_StrictRequest(request.scope, request.receive))

        return answer_strictly


class _StrictRequest(Request):
    """A request as FastAPI reads its body."""

    async def json(self) -> dict[str, Any]:
        return read_json(await self.body())

    async def form(self, **limits: Any) -> FormData:  # type: ignore[override]  # FastAPI does nothing but await it
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
    """The one JSON object that the bytes are, in the sense of I-JSON (RFC 7493).

    Raises:
        WrongSize: they are more than `MAX_JSON_BYTES`.
        InvalidRequest: they are anything else: no UTF-8, a name twice in one object, a number that is none or
            has more than 20 digits, NUL or half a surrogate pair in a text, more than 16 levels, or 1,000 members.
    """
    if len(data) > MAX_JSON_BYTES:
        raise WrongSize(f"JSON has at most {MAX_JSON_BYTES // 2**10} KiB here, this has {len(data):,} bytes.")
    try:
        value = json.loads(data.decode(), object_pairs_hook=tuple, parse_int=_integer)
    except UnicodeDecodeError as error:
        raise InvalidRequest("body", f"This is not UTF-8 (at byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest("body", f"This is not JSON: {error.msg} ({where}).") from error
    except RecursionError as error:
        raise InvalidRequest("body", _TOO_DEEP) from error
    if not isinstance(value, tuple):
        raise InvalidRequest("body", "This is JSON, but not an object: {…}.")
    return cast("dict[str, Any]", _checked(value, "body", MAX_DEPTH))


_TOO_DEEP: Final = f"This is nested more than {MAX_DEPTH} levels deep."


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= MAX_DIGITS else math.inf


def _checked(value: object, pointer: str, levels: int) -> object:
    """The value, whose objects come as tuples of pairs, if nothing is wrong with it."""
    match value:
        case str():
            _check_text(value, pointer)
        case float() if not math.isfinite(value):
            raise InvalidRequest(pointer, f"This is no finite number of at most {MAX_DIGITS} digits.")
        case list() | tuple() if not levels:
            raise InvalidRequest(pointer, _TOO_DEEP)
        case list() | tuple() if len(value) > MAX_MEMBERS:
            raise InvalidRequest(pointer, f"This has more than {MAX_MEMBERS:,} members.")
        case list():
            return [_checked(one, f"{pointer}/{place}", levels - 1) for place, one in enumerate(value)]
        case tuple():
            _check_names([name for name, _ in value], pointer)
            return {name: _checked(one, f"{pointer}/{name}", levels - 1) for name, one in value}
    return value


def _check_names(names: list[str], pointer: str) -> None:
    """Refuse a name that is no text, or stands twice."""
    known: set[str] = set()
    for name in names:
        _check_text(name, pointer)
        if name in known:
            raise InvalidRequest(f"{pointer}/{name}", "This name stands here twice.")
        known.add(name)


def _check_parameters(names: list[str], known: set[str]) -> None:
    """Refuse a parameter that the route does not know, or that stands twice."""
    _check_names(names, "query")
    if unknown := next((name for name in names if name not in known), None):
        raise InvalidRequest(f"query/{unknown}", "There is no such parameter here.")


def _check_text(text: str, pointer: str) -> None:
    """Refuse what no UTF-8 can say, and NUL."""
    if unfit := _UNFIT.search(text):
        raise InvalidRequest(pointer, f"A text cannot contain {unfit[0]!a} (character {unfit.start() + 1}).")


def _check_form_body(data: bytes, content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        _check_encoded(data, "body")
    elif media_type != "multipart/form-data":
        raise InvalidRequest("body", "Send a form: application/x-www-form-urlencoded or multipart/form-data.")
    elif not data.rstrip().endswith(b"--"):
        raise InvalidRequest("body", "The form is cut off: its last boundary is missing.")


def _check_fields(form: FormData) -> None:
    items = form.multi_items()
    _check_names([name for name, _ in items], "body")
    for name, value in items:
        if isinstance(value, str):
            _check_text(value, f"body/{name}")


def _check_encoded(data: bytes, pointer: str) -> None:
    """Refuse a query string, or a form written like one, that does not spell text in UTF-8."""
    if unfit := _UNFIT_ENCODED.search(data):
        raise InvalidRequest(pointer, f"Percent-encode this, as UTF-8 (character {unfit.start() + 1}).")
    try:
        text = unquote_to_bytes(data).decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(pointer, f"Percent-decoded, this is not UTF-8 (byte {error.start + 1}).") from error
    _check_text(text, pointer)
