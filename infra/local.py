"""The laptop's cloud: emulated AWS, the worker and the API as one command; holds no rule of PixTag."""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from botocore.exceptions import BotoCoreError

from infra.emulator import Stack, confirmation_code, environment, mailbox_url, ministack
from infra.program import HOST, LocalCloudError, Program, require_free


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running PixTag: its addresses, what its processes have in their environment, and the processes."""

    api_url: str
    endpoint_url: str
    environment: Mapping[str, str]
    emulator: Program | None  # None when the emulator was there already
    worker: Program
    api: Program

    @contextmanager
    def person(self, email: str) -> Iterator[httpx.Client]:
        """Register, confirm and sign in a new person; yield a client of the API that acts for them."""
        who = {"email": email, "password": secrets.token_urlsafe()}
        names = {"given_name": "Ada", "family_name": "Lovelace"}
        with httpx.Client(base_url=self.api_url, timeout=30, trust_env=False) as client:
            client.post("/auth/register", json=who | names).raise_for_status()
            code = {"email": email, "code": confirmation_code(self.endpoint_url, email)}
            client.post("/auth/confirm", json=code).raise_for_status()
            form = {"grant_type": "password", "username": email, "password": who["password"]}
            token = client.post("/auth/token", data=form).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {token['access_token']}"
            yield client

    def watch(self) -> None:
        """Raise ProgramEnded as soon as one of the processes ends."""
        while True:
            for program in filter(None, (self.emulator, self.worker, self.api)):
                program.check()
            time.sleep(0.2)


@contextmanager
def local_cloud(
    state: Path, *, port: int, aws_port: int, endpoint_url: str | None = None, quiet: bool = False
) -> Iterator[LocalCloud]:
    """Run PixTag on this machine until the block is left; what it holds stays in `state`.

    The API listens on `port` and MiniStack on `aws_port`, unless `endpoint_url` is an emulator's that runs
    already. A `quiet` cloud's worker and API log to files in `state`. Raises LocalCloudError.
    """
    require_free(port, "--port")
    state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        emulator = None
        if endpoint_url is None:
            emulator, endpoint_url = running.enter_context(_emulator(state, aws_port))
        variables = environment(endpoint_url) | Stack(endpoint_url).deploy()
        worker, api = _programs(variables, port, state if quiet else None)
        running.enter_context(worker)
        running.enter_context(api)
        api_url = f"http://{HOST}:{port}"
        api.wait_for(f"{api_url}/health")
        yield LocalCloud(api_url, endpoint_url, variables, emulator, worker, api)


@contextmanager
def _emulator(state: Path, port: int) -> Iterator[tuple[Program, str]]:
    require_free(port, "--aws-port")
    endpoint_url = f"http://{HOST}:{port}"
    with ministack(state.resolve(), port) as program:
        program.wait_for(f"{endpoint_url}/_ministack/ready")
        yield program, endpoint_url


def _programs(variables: Mapping[str, str], port: int, logs: Path | None) -> tuple[Program, Program]:
    serve = ["uvicorn", "app.main:app", "--host", HOST, "--port", str(port)]
    serve += ["--no-server-header", "--timeout-graceful-shutdown", "5"]
    return (
        Program("The worker", ["infra.poller"], variables, logs and logs / "worker.log"),
        Program("The API", serve, variables, logs and logs / "api.log"),
    )


def main() -> None:
    """Run until Ctrl-C or SIGTERM, or until a process ends that should not."""
    options = _options()
    stop_on_signals()
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    try:
        with local_cloud(
            options.state, port=options.port, aws_port=options.aws_port, endpoint_url=endpoint_url
        ) as cloud:
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
        prog="python -m infra.local",
        description="Run PixTag on this machine and an emulated AWS: the one at AWS_ENDPOINT_URL, or MiniStack.",
    )
    parser.add_argument("--port", type=int, default=8000, help="where the API listens (default: 8000)")
    parser.add_argument("--aws-port", type=int, default=4566, help="where MiniStack does (default: 4566)")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(".pixtag"),
        help="where MiniStack keeps its data (default: .pixtag)",
    )
    return parser.parse_args()


def _greet(cloud: LocalCloud) -> None:
    print(f"PixTag   {cloud.api_url}")
    print(f"  docs   {cloud.api_url}/docs")
    print(f"  AWS    {cloud.endpoint_url}")
    if cloud.emulator:
        print(f"  codes  {mailbox_url(cloud.endpoint_url)} (the mail it would have sent)")
    print("Ctrl-C stops it; everything is there again at the next start.", flush=True)


if __name__ == "__main__":
    main()
