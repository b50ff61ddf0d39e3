"""Runs PixTag on emulated AWS for `pixtag run --aws emulator`."""

import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from app.domain.errors import StartFailed

CHECKOUT: Final = Path(__file__).parents[2]


def run_emulator(port: int, data: Path | None, *, is_verbose: bool) -> NoReturn:
    """Replace this process with the local cloud, which is not a part of the installed package.

    Raises:
        StartFailed: this is not a checkout, or a data folder is given.
    """
    if data:
        raise StartFailed("Emulated AWS keeps nothing, so it has no data folder. Leave out --data.")
    if not (CHECKOUT / "infra" / "local").is_dir():
        raise StartFailed("Emulated AWS needs a checkout of PixTag. Run `make run AWS=emulator` in it.")
    os.chdir(CHECKOUT)
    command = [sys.executable, "-m", "infra.local", "--port", str(port), *(["--verbose"] if is_verbose else [])]
    os.execv(sys.executable, command)
