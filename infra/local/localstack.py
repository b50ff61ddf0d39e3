"""Runs PixTag on LocalStack and on moto's server, and uses it as one person does (`make localstack`).

LocalStack emulates CloudFormation, S3, SNS and SQS. moto emulates DynamoDB and Cognito, which LocalStack lacks without
an account.
"""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import environment
from infra.local.endpoints import COGNITO, DYNAMODB, VARIABLE
from infra.local.journey import run_journey
from infra.local.program import CHILD, HOST, ROOT, LocalCloudError, Program, find_free_ports, stop_on_signals

PYTHON: Final = ROOT / ".venv-localstack" / "bin" / "python"
OTHER_HOST: Final = "127.0.0.2"  # also this machine, but nothing may listen there
SERVICES: Final = "cloudformation,cloudwatch,iam,s3,sns,sqs,sts"


class NotPrivate(LocalCloudError):
    """A program accepts connections from other machines."""


def main() -> None:
    """Run the journey, print each step that passes, and exit with one sentence if a step fails."""
    stop_on_signals()
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="pixtag-") as folder, run_on_localstack(Path(folder)) as cloud:
            report("start", time.monotonic() - start)
            run_journey(cloud, report)
    except LocalCloudError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("The journey was stopped.")


def report(step: str, seconds: float) -> None:
    """Print a step that passed."""
    print(f"{step:<10} {seconds:5.1f} s", flush=True)


@contextmanager
def run_on_localstack(folder: Path) -> Iterator[LocalCloud]:
    """Run the local cloud on LocalStack and moto for the duration of a `with` block.

    Raises:
        LocalCloudError: a program cannot start, or it accepts connections from other machines.
    """
    ports, (moto_port,) = Ports.find_free(), find_free_ports(1)
    localstack_url, moto_url = f"http://{HOST}:{ports.aws}", f"http://{HOST}:{moto_port}"
    os.environ |= {f"{VARIABLE}_{service}": moto_url for service in (COGNITO, DYNAMODB)}
    with ExitStack() as running:
        localstack = running.enter_context(make_localstack(folder, ports.aws))
        moto = running.enter_context(make_moto(folder, moto_port))
        moto.wait_for(f"{moto_url}/moto-api/data.json")
        localstack.wait_for(f"{localstack_url}/_localstack/health")
        cloud = running.enter_context(local_cloud(folder, ports, endpoint_url=localstack_url, quiet=True))
        for port in (ports.aws, moto_port, ports.mailbox, ports.api):
            require_private(port)
        yield cloud


def make_localstack(folder: Path, port: int) -> Program:
    """Return the LocalStack program. It keeps its data in memory, and its other files in the folder."""
    settings = {
        "SERVICES": SERVICES,
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "GATEWAY_SERVER": "hypercorn",  # the default server ignores the host in GATEWAY_LISTEN and listens everywhere
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(folder / "localstack"),
        "HOME": str(folder),  # for the cache of its plugins
        "DNS_ADDRESS": "0",  # no DNS server
        "DISABLE_EVENTS": "1",  # no usage data to LocalStack
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }
    variables = environment(f"http://{HOST}:{port}") | settings
    return Program("LocalStack", [CHILD, "localstack.runtime.main"], variables, folder / "localstack.log", PYTHON)


def make_moto(folder: Path, port: int) -> Program:
    """Return the program of moto's server."""
    command = [CHILD, "moto.server", "-H", HOST, "-p", str(port)]
    return Program("moto", command, environment(f"http://{HOST}:{port}"), folder / "moto.log")


def require_private(port: int) -> None:
    """Check that nothing listens on the port at other addresses than 127.0.0.1.

    Raises:
        NotPrivate: something does.
    """
    with socket.socket() as probe:
        if probe.connect_ex((OTHER_HOST, port)) == 0:
            raise NotPrivate(f"Port {port} accepts connections from other machines.")


if __name__ == "__main__":
    main()
