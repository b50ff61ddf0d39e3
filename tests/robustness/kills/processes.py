"""Processes of PixTag that are killed at random times, and a check of all libraries meanwhile."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

import httpx
from typing_extensions import override

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import Stack, session
from infra.local.pixtag import PixTag
from infra.local.program import HOST, ROOT, Program, find_free_ports, wait_until
from tests.robustness.account_client import SECONDS
from tests.robustness.newcomer import Newcomer, find_owner, list_files_of
from tests.robustness.stores import check_cloud, keys
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.pixtag_commands import is_worker_running
from tests.support.schedule import run_schedule_soon
from tests.support.workers import list_workers

MAX_DELAY_SECONDS: Final = 12.0  # between two kills; a start takes about two seconds
CHECK_SECONDS: Final = 20  # between two checks
SCHEDULE_SECONDS: Final = 2
VISIBLE_SECONDS: Final = 10  # until SQS delivers a message of a killed worker again
random_choices: Final = random.Random()  # noqa: S311 - not a secret


@dataclass
class Running:
    """A running PixTag whose processes can be killed.

    Attributes:
        url: The address of the API.
        variables: The environment variables of PixTag's commands.
        kills: Functions that kill processes and start them again, by the name of what they kill.
        sign_in: Creates an account, and yields a client with its access token.
        make_newcomer: Returns a newcomer who uses a client.
        settle: Waits until the worker has done all work, and the files of these access tokens' owners are deleted.
        check: Asserts the invariants of all rows and objects.
    """

    url: str
    variables: Mapping[str, str]
    kills: Mapping[str, Callable[[], None]]
    sign_in: Callable[[str], AbstractContextManager[httpx.Client]]
    make_newcomer: Callable[[httpx.Client], Newcomer]
    settle: Callable[[Iterable[str]], None]
    check: Callable[[], None]
    killed: Counter[str] = field(default_factory=Counter)
    doctor_runs: int = 0

    def kill_repeatedly(self, seconds: float, over: Event) -> None:
        """Kill processes and start them again. Set the event at the end. A process that ended by itself is an error."""
        ends_at = time.monotonic() + seconds
        try:
            while time.monotonic() < ends_at and not over.wait(random_choices.uniform(0, MAX_DELAY_SECONDS)):
                name = random_choices.choice([*self.kills])
                self.kills[name]()
                self.killed[name] += 1
        finally:
            over.set()

    def check_repeatedly(self, over: Event) -> None:
        """Run `pixtag doctor` again and again. Set the event if it finds anything."""
        try:
            while not over.wait(CHECK_SECONDS):
                self.run_doctor()
        finally:
            over.set()

    def run_doctor(self) -> None:
        """Assert that `pixtag doctor` finds nothing, although people may use PixTag."""
        process = subprocess.run(
            [sys.executable, "-m", "app.cli", "doctor"],
            env=self.variables,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        self.doctor_runs += 1

    def describe(self, **numbers: object) -> None:
        """Print the numbers of kills and checks, and other numbers."""
        all_numbers = {"kills": dict(self.killed), "doctor_runs": self.doctor_runs, **numbers}
        print("\n" + ", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in all_numbers.items()))


@contextmanager
def run_on_this_machine(folder: Path) -> Iterator[Running]:
    """Run `pixtag run` for the duration of the block."""
    data, (port,) = folder / "data", find_free_ports(1)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    variables |= {"PIXTAG_DATA": str(data), "POWERTOOLS_LOG_LEVEL": "ERROR"}
    command = ["app.cli", "run", "--port", str(port)]
    with Program("PixTag", command, variables, folder / "pixtag.log") as program:
        pixtag = PixTag(f"http://{HOST}:{port}", data, program)
        program.wait_for(f"{pixtag.url}/health")

        def kill_api() -> None:
            program.require_running()
            program.kill()
            program.start()

        def kill_worker() -> None:
            for worker in list_workers(data):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)

        def kill_both() -> None:
            kill_worker()
            kill_api()

        def settle(deleted: Iterable[str]) -> None:
            tokens = list(deleted)
            wait_until(lambda: is_worker_running(port), SECONDS, "The worker does not run.")
            wait_until(lambda: not count_messages(data), SECONDS, "Some messages stay.")
            run_schedule_soon(data)
            wait_until(lambda: not list_files_of(data, tokens), SECONDS, "Photos of a deleted account stay.")

        yield Running(
            url=pixtag.url,
            variables=variables,
            kills={"API": kill_api, "worker": kill_worker, "API and worker": kill_both},
            sign_in=pixtag.person,
            make_newcomer=Newcomer,
            settle=settle,
            check=lambda: check_local_invariants(data),
        )


def count_messages(data: Path) -> int:
    """Return the number of messages that are left, dead letters included."""
    with closing(connect(data)) as connection:
        return len(connection.execute("SELECT 1 FROM message").fetchall())


@dataclass
class CloudNewcomer(Newcomer):
    """A newcomer whose codes the emulator sends."""

    cloud: LocalCloud = field(kw_only=True)

    @override
    def find_code(self, email: str) -> str:
        return self.cloud.find_code(email)


@contextmanager
def run_on_emulated_aws(folder: Path) -> Iterator[Running]:
    """Run PixTag on an emulator of AWS, which is not killed."""
    with local_cloud(folder, Ports.find_free(), quiet=True, schedule_seconds=SCHEDULE_SECONDS) as cloud:
        sqs = session().client("sqs", endpoint_url=cloud.endpoint_url)
        queues = Stack(cloud.endpoint_url).find_queues()
        # The template's six minutes are for Lambda.
        sqs.set_queue_attributes(QueueUrl=queues["Uploads"], Attributes={"VisibilityTimeout": str(VISIBLE_SECONDS)})

        def kill(*programs: Program) -> None:
            for program in programs:
                program.require_running()
            for program in programs:
                program.kill()
            for program in programs:
                program.start()

        def settle(deleted: Iterable[str]) -> None:
            owners = {find_owner(token) for token in deleted}
            cloud.api.wait_for(f"{cloud.url}/health")

            def is_settled() -> bool:
                parts = [key.split("/") for key in keys(cloud)]
                return not any(prefix == "incoming" or owner in owners for prefix, owner, *_ in parts)

            wait_until(is_settled, SECONDS, "Some uploads, or photos of a deleted account, stay.")
            counts = sqs.get_queue_attributes(
                QueueUrl=queues["DeadLetters"], AttributeNames=["ApproximateNumberOfMessages"]
            )
            assert counts["Attributes"] == {"ApproximateNumberOfMessages": "0"}

        yield Running(
            url=cloud.url,
            variables={**cloud.environment, "XDG_STATE_HOME": str(folder)},
            kills={
                "API": lambda: kill(cloud.api),
                "worker": lambda: kill(cloud.worker),
                "API and worker": lambda: kill(cloud.api, cloud.worker),
            },
            sign_in=cloud.person,
            make_newcomer=lambda client: CloudNewcomer(client, cloud=cloud),
            settle=settle,
            check=lambda: check_cloud(cloud),
        )
