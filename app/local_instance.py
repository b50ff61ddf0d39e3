"""Runs what one machine needs besides the API: the lock of the data folder, the database and the worker process."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app import wiring
from app.domain.errors import PixTagError, StartFailed, StorageFull, Unavailable
from app.domain.registration import RegistrationMode, RegistrationRule
from app.services.failures import contain_failure
from app.settings import InvalidSettings
from app.stop_signals import stop_soon_after_signals
from app.supervisor import Supervisor, supervise_worker

logger: Final = logging.getLogger(__name__)

_workers: Final[list[Supervisor]] = []  # at most one; the API of any server finds it here


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
    with ExitStack() as running:
        lock = running.enter_context(stores.folder.lock(address))
        running.callback(stores.database.close)  # then `pixtag.db` contains all changes, and its -wal file is gone
        stores.database.check()
        wiring.require_restored()
        stores.queue.release_interrupted()
        stores.objects.remove_unfinished()
        running.callback(_release_message, counts=False)
        count_crash = partial(_release_message, counts=True)
        worker = running.enter_context(supervise_worker(stores.folder.path, lock, count_crash))
        _workers.append(worker)
        running.callback(_workers.remove, worker)
        _warn_of_open_registration()
        yield LocalInstance(address, stores.folder.path, smtp_host, worker)


def _warn_of_open_registration() -> None:
    """Warn that strangers can register, unless only this machine reaches PixTag."""
    settings = wiring.local_settings()
    if settings.is_public and RegistrationRule.parse(settings.registration).mode is RegistrationMode.OPEN:
        logger.warning(
            "Everyone who can reach %s can register and upload photos. Set PIXTAG_REGISTRATION to closed, or to a list"
            " of addresses and domains.",
            settings.url,
        )


def _release_message(*, counts: bool) -> None:
    """Release the message of an ended worker. If this fails, the message becomes visible later."""
    expected = (StorageFull, Unavailable)  # the database has logged them
    with suppress(*expected), contain_failure("release of", "the current message", uncontained=expected):
        wiring.local_stores().queue.release_all(counts=counts)


def is_worker_running() -> bool | None:
    """Return whether the worker process of this instance runs. On AWS, return None."""
    return any(worker.is_running for worker in _workers) if wiring.find_local_settings() else None


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
        with ExitStack() as signals, ExitStack() as running:
            try:
                if wiring.find_local_settings():
                    signals.enter_context(stop_soon_after_signals())
                    await run_in_threadpool(running.enter_context, local_instance())  # signals are still handled
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
