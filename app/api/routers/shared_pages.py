"""Shows shares to visitors, who need no account. Everyone who has a link can use it.

All links that do not work get the same response: expired, deleted, guessed and malformed ones.
"""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from app.api.dependencies import (
    ObjectsDep,
    SettingsDep,
    SharedOriginalsDep,
    SharedPhotosDep,
    SharingDep,
    count_for_address,
)
from app.api.head_requests import is_head
from app.api.languages import VARY, LanguageDep, choose_language
from app.api.missing_page import wants_page
from app.api.problems import to_response
from app.api.share_page import (
    PhotoView,
    Tile,
    make_policy,
    render_error,
    render_password,
    render_photo,
    render_photos,
)
from app.api.threads import in_thread
from app.domain import errors
from app.domain.file_names import make_safe_name
from app.domain.ids import Rendition
from app.domain.images import ImageSummary
from app.domain.quotas import Rate
from app.domain.shares import MAX_PASSWORD
from app.services.shares import OpenedShare
from app.wiring import STORE_FAILURES, describe_store_failure

COOKIE: Final = "share"
MAX_FORM_BYTES: Final = 4_096
MAX_NUMBER: Final = 1_000_000
NO_INDEX: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive"}


class SharedRoute(APIRoute):
    """A route whose errors are pages for browsers, and problems for other clients. No response is for search engines.

    Unknown query parameters are ignored, because other programs append some to links.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that calls FastAPI's handler, and converts its errors."""
        handle = super().get_route_handler()

        async def handle_with_pages(request: Request) -> Response:
            try:
                response = await handle(request)
            except errors.PixTagError as error:
                response = _explain(request, error)
            except STORE_FAILURES as error:
                response = _explain(request, describe_store_failure(error))
            except ClientDisconnect:  # the response would not be read
                response = Response(status_code=HTTPStatus.BAD_REQUEST)
            response.headers.update({"Vary": VARY, **NO_INDEX})
            return response

        return handle_with_pages


router = APIRouter(include_in_schema=False, route_class=SharedRoute)


def _explain(request: Request, error: errors.PixTagError) -> Response:
    problem = to_response(request, error)
    if not wants_page(request.headers.get("Accept", "")):
        return problem
    has_list = not isinstance(error, errors.ShareLinkInvalid) and "token" in request.path_params
    page = render_error(choose_language(request), error, _path_of(request.path_params["token"]) if has_list else None)
    response = HTMLResponse(page, problem.status_code, {"Content-Security-Policy": make_policy()})
    if wait := problem.headers.get("Retry-After"):
        response.headers["Retry-After"] = wait
    return response


@in_thread
def open_share(token: str, sharing: SharingDep) -> OpenedShare:
    """Return the share of a link.

    Raises:
        ShareLinkInvalid: it does not work.
    """
    return sharing.open(token)


OpenedDep = Annotated[OpenedShare, Depends(open_share)]


async def admit(request: Request, opened: OpenedDep) -> OpenedShare:
    """Return the share of a link to a visitor who has entered its password, if it has one.

    Raises:
        SharePasswordRequired: the visitor has not.
    """
    if not _is_admitted(request, opened):
        raise errors.SharePasswordRequired
    return opened


AdmittedDep = Annotated[OpenedShare, Depends(admit)]


async def read_password(request: Request) -> str:
    """Return the password in a form.

    Raises:
        WrongSize: the form is larger than that of any password.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise errors.WrongSize(f"A password has at most {MAX_PASSWORD} characters.")
    try:
        values = parse_qs(bytes(body).decode(), max_num_fields=1).get("password", [])
    except ValueError:
        values = []
    return values[0][: MAX_PASSWORD + 1] if values else ""


@router.get("/s/{token}")
def show_photos(
    token: str,
    request: Request,
    opened: OpenedDep,
    photos: SharedPhotosDep,
    objects: ObjectsDep,
    language: LanguageDep,
) -> HTMLResponse:
    """Return a page of photos, or the form for the password."""
    if not _is_admitted(request, opened):
        if not wants_page(request.headers.get("Accept", "")):
            raise errors.SharePasswordRequired
        return _make_page(render_password(language), objects.origin, has_form=True)
    cursor = request.query_params.get("cursor")
    page = photos.list_page(opened, cursor)
    if cursor is None and not is_head(request):  # programs check links with HEAD
        photos.record_view(opened)
    path = _path_of(token)
    tiles = [
        Tile(
            page=_path_of(token, image.id, number),
            number=number,
            thumbnail=_link(image, Rendition.THUMBNAIL, objects.link),
            large_thumbnail=_link(image, Rendition.LARGE_THUMBNAIL, objects.link),
            width=image.width,
            height=image.height,
        )
        for number, image in enumerate(page.photos, page.first)
    ]
    next_page = f"{path}?cursor={page.next}" if page.next else None
    html = render_photos(language, opened.share.title, tiles, path if cursor else None, next_page)
    return _make_page(html, objects.origin)


@router.post("/s/{token}")
def enter_password(
    token: str,
    request: Request,
    opened: OpenedDep,
    password: Annotated[str, Depends(read_password)],
    sharing: SharingDep,
    objects: ObjectsDep,
    settings: SettingsDep,
    language: LanguageDep,
) -> Response:
    """Set a cookie if the password is correct, and redirect to the photos."""
    if opened.stored.password_hash:
        count_for_address(request, Rate.PASSWORDS)
        if not sharing.is_password(opened, password):
            page = render_password(language, is_wrong=True)
            return _make_page(page, objects.origin, HTTPStatus.FORBIDDEN, has_form=True)
    response = RedirectResponse(_path_of(token), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        opened.stored.pass_value,
        path=_path_of(token),
        secure=request.url.scheme == "https" or settings.ui_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/s/{token}/images/{image_id}")
def show_photo(
    token: str,
    image_id: str,
    request: Request,
    opened: AdmittedDep,
    photos: SharedPhotosDep,
    originals: SharedOriginalsDep,
    objects: ObjectsDep,
    language: LanguageDep,
) -> HTMLResponse:
    """Return the page of a photo."""
    image = photos.get_photo(opened, image_id)
    neighbours = photos.find_neighbours(opened, image)
    number = _read_number(request)
    path, is_offered = _path_of(token, image.id), opened.share.originals and originals.can_offer(image)
    view = PhotoView(
        number=number,
        preview=_link(image, Rendition.PREVIEW, objects.link),
        width=image.width,
        height=image.height,
        all_photos=_path_of(token),
        previous=_path_of(token, neighbours.previous, number - 1) if neighbours.previous else None,
        next=_path_of(token, neighbours.next, number and number + 1) if neighbours.next else None,
        download=f"{path}/original{_number_query(number)}" if is_offered else None,
        preview_download=f"{path}/preview?download=1" if opened.share.originals and not is_offered else None,
    )
    return _make_page(render_photo(language, opened.share.title, view), objects.origin)


class Picture(StrEnum):
    """The pictures of a shared photo."""

    THUMBNAIL = "thumbnail"
    PREVIEW = "preview"
    ORIGINAL = "original"


@router.get("/s/{token}/images/{image_id}/{picture}")  # noqa: FAST003 - `admit` reads the token
def get_picture(
    image_id: str,
    picture: str,
    request: Request,
    opened: AdmittedDep,
    photos: SharedPhotosDep,
    originals: SharedOriginalsDep,
    objects: ObjectsDep,
) -> Response:
    """Redirect to a picture of a photo. The original has no metadata."""
    image = photos.get_photo(opened, image_id)
    number = _read_number(request)
    name = f"photo-{number}" if number else "photo"
    if picture == Picture.ORIGINAL and opened.share.originals:
        link = objects.link(originals.prepare(image), download=make_safe_name(name, image.media_type))
    elif picture == Picture.PREVIEW and "download" in request.query_params:
        key = Rendition.PREVIEW.key(image.owner, image.id)
        link = objects.link(key, download=make_safe_name(name, "image/jpeg"))
    elif picture == Picture.PREVIEW:
        link = _link(image, Rendition.PREVIEW, objects.link)
    elif picture == Picture.THUMBNAIL:
        link = _link(image, Rendition.THUMBNAIL, objects.link)
    else:
        raise errors.SharedPhotoNotFound
    return RedirectResponse(link, HTTPStatus.TEMPORARY_REDIRECT)


@router.get("/s/{rest:path}")  # noqa: FAST003 - any other path
def refuse_other_paths() -> Response:
    """Refuse a link that was damaged, with the same page as any other link that does not work."""
    raise errors.ShareLinkInvalid


def _is_admitted(request: Request, opened: OpenedShare) -> bool:
    return opened.stored.admits(request.cookies.get(COOKIE, ""))


def _make_page(page: str, storage: str, status: HTTPStatus = HTTPStatus.OK, *, has_form: bool = False) -> HTMLResponse:
    headers = {"Content-Security-Policy": make_policy(storage)}
    if has_form:  # with `no-referrer`, browsers send the form with `Origin: null`
        headers["Referrer-Policy"] = "same-origin"
    return HTMLResponse(page, status, headers)


def _path_of(token: str, image_id: str | None = None, number: int = 0) -> str:
    return f"/s/{token}/images/{image_id}{_number_query(number)}" if image_id else f"/s/{token}"


def _number_query(number: int) -> str:
    return f"?n={number}" if number > 0 else ""


def _read_number(request: Request) -> int:
    """Return the number of a photo in its share, which only names it. Return 0 if it is unknown."""
    text = request.query_params.get("n", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MAX_NUMBER)) else 0


def _link(image: ImageSummary, rendition: Rendition, link: Callable[[str], str]) -> str:
    return link(rendition.key(image.owner, image.id))
