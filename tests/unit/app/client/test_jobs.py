import signal
import threading
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from typing_extensions import override

from app.client import jobs
from app.client.errors import ClientError, Stopped
from app.client.jobs import run_jobs

ITEMS = range(20)


def test_all_items_are_done_by_the_given_number_of_threads() -> None:
    done: list[int] = []
    together = threading.Barrier(3)

    def work(item: int) -> None:
        if item < 3:
            together.wait()
        done.append(item)

    run_jobs(ITEMS, work, threading.Event(), 3)

    assert sorted(done) == list(ITEMS)


def test_no_items_need_no_thread() -> None:
    run_jobs([], pytest.fail, threading.Event(), 3)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("error", "text"), [(Stopped(), "Stopped"), (ZeroDivisionError(), "PixTag has a defect")])
def test_error_of_one_item_ends_all(error: Exception, text: str) -> None:
    stop = threading.Event()
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 5:
            raise error

    with pytest.raises(ClientError, match=text):
        run_jobs(ITEMS, work, stop, 1)

    assert (begun, stop.is_set()) == ([0, 1, 2, 3, 4, 5], True)


def test_interrupt_ends_although_a_thread_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, release, stop = threading.Event(), threading.Event(), threading.Event()

    def work(_: int) -> None:
        busy.set()
        release.wait()

    def interrupt(*_: object) -> None:
        busy.wait()
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(jobs, "_wait", interrupt)

    with pytest.raises(KeyboardInterrupt):
        run_jobs(ITEMS, work, stop, 1)

    assert stop.is_set()
    release.set()


class SlowQueue(SimpleQueue[Any]):
    """A queue that is empty at every first look."""

    has_waited = False

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.has_waited = not self.has_waited
        if self.has_waited:
            raise Empty
        return super().get()


def test_slow_threads_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SimpleQueue", SlowQueue)
    done: list[int] = []

    run_jobs(ITEMS, done.append, threading.Event(), 3)

    assert sorted(done) == list(ITEMS)
