"""Runs the local cloud until Ctrl-C, for `pixtag run --aws emulator`."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.program import LocalCloudError, stop_on_signals


def main() -> None:
    """Run the local cloud until Ctrl-C or SIGTERM. Exit with an error if one of its processes ends unexpectedly."""
    options = _parse_options()
    stop_on_signals()
    os.environ["POWERTOOLS_LOG_LEVEL"] = "INFO" if options.verbose else "WARNING"
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    print(f"AWS      {endpoint_url or 'MiniStack'}. Photos and accounts are lost when the emulator stops.", flush=True)
    try:
        ports = Ports.choose(options.port)
        with (
            tempfile.TemporaryDirectory(prefix="pixtag-") as folder,
            local_cloud(Path(folder), ports, endpoint_url=endpoint_url) as cloud,
        ):
            _print_addresses(cloud)
            cloud.watch()
    except LocalCloudError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("PixTag has stopped.")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local")
    parser.add_argument("--port", type=int, required=True, help="the port of the API; 0 chooses a free one")
    parser.add_argument("--verbose", action="store_true", help="log each request and each photo")
    return parser.parse_args()


def _print_addresses(cloud: LocalCloud) -> None:
    greeting = (
        f"PixTag   {cloud.url}\n"
        f"  docs   {cloud.url}/docs\n"
        f"  AWS    {cloud.endpoint_url}\n"
        f"  mail   {cloud.mailbox_url}/mailbox (codes and alerts)\n"
        "Press Ctrl-C to stop.\n"
    )
    print(greeting, end="", flush=True)  # at once, because other threads print the logs of the programs


if __name__ == "__main__":
    main()
