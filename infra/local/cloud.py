"""Starts and monitors the local cloud: emulated AWS, the mailbox, the worker and the API."""

import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import httpx

from app.api.mailbox_page import MAILS
from app.domain.mail import StoredMail
from infra.local.emulator import CodeNotFound, Stack, confirmation_code, environment, ministack
from infra.local.endpoints import COGNITO, explain_failures, find_endpoint
from infra.local.program import CHILD, HOST, Program, ProgramEnded, find_free_ports, is_taken, require_free

# The file defines no log handlers, because app/observability/logs.py also formats Uvicorn's log lines.
LOG_CONFIG: Final = Path(__file__).with_name("uvicorn.json")
AWS_PORT: Final = 4566  # the usual port of emulators
MAILBOX_PORT: Final = 8025
ANY_CODE: Final = "123456"  # moto's server accepts every code, but does not show those that it sends


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a local cloud on this machine."""

    api: int
    aws: int
    mailbox: int

    @classmethod
    def find_free(cls) -> Self:
        """Return free ports. The ports are not reserved, so another process can still take them."""
        return cls(*find_free_ports(3))

    @classmethod
    def choose(cls, api: int) -> Self:
        """Return this port of the API, and the usual ports of the other programs as far as they are free.

        Args:
            api: The port of the API. 0 chooses a free port.
        """
        free = cls.find_free()
        return cls(
            api or free.api,
            free.aws if is_taken(AWS_PORT) else AWS_PORT,
            free.mailbox if is_taken(MAILBOX_PORT) else MAILBOX_PORT,
        )


@contextmanager
def person(api_url: str, endpoint_url: str, email: str) -> Iterator[httpx.Client]:
    """Register, confirm and sign in a user. Yield an HTTP client with the user's access token.

    The API must use the emulator of Cognito at `endpoint_url`, because the confirmation code is read from it.
    """
    account = {"email": email, "password": secrets.token_urlsafe(), "given_name": "Ada", "family_name": "Lovelace"}
    with httpx.Client(base_url=api_url, timeout=30, trust_env=False) as client:
        client.post("/auth/register", json=account).raise_for_status()
        try:
            code = confirmation_code(endpoint_url, email)
        except CodeNotFound:
            code = ANY_CODE
        confirmation = {"email": email, "code": code, "password": account["password"]}
        client.post("/auth/confirm", json=confirmation).raise_for_status()
        form = {"grant_type": "password", "username": email, "password": account["password"]}
        token = client.post("/auth/token", data=form).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield client


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """The URLs, environment variables and processes of a running local cloud."""

    url: str
    endpoint_url: str
    mailbox_url: str
    environment: Mapping[str, str]
    emulator: Program | None  # None if the emulator was already running
    mailbox: Program
    worker: Program
    api: Program

    def person(self, email: str) -> AbstractContextManager[httpx.Client]:
        """Register, confirm and sign in a user. Yield an HTTP client with the user's access token."""
        return person(self.url, self._codes_url, email)

    def find_code(self, email: str) -> str:
        """Return the current confirmation code of an address."""
        return confirmation_code(self._codes_url, email)

    @property
    def _codes_url(self) -> str:
        return find_endpoint(COGNITO, self.environment)

    def list_mails(self, to: str) -> list[StoredMail]:
        """Return the e-mails to an address, newest first. E-mails with codes are included."""
        response = httpx.get(f"{self.mailbox_url}/mailbox.json", params={"to": to}, trust_env=False)
        return MAILS.validate_json(response.raise_for_status().content)

    def watch(self) -> None:
        """Monitor the processes. Restart the worker if it exceeds its time limit, as Lambda does.

        Raises:
            ProgramEnded: a process ended for another reason.
        """
        while True:
            for program in filter(None, (self.emulator, self.mailbox, self.worker, self.api)):
                try:
                    program.require_running()
                except ProgramEnded:
                    if (program, program.status) != (self.worker, -signal.SIGALRM):
                        raise
                    print("The worker exceeded its time limit. It is being restarted.", file=sys.stderr)
                    program.start()
            time.sleep(0.2)


@contextmanager
def local_cloud(
    folder: Path,
    ports: Ports,
    *,
    endpoint_url: str | None = None,
    quiet: bool = False,
    schedule_seconds: float | None = None,
) -> Iterator[LocalCloud]:
    """Run PixTag on this machine for the duration of a `with` block.

    Args:
        folder: A folder for the logs and the e-mails. All other data is in memory.
        ports: The ports of the programs.
        endpoint_url: The URL of a running emulator. By default, this function starts MiniStack.
        quiet: Whether to write the output of the programs to log files in `folder` instead of the terminal.
        schedule_seconds: The seconds between two runs of the scheduled work. By default, it runs every minute.

    Raises:
        LocalCloudError: a port is in use, or a program cannot start.
    """
    require_free(ports.api)
    require_free(ports.mailbox)
    api_url, mailbox_url = f"http://{HOST}:{ports.api}", f"http://{HOST}:{ports.mailbox}"
    with ExitStack() as running:
        emulator = None
        if endpoint_url is None:
            emulator, endpoint_url = running.enter_context(_run_emulator(folder, ports.aws))
        with explain_failures(endpoint_url):
            outputs = Stack(endpoint_url).deploy()
        addresses = {"PIXTAG_UI_URL": api_url, "PIXTAG_MAILBOX_URL": mailbox_url}  # settings that are not stack outputs
        variables = environment(endpoint_url) | outputs | addresses
        programs = _make_programs(variables, ports, folder, quiet=quiet, schedule_seconds=schedule_seconds)
        mailbox, worker, api = map(running.enter_context, programs)
        mailbox.wait_for(f"{mailbox_url}/mailbox")
        api.wait_for(f"{api_url}/health")
        yield LocalCloud(api_url, endpoint_url, mailbox_url, variables, emulator, mailbox, worker, api)


@contextmanager
def _run_emulator(folder: Path, port: int) -> Iterator[tuple[Program, str]]:
    require_free(port)
    endpoint_url = f"http://{HOST}:{port}"
    with ministack(folder.resolve(), port) as program:
        program.wait_for(f"{endpoint_url}/_ministack/ready")
        yield program, endpoint_url


def _make_programs(
    variables: Mapping[str, str], ports: Ports, folder: Path, *, quiet: bool, schedule_seconds: float | None
) -> list[Program]:
    api = ["uvicorn", "app.main:app", "--host", HOST, "--port", str(ports.api)]
    # Clients keep idle connections open for about a minute. The server keeps them open longer, because a request is
    # lost if it arrives while the server closes the connection.
    api += ["--no-server-header", "--no-access-log", "--log-config", str(LOG_CONFIG)]
    api += ["--timeout-graceful-shutdown", "5", "--timeout-keep-alive", "75"]
    commands = {
        "mailbox": ["infra.local.mailbox", str(ports.mailbox), str(folder.resolve() / "mails.jsonl")],
        "worker": ["infra.local.poller", *([str(schedule_seconds)] if schedule_seconds else [])],
        "API": api,
    }
    logs = {name: folder / f"{name.lower()}.log" if quiet else None for name in commands}
    return [
        Program(f"The {name}", [CHILD, *command], {**variables, "POWERTOOLS_SERVICE_NAME": name.lower()}, logs[name])
        for name, command in commands.items()
    ]
