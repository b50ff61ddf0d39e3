from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from infra.local.pixtag import PixTag
from tests.support.fakes import FakeDetector
from tests.support.services import connect_local

Person = Callable[[], httpx.Client]
Schedule = Callable[[], None]


@pytest.fixture
def person(pixtag: PixTag) -> Iterator[Person]:
    """Register, confirm and sign in a new person with each call, and return a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(pixtag.person(f"{uuid4()}@example.com"))


@pytest.fixture
def schedule(pixtag: PixTag) -> Schedule:
    """Process all due outboxes now. PixTag's own worker does the same every minute."""

    def run() -> None:
        with connect_local(pixtag.data, FakeDetector) as services:
            worker = services.queue_worker
            worker.process_due_outboxes(lambda: True)

    return run
