"""The web UI: its one page at each of its paths, and the files that the page loads."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse

from app.api.dependencies import BucketDep
from app.api.security_headers import TRUSTED_TYPES, page_policy
from app.domain import errors

# A wheel carries what was built; a checkout has it where Vite writes it.
BUILT: Final = (Path(__file__).parents[2] / "static", Path(__file__).parents[3] / "static" / "dist")
PATHS: Final = (
    "/",
    "/photos/{image_id}",
    "/find",
    "/labels",
    "/alerts",
    "/trash",
    "/account",
    "/sign-in",
    "/register",
    "/confirm",
    "/forgot",
)  # as static/src/paths.ts knows them
IMMUTABLE: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


def built() -> Path:
    """The folder with the built UI.

    Raises:
        UiNotBuilt: this installation has none.
    """
    found = next((folder for folder in BUILT if (folder / "index.html").is_file()), None)
    if not found:
        raise errors.UiNotBuilt
    return found


BuiltDep = Annotated[Path, Depends(built)]


def show_page(folder: BuiltDep, bucket: BucketDep) -> HTMLResponse:
    """Answer with the page, which may load photographs from the bucket and send them there."""
    policy = page_policy(bucket.origin, images=("blob:",))
    headers = {"Content-Security-Policy": f"{policy}; {TRUSTED_TYPES}", "Cache-Control": "no-cache"}
    return HTMLResponse((folder / "index.html").read_bytes(), headers=headers)


for path in PATHS:
    router.get(path)(show_page)


@router.get("/assets/{name}")
def get_asset(
    name: Annotated[str, PathParameter(pattern=r"^[\w-]+(\.\w+)+$", max_length=100)], folder: BuiltDep
) -> FileResponse:
    """Answer with a file whose name carries a hash of its content: it is the same for ever."""
    file = folder / "assets" / name
    if not file.is_file():
        raise errors.AssetNotFound
    return FileResponse(file, headers={"Cache-Control": IMMUTABLE})
