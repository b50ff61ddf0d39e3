import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.cli.progress_file import MAX_AGE_SECONDS, ProgressFile
from app.services.doctor.findings import Progress
from tests.support.injected_fault import InjectedFault, fail

PROGRESS = Progress(owner="o", has_rows=True, image_id="i", libraries=1, photos=2, found=3, repaired=1)
OPTIONS = {"repair": True}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "doctor.json"


def interrupt(path: Path, progress: Progress = PROGRESS) -> None:
    """Save a progress and then another one, and end with an exception."""
    file = ProgressFile(path, OPTIONS)
    with suppress(InjectedFault), file:
        file.save(Progress())
        file.save(progress)
        fail()


def test_progress_of_an_interrupted_command_is_loaded(path: Path) -> None:
    interrupt(path)

    assert ProgressFile(path, OPTIONS).load() == PROGRESS


def test_file_is_written_at_most_once_per_second(path: Path) -> None:
    file = ProgressFile(path, OPTIONS)
    file.save(Progress())
    file.save(PROGRESS)

    assert ProgressFile(path, OPTIONS).load() == Progress()


def test_file_of_a_complete_command_is_deleted(path: Path) -> None:
    file = ProgressFile(path, OPTIONS)
    with file:
        file.save(PROGRESS)

    assert not path.exists()


def test_command_that_fails_at_once_writes_nothing(path: Path) -> None:
    with pytest.raises(InjectedFault), ProgressFile(path, OPTIONS):
        fail()

    assert not path.exists()


def test_progress_with_other_options_is_ignored(path: Path) -> None:
    interrupt(path)

    assert ProgressFile(path, {"repair": False}).load() == Progress()


def test_old_progress_is_ignored(path: Path) -> None:
    interrupt(path)
    os.utime(path, (time.time() - MAX_AGE_SECONDS - 1,) * 2)

    assert ProgressFile(path, OPTIONS).load() == Progress()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 10**6,
        "[" * 2**15,
        "[]",
        "{}",
        '{"options": {"repair": true}}',
        '{"options": {"repair": true}, "progress": {"owner": 1}}',
    ],
    ids=["empty", "cut", "huge", "deep", "list", "no-options", "no-progress", "wrong-progress"],
)
def test_damaged_file_is_ignored(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)

    assert ProgressFile(path, OPTIONS).load() == Progress()


def test_file_that_cannot_be_written_is_ignored(path: Path) -> None:
    path.mkdir(parents=True)

    interrupt(path)

    assert ProgressFile(path, OPTIONS).load() == Progress()


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_file_of_another_kind_is_ignored(path: Path, make: Callable[[Path], None]) -> None:
    path.parent.mkdir()
    for each in (path, path.with_suffix(".tmp")):
        make(each)

    assert ProgressFile(path, OPTIONS).load() == Progress()
    interrupt(path)
