import asyncio
import logging
import os
import pty
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import app.main  # noqa: F401 - imported before serve() sets the variables that configure its logs
from app import supervisor, wiring
from app.cli import server
from app.cli.ports import HOST
from app.cli.server import MAX_FILES, AcceptErrors, InterruptedRequests, serve, stop_with_terminal
from app.domain.errors import StartFailed
from infra.local.program import wait_until
from tests.support.fakes import FakeDetector, StoppedClock
from tests.support.local_stores import use_local_stores

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

SECONDS = 10
FAKE_WORKER = (sys.executable, "-c", "import sys; sys.stdin.read()")
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the environment variables and the signal handlers after a test. SIGHUP is not ignored, even by nohup."""
    for name in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL", "PIXTAG_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    before = [signal.getsignal(number) for number in HANDLED]
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in zip(HANDLED, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def event_loop() -> Iterator[None]:
    """Keep this thread's event loop, which Mangum uses and `asyncio.run` forgets."""
    loop = asyncio.get_event_loop()
    yield
    asyncio.set_event_loop(loop)


@pytest.fixture
def stores(tmp_path: Path, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch) -> Iterator["LocalStores"]:
    monkeypatch.setattr(supervisor.Supervisor.__init__, "__defaults__", (FAKE_WORKER,))
    with use_local_stores(tmp_path / "data", detector) as stores:
        yield stores


def find_address(stores: "LocalStores") -> str:
    with suppress(FileNotFoundError):
        return (stores.folder.path / "pixtag.lock").read_text().strip().partition(" ")[2]
    return ""


def is_up(stores: "LocalStores") -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{find_address(stores)}/health", trust_env=False).is_success
    return False


def stop_when_up(stores: "LocalStores", number: signal.Signals = signal.SIGINT) -> threading.Thread:
    def stop() -> None:
        wait_until(lambda: is_up(stores), SECONDS, "PixTag does not respond.")
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=stop)
    thread.start()
    return thread


@pytest.mark.parametrize("number", HANDLED)
def test_serve_prints_the_parts_and_stops_on_a_signal(
    stores: "LocalStores", capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    thread = stop_when_up(stores, number)

    serve(0, is_verbose=False)

    thread.join()
    address = find_address(stores)
    library, worker, *lines = capsys.readouterr().out.splitlines()
    assert library == f"Library  {stores.folder.path}"
    assert worker.startswith("Worker   process ")
    assert lines == [
        f"API      process {os.getpid()}, {address}",
        f"PixTag   {address}",
        f"Mailbox  {address}/mailbox (codes and alerts)",
        "Press Ctrl-C to stop.",
        "PixTag has stopped.",
    ]
    assert os.environ["POWERTOOLS_LOG_LEVEL"] == "WARNING"


def test_accept_errors_are_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StoppedClock()
    monkeypatch.setattr(server, "time", clock)
    logger = logging.getLogger("test_accept_errors")
    logger.addFilter(AcceptErrors())

    for seconds in (0, 0, 59, 60, 61):
        clock.ahead = seconds
        logger.error("socket.accept() out of system resource\nsocket: 3")
        logger.error("another error")

    messages = [record.getMessage().partition("\n")[0] for record in caplog.records]
    assert messages.count("socket.accept() out of system resource") == 2
    assert messages.count("another error") == 5


def test_messages_about_interrupted_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test_interrupted_requests")
    logger.addFilter(InterruptedRequests())

    for error in (asyncio.CancelledError(), ZeroDivisionError()):
        logger.error("Exception in ASGI application", exc_info=error)
    logger.error("Cancel %s running task(s), timeout graceful shutdown exceeded", 1)

    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


@pytest.fixture
def few_files() -> Iterator[int]:
    """Lower the limit of open files to 256 for a test. Return the highest limit that is allowed."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    yield limits[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_serve_accepts_more_connections_than_systems_allow_by_default(stores: "LocalStores", few_files: int) -> None:
    connections: list[socket.socket] = []

    def connect() -> None:
        wait_until(lambda: is_up(stores), SECONDS, "PixTag does not respond.")
        address = HOST, int(find_address(stores).rpartition(":")[2])
        connections.extend(socket.create_connection(address) for _ in range(300))
        stop_when_up(stores).join()

    thread = threading.Thread(target=connect)
    thread.start()
    serve(0, is_verbose=False)
    thread.join()

    for connection in connections:
        connection.close()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == (MAX_FILES if few_files == resource.RLIM_INFINITY else min(MAX_FILES, few_files))


def test_serve_with_public_url_and_smtp_server_prints_them(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIXTAG_URL", "https://photos.example.com")
    monkeypatch.setenv("PIXTAG_SMTP_URL", "smtps://ada%40example.com:secret@mail.example.com")
    wiring.settings.cache_clear()
    wiring.local_stores.cache_clear()
    thread = stop_when_up(stores)

    serve(0, is_verbose=True)

    thread.join()
    output = capsys.readouterr().out
    assert "\nE-mail   mail.example.com\n" in output
    assert "\nPixTag   https://photos.example.com\n" in output
    assert "Mailbox" not in output
    assert os.environ["POWERTOOLS_LOG_LEVEL"] == "INFO"


def test_serve_after_its_terminal_was_closed_ends_quietly(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = stop_when_up(stores)

    def print_to_closed_terminal(text: str, **_: object) -> None:
        if text == "PixTag has stopped.":
            raise OSError

    monkeypatch.setattr("builtins.print", print_to_closed_terminal)

    serve(0, is_verbose=False)

    thread.join()


def test_serve_that_was_started_with_nohup_ignores_the_end_of_the_terminal(stores: "LocalStores") -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    thread = stop_when_up(stores)

    serve(0, is_verbose=False)

    thread.join()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_serve_on_a_port_of_another_program_raises_start_failed(stores: "LocalStores") -> None:
    with socket.create_server((HOST, 0)) as server, pytest.raises(StartFailed, match="is in use by process"):
        serve(server.getsockname()[1], is_verbose=False)

    assert not stores.folder.path.exists()


def test_serve_on_the_port_of_the_same_pixtag_says_that_it_runs(stores: "LocalStores") -> None:
    stores.folder.prepare()

    with (
        socket.create_server((HOST, 0)) as server,
        stores.folder.lock("http://127.0.0.1:8000"),
        pytest.raises(StartFailed, match="PixTag is already running"),
    ):
        serve(server.getsockname()[1], is_verbose=False)


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN])
def test_end_of_the_terminal_stops_pixtag_unless_nohup_started_it(
    monkeypatch: pytest.MonkeyPatch, handler: signal.Handlers
) -> None:
    terminal, slave = pty.openpty()
    signals: list[int] = []
    monkeypatch.setattr(os, "kill", lambda process, number: signals.append(number))
    signal.signal(signal.SIGHUP, handler)
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        stop_with_terminal()
        threads = [thread for thread in threading.enumerate() if thread.name == "terminal"]
        os.close(terminal)
        for thread in threads:
            thread.join(SECONDS)

    assert signals == ([] if handler is signal.SIG_IGN else [signal.SIGINT])
