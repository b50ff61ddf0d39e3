import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.types import Message, Receive, Scope, Send

from app import supervisor, wiring
from app.adapters.local.queue import MAX_RECEIVES
from app.domain.errors import StartFailed
from app.local_instance import LifespanMiddleware, is_worker_running, local_instance
from app.settings import InvalidSettings
from infra.local.program import wait_until
from tests.support.fakes import FakeDetector
from tests.support.local_stores import use_local_stores

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

SECONDS = 10
FAKE_WORKER = (sys.executable, "-c", "import sys; sys.stdin.read()")


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


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_local_instance_locks_the_folder_and_runs_the_worker(stores: "LocalStores") -> None:
    with local_instance("http://127.0.0.1:8000") as instance:
        assert is_alive(instance.worker.pid)
        assert (stores.folder.path / "pixtag.db").is_file()
        with pytest.raises(StartFailed, match=f"process {os.getpid()} at http://127.0.0.1:8000"):
            stores.folder.require_unlocked()

    assert not is_alive(instance.worker.pid)
    stores.folder.require_unlocked()


def test_local_instance_serves_its_objects(stores: "LocalStores") -> None:
    with local_instance():
        assert wiring.object_server() is stores.objects


def test_database_of_a_stopped_instance_is_one_file(stores: "LocalStores") -> None:
    with local_instance():
        stores.queue.send(["a message"])
        assert (stores.folder.path / "pixtag.db-wal").stat().st_size

    assert sorted(path.name for path in stores.folder.path.glob("pixtag.db*")) == ["pixtag.db"]


def test_local_instance_removes_unfinished_files(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(stores.objects, "remove_unfinished", lambda: calls.append(1))

    with local_instance():
        pass

    assert len(calls) == 1


def count_receives(stores: "LocalStores") -> int:
    """Return how many receives of the message count, including the next one."""
    delivery = stores.queue.lease() or pytest.fail("no message is visible")
    return delivery.count


def test_message_in_work_at_a_stop_does_not_count(stores: "LocalStores") -> None:
    stores.folder.prepare()
    stores.queue.send(["photo"])
    for _ in range(2 * MAX_RECEIVES):
        with local_instance():
            assert count_receives(stores) == 1


def test_message_in_work_when_all_processes_are_killed_does_not_count(stores: "LocalStores") -> None:
    stores.folder.prepare()
    stores.queue.send(["photo"])
    stores.queue.lease()

    with local_instance():
        assert count_receives(stores) == 1


def test_message_in_work_when_the_worker_crashes_counts(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    stores.folder.prepare()
    stores.queue.send(["photo"])
    with local_instance() as instance:
        for number in range(1, MAX_RECEIVES + 1):
            assert count_receives(stores) == number
            first = instance.worker.pid
            os.kill(first, signal.SIGKILL)
            wait_until(lambda: instance.worker.pid != first, SECONDS, "The worker was not started again.")  # noqa: B023

        assert stores.queue.lease() is None

    assert stores.queue.count_dead() == 1


def test_local_instance_whose_database_fails_at_the_stop_stops(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with local_instance() as instance:
        monkeypatch.setattr(stores.queue, "release_all", lambda **_: 1 / 0)

    assert not is_alive(instance.worker.pid)
    assert caplog.messages == ["release of the current message failed"]


def test_stop_after_the_wal_file_was_removed_logs_no_traceback_and_loses_nothing(
    stores: "LocalStores", caplog: pytest.LogCaptureFixture
) -> None:
    with local_instance():
        stores.queue.send(["photo"])
        (stores.folder.path / "pixtag.db-wal").unlink()

    (record,) = caplog.records
    assert (record.exc_info, record.getMessage()[:37]) == (None, "pixtag.db, its -wal file or its -shm ")
    assert stores.queue.count() == 1


def test_is_worker_running_says_whether_its_process_runs(stores: "LocalStores") -> None:
    assert is_worker_running() is False
    with local_instance() as instance:
        assert is_worker_running() is True
        os.kill(instance.worker.pid, signal.SIGKILL)
        wait_until(lambda: is_worker_running() is False, SECONDS, "The worker runs.")
    assert is_worker_running() is False


def test_is_worker_running_on_aws_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "find_local_settings", lambda: None)

    assert is_worker_running() is None


def test_local_instance_with_an_invalid_smtp_url_raises_invalid_settings(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXTAG_SMTP_URL", "http://mail.example.com")
    wiring.settings.cache_clear()
    wiring.local_stores.cache_clear()

    with pytest.raises(InvalidSettings, match="PIXTAG_SMTP_URL"), ExitStack() as stack:
        stack.enter_context(local_instance())

    assert not stores.folder.path.exists()


def test_local_instance_with_an_smtp_server_names_it(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXTAG_SMTP_URL", "smtps://ada%40example.com:secret@mail.example.com")
    wiring.settings.cache_clear()
    wiring.local_stores.cache_clear()

    with local_instance() as instance:
        assert instance.smtp_host == "mail.example.com"


@pytest.mark.parametrize(
    ("url", "registration", "warnings"),
    [
        ("https://photos.example.com", "open", 1),
        ("https://photos.example.com", "closed", 0),
        ("https://photos.example.com", "@example.com", 0),
        ("http://127.0.0.1:8000", "open", 0),
        ("", "open", 0),
    ],
)
def test_local_instance_warns_of_open_registration_at_a_public_address(
    stores: "LocalStores",
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
    registration: str,
    warnings: int,
) -> None:
    monkeypatch.setenv("PIXTAG_URL", url)
    monkeypatch.setenv("PIXTAG_REGISTRATION", registration)
    wiring.settings.cache_clear()
    wiring.local_stores.cache_clear()

    with local_instance():
        pass

    found = [each for each in caplog.messages if "can register" in each]
    assert len(found) == warnings
    assert all(f"Everyone who can reach {url} can register" in each for each in found)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": f"answered {scope['type']}"})


def run_lifespan(scope_type: str = "lifespan") -> list[Message]:
    """Start and stop the server around the app, and return the messages that it receives."""
    messages: list[Message] = []
    requests: Iterator[Message] = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(requests)

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(LifespanMiddleware(app)({"type": scope_type}, receive, send))
    return messages


def test_lifespan_runs_a_local_instance_until_shutdown(stores: "LocalStores") -> None:
    assert run_lifespan() == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]

    assert (stores.folder.path / "pixtag.lock").is_file()
    stores.folder.require_unlocked()


def test_lifespan_on_aws_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring, "find_local_settings", lambda: None)

    assert run_lifespan() == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]

    assert list(tmp_path.iterdir()) == []


def test_lifespan_passes_requests_to_the_app() -> None:
    assert run_lifespan("http") == [{"type": "answered http"}]


def test_lifespan_of_a_refused_start_sends_one_sentence(stores: "LocalStores") -> None:
    stores.folder.path.write_text("Dear Ada")

    assert run_lifespan() == [
        {
            "type": "lifespan.startup.failed",
            "message": f"{stores.folder.path} is not a folder."
            " Choose another folder with --data, DATA= of make, or PIXTAG_DATA.",
        }
    ]


def test_lifespan_of_an_unexpected_error_sends_its_traceback(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        messages.append(message)

    monkeypatch.setattr(stores.folder, "prepare", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(LifespanMiddleware(app)({"type": "lifespan"}, receive, send))

    (message,) = messages
    assert message["type"] == "lifespan.startup.failed"
    assert message["message"].endswith("ZeroDivisionError: division by zero\n")
