from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import pytest

from infra.local import LocalCloud, Ports, local_cloud

Person = Callable[[], httpx.Client]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """PixTag as `make run` runs it, on free ports and with a state of its own, for the whole session."""
    with local_cloud(tmp_path_factory.mktemp("cloud"), Ports.free(), quiet=True) as running:
        yield running


@pytest.fixture
def person(cloud: LocalCloud) -> Iterator[Person]:
    """Registers, confirms and signs in a new person at each call; gives a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(cloud.person(f"{uuid4()}@example.com"))
