"""Processes the queue and the outbox on one machine: `python -m app.local_worker`.

`supervisor.py` starts this program. After SIGTERM, it completes its current message and ends. When its standard input
ends, it ends at once, because the process of the API has ended or does not wait any longer. Each step of its work can
be repeated, so the next start continues it.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app import wiring
from app.domain.errors import StorageFull, Unavailable
from app.domain.messages import Message
from app.observability import logs
from app.services.failures import contain_failure

TIMEOUT_SECONDS: Final = 60  # as in infra/aws/template.yaml
SPARE_SECONDS: Final = 20  # no outbox work starts if less time remains
SCHEDULE_SECONDS: Final = 60
OUTBOX_SECONDS: Final = 2.0  # for the outboxes of all owners, and from one time to the next
POLL_SECONDS: Final = 0.05
FAULT_SECONDS: Final = 5  # before the next poll, if the database cannot be used
MAIL_SECONDS: Final = 2
MAIL_END_SECONDS: Final = 5  # an e-mail that takes longer is sent again later
NICENESS: Final = 5  # the API stays responsive while the model runs

logger: Final = logging.getLogger(__name__)

logs.set_up()


class StopSignal:
    """Requests the end of this program after the current message."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self, *_: object) -> None:
        """Request the end. This is a signal handler too."""
        self._is_set = True

    def wait(self, seconds: float) -> bool:
        """Wait. Return whether the end is requested."""
        if not self._is_set:
            time.sleep(seconds)
        return self._is_set


def end_with_input(descriptor: int) -> None:
    """End this process at once when the input ends, whatever it is doing. SQLite and the model run without the GIL."""

    def wait() -> None:
        while os.read(descriptor, 1024):
            pass
        os._exit(0)

    threading.Thread(target=wait, name="input", daemon=True).start()


@contextmanager
def time_limit(seconds: float = TIMEOUT_SECONDS) -> Iterator[Callable[[], bool]]:
    """End this process with SIGALRM if the block takes too long. Yield a function: is there time for more work?"""
    ends_at = time.monotonic() + seconds
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield lambda: time.monotonic() < ends_at - SPARE_SECONDS
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def run(stop: StopSignal) -> None:
    """Process messages and, every minute, the scheduled work until the end is requested."""
    stores = wiring.local_stores()
    with contain_failure("repetition of", "account deletions"):
        stores.outbox.repeat_lost_deletions()
    with contain_failure("sweep of", "uploads"):
        stores.objects.sweep(0)
        if unknown := stores.objects.send_unknown():
            logger.error(
                "The database did not know %d of its photos. It was too old, or its -wal file was lost.", unknown
            )
    schedule, pause, is_waiting = Schedule(), 0.0, False
    while not stop.wait(pause):
        failures: list[str] = []
        try:
            with contain_failure("poll of", "the queue", failures, uncontained=(StorageFull, Unavailable)):
                schedule.run_due()
                pause = 0 if process_next() else POLL_SECONDS
                is_waiting = False
        except (StorageFull, Unavailable) as error:
            failures.append(str(error))
            if not is_waiting:
                logger.error("%s The worker tries again every %d seconds.", error, FAULT_SECONDS)  # noqa: TRY400 - no bug
            is_waiting = True
        if failures:
            pause = FAULT_SECONDS


class Schedule:
    """The work that is due at once and then again and again: the outboxes often, the rest every minute."""

    def __init__(self) -> None:
        self._outboxes_at = self._others_at = time.monotonic()

    def run_due(self) -> None:
        """Do the due work."""
        if time.monotonic() >= self._outboxes_at:
            process_outboxes()
            self._outboxes_at = time.monotonic() + OUTBOX_SECONDS
        if time.monotonic() >= self._others_at:
            self._others_at = time.monotonic() + SCHEDULE_SECONDS
            run_schedule()


def process_next() -> bool:
    """Process one message and then the outbox of its owner. Return false if no message is visible.

    Raises:
        StorageFull, Unavailable: nothing can be stored now. The receive of the message does not count, because the
            photo is not at fault.
    """
    queue = wiring.local_stores().queue
    if not (delivery := queue.lease()):
        return False
    logs.begin(message_id=str(delivery.id))
    failures: list[str] = []
    with time_limit() as has_time:
        try:
            with contain_failure("message", str(delivery.id), failures, uncontained=(StorageFull, Unavailable)):
                message = Message.parse(json.loads(delivery.body))
                wiring.queue_worker().process(message, delivery.count)
        except (StorageFull, Unavailable):
            queue.release(delivery)
            raise
        if failures:
            queue.fail(delivery)
        else:
            queue.complete(delivery)
            logs.begin()
            wiring.queue_worker().process_outbox(message.owner, has_time)
    return True


@contextmanager
def deliver_mails() -> Iterator[None]:
    """Send e-mails in a thread while the block runs, because an SMTP server can be slow."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(MAIL_SECONDS):
            with contain_failure("delivery of", "e-mails"):
                wiring.local_stores().mail.deliver_due()

    thread = threading.Thread(target=run, name="mail", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(MAIL_END_SECONDS)


def process_outboxes() -> None:
    """Process the due outboxes for at most `OUTBOX_SECONDS`."""
    logs.begin()
    ends_at = time.monotonic() + OUTBOX_SECONDS
    with time_limit(), contain_failure("scheduled work:", "outboxes"):
        wiring.queue_worker().process_due_outboxes(lambda: time.monotonic() < ends_at)


def run_schedule() -> None:
    """Delete expired rows, queue the uploads that have no message, and copy the database."""
    stores = wiring.local_stores()
    logs.begin()
    with time_limit():
        with contain_failure("scheduled work:", "expiry"):
            stores.images.expire()
        with contain_failure("scheduled work:", "sweep"):
            stores.objects.sweep()
    with contain_failure("scheduled work:", "copy of the database"):  # without a time limit, because it can be repeated
        stores.copies.make_nightly(stores.database)


def main() -> None:
    """Work until the end is requested."""
    os.nice(NICENESS)
    end_with_input(sys.stdin.fileno())
    stop = StopSignal()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.set)
    with deliver_mails():
        run(stop)


if __name__ == "__main__":
    main()
