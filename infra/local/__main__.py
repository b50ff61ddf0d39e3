"""Runs the local cloud until Ctrl-C (`python -m infra.local`). It is for the development of the AWS adapters."""

import argparse
import os
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.program import LocalCloudError, stop_on_signals


def main() -> None:
    """Run the local cloud until Ctrl-C or SIGTERM. Exit with an error if one of its processes ends unexpectedly."""
    options = _parse_options()
    stop_on_signals()
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    try:
        ports = Ports(options.port, options.aws_port, options.mailbox_port)
        with local_cloud(options.state, ports, endpoint_url=endpoint_url) as cloud:
            _print_greeting(cloud)
            cloud.watch()
    except (LocalCloudError, BotoCoreError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("PixTag has stopped.")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local",
        description="Run PixTag on this machine with emulated AWS. If AWS_ENDPOINT_URL is set, use that emulator.",
    )
    parser.add_argument("--port", type=int, default=8000, help="the port of the API (default: 8000)")
    parser.add_argument("--aws-port", type=int, default=4566, help="the port of the emulator (default: 4566)")
    parser.add_argument(
        "--mailbox-port",
        type=int,
        default=8025,
        help="the port of the mailbox (default: 8025); do not change it later, because SNS stores it in subscriptions",
    )
    parser.add_argument(
        "--state", type=Path, default=Path(".pixtag"), help="the folder for all data (default: .pixtag)"
    )
    return parser.parse_args()


def _print_greeting(cloud: LocalCloud) -> None:
    print(f"PixTag   {cloud.url}")
    print(f"  docs   {cloud.url}/docs")
    print(f"  AWS    {cloud.endpoint_url}")
    print(f"  mail   {cloud.mailbox_url}/mailbox (codes and alerts)")
    print("Press Ctrl-C to stop. Your photos are saved for the next start.", flush=True)


if __name__ == "__main__":
    main()
