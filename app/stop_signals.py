"""Ends the process of the API within a second after a signal, whatever it is doing."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

# A request in a thread cannot be cancelled, and plain Uvicorn waits for uploads without a limit. What PixTag has
# acknowledged is on the disk, so the process can end at any time.
DEADLINE_SECONDS: Final = 0.7

BeginStop = Callable[[], None]


@contextmanager
def stop_deadline() -> Iterator[BeginStop]:
    """Yield a function for signal handlers. `DEADLINE_SECONDS` after its call, this process ends at the latest.

    The end of the block cancels this.
    """
    reader, writer = os.pipe()
    has_stopped = threading.Event()

    def wait() -> None:
        if os.read(reader, 1) and not has_stopped.wait(DEADLINE_SECONDS):
            os._exit(0)

    def begin() -> None:
        os.write(writer, b"1")  # this takes no lock, which the interrupted code may hold

    thread = threading.Thread(target=wait, name="stop", daemon=True)
    thread.start()
    try:
        yield begin
    finally:
        has_stopped.set()
        os.close(writer)
        thread.join()
        os.close(reader)


@contextmanager
def stop_soon_after_signals() -> Iterator[None]:
    """Stop the server within a second after SIGINT, SIGTERM or SIGHUP. Call this after it has set its handlers.

    Servers do not handle SIGHUP, so it becomes SIGTERM. `nohup` makes them ignore it, which is kept. Outside of the
    main thread, which alone can handle signals, do nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    handlers = {number: handler for number, handler in before.items() if callable(handler)}
    if before[signal.SIGHUP] is signal.SIG_DFL:
        handlers[signal.SIGHUP] = lambda *_: signal.raise_signal(signal.SIGTERM)
    with stop_deadline() as begin:

        def stop(number: int, frame: FrameType | None) -> None:
            begin()
            handlers[signal.Signals(number)](number, frame)

        for number in handlers:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number in handlers:
                signal.signal(number, before[number])
