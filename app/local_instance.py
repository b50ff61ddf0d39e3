"""Runs what one machine needs besides the API: the lock of the data folder, the database and the worker process."""

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app import wiring
from app.domain.errors import PixTagError, StartFailed
from app.settings import InvalidSettings
from app.supervisor import Supervisor, supervise_worker


@dataclass(frozen=True, slots=True)
class LocalInstance:
    """The running parts of PixTag on this machine.

    Attributes:
        address: The URL of the API, or an empty text if it is not known.
        data: The data folder.
        smtp_host: The server that sends e-mails, or an empty text if the mailbox shows them.
        worker: Runs the worker process.
    """

    address: str
    data: Path
    smtp_host: str
    worker: Supervisor


@contextmanager
def local_instance(address: str = "") -> Iterator[LocalInstance]:
    """Lock the data folder, open the database and run the worker for the duration of a `with` block.

    Args:
        address: The URL of the API, for the message of a second instance.

    Raises:
        InvalidSettings: the URL of the SMTP server is not valid.
        StartFailed: the data folder cannot be used, another instance uses it, or a restore is not finished.
        DatabaseUnusable: the database is damaged, or it belongs to a newer version of PixTag.
    """
    stores = wiring.local_stores()
    smtp_host = stores.smtp_server.host if stores.smtp_server else ""
    stores.folder.prepare()
    with stores.folder.lock(address):
        stores.database.check()
        wiring.require_restored()
        with stores.folder.try_worker_lock() as is_idle:
            if is_idle:  # otherwise, the worker of a killed instance completes its message
                stores.objects.remove_unfinished()
        with supervise_worker(stores.folder.path) as worker:
            yield LocalInstance(address, stores.folder.path, smtp_host, worker)


class LifespanMiddleware:
    """ASGI middleware that runs a local instance while the server runs. Does nothing on AWS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or answer the server's messages about its start and its end.

        Starlette would report a failed start with a traceback.
        """
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        with ExitStack() as running:
            try:
                if wiring.find_local_settings():
                    running.enter_context(local_instance())
            except (InvalidSettings, PixTagError, StartFailed) as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            except BaseException:  # raised again; without the message, Uvicorn would serve without the worker
                await send({"type": "lifespan.startup.failed", "message": traceback.format_exc()})
                raise
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await run_in_threadpool(running.close)
        await send({"type": "lifespan.shutdown.complete"})
