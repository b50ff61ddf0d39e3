"""Rebuilds the table of the running local cloud from its stored objects (`make rebuild`)."""

import os
import subprocess
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.emulator import DEFAULT_ENDPOINT_URL, Stack, environment
from infra.local.program import LocalCloudError

UNUSED_SETTINGS = {"PIXTAG_UI_URL": "", "PIXTAG_MAILBOX_URL": ""}  # required, but only the running worker sends e-mails


def main() -> None:
    """Run `app.rebuild` with the emulator at AWS_ENDPOINT_URL, by default the emulator that `make run` starts."""
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT_URL)
    try:
        variables = environment(endpoint_url) | Stack(endpoint_url).variables() | UNUSED_SETTINGS
    except (LocalCloudError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.exit(subprocess.run([sys.executable, "-m", "app.rebuild"], env=variables, check=False).returncode)


if __name__ == "__main__":
    main()
