"""Answers conditional requests (RFC 9110, section 13), also behind proxies that change entity tags.

A tag names a version of an image or an album, and the bytes of the response: `"7.0f3a…"`. Changes compare only the
version, because links in the response change every half hour. The response to `If-None-Match` compares the whole tag,
so a client never keeps expired links. Responses without a version have a weak tag, which `If-Match` cannot name.
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from starlette.datastructures import Headers

from app.api.entity_tags import EntityTags, read_tags
from app.domain.errors import PreconditionFailed
from app.domain.versions import VersionCondition

REVALIDATE: Final = "private, no-cache"  # clients may keep a response, and ask each time whether it is current
DIGEST_BYTES: Final = 12

_VERSION: Final = re.compile(r"([0-9]{1,18})(?:\.[0-9a-f]+)?")


async def version_condition(
    request: Request,
    _if_match: Annotated[
        str | None,
        Header(
            alias="if-match",
            max_length=4_000,
            json_schema_extra={"pattern": r'^(\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*)$'},
            description="The `ETag` from an earlier response, a list of them, or `*`. If the image or album has"
            " another version, the response is 412.",
            examples=['"7.1f0c"'],
        ),
    ] = None,
) -> VersionCondition:
    """Return the versions that a change may replace, by `If-Match` and `If-None-Match`.

    Raises:
        InvalidPrecondition: a header is not a list of entity tags.
    """
    match, none_match = _read(request.headers, "If-Match"), _read(request.headers, "If-None-Match")
    return VersionCondition(
        accepted=_read_versions(match) if match else None, refused=_read_versions(none_match) if none_match else ()
    )


ExpectedVersion = Annotated[VersionCondition, Depends(version_condition)]


def _read(request: Headers, name: str) -> EntityTags | None:
    return read_tags(name, request.getlist(name))


def _read_versions(tags: EntityTags) -> set[int] | None:
    """Return the versions in the tags, or None for `*`."""
    if tags.tags is None:
        return None
    return {int(match[1]) for name in tags.names if (match := _VERSION.fullmatch(name))}


def format_version(version: int) -> str:
    """Return the tag of a version. `add_tag` completes it."""
    return f'"{version}"'


def add_tag(request: Request, response: Response) -> Response:
    """Add the entity tag to the response to a successful request. Return 304 if the client has this response.

    Raises:
        InvalidPrecondition: a header is not a list of entity tags.
        PreconditionFailed: the client wants only another version.
    """
    version = response.headers.get("ETag")
    is_read = request.method == "GET" and response.status_code == HTTPStatus.OK
    if not (version or is_read):
        return response
    digest = blake2b(response.body, digest_size=DIGEST_BYTES).hexdigest()
    tag = f'{version[:-1]}.{digest}"' if version else f'W/"{digest}"'
    response.headers["ETag"] = tag
    if not is_read:
        return response
    response.headers.setdefault("Cache-Control", REVALIDATE)
    known = find_known(request.headers, tag)
    return response if known is None else _not_modified(response, known)


def find_known(request: Headers, tag: str, modified_at: float | None = None) -> str | None:
    """Evaluate the conditions of a GET request in the order of RFC 9110, section 13.2.2.

    Args:
        request: The headers of the request.
        tag: The tag of the current response.
        modified_at: The time of its last modification in seconds, or None if it is unknown.

    Returns:
        The tag under which the client has the current response. If it does not have it, return None.

    Raises:
        InvalidPrecondition: a header is not a list of entity tags.
        PreconditionFailed: the client wants only another version.
    """
    if match := _read(request, "If-Match"):
        if match.find(tag) is None:
            raise PreconditionFailed("If-Match")
    elif (since := _read_date(request, "If-Unmodified-Since", modified_at)) is not None and not since:
        raise PreconditionFailed("If-Unmodified-Since")
    if none_match := _read(request, "If-None-Match"):
        return none_match.find(tag)
    return tag if _read_date(request, "If-Modified-Since", modified_at) else None


def _read_date(request: Headers, name: str, modified_at: float | None) -> bool | None:
    """Return whether the last modification was at the time in a header or earlier.

    Return None if the header is missing, repeated or no date, because such a header is ignored.
    """
    if modified_at is None or len(dates := request.getlist(name)) != 1:
        return None
    try:
        date = parsedate_to_datetime(dates[0])
        # The form of asctime() has no zone, and is always UTC (RFC 9110, section 5.6.7).
        return int(modified_at) <= (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _not_modified(response: Response, known: str) -> Response:
    """Return the response without content.

    It has the tag in the form in which the client knows it. A cache must not use a 304 response with a strong tag for
    a stored response with the weak form, which a proxy made of it (RFC 9111, section 4.3.4).
    """
    headers = {"Cache-Control": response.headers["Cache-Control"], "ETag": known, "Vary": "Accept-Encoding"}
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
