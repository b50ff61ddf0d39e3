"""Deploys the stack to running emulators and prints the environment of PixTag, for people who start its programs.

Usage: `source <(python -m infra.local.deploy)`.
"""

import os
import shlex
import sys
from typing import Final

from infra.local.cloud import MAILBOX_PORT
from infra.local.emulator import Stack, environment
from infra.local.endpoints import VARIABLE, explain_failures
from infra.local.program import HOST, LocalCloudError

API_PORT: Final = 8000  # the default of uvicorn


def main() -> None:
    """Print an `export` command for each variable. Exit with one sentence if an emulator fails."""
    if not (endpoint_url := os.environ.get(VARIABLE)):
        sys.exit(f"Set {VARIABLE} to the URL of an emulator.")
    try:
        with explain_failures(endpoint_url):
            outputs = Stack(endpoint_url).deploy()
    except LocalCloudError as error:
        sys.exit(str(error))
    addresses = {"PIXTAG_UI_URL": f"http://{HOST}:{API_PORT}", "PIXTAG_MAILBOX_URL": f"http://{HOST}:{MAILBOX_PORT}"}
    variables = environment(endpoint_url) | outputs | addresses
    for name, value in sorted(variables.items()):
        if name.startswith(("AWS_", "PIXTAG_", "no_proxy")):
            print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
