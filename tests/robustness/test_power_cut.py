"""The power is cut at random moments, and writes that were not synchronized are lost: acknowledged changes are stored.

The file operations of `pixtag run` are recorded while people use it. For each cut, `power_cut/disk.py` simulates what
is left on the disk, and PixTag starts with it.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx
import pytest

from app.domain.ids import DERIVED
from app.domain.images import STORED
from detector import pixels
from infra.local.pixtag import run_pixtag
from infra.local.program import HOST, TimedOut, find_free_ports, wait_until
from tests.robustness.newcomer import Newcomer, list_files_of
from tests.robustness.persistent_person import LocalPerson, Person
from tests.robustness.power_cut import witness
from tests.robustness.power_cut.disk import Disk
from tests.robustness.power_cut.recording import MISSING, Kind, Record, Recording
from tests.robustness.power_cut.witness import (
    Expectation,
    Witness,
    check_expectation,
    list_deleted,
    list_expectations,
    list_files,
    list_purged,
)
from tests.robustness.torture import cases
from tests.support.documents import ROOT
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.sampling import rounds, sample
from tests.support.schedule import run_schedule_soon

CUTS: Final = int(os.environ.get("CUTS", rounds(2, 300)))
SECOND_CUTS: Final = rounds(2, 30)
PEOPLE: Final = 2
CYCLES: Final = rounds(2, 8)  # of the changes of each person in each session
SIGN_UPS: Final = 3

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.timeout(0)]


class Users:
    """People who use PixTag at the same time. What it acknowledges is marked in the recording."""

    def __init__(self, recording: Recording, clients: ExitStack) -> None:
        self._clients = [clients.enter_context(httpx.Client(timeout=60, trust_env=False)) for _ in range(PEOPLE + 1)]
        self._newcomer = Newcomer(self._clients[0])
        self._people = [LocalPerson(client) for client in self._clients[1:]]
        actors: list[Newcomer | Person] = [self._newcomer, *self._people]
        self._witnesses = [Witness(str(number), actor, recording) for number, actor in enumerate(actors)]

    def begin(self, url: str) -> None:
        """Give each person an account and two photos."""
        self._set_url(url)
        for person, observer in zip(self._people, self._witnesses[1:], strict=True):
            owner = Newcomer(self._clients[0])
            owner.sign_up()
            (token,) = owner.tokens.values()
            person.client.headers["Authorization"] = f"Bearer {token}"
            observer.run(person.upload)
            observer.run(person.upload)
            person.wait()

    def use(self, url: str) -> None:
        """Let each person make many changes."""
        self._set_url(url)
        with ThreadPoolExecutor(PEOPLE + 1) as pool:
            for _ in pool.map(
                lambda witness, changes: [witness.run(change) for change in changes],
                self._witnesses,
                [self._newcomer.changes * SIGN_UPS, *(person.changes * CYCLES for person in self._people)],
            ):
                pass

    def _set_url(self, url: str) -> None:
        for client in self._clients:
            client.base_url = httpx.URL(url)


@dataclass(frozen=True)
class Recorded:
    """The file operations of PixTag in a folder, and the disk before them."""

    before: Disk
    records: list[Record]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Two sessions of PixTag, from its first start in an empty folder to its second stop."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "data").mkdir(mode=0o700)
    before = Disk(folder / "data")
    recording = Recording(folder / "data", folder / "recording.log")
    with ExitStack() as clients:
        users = Users(recording, clients)
        for session in range(2):
            with run_pixtag(folder / "data", variables=recording.variables) as pixtag:
                if session == 0:
                    users.begin(pixtag.url)
                users.use(pixtag.url)
    return Recorded(before, recording.read())


class Server:
    """The program that starts PixTag on one folder after the other."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    @contextmanager
    def run(self, folder: Path) -> Iterator[httpx.Client]:
        """Run PixTag on the folder for the duration of a `with` block, and yield a client."""
        assert self._send(f"{folder}\n") == "started\n"
        try:
            with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
                yield client
        finally:
            assert self._send("\n") == "stopped\n"

    def _send(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    (port,) = find_free_ports(1)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.robustness.power_cut.server", str(port)],
        env=variables | {"POWERTOOLS_LOG_LEVEL": "ERROR"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Server(process, f"http://{HOST}:{port}")
        process.terminate()


def cut_power(recorded: Recorded, cut: int, folder: Path) -> list[Expectation]:
    """Cut the power after this number of records. Return what must be left in the folder."""
    disk = deepcopy(recorded.before)
    disk.apply(recorded.records[:cut])
    seed = random.getrandbits(32)
    print(f"cut after {cut} of {len(recorded.records)} records, seed {seed}")  # noqa: T201 - shown after a failure
    disk.cut(folder, seed)
    return list_expectations(recorded.records, cut)


def list_rows_without_files(folder: Path) -> list[str]:
    """Return the keys of objects that have metadata, but no file."""
    with closing(connect(folder)) as connection:
        keys = [str(row["key"]) for row in connection.execute("SELECT key FROM object")]
    return [key for key in keys if not (folder / "objects" / key).exists()]


def start_and_check(
    server: Server, folder: Path, expectations: Sequence[Expectation], *, with_deletions: bool = False
) -> None:
    """Start PixTag, and assert that everything is there and that it becomes consistent.

    Args:
        with_deletions: Whether to wait until the photos of deleted accounts are gone. The worker would wait for up to
            three minutes, because it may have leased the outbox row before the power cut.
    """
    with server.run(folder) as client:
        for expectation in expectations:
            check_expectation(expectation, client)
        wait_until(lambda: not count_messages(folder), witness.SECONDS, "Some messages stay.")
        # The worker removes such rows when it starts, which can be after the first response of the API.
        wait_until(lambda: not list_rows_without_files(folder), witness.SECONDS, "Some rows of deleted uploads stay.")
        if with_deletions:
            deleted = list(list_deleted(expectations))
            run_schedule_soon(folder)
            wait_until(lambda: not list_files_of(folder, deleted), witness.SECONDS, "Photos of a deleted account stay.")
    check_local_invariants(folder)
    check_files(folder)
    assert list_files(folder, list_purged(expectations)) == []


def count_messages(folder: Path) -> int:
    with closing(connect(folder)) as connection:
        return len(connection.execute("SELECT 1 FROM message").fetchall())


def check_files(folder: Path) -> None:
    """Assert that no byte of a stored photo is lost."""
    with closing(connect(folder)) as connection:
        images = [row for row in connection.execute("SELECT * FROM image") if row["state"] in STORED]
    for image in images:
        data = (folder / "objects" / "originals" / image["owner"] / image["id"]).read_bytes()
        assert sha256(data).hexdigest() == image["sha256"]
        for rendition in DERIVED:
            pixels.read_header((folder / "objects" / rendition / image["owner"] / image["id"]).read_bytes())


def choose_cuts(records: Sequence[Record], count: int) -> list[int]:
    """Return random moments. Half of them come right after an acknowledgement."""
    marks = [number for number, record in enumerate(records, 1) if record.kind is Kind.MARK and b"state" in record.data]
    return [
        random.choice(marks) if number % 2 else random.randint(0, len(records))  # noqa: S311 - moments, not secrets
        for number in range(count)
    ]


def test_power_cut_loses_no_acknowledged_change(recorded: Recorded, server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    for number, cut in enumerate(choose_cuts(recorded.records, CUTS)):
        expectations = cut_power(recorded, cut, folder)
        start_and_check(server, folder, expectations, with_deletions=number % 20 == 0)
    cases.append(CUTS)


def test_second_power_cut_during_the_next_start_loses_no_acknowledged_change(
    recorded: Recorded, server: Server, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for cut in choose_cuts(recorded.records, SECOND_CUTS // 2):
        expectations = cut_power(recorded, cut, first)
        before = Disk(first)
        recording = Recording(first, tmp_path / f"{cut}.log")
        with run_pixtag(first, variables=recording.variables):
            wait_until(lambda: not count_messages(first), witness.SECONDS, "Some messages stay.")
        start = Recorded(before, recording.read())
        for _ in range(2):
            cut_power(start, random.randint(0, len(start.records)), second)  # noqa: S311 - moments, not secrets
            start_and_check(server, second, expectations)
    cases.append(SECOND_CUTS)


def loses_changes(recorded: Recorded, server: Server, folder: Path) -> bool:
    """Return whether any of some power cuts right after an acknowledgement loses something."""
    for cut in choose_cuts(recorded.records, 40)[1::2]:
        expectations = cut_power(recorded, cut, folder)
        try:
            start_and_check(server, folder, expectations)
        except (AssertionError, OSError, TimedOut):
            return True
    return False


@pytest.mark.parametrize("kind", sample(["folders", "files"], 2))
def test_simulated_disk_without_synchronization_loses_changes(
    recorded: Recorded, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The simulation is as harsh as it says: a PixTag that synchronizes no folders, or no files, would lose changes."""
    folders = {record.inode for record in recorded.records if record.kind is Kind.MKDIR}
    syncs = {Kind.SYNC_BEGIN, Kind.SYNC_END}
    records = [
        record
        for record in recorded.records
        if record.kind not in syncs or (record.inode in folders) is (kind == "files")
    ]

    monkeypatch.setattr(witness, "SECONDS", 15)  # what is lost stays pending

    assert loses_changes(Recorded(recorded.before, records), server, tmp_path / "cut")
