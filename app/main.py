"""Creates the FastAPI app and its Lambda handler for API Gateway."""

from typing import Annotated, Any, Final, Literal

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from pydantic import BaseModel, Field
from starlette.types import ASGIApp

from app.api import missing_page, origin_check, problems
from app.api.access_log import AccessLogMiddleware
from app.api.address_limits import limit_files, limit_visits
from app.api.compression import CompressionMiddleware
from app.api.cors import CorsMiddleware
from app.api.dependencies import DiskDep, MailboxPageDep, RegistrationRuleDep, provide
from app.api.head_limits import HeadLimitMiddleware
from app.api.head_requests import HeadMiddleware
from app.api.host_check import HostCheckMiddleware
from app.api.openapi import build_document
from app.api.routers import (
    accounts,
    addresses,
    administration,
    album_images,
    albums,
    dates,
    detections,
    docs,
    downloads,
    duplicates,
    export,
    favourites,
    images,
    keys,
    mail_links,
    mailbox,
    objects,
    operations,
    pages,
    preferences,
    registration,
    review,
    search,
    sessions,
    shared_pages,
    shares,
    subscriptions,
    tags,
    timeline,
    tokens,
    uploads,
    usage,
)
from app.api.security_headers import SecurityHeadersMiddleware
from app.api.threads import OneRequestMiddleware, in_thread
from app.domain import errors
from app.domain.registration import RegistrationMode
from app.local_instance import LifespanMiddleware, is_worker_running
from app.observability import logs

logs.set_up()


class PixTag(FastAPI):
    """The FastAPI app. Every response, 500s included, gets security headers and an access-log line.

    On one machine, the host of every request is checked, and the app runs the worker process while it serves.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap Starlette's complete middleware stack, including its outermost error handler.

        Middleware added with `add_middleware` would run inside that error handler and miss its responses.
        """
        stack = HostCheckMiddleware(super().build_middleware_stack())
        return LifespanMiddleware(AccessLogMiddleware(SecurityHeadersMiddleware(HeadMiddleware(CorsMiddleware(stack)))))

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return build_document(self)


app = PixTag(
    docs_url=None,
    redoc_url=None,
    redirect_slashes=False,
    dependencies=[Depends(origin_check.require_cloudfront)],
    responses=problems.responses(errors.OperationUnsupported, errors.StorageFull, errors.Unavailable),
)
problems.install(app)
missing_page.install(app)
app.add_middleware(problems.BodyLimitMiddleware)
app.add_middleware(HeadLimitMiddleware)
app.add_middleware(CompressionMiddleware)
app.include_router(pages.router)
for module in (
    registration,
    accounts,
    addresses,
    administration,
    preferences,
    keys,
    tokens,
    sessions,
    uploads,
    usage,
    images,
    downloads,
    dates,
    favourites,
    timeline,
    review,
    duplicates,
    detections,
    search,
    tags,
    albums,
    album_images,
    shares,
    operations,
    subscriptions,
    mail_links,
    mailbox,
    export,
    shared_pages,
):
    app.include_router(module.router, dependencies=[Depends(limit_visits)])
app.include_router(objects.router, dependencies=[Depends(limit_files)])
app.include_router(docs.router)
app.mount("/docs/files", StaticFiles(packages=[("fastapi_swagger", "resources")]))


class Health(BaseModel):
    """The health of the API and, on one machine, of the worker process."""

    status: Literal["ok"] = Field("ok", description="The API responds.", examples=["ok"])
    worker: Literal["running", "stopped"] | None = Field(
        description="Whether the worker process is running. If it is stopped, new photos stay pending. `null` on AWS.",
        examples=["running"],
    )
    storage: Literal["ok", "low", "full", "read-only"] | None = Field(
        description="What the disk allows. If its free space is `low`, uploads fail. If it is `full`, edits fail too."
        " Reading, signing in and deleting still work. If it is `read-only`, the disk, one of PixTag's folders or the"
        " database cannot be written, and only reading works. `null` on AWS.",
        examples=["ok"],
    )
    registration: RegistrationMode = Field(
        description="Who may register without an invitation: everyone (`open`), some addresses (`limited`), or nobody"
        " (`closed`)."
    )
    mailbox: str | None = Field(
        description="The URL of the page that shows e-mails on this machine. `null` if PixTag sends e-mails.",
        examples=["http://127.0.0.1:8000/mailbox"],
    )


@app.get(
    "/health",
    operation_id="getHealth",
    summary="Check the API",
    tags=["health"],
    dependencies=[Depends(limit_visits)],
)
@in_thread
def get_health(
    runs: Annotated[bool | None, Depends(provide(is_worker_running))],
    disk: DiskDep,
    rule: RegistrationRuleDep,
    mailbox: MailboxPageDep,
) -> Health:
    """Return `ok`, whether registration is open, and whether photos are processed and stored.

    The other services that the API uses are not checked.

    The status code is 200 even if the worker process is stopped or the disk is full or read-only, because you can still
    read your library. It is 503 if the data folder is missing, for example because its disk was removed, or if the
    database is damaged. While settings of PixTag are missing, the status code of every request is 503.
    """
    worker: Literal["running", "stopped"] | None = None if runs is None else "running" if runs else "stopped"
    return Health(worker=worker, storage=disk.state.value if disk else None, registration=rule.mode, mailbox=mailbox)


handler: Final = Mangum(
    OneRequestMiddleware(app), lifespan="off", text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, problems.MEDIA_TYPE]
)
