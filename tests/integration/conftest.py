from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from infra.local.pixtag import PixTag
from infra.local.program import find_free_ports
from tests.support.pixtag_commands import Command, pixtag_command, uvicorn_command
from tests.support.sampling import TORTURE

Person = Callable[[], httpx.Client]


@pytest.fixture
def person(pixtag: PixTag) -> Iterator[Person]:
    """Register, confirm and sign in a new person with each call, and return a client that acts for them."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(pixtag.person(f"{uuid4()}@example.com"))


@pytest.fixture(params=[pixtag_command, uvicorn_command], ids=["pixtag", "uvicorn"])
def command(request: pytest.FixtureRequest) -> Command:
    run: Command = request.param
    return run


@pytest.fixture(params=[pixtag_command, uvicorn_command] if TORTURE else [pixtag_command])
def any_command(request: pytest.FixtureRequest) -> Command:
    """One command, for tests of what both do in the same way. In `make torture`, both of them."""
    run: Command = request.param
    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder for the data of a PixTag that the test starts."""
    return tmp_path / "data"


@pytest.fixture
def port() -> int:
    """The port for a PixTag that the test starts."""
    return find_free_ports(1)[0]
