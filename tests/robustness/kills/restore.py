"""Restores a backup, and is killed before a given write: `python -m tests.robustness.kills.restore FILE NUMBER`.

A write is a transaction, the end of a file, or a change of its name.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

from app.adapters.local.database import Database
from app.adapters.local.files import UnfinishedFile
from app.cli.backups import restore_backup


def kill_before(number: int) -> None:
    """Kill this process before the write with this number."""
    writes = count()

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def count_and_call(*args: Any, **kwargs: Any) -> Any:
            if next(writes) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return count_and_call

    for owner, name in ((Database, "write"), (UnfinishedFile, "finish"), (UnfinishedFile, "move")):
        setattr(owner, name, wrap(getattr(owner, name)))


if __name__ == "__main__":
    kill_before(int(sys.argv[2]))
    restore_backup(Path(sys.argv[1]), passphrase_stdin=False)
