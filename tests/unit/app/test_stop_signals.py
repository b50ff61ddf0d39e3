import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import stop_signals
from app.stop_signals import stop_deadline, stop_soon_after_signals

ROOT = Path(__file__).parents[3]
NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SECONDS = 10


@pytest.fixture(autouse=True)
def handled() -> Iterator[list[int]]:
    """Handle SIGINT and SIGTERM as a server does, which counts them. Restore the handlers after a test."""
    before = [signal.getsignal(number) for number in NUMBERS]
    numbers: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: numbers.append(number))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield numbers
    for number, handler in zip(NUMBERS, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def statuses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses with which this process would have ended."""
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)
    monkeypatch.setattr(stop_signals, "DEADLINE_SECONDS", 0)
    return statuses


def find_thread() -> threading.Thread:
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "stop"]
    return thread


def test_stop_deadline_ends_a_process_that_does_not_stop(statuses: list[int]) -> None:
    with stop_deadline() as begin_stop:
        thread = find_thread()
        begin_stop()
        thread.join(SECONDS)

    assert statuses == [0]


def test_stop_deadline_of_a_block_that_ends_in_time_does_nothing(
    statuses: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_signals, "DEADLINE_SECONDS", SECONDS)
    with stop_deadline():
        pass
    with stop_deadline() as begin_stop:
        begin_stop()

    assert statuses == []


@pytest.mark.parametrize("number", NUMBERS)
def test_signal_reaches_the_server_and_starts_the_deadline(
    handled: list[int], statuses: list[int], number: signal.Signals
) -> None:
    with stop_soon_after_signals():
        thread = find_thread()
        signal.raise_signal(number)
        thread.join(SECONDS)

    assert statuses == [0]
    assert handled == [signal.SIGTERM if number is signal.SIGHUP else number]


def test_stop_soon_after_signals_restores_the_handlers() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]

    with stop_soon_after_signals():
        assert [signal.getsignal(number) for number in NUMBERS] != before

    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_sighup_that_nohup_ignores_stays_ignored(handled: list[int]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with stop_soon_after_signals():
        signal.raise_signal(signal.SIGHUP)

    assert handled == []


def test_stop_soon_after_signals_in_another_thread_changes_no_handler() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    handlers: list[object] = []

    def run() -> None:
        with stop_soon_after_signals():
            handlers.extend(signal.getsignal(number) for number in NUMBERS)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert handlers == before


@pytest.mark.parametrize("number", NUMBERS)
def test_process_whose_server_ignores_the_signal_ends(number: signal.Signals) -> None:
    code = (
        "import signal, time; from app.stop_signals import stop_soon_after_signals\n"
        "for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, lambda *_: None)\n"
        "with stop_soon_after_signals():\n    print('ready', flush=True)\n    while True: time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        started_at = time.monotonic()

        process.send_signal(number)

        assert process.wait(SECONDS) == 0
        assert time.monotonic() - started_at >= stop_signals.DEADLINE_SECONDS
