"""Runs a command of `pixtag`, and kills this process before one of its changes to files.

    python -m tests.robustness.kills.file_operations NUMBER MIGRATIONS COMMAND…

The exit status is 0 if the command ends before the change with this number. MIGRATIONS is the folder of the steps,
unless it is empty.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Final

from app.adapters.local.database import Database
from app.cli.main import main

CHANGES: Final = {"os.rename", "os.remove", "os.mkdir", "shutil.copyfile", "sqlite3.connect"}


def kill_at(number: int, folder: str) -> None:
    """Kill this process before its change with this number in the folder. The first one is 1."""
    count = 0

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        is_change = event in CHANGES or (event == "open" and _is_write(arguments))
        if is_change and folder in str(arguments[0]):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(audit)


def _is_write(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


if __name__ == "__main__":
    number, migrations, *command = sys.argv[1:]
    if migrations:
        Database.__init__.__defaults__ = (None, Path(migrations))
    kill_at(int(number), command[-1])
    sys.argv = ["pixtag", *command]
    main()
