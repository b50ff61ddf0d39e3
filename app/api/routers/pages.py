"""Serves the web UI, which is one page for all paths, and the files that the page loads.

The service worker answers `POST /share-target`. The route here is for browsers that do not run it.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, status
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from app.api.dependencies import ObjectsDep
from app.api.languages import VARY, LanguageDep
from app.api.security_headers import DENY_ALL, REQUIRE_TRUSTED_TYPES, TRUSTED_TYPES, page_policy
from app.api.ui_files import ui_folder
from app.domain import errors

PATHS: Final = (
    "/",
    "/photos/{image_id}",
    "/find",
    "/labels",
    "/check",
    "/copies",
    "/collections",
    "/collections/{album_id}",
    "/alerts",
    "/shared-links",
    "/trash",
    "/account",
    "/administration",
    "/sign-in",
    "/register",
    "/confirm",
    "/forgot",
)  # must match static/src/paths.ts
IMMUTABLE: Final = "public, max-age=31536000, immutable"
SERVICE_WORKER_PATH: Final = "/service-worker.js"
SHARE_PATH: Final = "/share-target"

# The service worker gets the page and its files again. Its own policy applies to these requests.
_SERVICE_WORKER_POLICY: Final = f"{DENY_ALL}; connect-src 'self'; {TRUSTED_TYPES}"
# The only policy makes the URL of the service worker, see static/src/offline/registration.ts.
_PAGE_SOURCES: Final = f"manifest-src 'self'; worker-src 'self'; {REQUIRE_TRUSTED_TYPES} service-worker"

router = APIRouter(include_in_schema=False)


UiFolderDep = Annotated[Path, Depends(ui_folder)]


def show_page(folder: UiFolderDep, objects: ObjectsDep, language: LanguageDep) -> HTMLResponse:
    """Return the page in the person's language.

    Its content security policy allows it to download photos from the bucket and to upload them.
    """
    policy = page_policy(objects.origin, images=("blob:",))
    headers = {
        "Content-Security-Policy": f"{policy}; {_PAGE_SOURCES}",
        "Cache-Control": "no-cache",
        "Content-Language": language,
        "Vary": VARY,
    }
    return HTMLResponse((folder / language / "index.html").read_bytes(), headers=headers)


for path in PATHS:
    router.get(path)(show_page)


@router.get(SERVICE_WORKER_PATH)
def get_service_worker(folder: UiFolderDep) -> FileResponse:
    """Return the script of the service worker. It is not under `/assets`, because it controls the paths beside it.

    Raises:
        AssetNotFound: see `get_asset`.
    """
    response = _send(folder / SERVICE_WORKER_PATH[1:], "no-cache", "text/javascript")
    response.headers["Content-Security-Policy"] = _SERVICE_WORKER_POLICY
    return response


@router.post(SHARE_PATH)
def refuse_share() -> RedirectResponse:
    """Open the UI, which says that the shared photos did not arrive. They are not read, because nobody is signed in."""
    return RedirectResponse("/?shared=failed", status.HTTP_303_SEE_OTHER)


@router.get("/assets/{name}")
def get_asset(
    name: Annotated[str, PathParameter(pattern=r"^[\w-]+(\.\w+)+$", max_length=100)], folder: UiFolderDep
) -> FileResponse:
    """Return a file of the page. Its name contains a hash of its content, so browsers can cache it for a year.

    Raises:
        AssetNotFound: this release has no such file.
    """
    # Not every machine's list of media types contains this one.
    return _send(folder / "assets" / name, IMMUTABLE, "font/woff2" if name.endswith(".woff2") else None)


def _send(file: Path, cache: str, media_type: str | None) -> FileResponse:
    if not file.is_file():
        raise errors.AssetNotFound
    return FileResponse(file, headers={"Cache-Control": cache}, media_type=media_type)
