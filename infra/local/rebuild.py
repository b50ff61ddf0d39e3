"""`make rebuild`: the table of the running laptop's cloud written anew from the objects, should it ever be lost."""

import os
import subprocess
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.emulator import LAPTOP, Stack, environment
from infra.local.program import LocalCloudError

UNUSED = {"PIXTAG_UI_URL": "", "PIXTAG_MAILBOX_URL": ""}  # a rebuild sends no mail: the running worker does


def main() -> None:
    """Rebuild on the PixTag that `make run` keeps running, or at AWS_ENDPOINT_URL; ends as `app.rebuild` does."""
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL", LAPTOP)
    try:
        variables = environment(endpoint_url) | Stack(endpoint_url).variables() | UNUSED
    except (LocalCloudError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    sys.exit(subprocess.run([sys.executable, "-m", "app.rebuild"], env=variables, check=False).returncode)


if __name__ == "__main__":
    main()
