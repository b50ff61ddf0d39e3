"""HTTP entry: the FastAPI app, and `handler` for API Gateway."""

from functools import partial
from typing import Final, Literal

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from pydantic import BaseModel

from app import errors, problems
from app.openapi import describe
from app.routers import accounts, detections, docs, export, images, search, sessions, subscriptions, tags, uploads

app = FastAPI(
    docs_url=None,
    redoc_url=None,
    redirect_slashes=False,
    responses=problems.responses(errors.Unavailable),
)
problems.install(app)
app.add_middleware(problems.BodyLimit)
for part in (accounts, sessions, uploads, images, detections, search, tags, subscriptions, export, docs):
    app.include_router(part.router)
app.mount("/docs/files", StaticFiles(packages=[("fastapi_swagger", "resources")]))


class Health(BaseModel):
    """That the API answers."""

    status: Literal["ok"] = "ok"


@app.get("/health", operation_id="getHealth", summary="Is it up?", tags=["health"])
def get_health() -> Health:
    """Answer that the API is up. It says nothing of what the API stands on."""
    return Health()


@app.get("/", include_in_schema=False)
def show_start() -> RedirectResponse:
    """Lead a visitor to the documentation."""
    return RedirectResponse("/docs")


app.openapi = partial(describe, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend the document

handler: Final = Mangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, problems.MEDIA_TYPE])
