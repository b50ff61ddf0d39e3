import threading
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread that coverage does not trace, because FastAPI and Starlette do most of the work there.

    The functions of the routers run in other threads, which coverage traces. Other tests cover the asynchronous ones.
    """
    trace = threading.gettrace()
    threading.settrace(None)  # threads that start now are not traced
    with start_blocking_portal() as portal:
        threading.settrace(trace)
        yield portal
