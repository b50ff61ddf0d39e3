"""The scheduled work of a PixTag on one machine, without the wait of up to a minute."""

import os
import signal
from contextlib import closing
from pathlib import Path

from app.domain.outbox import LEASE_SECONDS
from tests.support.fakes import FakeDetector
from tests.support.local_invariants import connect
from tests.support.services import connect_local
from tests.support.workers import list_workers


def process_due_outboxes(data: Path) -> None:
    """Process all due outboxes of a running PixTag. Its own worker does the same every minute."""
    with connect_local(data, FakeDetector) as services:
        services.queue_worker.process_due_outboxes(lambda: True)


def run_schedule_soon(data: Path) -> None:
    """End the leases of a running PixTag's outbox, and its worker. The next worker runs the schedule at once."""
    with closing(connect(data)) as connection, connection:
        connection.execute("UPDATE outbox SET due_at = due_at - ?", (LEASE_SECONDS,))
        connection.execute("DELETE FROM outbox_lease")
    for worker in list_workers(data):
        os.kill(worker, signal.SIGTERM)
