"""The laptop's cloud: emulated AWS, the worker and the API as one command; holds no rule of PixTag."""

import argparse
import fcntl
import os
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
from botocore.exceptions import BotoCoreError

from infra.local.emulator import Stack, confirmation_code, environment, ministack
from infra.local.mail import MAILS, Mail
from infra.local.program import HOST, LocalCloudError, Program, ProgramEnded, free_ports, require_free

LOGGING: Final = Path(__file__).with_name("uvicorn.json")  # nothing of Uvicorn's own: app/logs.py writes its lines too


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a cloud listens on this machine."""

    api: int
    aws: int
    mailbox: int

    @classmethod
    def free(cls) -> Self:
        """Return ports that nothing listened on a moment ago."""
        return cls(*free_ports(3))


@contextmanager
def person(api_url: str, endpoint_url: str, email: str) -> Iterator[httpx.Client]:
    """Register, confirm and sign in somebody at an API that stands on an emulator; yield a client for them."""
    who = {"email": email, "password": secrets.token_urlsafe()}
    names = {"given_name": "Ada", "family_name": "Lovelace"}
    with httpx.Client(base_url=api_url, timeout=30, trust_env=False) as client:
        client.post("/auth/register", json=who | names).raise_for_status()
        code = {"email": email, "code": confirmation_code(endpoint_url, email)}
        client.post("/auth/confirm", json=code).raise_for_status()
        form = {"grant_type": "password", "username": email, "password": who["password"]}
        token = client.post("/auth/token", data=form).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield client


class StateInUse(LocalCloudError):
    """Another cloud keeps its data in the same place."""


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running PixTag: its addresses, what its processes have in their environment, and the processes."""

    api_url: str
    endpoint_url: str
    mailbox_url: str
    environment: Mapping[str, str]
    emulator: Program | None  # None when the emulator was there already
    mailbox: Program
    worker: Program
    api: Program

    def person(self, email: str) -> AbstractContextManager[httpx.Client]:
        """Register, confirm and sign in a new person; yield a client of the API that acts for them."""
        return person(self.api_url, self.endpoint_url, email)

    def mails(self, to: str) -> list[Mail]:
        """Return what was mailed to an address, codes included, newest first."""
        answer = httpx.get(f"{self.mailbox_url}/mailbox.json", params={"to": to}, trust_env=False)
        return MAILS.validate_json(answer.raise_for_status().content)

    def watch(self) -> None:
        """Raise ProgramEnded as soon as one of the processes ends; a worker that hung begins anew, as in Lambda."""
        while True:
            for program in filter(None, (self.emulator, self.mailbox, self.worker, self.api)):
                try:
                    program.check()
                except ProgramEnded:
                    if (program, program.status) != (self.worker, -signal.SIGALRM):
                        raise
                    print("The worker hung, was ended and begins anew.", file=sys.stderr)
                    program.start()
            time.sleep(0.2)


@contextmanager
def local_cloud(
    state: Path, ports: Ports, *, endpoint_url: str | None = None, quiet: bool = False
) -> Iterator[LocalCloud]:
    """Run PixTag on this machine until the block is left; what it holds stays in `state`.

    AWS is MiniStack, unless `endpoint_url` is an emulator's that runs already. A `quiet` cloud's programs log
    to files in `state`. Raises LocalCloudError.
    """
    require_free(ports.api, "--port")
    require_free(ports.mailbox, "--mailbox-port")
    state.mkdir(parents=True, exist_ok=True)
    api_url, mailbox_url = f"http://{HOST}:{ports.api}", f"http://{HOST}:{ports.mailbox}"
    with ExitStack() as running:
        running.enter_context(_only_user(state))
        emulator = None
        if endpoint_url is None:
            emulator, endpoint_url = running.enter_context(_emulator(state, ports.aws))
        outputs = Stack(endpoint_url).deploy()
        variables = environment(endpoint_url) | outputs | _addresses(api_url, mailbox_url)
        mailbox, worker, api = map(running.enter_context, _programs(variables, ports, state, quiet=quiet))
        mailbox.wait_for(f"{mailbox_url}/mailbox")
        api.wait_for(f"{api_url}/health")
        yield LocalCloud(api_url, endpoint_url, mailbox_url, variables, emulator, mailbox, worker, api)


@contextmanager
def _only_user(state: Path) -> Iterator[None]:
    """Keep others from the state: MiniStack writes all it holds when it stops, so of two the last one would win."""
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(f"PixTag is running on {state} already. Choose another with --state.") from error
        yield


@contextmanager
def _emulator(state: Path, port: int) -> Iterator[tuple[Program, str]]:
    require_free(port, "--aws-port")
    endpoint_url = f"http://{HOST}:{port}"
    with ministack(state.resolve(), port) as program:
        program.wait_for(f"{endpoint_url}/_ministack/ready")
        yield program, endpoint_url


def _addresses(api_url: str, mailbox_url: str) -> dict[str, str]:
    """Return the settings that are no output: a laptop's API serves the UI, and its mail goes to the mailbox."""
    return {"PIXTAG_UI_URL": api_url, "PIXTAG_MAILBOX_URL": mailbox_url}


def _programs(variables: Mapping[str, str], ports: Ports, state: Path, *, quiet: bool) -> list[Program]:
    serve = ["uvicorn", "app.main:app", "--host", HOST, "--port", str(ports.api)]
    # Clients keep a connection for about a minute. The one who ends it first should be the client: what is sent on it
    # while the server ends it is lost.
    serve += ["--no-server-header", "--no-access-log", "--log-config", str(LOGGING)]
    serve += ["--timeout-graceful-shutdown", "5", "--timeout-keep-alive", "75"]
    commands = {
        "mailbox": ["infra.local.mailbox", str(ports.mailbox), str(state.resolve() / "mails.jsonl")],
        "worker": ["infra.local.poller"],
        "API": serve,
    }
    logs = {name: state / f"{name.lower()}.log" if quiet else None for name in commands}
    return [
        Program(f"The {name}", command, {**variables, "POWERTOOLS_SERVICE_NAME": name.lower()}, logs[name])
        for name, command in commands.items()
    ]


def main() -> None:
    """Run until Ctrl-C or SIGTERM, or until a process ends that should not."""
    options = _options()
    stop_on_signals()
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    try:
        ports = Ports(options.port, options.aws_port, options.mailbox_port)
        with local_cloud(options.state, ports, endpoint_url=endpoint_url) as cloud:
            _greet(cloud)
            cloud.watch()
    except (LocalCloudError, BotoCoreError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("PixTag has stopped.")


def stop_on_signals() -> None:
    """Let SIGTERM end this process as Ctrl-C does, its programs with it; and SIGINT also in the background."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.cloud",
        description="Run PixTag on this machine and an emulated AWS: the one at AWS_ENDPOINT_URL, or MiniStack.",
    )
    parser.add_argument("--port", type=int, default=8000, help="where the API listens (default: 8000)")
    parser.add_argument("--aws-port", type=int, default=4566, help="where MiniStack does (default: 4566)")
    parser.add_argument(
        "--mailbox-port",
        type=int,
        default=8025,
        help="where the mailbox does (default: 8025); keep it, for SNS remembers it with every address",
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(".pixtag"),
        help="where everything is kept (default: .pixtag)",
    )
    return parser.parse_args()


def _greet(cloud: LocalCloud) -> None:
    print(f"PixTag   {cloud.api_url}")
    print(f"  docs   {cloud.api_url}/docs")
    print(f"  AWS    {cloud.endpoint_url}")
    print(f"  mail   {cloud.mailbox_url}/mailbox (codes and notifications)")
    print("Ctrl-C stops it; everything is there again at the next start.", flush=True)


if __name__ == "__main__":
    main()
