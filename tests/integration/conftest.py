from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from infra.local import LocalCloud

Person = Callable[[], httpx.Client]


@pytest.fixture
def person(cloud: LocalCloud) -> Iterator[Person]:
    """Registers, confirms and signs in a new person at each call; gives a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(cloud.person(f"{uuid4()}@example.com"))
