import io
import os
import signal
import subprocess
import sys
import threading
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
from app.domain.images import GIVEN_UP
from app.domain.messages import Message
from app.domain.query import parse
from app.domain.uploads import Upload
from app.local_worker import (
    TIMEOUT_SECONDS,
    StopSignal,
    end_with_input,
    process_next,
    process_outboxes,
    run,
    run_schedule,
    time_limit,
)
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


@pytest.fixture
def stop() -> StopSignal:
    return StopSignal()


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

    assert [mail.subject for mail in stores.mail.list_mails(EMAIL)] == ["New photos: dog (1)"]


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


def test_process_next_of_a_damaged_image_logs_one_sentence_and_processes_the_next(
    stores: "LocalStores", owner: str, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, intact = upload(owner, photo), upload(owner, photo)
    with stores.database.write() as connection:
        connection.execute("UPDATE image SET requests = '[' WHERE id = ?", (damaged,))

    while process_next():
        pass

    assert stores.images.get_image(owner, intact).state == "ready"
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert caplog.messages[1].endswith(f" failed: {caplog.messages[0]}")


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


def test_run_processes_messages_until_it_is_stopped(
    stores: "LocalStores", owner: str, photo: bytes, stop: StopSignal
) -> None:
    ids = [upload(owner, photo + bytes([number])) for number in range(2)]
    worker = end_when(lambda: stores.queue.count() == 0, stop)

    run(stop)

    worker.join()
    assert {str(stores.images.get_image(owner, image_id).state) for image_id in ids} == {"ready"}


def end_when(condition: Callable[[], bool], stop: StopSignal) -> threading.Thread:
    """Start a thread that stops the worker when the condition is true."""

    def wait_and_end() -> None:
        try:
            wait_until(condition, SECONDS, "The worker does not do its work.")
        finally:
            stop.set()

    thread = threading.Thread(target=wait_and_end)
    thread.start()
    return thread


def test_run_completes_the_current_message_before_it_ends(
    stores: "LocalStores", owner: str, photo: bytes, stop: StopSignal
) -> None:
    for number in range(2):
        upload(owner, photo + bytes([number]))
    wiring.queue_worker()
    process = local_worker.process_next

    def process_and_end() -> bool:
        stop.set()
        return process()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_worker, "process_next", process_and_end)
        run(stop)

    assert stores.queue.count() == 1


def test_run_sends_the_message_that_a_crash_has_lost(
    stores: "LocalStores", owner: str, photo: bytes, stop: StopSignal
) -> None:
    image_id = upload(owner, photo)
    with stores.database.write() as connection:
        connection.execute("DELETE FROM message")
    worker = end_when(lambda: stores.images.get_image(owner, image_id).state == "ready", stop)

    run(stop)

    worker.join()


def test_run_adds_the_photos_that_a_lost_wal_file_had_contained(
    stores: "LocalStores", owner: str, photo: bytes, stop: StopSignal, caplog: pytest.LogCaptureFixture
) -> None:
    stores.queue.count()
    stores.database.close()  # the file of the database contains all changes so far
    database = stores.folder.database.read_bytes()
    image_id = upload(owner, photo)
    assert process_next()
    stores.database.close()
    stores.folder.database.write_bytes(database)
    worker = end_when(lambda: bool(stores.images.find_image(owner, image_id)), stop)

    run(stop)

    worker.join()
    assert stores.images.get_image(owner, image_id).state == "ready"
    assert "The database did not know 1 of its photos." in caplog.text
    assert stores.objects.send_unknown() == 0


def test_run_deletes_the_photos_of_an_account_whose_deletion_was_in_a_lost_wal_file(
    stores: "LocalStores", owner: str, photo: bytes, stop: StopSignal
) -> None:
    upload(owner, photo)
    assert process_next()
    stores.database.close()
    database = stores.folder.database.read_bytes()
    stores.outbox.put_account_deletion(owner)
    stores.database.close()
    stores.folder.database.write_bytes(database)
    worker = end_when(lambda: not list(stores.objects.list_keys("")), stop)

    run(stop)

    worker.join()
    assert stores.outbox.has_account_deletion(owner)


def test_run_with_a_failing_database_pauses_and_tries_again(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []

    class Stop(StopSignal):
        def wait(self, seconds: float) -> bool:
            pauses.append(seconds)
            return len(pauses) == 4

    monkeypatch.setattr(stores.queue, "lease", lambda: 1 / 0)
    run(Stop())

    assert pauses == [0, *[local_worker.FAULT_SECONDS] * 3]
    assert caplog.text.count("poll of the queue failed") == 3


def test_run_with_full_disk_says_so_once_and_goes_on_when_there_is_space(
    stores: "LocalStores",
    owner: str,
    photo: bytes,
    stop: StopSignal,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    image_id = upload(owner, photo)
    errors = [StorageFull()] * 3
    ingest = wiring.ingest().ingest

    def fail_at_first(*arguments: Any) -> Any:
        if errors:
            raise errors.pop()
        stop.set()
        return ingest(*arguments)

    monkeypatch.setattr(local_worker, "FAULT_SECONDS", 0)
    monkeypatch.setattr(wiring.ingest(), "ingest", fail_at_first)

    run(stop)

    assert stores.images.get_image(owner, image_id).state == "ready"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"{StorageFull()} The worker tries again every 0 seconds."
    ]


def test_run_calls_the_schedule_at_once_and_every_minute(
    stores: "LocalStores", stop: StopSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(local_worker, "run_schedule", lambda: calls.append(1))
    monkeypatch.setattr(local_worker, "SCHEDULE_SECONDS", 0.1)
    ending = end_when(lambda: len(calls) > 2, stop)

    run(stop)

    ending.join()


def test_process_outboxes_sends_digests(stores: "LocalStores", owner: str) -> None:
    stores.account_admin.add(EMAIL, "a laptop holds no secrets", given_name="Ada", family_name="", owner=owner)
    stores.subscriptions.add(owner, parse("dog"))
    stores.mail.subscribe(owner, EMAIL)
    stores.images.save(image(owner, dog=1))

    process_outboxes()

    assert [mail.subject for mail in stores.mail.list_mails(EMAIL)] == ["New photos: dog (1)"]


def test_process_outboxes_without_time_leaves_work_for_a_second_run_soon(
    stores: "LocalStores", owner: str, stop: StopSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.subscriptions.add(owner, parse("dog"))
    monkeypatch.setattr(local_worker, "OUTBOX_SECONDS", 0)

    process_outboxes()

    assert stores.outbox.list_due()
    monkeypatch.setattr(local_worker, "OUTBOX_SECONDS", 0.1)
    monkeypatch.setattr(local_worker, "SCHEDULE_SECONDS", 10**6)
    ending = end_when(lambda: not stores.outbox.list_due(), stop)
    run(stop)
    ending.join()


def test_run_counts_a_new_search_soon(
    stores: "LocalStores", owner: str, stop: StopSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_worker, "OUTBOX_SECONDS", 0.1)
    monkeypatch.setattr(local_worker, "SCHEDULE_SECONDS", 10**6)
    monkeypatch.setattr(local_worker, "run_schedule", lambda: stores.subscriptions.add(owner, parse("dog")))
    ending = end_when(lambda: [each.matched for each in stores.subscriptions.list(owner)] == [0], stop)

    run(stop)

    ending.join()


def test_process_outboxes_with_failure_reports_it(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stores.outbox, "list_due", lambda: 1 / 0)

    process_outboxes()

    assert "scheduled work: outboxes failed" in caplog.text


def test_run_schedule_deletes_expired_rows_and_copies_the_database(
    stores: "LocalStores", owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.account_admin.add(EMAIL, "a laptop holds no secrets", given_name="Ada", family_name="", owner=owner)
    calls: list[str] = []
    monkeypatch.setattr(stores.images, "expire", lambda: calls.append("expire"))
    monkeypatch.setattr(stores.objects, "sweep", lambda: calls.append("sweep"))

    run_schedule()

    assert len(stores.folder.list_copies()) == 1
    assert calls == ["expire", "sweep"]


def test_run_schedule_with_a_failing_part_does_the_others(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(stores.images, "expire", lambda: 1 / 0)
    monkeypatch.setattr(stores.objects, "sweep", lambda: calls.append("sweep"))

    monkeypatch.setattr(stores.copies, "make_nightly", lambda _: 1 / 0)

    run_schedule()

    assert calls == ["sweep"]
    assert caplog.text.count("scheduled work") == 2


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


def test_stop_signal_that_is_set_does_not_wait(stop: StopSignal) -> None:
    assert not stop.wait(0)

    stop.set()

    assert stop.wait(600)


@dataclass
class Input:
    """A pipe."""

    reader: int
    writer: int

    def end(self) -> None:
        os.close(self.writer)


@pytest.fixture
def pipe() -> Iterator[Input]:
    reader, writer = os.pipe()
    yield Input(reader, writer)
    os.close(reader)


def test_process_ends_with_its_input_and_not_before(pipe: Input, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)

    end_with_input(pipe.reader)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "input"]
    os.write(pipe.writer, b"text")
    assert statuses == []
    pipe.end()
    thread.join(SECONDS)

    assert statuses == [0]


def test_process_ends_with_its_input_while_the_model_runs() -> None:
    code = (
        "import sys; from app import wiring; from app.local_worker import end_with_input; import numpy\n"
        "end_with_input(0)\n"
        "model = wiring.detector()\n"
        "pixels = numpy.zeros((416, 416, 3), numpy.uint8)\n"
        "print('ready', flush=True)\n"
        "while True: model.detect(pixels, width=416, height=416)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=TEMPLATE.parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"

        process.communicate(timeout=SECONDS)

    assert process.returncode == 0


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
def main(pipe: Input, monkeypatch: pytest.MonkeyPatch, handlers: None) -> Iterator[Any]:
    """The program. Its niceness stays, because this process could not lower it again."""
    monkeypatch.setattr(sys, "stdin", FakeInput(pipe.reader))
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(os, "_exit", lambda _: None)
    yield local_worker.main
    pipe.end()
    wait_until(lambda: all(thread.name != "input" for thread in threading.enumerate()), SECONDS, "The thread stays.")


def test_main_works_until_a_signal(stores: "LocalStores", main: Any, owner: str, photo: bytes) -> None:
    upload(owner, photo)

    def stop() -> None:
        wait_until(lambda: stores.queue.count() == 0, SECONDS, "The worker does not do its work.")
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()

    main()

    thread.join()


def test_import_of_local_worker_loads_no_library_of_the_api_or_of_aws() -> None:
    names = "{'fastapi', 'starlette', 'mangum', 'jose', 'boto3', 'cv2', 'onnxruntime'}"
    code = f"import sys, app.local_worker; sys.exit(not {names}.isdisjoint(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd=TEMPLATE.parents[2], check=False).returncode == 0
