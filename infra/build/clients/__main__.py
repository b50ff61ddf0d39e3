"""Generates the clients in a temporary folder, and writes a wheel and an npm package to the folder `dist`.

Run it with the Python of `.venv-clients`, which contains the generator and Hatchling.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.build import node

ROOT: Final = Path(__file__).parents[3]
DOCUMENT: Final = ROOT / "openapi.json"
DIST: Final = ROOT / "dist"
PACKAGE: Final = "pixtag_client"

_PYTHON: Final = Path(__file__).with_name("python")
_TYPESCRIPT: Final = Path(__file__).with_name("typescript")
_PAGES: Final = (ROOT / "LICENSE", Path(__file__).with_name("README.md"))


def build_python_client(folder: Path, version: str) -> None:
    """Generate the Python package in a folder, and pack it as a wheel."""
    _copy(folder, _PYTHON / "pyproject.toml", *_PAGES)
    options = {"--path": DOCUMENT, "--output-path": folder / PACKAGE, "--meta": "none"}
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # ruff formats the package
    _run([*command, *(f"{name}={value}" for name, value in options.items())], folder, PATH=programs)
    (folder / PACKAGE / "py.typed").touch()  # the generator only writes it together with a project of its own
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(DIST)]
    _run(build, folder, VERSION=version)


def build_typescript_client(folder: Path, version: str) -> None:
    """Generate the TypeScript package in a folder, compile it, and pack it as npm does."""
    _copy(folder, DOCUMENT, _TYPESCRIPT / "tsconfig.json", *_PAGES)
    package = json.loads((_TYPESCRIPT / "package.json").read_text()) | {"version": version}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "node_modules").symlink_to(_TYPESCRIPT / "node_modules")
    for command in (["run", "--silent", "build"], ["pack", "--silent", "--pack-destination", str(DIST)]):
        if status := node.run(["npm", *command], folder):
            sys.exit(status)


def _copy(folder: Path, *files: Path) -> None:
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)


def _run(command: list[str], folder: Path, **variables: str) -> None:
    if status := subprocess.run(command, check=False, cwd=folder, env=os.environ | variables).returncode:
        sys.exit(status)


if __name__ == "__main__":
    document_version = json.loads(DOCUMENT.read_text())["info"]["version"]
    DIST.mkdir(exist_ok=True)
    with TemporaryDirectory() as temporary:
        build_python_client(Path(temporary, "python"), document_version)
        build_typescript_client(Path(temporary, "typescript"), document_version)
