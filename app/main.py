"""HTTP entry: the FastAPI app, and `handler` for API Gateway."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from pydantic import BaseModel
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from app import __version__, errors, problems
from app.headers import Headers
from app.routers import (
    accounts,
    detections,
    docs,
    export,
    images,
    pages,
    search,
    sessions,
    subscriptions,
    tags,
    uploads,
)

DESCRIPTION: Final = """A private photo library that tags itself.

Register, confirm your address and sign in (**Authorize**, with your e-mail address as username). Upload
photographs: the objects on each are found and become **tags with counts**. Search by them:
`person>=2, dog`. Everything is yours alone, and every failure is answered as
[problem+json](https://www.rfc-editor.org/rfc/rfc9457).

The body of a request has at most 5 MiB: larger photographs go directly to S3, with the form of `POST /uploads`.
JSON is read strictly: no name twice in an object, no unknown name, no number as a text. `GET /usage` tells how much
your library holds and may hold; whoever is answered with 429 waits for as many seconds as `Retry-After` says.
"""


class PixTag(FastAPI):
    """The app, of which every answer passes through `Headers`: Starlette's for a failure nobody expected too."""

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap all of Starlette's layers, the outermost of which no middleware can be added around."""
        return Headers(super().build_middleware_stack())


app = PixTag(
    title="PixTag",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,
    redoc_url=None,
    redirect_slashes=False,
    responses=problems.responses(errors.InvalidRequest, errors.Unavailable),
)
problems.install(app)
app.add_middleware(problems.BodyLimit)
app.add_middleware(GZipMiddleware)
for part in (
    pages,
    accounts,
    sessions,
    uploads,
    images,
    detections,
    search,
    tags,
    subscriptions,
    export,
    docs,
):
    app.include_router(part.router)
app.mount("/docs/files", StaticFiles(packages=[("fastapi_swagger", "resources")]))


class Health(BaseModel):
    """That the API answers."""

    status: str = "ok"


@app.get("/health", operation_id="getHealth", summary="Is it up?", tags=["health"])
def get_health() -> Health:
    """Answer that the API is up. It says nothing of what the API stands on."""
    return Health()


def describe() -> dict[str, Any]:
    """The OpenAPI document, with every failure a `Problem`."""
    if not app.openapi_schema:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
        app.openapi_schema = document
    return app.openapi_schema


app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way to extend the document

handler: Final = Mangum(app, lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, problems.MEDIA_TYPE])
