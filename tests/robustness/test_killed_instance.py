"""All processes of PixTag on one machine are killed many times under load: every acknowledged change is stored."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest

from infra.local.program import HOST, find_free_ports, wait_until
from tests.robustness.backup_maker import BackupMaker
from tests.robustness.kills.program_end import stop_with
from tests.robustness.newcomer import Newcomer, list_files_of
from tests.robustness.persistent_person import PEOPLE, SECONDS, LocalPerson
from tests.robustness.torture import cases
from tests.support.documents import ROOT
from tests.support.local_accounts import PASSWORD, make_accounts
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.sampling import rounds
from tests.support.schedule import run_schedule_soon

MANY: Final = 100
KILLS: Final = int(os.environ.get("KILLS", rounds(2, MANY)))


@dataclass(frozen=True)
class KilledInstance:
    """A PixTag whose processes are killed, its address, its data folder, and the access tokens of people."""

    process: subprocess.Popen[str]
    url: str
    data: Path
    tokens: list[str]

    def make_client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)
        client.event_hooks["request"].append(stop_with(self.process))
        return client

    def wait_for_writer(self) -> None:
        """Wait until the current write transaction has ended."""
        with closing(connect(self.data)) as connection:
            connection.execute("BEGIN IMMEDIATE")

    def count_messages(self) -> int:
        """Return the number of messages that are left."""
        with closing(connect(self.data)) as connection:
            return len(connection.execute("SELECT 1 FROM message").fetchall())


def make_tokens(data: Path) -> list[str]:
    """Create accounts, and return their access tokens."""
    accounts = make_accounts(data)
    with closing(accounts.database):
        emails = [f"{uuid4()}@example.com" for _ in range(PEOPLE)]
        for email in emails:
            accounts.admin.add(email, PASSWORD, given_name="Ada", family_name="Lovelace")
        return [accounts.sign_in(email, PASSWORD).access_token for email in emails]


@pytest.fixture
def killed_instance(tmp_path: Path) -> Iterator[KilledInstance]:
    """Start the program that kills the processes."""
    (port,) = find_free_ports(1)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    tokens = make_tokens(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.robustness.kills.instance", str(port), str(KILLS)],
        env=variables | {"PIXTAG_DATA": str(tmp_path), "POWERTOOLS_LOG_LEVEL": "ERROR"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield KilledInstance(process, f"http://{HOST}:{port}", tmp_path, tokens)
        finally:
            process.terminate()


@pytest.mark.timeout(0)
def test_processes_killed_under_load_keep_every_acknowledged_change(
    killed_instance: KilledInstance, tmp_path_factory: pytest.TempPathFactory
) -> None:
    process = killed_instance.process
    assert process.stdin
    assert process.stdout
    backups = BackupMaker(killed_instance.data, tmp_path_factory.mktemp("backups"), PEOPLE)
    with ExitStack() as clients, ThreadPoolExecutor(PEOPLE + 3) as pool:
        people = [
            LocalPerson(clients.enter_context(killed_instance.make_client(token))) for token in killed_instance.tokens
        ]
        newcomer = Newcomer(clients.enter_context(killed_instance.make_client()))
        list(pool.map(LocalPerson.begin, people))
        process.stdin.write("kill\n")
        process.stdin.flush()
        last = pool.submit(process.stdout.readline)
        uses = [person.use for person in people]
        list(pool.map(lambda use: use(last.done), [*uses, newcomer.use, backups.use]))

        assert last.result() == "last process started\n"
        for person in people:
            person.check()
        newcomer.check()
    wait_until(lambda: not killed_instance.count_messages(), SECONDS, "Some messages stay.")
    run_schedule_soon(killed_instance.data)
    deleted = newcomer.deleted.values()
    wait_until(lambda: not list_files_of(killed_instance.data, deleted), SECONDS, "Photos of a deleted account stay.")
    killed_instance.wait_for_writer()  # it deletes files before their rows
    check_local_invariants(killed_instance.data)
    assert sum(person.acknowledged for person in people) > KILLS
    assert sum(person.cut_off for person in people) > 0 or KILLS < MANY  # a few kills can be over soon
    assert sum(len(person.purged) for person in people) > 0
    assert newcomer.tokens
    assert backups.complete
    cases.append(KILLS)


def test_people_stop_if_the_program_that_kills_ends_early(tmp_path: Path) -> None:
    (port,) = find_free_ports(1)
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as process:
        process.wait()
    instance = KilledInstance(process, f"http://{HOST}:{port}", tmp_path, [])

    with instance.make_client() as client, pytest.raises(AssertionError, match="that kills PixTag has ended before"):
        LocalPerson(client).upload()
