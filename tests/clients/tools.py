"""Runs the linters of the OpenAPI document and the generators that only the tests use."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from infra.build.clients.__main__ import ROOT

FOLDER: Final = Path(__file__).with_name("generators")
PYTHON: Final = ROOT / ".venv-clients" / "bin"

_TOOLS: Final = FOLDER / "node_modules" / ".bin"
_NODE: Final = Path(sys.executable).parent
_QUIET: Final = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run_tool(name: str, *arguments: str | Path, cwd: Path) -> str:
    """Run a program of npm's lock file in a folder, and return its output. It must succeed.

    The Node.js of .venv runs it, because the newest generators need a newer version than the web UI.
    """
    return _run([_TOOLS / name, *arguments], cwd, _NODE)


def run_node(program: str, *arguments: str | Path, cwd: Path) -> str:
    """Run a JavaScript program in a folder, and return its output. It must succeed."""
    return _run([_NODE / "node", program, *arguments], cwd, _NODE)


def run_python_tool(name: str, *arguments: str | Path, cwd: Path, **variables: str) -> str:
    """Run a program of .venv-clients in a folder, and return its output. It must succeed."""
    return _run([PYTHON / name, *arguments], cwd, PYTHON, **variables)


def _run(command: list[str | Path], cwd: Path, programs: Path, **variables: str) -> str:
    assert Path(command[0]).exists(), "run make clients, which installs the tools"
    environment = os.environ | _QUIET | {"PATH": os.pathsep.join([str(programs), os.environ["PATH"]])} | variables
    process = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    output = process.stdout + process.stderr
    assert process.returncode == 0, output
    return output
