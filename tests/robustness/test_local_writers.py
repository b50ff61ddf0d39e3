"""Processes write to one database at once, and are killed: no change is lost, and no writer fails."""

import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from app.adapters.local.database import Database
from app.adapters.local.images import SqliteImages
from tests.robustness.kills.writer import OWNER
from tests.robustness.torture import cases
from tests.support.fakes import image
from tests.support.local_invariants import check_local_invariants
from tests.support.sampling import rounds

PROCESSES: Final = 5
THREADS: Final = 10
CHANGES: Final = rounds(50, 500)  # of each process
KILLS: Final = rounds(10, 300)


def start_writer(folder: Path, changes: int, ids: list[str]) -> subprocess.Popen[str]:
    arguments = [str(folder), str(THREADS), str(changes), *ids]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.robustness.kills.writer", *arguments], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def ids(tmp_path: Path) -> list[str]:
    """The ids of five images without tags."""
    with closing(Database(tmp_path / "pixtag.db")) as database:
        return [SqliteImages(database).save(image(OWNER)).id for _ in range(5)]


def count_dogs(folder: Path, ids: list[str]) -> list[int]:
    """Check the invariants, then return the number of dogs in each image."""
    check_local_invariants(folder, with_objects=False)
    with closing(Database(folder / "pixtag.db")) as database:
        images = SqliteImages(database)
        counts = [images.get_image(OWNER, image_id).tags.get("dog", 0) for image_id in ids]
        assert images.count_tag(OWNER, "dog").objects == sum(counts)
    return counts


def test_fifty_writers_in_five_processes_lose_no_change(tmp_path: Path, ids: list[str]) -> None:
    writers = [start_writer(tmp_path, CHANGES, ids) for _ in range(PROCESSES)]

    outputs = [writer.communicate()[0] for writer in writers]

    cases.append(PROCESSES * CHANGES)
    assert [writer.returncode for writer in writers] == [0] * PROCESSES
    reported = Counter(line for output in outputs for line in output.splitlines())
    assert set(reported.values()) == {1}  # no two writers made the same version
    assert count_dogs(tmp_path, ids) == [PROCESSES * CHANGES // len(ids)] * len(ids)


@pytest.mark.timeout(0)
def test_killed_writer_keeps_every_change_that_it_reported(tmp_path: Path, ids: list[str]) -> None:
    delays = random.Random(3)  # noqa: S311 - a delay, not a secret
    latest = dict.fromkeys(ids, 1)
    for _ in range(KILLS):
        cases.append(1)
        writer = start_writer(tmp_path, 900, ids)
        assert writer.stdout
        lines = [writer.stdout.readline() for _ in range(delays.randint(1, 40))]
        writer.kill()
        lines += [line for line in writer.communicate()[0].splitlines() if line.count(" ") == 1]

        for image_id, version in (line.split() for line in lines if line.strip()):
            latest[image_id] = max(latest[image_id], int(version))
        counts = count_dogs(tmp_path, ids)
        assert all(count + 1 >= latest[image_id] for count, image_id in zip(counts, ids, strict=True))
