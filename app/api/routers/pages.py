"""Serves the web UI, which is one page for all paths, and the files that the page loads."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse

from app.api.dependencies import ObjectsDep
from app.api.languages import VARY, LanguageDep
from app.api.security_headers import TRUSTED_TYPES, page_policy
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

router = APIRouter(include_in_schema=False)


UiFolderDep = Annotated[Path, Depends(ui_folder)]


def show_page(folder: UiFolderDep, objects: ObjectsDep, language: LanguageDep) -> HTMLResponse:
    """Return the page in the person's language.

    Its content security policy allows it to download photos from the bucket and to upload them.
    """
    policy = page_policy(objects.origin, images=("blob:",))
    headers = {
        "Content-Security-Policy": f"{policy}; {TRUSTED_TYPES}",
        "Cache-Control": "no-cache",
        "Content-Language": language,
        "Vary": VARY,
    }
    return HTMLResponse((folder / language / "index.html").read_bytes(), headers=headers)


for path in PATHS:
    router.get(path)(show_page)


@router.get("/assets/{name}")
def get_asset(
    name: Annotated[str, PathParameter(pattern=r"^[\w-]+(\.\w+)+$", max_length=100)], folder: UiFolderDep
) -> FileResponse:
    """Return a file of the page. Its name contains a hash of its content, so browsers can cache it for a year.

    Raises:
        AssetNotFound: this release has no such file.
    """
    file = folder / "assets" / name
    if not file.is_file():
        raise errors.AssetNotFound
    # Not every machine's list of media types contains this one.
    media_type = "font/woff2" if file.suffix == ".woff2" else None
    return FileResponse(file, headers={"Cache-Control": IMMUTABLE}, media_type=media_type)
