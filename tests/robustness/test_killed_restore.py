"""A restore is killed before each of its writes. `pixtag restore` continues it, and nothing is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from app.domain.errors import StartFailed
from app.local_instance import local_instance
from tests.support.documents import ROOT
from tests.support.fakes import FakeDetector
from tests.support.libraries import Library, make_library
from tests.support.local_invariants import check_local_invariants
from tests.support.local_stores import use_local_stores
from tests.support.sampling import TORTURE
from tests.support.services import Services
from tests.support.stored_data import LocalData

PHOTOS: Final = 3
NEVER: Final = 1_000_000
KILLED: Final = [0, 14, 32] if not TORTURE else range(35)  # the restore of these photos has at least 35 writes


def fill(library: Library, photo: bytes) -> str:
    owner = library.add_account()
    for number in range(PHOTOS):
        library.add_photo(owner, photo + bytes([number]))
    library.receive(owner, photo + b"waiting")
    return owner


def run_restore(file: Path, data: Path, number: int) -> int:
    """Restore in another process, which is killed before the write with this number. Return its status."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    return subprocess.run(
        [sys.executable, "-m", "tests.robustness.kills.restore", file, str(number)],
        env=variables | {"PIXTAG_DATA": str(data)},
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
    ).returncode


@pytest.fixture
def source(tmp_path: Path, detector: FakeDetector) -> Iterator[Library]:
    with make_library("local", tmp_path / "source", detector) as library:
        yield library


@pytest.mark.timeout(0)
@pytest.mark.parametrize("number", KILLED)
def test_restore_killed_before_any_write_is_continued(
    source: Library, tmp_path: Path, detector: FakeDetector, photo: bytes, number: int
) -> None:
    owner = fill(source, photo)
    file, data = tmp_path / "library.backup", tmp_path / "restored"
    file.write_bytes(source.backup())

    assert run_restore(file, data, number) == -signal.SIGKILL
    with use_local_stores(data, detector) as stores:
        is_begun = stores.backups.find_restore() is not None
        if is_begun:
            with pytest.raises(StartFailed, match="Continue it"), ExitStack() as stack:
                stack.enter_context(local_instance())
    assert is_begun or number == 0
    assert run_restore(file, data, NEVER) == 0

    check_local_invariants(data)
    with use_local_stores(data, detector) as stores:
        restored = Library(Services(stores, lambda: detector, ""), LocalData(data))
        assert restored.list_images(owner) == source.list_images(owner)
        assert restored.list_objects(owner) == source.list_objects(owner)
        assert stores.queue.count() == 1
