"""Creates the FastAPI app and its Lambda handler for API Gateway."""

from app.api import missing_page, origin_check, problems  # before FastAPI, see app/api/__init__.py

# isort: split
import gc
from threading import Lock
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from app.api.access_log import AccessLogMiddleware
from app.api.address_limits import limit_files, limit_visits
from app.api.compression import CompressionMiddleware
from app.api.cors import CorsMiddleware
from app.api.dependencies import DiskDep, MailboxPageDep, RegistrationRuleDep, provide
from app.api.head_limits import HeadLimitMiddleware
from app.api.head_requests import HeadMiddleware
from app.api.host_check import HostCheckMiddleware
from app.api.lazy_routers import ROUTERS, LazyRouter
from app.api.security_headers import SecurityHeadersMiddleware
from app.api.threads import OneRequestMiddleware, in_thread
from app.domain import errors
from app.domain.registration import RegistrationMode
from app.local_instance import LifespanMiddleware, is_worker_running
from app.observability import logs

logs.set_up()

COUNTERS: Final = {"pages": [], "docs": [], "objects": [Depends(limit_files)]}
"""The dependencies that count requests, for the modules whose requests are not visits."""


class PixTag(FastAPI):
    """The FastAPI app. Every response, 500s included, gets security headers and an access-log line.

    On one machine, the host of every request is checked, and the app runs the worker process while it serves.

    The modules with routes are imported when a request needs them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._document_lock = Lock()
        self._lazy_routers = {name: LazyRouter(name) for name in ROUTERS}
        for name, router in self._lazy_routers.items():
            self.include_router(router, dependencies=COUNTERS.get(name, [Depends(limit_visits)]))

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap Starlette's complete middleware stack, including its outermost error handler.

        Middleware added with `add_middleware` would run inside that error handler and miss its responses.
        """
        stack = HostCheckMiddleware(super().build_middleware_stack())
        return LifespanMiddleware(AccessLogMiddleware(SecurityHeadersMiddleware(HeadMiddleware(CorsMiddleware(stack)))))

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes. Imports those that no request has needed yet."""
        for router in self._lazy_routers.values():
            router.load()
        return super().routes

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        from app.api.openapi import build_document

        with self._document_lock:  # pydantic cannot build the same model in two threads
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
gc.freeze()  # collections ignore what the imports have created, which stays in memory
