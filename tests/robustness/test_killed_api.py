"""The API is killed many times under load: every change that it acknowledged is stored."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE
from infra.local.program import HOST, find_free_ports, wait_until
from tests.robustness.kills.program_end import stop_with
from tests.robustness.persistent_person import PEOPLE, SECONDS, Person
from tests.robustness.stores import check_cloud, keys
from tests.robustness.torture import cases
from tests.support.sampling import rounds

KILLS: Final = rounds(10, 500)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    """A local cloud. The API that is killed is a second one."""
    with local_cloud(tmp_path, Ports.find_free(), quiet=True) as cloud:
        yield cloud


@pytest.fixture
def killed_api(cloud: LocalCloud) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the program that kills the API, and yield the API's URL and the program's process."""
    (port,) = find_free_ports(1)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.robustness.kills.api", str(port), str(KILLS)],
        env=cloud.environment,
        cwd=TEMPLATE.parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield f"http://{HOST}:{port}", process
        finally:
            process.terminate()


@pytest.mark.timeout(0)
def test_api_killed_under_load_keeps_every_acknowledged_change(
    cloud: LocalCloud, killed_api: tuple[str, subprocess.Popen[str]]
) -> None:
    url, process = killed_api
    with ExitStack() as stack, ThreadPoolExecutor(PEOPLE + 1) as pool:
        clients = [stack.enter_context(cloud.person(f"{uuid4()}@example.com")) for _ in range(PEOPLE)]
        people = [Person(client) for client in clients]
        for person in people:
            person.begin()
            person.client.base_url = httpx.URL(url)
            person.client.event_hooks["request"].append(stop_with(process))

        last = pool.submit(process.stdout.readline if process.stdout else str)
        list(pool.map(lambda person: person.use(last.done), people))

        assert last.result() == "last process started\n"
        for person in people:
            person.check()
        wait_until(lambda: not any(key.startswith("incoming/") for key in keys(cloud)), SECONDS, "Some uploads stay.")
        check_cloud(cloud)
    assert sum(person.acknowledged for person in people) > KILLS
    assert sum(person.cut_off for person in people) > 0
    cases.append(KILLS)
