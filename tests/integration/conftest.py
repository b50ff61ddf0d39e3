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

MINUTE = "from app import worker; from infra.local import poller; worker.handler(poller.scheduled_event(), None)"


@pytest.fixture
def person(cloud: LocalCloud) -> Iterator[Person]:
    """Registers, confirms and signs in a new person at each call; gives a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(cloud.person(f"{uuid4()}@example.com"))


@pytest.fixture
def schedule(cloud: LocalCloud) -> Schedule:
    """Does now what the cloud's own worker does every minute; whoever of them comes first does it."""

    def run() -> None:
        subprocess.run([sys.executable, "-c", MINUTE], env=cloud.environment, cwd=TEMPLATE.parents[2], check=True)

    return run
