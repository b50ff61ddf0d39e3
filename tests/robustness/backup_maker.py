"""Makes backups while PixTag is killed, kills some of them, and reads each complete one."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.services.backups.archive import verify
from tests.support.documents import ROOT

MAX_SECONDS: Final = 5.0  # a backup takes about two seconds
TOO_FEW_SECONDS: Final = 0.1
random_delays: Final = random.Random()  # noqa: S311 - delays, not secrets


@dataclass
class BackupMaker:
    """Runs `pixtag backup`, again and again.

    Attributes:
        data: The data folder.
        folder: The folder for the backups.
        accounts: The number of accounts that every backup contains.
        complete: The number of complete backups.
        killed: The number of killed backups.
    """

    data: Path
    folder: Path
    accounts: int
    complete: int = 0
    killed: int = 0

    def use(self, is_done: Callable[[], bool]) -> None:
        """Make backups until the function returns true, but at least a killed and a complete one."""
        self.make(TOO_FEW_SECONDS)
        while not (is_done() and self.complete):
            self.make(random_delays.choice((None, random_delays.uniform(0, MAX_SECONDS))))

    def make(self, kill_after: float | None) -> None:
        """Make a backup, and kill it after some seconds. If there is a file, it is complete."""
        file = self.folder / f"{self.complete + self.killed}.tar"
        command = [sys.executable, "-m", "app.cli", "backup", str(file), "--data", str(self.data)]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
        with subprocess.Popen(
            command, env=variables, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                output = process.communicate(timeout=kill_after)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                output = process.communicate()[0]
        assert process.returncode <= 0, output
        self.killed += process.returncode < 0
        assert file.exists() or process.returncode < 0
        if file.exists():
            with file.open("rb") as backup:
                assert len(verify(backup).accounts) >= self.accounts
            file.unlink()
            self.complete += 1
