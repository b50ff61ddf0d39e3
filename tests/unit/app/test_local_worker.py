import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from app import local_worker, wiring
from app.adapters.local import queue as queue_module
from app.adapters.local.queue import LEASE_SECONDS
from app.domain.errors import StorageFull, Unavailable
from app.domain.messages import Message
from app.domain.query import parse
from app.domain.uploads import Upload
from app.local_worker import TIMEOUT_SECONDS, StopSignal, process_next, run, run_schedule, time_limit
from app.services.ingest import GIVEN_UP
from app.services.queue_worker import TRIES
from infra.local.emulator import TEMPLATE
from infra.local.program import wait_until
from tests.support.fakes import Clock, FakeDetector, image
from tests.support.local_stores import use_local_stores

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

EMAIL = "ada@example.com"
SECONDS = 10


@pytest.fixture
def stores(tmp_path: Path, detector: FakeDetector) -> Iterator["LocalStores"]:
    with use_local_stores(tmp_path / "data", detector) as stores:
        stores.folder.prepare()
        yield stores


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(queue_module, "time", clock)
    return clock


def upload(owner: str, data: bytes) -> str:
    """Upload a photo and return the id of its image."""
    return wiring.ingest().receive(owner, Upload(data, "image/jpeg", "a.jpg"), max_bytes=10_000).id


@dataclass
class Input:
    """A pipe. The worker stops when it is closed."""

    reader: int
    writer: int

    def end(self) -> None:
        os.close(self.writer)


@pytest.fixture
def pipe() -> Iterator[Input]:
    reader, writer = os.pipe()
    yield Input(reader, writer)
    os.close(reader)


def test_process_next_of_an_upload_makes_its_image_ready(
    stores: "LocalStores", detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 1}
    image_id = upload(owner, photo)

    assert process_next()

    assert stores.images.get_image(owner, image_id).tags == {"dog": 1}
    assert (stores.queue.count(), stores.queue.count_dead()) == (0, 0)
    assert not process_next()


def test_process_next_announces_the_image(
    stores: "LocalStores", detector: FakeDetector, owner: str, photo: bytes
) -> None:
    detector.sees = {"dog": 1}
    stores.subscriptions.add(owner, parse("dog"))
    stores.mail.subscribe(owner, EMAIL)
    upload(owner, photo)

    process_next()

    assert [mail.subject for mail in stores.mail.list_mails(EMAIL)] == ["1 new image: dog"]


def test_process_next_redetects_an_image(
    stores: "LocalStores", detector: FakeDetector, owner: str, photo: bytes
) -> None:
    image_id = upload(owner, photo)
    process_next()
    redetection = stores.redetections.start(owner)
    stores.queue.send([Message(owner, image_id, redetection.id).to_json()])
    detector.sees = {"cat": 2}

    process_next()

    assert stores.images.get_image(owner, image_id).tags == {"cat": 2}
    assert stores.redetections.get(owner).done == 1


def test_process_next_of_an_invalid_message_keeps_it_and_processes_the_next(
    stores: "LocalStores", owner: str, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    stores.queue.send(["not JSON", '{"unknown": {}}'])
    image_id = upload(owner, photo)

    while process_next():
        pass

    assert stores.images.get_image(owner, image_id).state == "ready"
    assert stores.queue.count() == 2
    assert caplog.text.count("failed") == 2


def test_upload_that_fails_on_every_attempt_becomes_failed_and_can_be_redriven(
    stores: "LocalStores", owner: str, photo: bytes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = upload(owner, photo)
    states = []
    with monkeypatch.context() as patch:
        patch.setattr(wiring.ingest(), "ingest", lambda *_: 1 / 0)
        for _ in range(TRIES + 1):
            assert process_next()
            states.append(str(stores.images.get_image(owner, image_id).state))
            assert not process_next()
            clock.ahead += LEASE_SECONDS
    assert states == ["pending"] * TRIES + ["failed"]
    assert stores.images.get_image(owner, image_id).reason == GIVEN_UP
    assert (stores.queue.count(), stores.queue.count_dead()) == (0, 1)

    assert stores.queue.redrive() == 1
    process_next()

    assert stores.images.get_image(owner, image_id).state == "ready"
    assert (stores.queue.count(), stores.queue.count_dead()) == (0, 0)


@pytest.mark.parametrize("error", [StorageFull(), Unavailable()])
def test_upload_waits_as_long_as_nothing_can_be_stored(
    stores: "LocalStores", owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    image_id = upload(owner, photo)

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(wiring.ingest(), "ingest", fail)
        for _ in range(2 * TRIES):
            with pytest.raises(type(error)):
                process_next()
    process_next()

    assert stores.images.get_image(owner, image_id).state == "ready"
    assert (stores.queue.count(), stores.queue.count_dead()) == (0, 0)


def test_run_processes_messages_until_the_input_ends(
    stores: "LocalStores", owner: str, photo: bytes, pipe: Input
) -> None:
    ids = [upload(owner, photo + bytes([number])) for number in range(2)]
    worker = end_when(lambda: stores.queue.count() == 0, pipe)

    run(StopSignal(pipe.reader))

    worker.join()
    assert {str(stores.images.get_image(owner, image_id).state) for image_id in ids} == {"ready"}


def end_when(condition: Callable[[], bool], pipe: Input) -> threading.Thread:
    """Start a thread that ends the input of the worker when the condition is true."""

    def wait_and_end() -> None:
        try:
            wait_until(condition, SECONDS, "The worker does not do its work.")
        finally:
            pipe.end()

    thread = threading.Thread(target=wait_and_end)
    thread.start()
    return thread


def test_run_completes_the_current_message_before_it_ends(
    stores: "LocalStores", owner: str, photo: bytes, pipe: Input
) -> None:
    for number in range(2):
        upload(owner, photo + bytes([number]))
    stop = StopSignal(pipe.reader)
    wiring.queue_worker()
    process = local_worker.process_next

    def process_and_end() -> bool:
        pipe.end()
        return process()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_worker, "process_next", process_and_end)
        run(stop)

    assert stores.queue.count() == 1


def test_run_after_a_killed_worker_processes_its_message(
    stores: "LocalStores", owner: str, photo: bytes, pipe: Input
) -> None:
    image_id = upload(owner, photo)
    assert stores.queue.lease()
    worker = end_when(lambda: stores.queue.count() == 0, pipe)

    run(StopSignal(pipe.reader))

    worker.join()
    assert stores.images.get_image(owner, image_id).state == "ready"


def test_run_sends_the_message_that_a_crash_has_lost(
    stores: "LocalStores", owner: str, photo: bytes, pipe: Input
) -> None:
    image_id = upload(owner, photo)
    with stores.database.write() as connection:
        connection.execute("DELETE FROM message")
    worker = end_when(lambda: stores.images.get_image(owner, image_id).state == "ready", pipe)

    run(StopSignal(pipe.reader))

    worker.join()


def test_run_adds_the_photos_that_a_lost_wal_file_had_contained(
    stores: "LocalStores", owner: str, photo: bytes, pipe: Input, caplog: pytest.LogCaptureFixture
) -> None:
    stores.queue.count()
    stores.database.close()  # the file of the database contains all changes so far
    database = stores.folder.database.read_bytes()
    image_id = upload(owner, photo)
    assert process_next()
    stores.database.close()
    stores.folder.database.write_bytes(database)
    worker = end_when(lambda: bool(stores.images.find_image(owner, image_id)), pipe)

    run(StopSignal(pipe.reader))

    worker.join()
    assert stores.images.get_image(owner, image_id).state == "ready"
    assert "The database did not know 1 of its photos." in caplog.text
    assert stores.objects.send_unknown() == 0


def test_run_with_a_failing_database_pauses_and_tries_again(
    stores: "LocalStores", pipe: Input, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []

    class Stop(StopSignal):
        def wait(self, seconds: float) -> bool:
            pauses.append(seconds)
            return len(pauses) == 4

    monkeypatch.setattr(stores.queue, "lease", lambda: 1 / 0)
    run(Stop(pipe.reader))

    assert pauses == [0, *[local_worker.FAULT_SECONDS] * 3]
    assert caplog.text.count("poll of the queue failed") == 3
    pipe.end()


def test_run_with_full_disk_says_so_once_and_goes_on_when_there_is_space(
    stores: "LocalStores",
    owner: str,
    photo: bytes,
    pipe: Input,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    image_id = upload(owner, photo)
    errors = [StorageFull()] * 3
    ingest = wiring.ingest().ingest

    def fail_at_first(*arguments: Any) -> Any:
        if errors:
            raise errors.pop()
        pipe.end()
        return ingest(*arguments)

    monkeypatch.setattr(local_worker, "FAULT_SECONDS", 0)
    monkeypatch.setattr(wiring.ingest(), "ingest", fail_at_first)

    run(StopSignal(pipe.reader))

    assert stores.images.get_image(owner, image_id).state == "ready"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"{StorageFull()} The worker tries again every 0 seconds."
    ]


def test_run_calls_the_schedule_at_once_and_every_minute(
    stores: "LocalStores", pipe: Input, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(local_worker, "run_schedule", lambda: calls.append(1))
    monkeypatch.setattr(local_worker, "SCHEDULE_SECONDS", 0.1)
    ending = end_when(lambda: len(calls) > 2, pipe)

    run(StopSignal(pipe.reader))

    ending.join()


def test_run_schedule_processes_outboxes_and_deletes_expired_rows(
    stores: "LocalStores", owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.subscriptions.add(owner, parse("dog"))
    stores.mail.subscribe(owner, EMAIL)
    stores.images.save(image(owner, dog=1))
    calls: list[str] = []
    monkeypatch.setattr(stores.images, "expire", lambda: calls.append("expire"))
    monkeypatch.setattr(stores.objects, "sweep", lambda: calls.append("sweep"))

    run_schedule()

    assert len(stores.folder.list_copies()) == 1
    assert [mail.subject for mail in stores.mail.list_mails(EMAIL)] == ["1 new image: dog"]
    assert calls == ["expire", "sweep"]


def test_run_schedule_with_a_failing_part_does_the_others(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(stores.outbox, "list_due", lambda: 1 / 0)
    monkeypatch.setattr(stores.images, "expire", lambda: 1 / 0)
    monkeypatch.setattr(stores.objects, "sweep", lambda: calls.append("sweep"))

    monkeypatch.setattr(stores.copies, "make_nightly", lambda _: 1 / 0)

    run_schedule()

    assert calls == ["sweep"]
    assert caplog.text.count("scheduled work") == 3


def test_deliver_mails_delivers_while_the_block_runs(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def deliver() -> None:
        calls.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(local_worker, "MAIL_SECONDS", 0.01)
    monkeypatch.setattr(stores.mail, "deliver_due", deliver)

    with local_worker.deliver_mails():
        wait_until(lambda: len(calls) > 1, SECONDS, "Nothing is delivered.")

    count = len(calls)
    assert caplog.text.count("delivery of e-mails failed") == count
    assert not any(thread.name == "mail" for thread in threading.enumerate())


def test_time_limit_yields_whether_there_is_time_and_stops_the_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    with time_limit() as has_time:
        assert has_time()
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= TIMEOUT_SECONDS
    with time_limit(local_worker.SPARE_SECONDS) as has_time:
        assert not has_time()

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_time_limit_of_a_block_that_hangs_ends_the_process() -> None:
    code = "import time; from app.local_worker import time_limit\nwith time_limit(0.1): time.sleep(600)"

    process = subprocess.run([sys.executable, "-c", code], cwd=TEMPLATE.parents[2], check=False)

    assert process.returncode == -signal.SIGALRM


def test_time_limit_is_the_timeout_in_the_template() -> None:
    assert yaml_parse(TEMPLATE.read_text())["Resources"]["WorkerFunction"]["Properties"]["Timeout"] == TIMEOUT_SECONDS


def test_stop_signal_is_set_by_the_end_of_the_input_and_not_by_input(pipe: Input) -> None:
    stop = StopSignal(pipe.reader)
    assert not stop.wait(0)
    os.write(pipe.writer, b"text")
    assert not stop.wait(0)

    pipe.end()

    assert stop.wait(SECONDS)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restore the signal handlers after a test."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


class FakeInput(io.StringIO):
    """A standard input with a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor


@pytest.fixture
def main(pipe: Input, monkeypatch: pytest.MonkeyPatch, handlers: None) -> Any:
    """The program. Its niceness stays, because this process could not lower it again."""
    monkeypatch.setattr(sys, "stdin", FakeInput(pipe.reader))
    monkeypatch.setattr(os, "nice", lambda _: 0)
    return local_worker.main


def test_main_waits_until_the_last_worker_has_ended(
    stores: "LocalStores", main: Any, pipe: Input, owner: str, photo: bytes
) -> None:
    upload(owner, photo)
    locked = threading.Event()

    def hold_lock() -> None:
        with stores.folder.try_worker_lock() as has_lock:
            assert has_lock
            locked.set()
            time.sleep(0.3)
            assert stores.queue.count() == 1
        end_when(lambda: stores.queue.count() == 0, pipe).join()

    holder = threading.Thread(target=hold_lock)
    holder.start()
    locked.wait()

    main()

    holder.join()
    assert stores.queue.count() == 0


def test_main_ends_on_a_signal(stores: "LocalStores", main: Any) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()

    main()

    timer.join()


def test_import_of_local_worker_loads_no_library_of_the_api_or_of_aws() -> None:
    names = "{'fastapi', 'starlette', 'mangum', 'jose', 'boto3', 'cv2', 'onnxruntime'}"
    code = f"import sys, app.local_worker; sys.exit(not {names}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd=TEMPLATE.parents[2], check=False).returncode == 0
