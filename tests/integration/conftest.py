import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.emulator import TEMPLATE

Person = Callable[[], httpx.Client]
Schedule = Callable[[], None]

SCHEDULED_RUN = "from app import worker; from infra.local import poller; worker.handler(poller.scheduled_event(), None)"


@pytest.fixture
def person(cloud: LocalCloud) -> Iterator[Person]:
    """Register, confirm and sign in a new person with each call, and return a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(cloud.person(f"{uuid4()}@example.com"))


@pytest.fixture
def schedule(cloud: LocalCloud) -> Schedule:
    """Run the work of the worker's schedule now. The cloud's own worker does the same every minute."""

    def run() -> None:
        subprocess.run(
            [sys.executable, "-c", SCHEDULED_RUN], env=cloud.environment, cwd=TEMPLATE.parents[2], check=True
        )

    return run
