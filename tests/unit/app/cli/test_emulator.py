import os
import sys
from pathlib import Path

import pytest

from app.cli import emulator
from app.cli.main import main
from tests.support.documents import ROOT


class Replaced(Exception):
    """This process would be another program now."""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that replace this process. Each one runs in the folder of the checkout."""
    commands: list[list[str]] = []

    def replace(_program: str, command: list[str]) -> None:
        assert Path.cwd() == ROOT
        commands.append(command)
        raise Replaced

    monkeypatch.setattr(os, "execv", replace)
    return commands


def run_main(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> None:
    """Run `pixtag run --aws emulator` in another folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["pixtag", "run", "--aws", "emulator", *options])
    main()


@pytest.mark.parametrize(
    ("options", "passed_on"), [([], ["--port", "8000"]), (["--verbose", "--port=0"], ["--port", "0", "--verbose"])]
)
def test_run_with_the_emulator_runs_the_local_cloud_of_the_checkout(
    tmp_path: Path,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    passed_on: list[str],
) -> None:
    with pytest.raises(Replaced):
        run_main(monkeypatch, tmp_path, *options)

    assert commands == [[sys.executable, "-m", "infra.local", *passed_on]]


def test_run_with_the_emulator_outside_a_checkout_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "CHECKOUT", tmp_path)

    with pytest.raises(SystemExit) as error:
        run_main(monkeypatch, tmp_path)

    assert error.value.code == "Emulated AWS needs a checkout of PixTag. Run `make run AWS=emulator` in it."


def test_run_with_the_emulator_and_a_data_folder_says_that_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    with pytest.raises(SystemExit) as error:
        run_main(monkeypatch, tmp_path, "--data", str(tmp_path))

    assert error.value.code == "Emulated AWS keeps nothing, so it has no data folder. Leave out --data."
