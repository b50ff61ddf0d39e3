"""The simulated disk loses what POSIX allows it to lose, and nothing else. Small programs are recorded."""

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Final

import pytest

from tests.robustness.power_cut.disk import Disk
from tests.robustness.power_cut.recording import MISSING, Kind, Recording

SEEDS: Final = 60
OLD: Final = b"o" * 5_000
NEW: Final = b"n" * 5_000

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

PRELUDE: Final = f"""
import os, shutil
OLD, NEW = {OLD!r}, {NEW!r}
def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
def store(path, data):
    write(path, data)
    sync(path)
    sync(os.path.dirname(path) or ".")
"""

Outcomes = set[frozenset[tuple[str, bytes]]]


@pytest.fixture
def cut_power(tmp_path: Path) -> Callable[[str], Outcomes]:
    """Return a function that records a program and returns the possible files after a power cut at its end."""
    folder = tmp_path / "data"
    folder.mkdir()
    before = Disk(folder)
    recording = Recording(folder, tmp_path / "recording.log")

    def run(code: str) -> Outcomes:
        subprocess.run(
            [sys.executable, "-c", PRELUDE + code], cwd=folder, env={"PATH": "", **recording.variables}, check=True
        )
        disk = deepcopy(before)
        disk.apply(recording.read())
        return {read_files(disk, tmp_path / "cut", seed) for seed in range(SEEDS)}

    return run


def read_files(disk: Disk, target: Path, seed: int) -> frozenset[tuple[str, bytes]]:
    disk.cut(target, seed)
    paths = [path for path in target.rglob("*") if path.is_file()]
    return frozenset((str(path.relative_to(target)), path.read_bytes()) for path in paths)


def one(name: str, data: bytes) -> frozenset[tuple[str, bytes]]:
    return frozenset({(name, data)})


CutPower = Callable[[str], Outcomes]


def test_file_with_synchronized_bytes_and_name_is_durable(cut_power: CutPower) -> None:
    assert cut_power("store('a', NEW)") == {one("a", NEW)}


def test_file_with_synchronized_bytes_may_lose_its_name(cut_power: CutPower) -> None:
    assert cut_power("write('a', NEW); sync('a')") == {frozenset(), one("a", NEW)}


def test_file_with_synchronized_name_may_lose_its_bytes(cut_power: CutPower) -> None:
    outcomes = cut_power("write('a', NEW); sync('.')")

    contents = {data for ((_, data),) in outcomes}
    assert {b"", NEW, bytes(5_000)} < contents  # and some with lost sectors


def test_overwritten_sectors_are_old_or_new(cut_power: CutPower) -> None:
    outcomes = cut_power("store('a', OLD); file = os.open('a', os.O_RDWR); os.pwrite(file, NEW, 0)")

    contents = {data for ((_, data),) in outcomes}
    assert {OLD, NEW} < contents
    assert all(
        len(data) == len(OLD) and len({*data[start : start + 512]}) == 1
        for data in contents
        for start in range(0, 4_608, 512)
    )


def test_truncated_file_may_be_long_again(cut_power: CutPower) -> None:
    outcomes = cut_power("store('a', OLD); os.truncate('a', 1_000); open('a', 'wb').close()")

    assert {one("a", OLD), one("a", OLD[:1_000]), one("a", b"")} <= outcomes


def test_rename_without_synchronization_keeps_exactly_one_name(cut_power: CutPower) -> None:
    code = "os.mkdir('x'); os.mkdir('y'); sync('.'); store('x/a', NEW); os.replace('x/a', 'y/b')"

    assert cut_power(code) == {one("x/a", NEW), one("y/b", NEW), frozenset({("x/a", NEW), ("y/b", NEW)})}


def test_rename_within_a_folder_keeps_exactly_one_name(cut_power: CutPower) -> None:
    assert cut_power("store('a', NEW); os.replace('a', 'b')") == {one("a", NEW), one("b", NEW)}


def test_replaced_file_is_old_or_new(cut_power: CutPower) -> None:
    code = "store('a', OLD); write('b', NEW); sync('b'); os.replace('b', 'a')"

    assert cut_power(code) == {one("a", OLD), one("a", NEW), frozenset({("a", OLD), ("b", NEW)})}


def test_deleted_file_returns_unless_its_folder_is_synchronized(cut_power: CutPower) -> None:
    assert cut_power("store('a', NEW); os.unlink('a')") == {frozenset(), one("a", NEW)}
    assert cut_power("store('b', NEW); os.unlink('b'); sync('.')") == {frozenset()}


def test_file_in_a_folder_that_is_not_durable_is_lost(cut_power: CutPower) -> None:
    assert cut_power("os.mkdir('x'); store('x/a', NEW)") == {frozenset(), one("x/a", NEW)}


def test_linked_file_has_two_durable_names(cut_power: CutPower) -> None:
    assert cut_power("store('a', NEW); os.link('a', 'b'); sync('.')") == {frozenset({("a", NEW), ("b", NEW)})}


def test_rename_to_another_name_of_the_same_file_changes_nothing(cut_power: CutPower) -> None:
    code = "store('a', NEW); os.link('a', 'b'); sync('.'); os.rename('a', 'b'); sync('.')"

    assert cut_power(code) == {frozenset({("a", NEW), ("b", NEW)})}


def test_file_moved_to_another_folder_is_durable_with_its_old_folder(cut_power: CutPower) -> None:
    code = "os.mkdir('x'); sync('.'); store('a', NEW); os.rename('a', 'x/a'); sync('.')"

    assert cut_power(code) == {one("x/a", NEW)}


def test_operation_that_the_recorder_does_not_support_is_an_error(cut_power: CutPower) -> None:
    with pytest.raises(AssertionError, match="does not support"):
        cut_power("store('a', NEW); shutil.copyfile('a', 'b')")


def test_what_a_folder_contains_before_the_recording_is_durable(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "x").mkdir(parents=True)
    (folder / "x" / "a").write_bytes(OLD)
    (folder / "b").hardlink_to(folder / "x" / "a")

    disk = Disk(folder)

    assert {read_files(disk, tmp_path / "cut", seed) for seed in range(SEEDS)} == {
        frozenset({("x/a", OLD), ("b", OLD)})
    }


def test_marks_are_in_order_with_the_operations(tmp_path: Path) -> None:
    recording = Recording(tmp_path, tmp_path / "recording.log")

    recording.mark("first")
    recording.mark("second")

    records = recording.read()
    assert [(record.kind, record.data) for record in records] == [(Kind.MARK, b"first"), (Kind.MARK, b"second")]
