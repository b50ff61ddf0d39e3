"""Runs PixTag on one machine for `pixtag run`."""

import asyncio
import logging
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final, cast

import uvicorn
from typing_extensions import override

from app import wiring
from app.cli.ports import BACKLOG, HOST, listen
from app.domain.errors import StartFailed
from app.local_instance import LocalInstance, local_instance
from app.stop_signals import BeginStop, stop_deadline

# Clients keep idle connections open for about a minute. The server keeps them open longer, because a request is lost if
# it arrives while the server closes the connection.
KEEP_ALIVE_SECONDS: Final = 75
GRACEFUL_SECONDS: Final = 0.2  # for the requests that are in progress
ACCEPT_ERROR: Final = "socket.accept() out of system resource"
ACCEPT_ERROR_SECONDS: Final = 60
CANCEL_ERROR: Final = "Cancel "
MAX_FILES: Final = 8_192  # each connection needs a file descriptor, and systems often allow only 1,024 or 256

# It defines no log handlers, because app/observability/logs.py also formats Uvicorn's log lines.
LOG_CONFIG: Final[dict[str, Any]] = {"version": 1, "disable_existing_loggers": False}


class AcceptErrors(logging.Filter):
    """Drops repeated messages of asyncio about missing file descriptors, which can be a thousand per second."""

    def __init__(self) -> None:
        super().__init__()
        self._next_at = float("-inf")

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if not record.getMessage().startswith(ACCEPT_ERROR):
            return True
        is_due = time.monotonic() >= self._next_at
        if is_due:
            self._next_at = time.monotonic() + ACCEPT_ERROR_SECONDS
        return is_due


class InterruptedRequests(logging.Filter):
    """Drops Uvicorn's messages about requests that a stop interrupts."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        _, error, _ = record.exc_info or (None, None, None)
        return not (isinstance(error, asyncio.CancelledError) or record.getMessage().startswith(CANCEL_ERROR))


class AnnouncedServer(uvicorn.Server):
    """A server that calls a function when it accepts connections, and another one when a signal stops it."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], begin_stop: BeginStop) -> None:
        super().__init__(config)
        self._announce = announce
        self._begin_stop = begin_stop

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._begin_stop()
        super().handle_exit(sig, frame)


def serve(port: int, *, is_verbose: bool) -> None:
    """Run PixTag until Ctrl-C, SIGTERM or the end of the terminal.

    Raises:
        StartFailed: PixTag cannot start.
    """
    _stop_on_signals()
    stop_with_terminal()
    _allow_many_files()
    logging.getLogger("asyncio").addFilter(AcceptErrors())
    logging.getLogger("uvicorn.error").addFilter(InterruptedRequests())
    os.environ["POWERTOOLS_SERVICE_NAME"] = "api"
    os.environ["POWERTOOLS_LOG_LEVEL"] = "INFO" if is_verbose else "WARNING"
    try:
        with (
            stop_deadline() as begin_stop,
            _listen(port) as listening,
            local_instance(_name_address(listening)) as instance,
        ):
            _print_parts(instance)
            config = uvicorn.Config(
                "app.main:app",
                lifespan="off",  # this function does the same
                log_config=LOG_CONFIG,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                proxy_headers=False,  # PIXTAG_URL names the public scheme
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=cast("int", GRACEFUL_SECONDS),  # Uvicorn passes it to `asyncio.wait_for`
            )
            AnnouncedServer(config, lambda: _print_address(instance), begin_stop).run([listening])
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal is closed
            print("PixTag has stopped.", flush=True)


def _stop_on_signals() -> None:
    """Handle SIGTERM and SIGHUP like Ctrl-C, which also stops the worker.

    Shells make background processes ignore SIGINT, so its handler is restored. `nohup` makes them ignore SIGHUP, which
    is kept.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGINT))


def _allow_many_files() -> None:
    """Raise the limit of open files, as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_FILES if hard == resource.RLIM_INFINITY else min(MAX_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def stop_with_terminal() -> None:
    """Stop when the terminal closes. The system may signal only the program that opened it, such as make.

    With `nohup`, PixTag keeps running.
    """
    if sys.stdin.isatty() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        threading.Thread(target=_await_hangup, name="terminal", daemon=True).start()


def _await_hangup() -> None:
    hangup = select.poll()
    hangup.register(sys.stdin, 0)  # without any event, only the end of the terminal is reported
    hangup.poll()
    os.kill(os.getpid(), signal.SIGINT)


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on the port. If PixTag itself uses the port, the error says so."""
    try:
        return listen(port)
    except StartFailed:
        wiring.local_stores().folder.require_unlocked()
        raise


def _name_address(listening: socket.socket) -> str:
    """Return the URL of the API. Unless there is a public URL, links in e-mails start with it too."""
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    if not wiring.local_settings().url:
        os.environ["PIXTAG_URL"] = address
        wiring.settings.cache_clear()
    return address


def _print_parts(instance: LocalInstance) -> None:
    print(f"Library  {instance.data.resolve()}")
    if instance.smtp_host:
        print(f"E-mail   {instance.smtp_host}")
    print(f"Worker   process {instance.worker.pid}", flush=True)


def _print_address(instance: LocalInstance) -> None:
    settings = wiring.local_settings()
    print(f"API      process {os.getpid()}, {instance.address}")
    print(f"PixTag   {settings.url}")
    if settings.mailbox_url:
        print(f"Mailbox  {settings.mailbox_url}/mailbox (codes and alerts)")
    print("Press Ctrl-C to stop.", flush=True)
