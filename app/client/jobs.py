"""Works on many items at the same time, with threads that a person can stop."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from app.client.errors import ClientError

STOP_SECONDS: Final = 0.5  # the threads end with the process
POLL_SECONDS: Final = 0.1

Item = TypeVar("Item")


def run_jobs(items: Sequence[Item], work: Callable[[Item], None], stop: threading.Event, jobs: int) -> None:
    """Call `work` with each item, in several threads.

    Args:
        items: The items, in the order in which they are begun.
        work: Works on one item.
        stop: Is set if an error or a person ends the work.
        jobs: The number of threads.

    Raises:
        ClientError: one of the calls has raised it. No more items are begun.
        KeyboardInterrupt: a person has stopped the command. The work ends within a second.
    """
    waiting: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        waiting.put(item)
    ended: SimpleQueue[ClientError | None] = SimpleQueue()
    count = min(jobs, len(items))
    threads = [threading.Thread(target=_work, args=(waiting, ended, work, stop), daemon=True) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        _wait(ended, count)
    except BaseException:
        stop.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        raise


def _work(
    waiting: SimpleQueue[Item],
    ended: SimpleQueue[ClientError | None],
    work: Callable[[Item], None],
    stop: threading.Event,
) -> None:
    """Work until no item is waiting. Then, or after an error, this thread ends."""
    end: ClientError | None = ClientError("PixTag has a defect, which is described above. Please report it.")
    try:
        while not stop.is_set():
            work(waiting.get_nowait())
        end = None
    except Empty:
        end = None
    except ClientError as error:
        end = error
    finally:
        ended.put(end)


def _wait(ended: SimpleQueue[ClientError | None], threads: int) -> None:
    """Wait until all threads have ended, or raise the error of one of them."""
    while threads:
        try:
            error = ended.get(timeout=POLL_SECONDS)  # on Windows, Ctrl-C does not interrupt an endless wait
        except Empty:
            continue
        if error:
            raise error
        threads -= 1
