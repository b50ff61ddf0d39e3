import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.wal_file import has_lost_commit, list_pages

HEADER = 32
FRAME = 24 + 4096


@pytest.fixture
def wal(tmp_path: Path) -> Path:
    """A -wal file of ten transactions, as a kill of the process leaves it. Older frames follow."""
    path = tmp_path / "used.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE number (number)")
        for number in range(30):
            connection.execute("INSERT INTO number VALUES (?)", (number,))
        connection.execute("CREATE TABLE other (number)")
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        for number in range(10):
            connection.execute("INSERT INTO number VALUES (?)", (number,))
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", tmp_path / f"killed.db{suffix}")
    return tmp_path / "killed.db-wal"


def count_rows(wal: Path) -> int:
    with closing(sqlite3.connect(str(wal).removesuffix("-wal"))) as connection:
        count: int = connection.execute("SELECT count(*) FROM number").fetchone()[0]
        return count


def test_intact_file_has_no_lost_commit(wal: Path) -> None:
    assert not has_lost_commit(wal)
    assert count_rows(wal) == 40


@pytest.mark.parametrize(
    ("offset", "rows"),
    [
        *[(offset, 30) for offset in (0, 3, 9, 17, 25, HEADER, HEADER + 5, HEADER + 9, HEADER + 17, HEADER + 30)],
        (HEADER + 5 * FRAME + 2000, 35),
        (HEADER + 10 * FRAME - 1, 39),
    ],
)
def test_file_with_a_changed_byte_has_a_lost_commit(wal: Path, offset: int, rows: int) -> None:
    contents = bytearray(wal.read_bytes())
    contents[offset] ^= 0x10
    wal.write_bytes(contents)

    assert has_lost_commit(wal)
    assert count_rows(wal) == rows


def cut(contents: bytes) -> bytes:
    return contents[: HEADER + 5 * FRAME + 100]


def cut_header(contents: bytes) -> bytes:
    return contents[:3]


def clear(contents: bytes) -> bytes:
    return bytes(len(contents))


def spill(contents: bytes) -> bytes:
    """Add the frame of a transaction that was rolled back, whose place in the file later became wrong."""
    frame = bytearray(contents[HEADER : HEADER + FRAME])
    frame[4:8] = bytes(4)
    return contents[: HEADER + 10 * FRAME] + bytes(frame)


@pytest.mark.parametrize("change", [cut, cut_header, clear, spill])
def test_file_without_a_later_commit_has_no_lost_commit(wal: Path, change: Callable[[bytes], bytes]) -> None:
    wal.write_bytes(change(wal.read_bytes()))

    assert not has_lost_commit(wal)


def test_missing_file_has_no_lost_commit(tmp_path: Path) -> None:
    assert not has_lost_commit(tmp_path / "missing.db-wal")


def test_list_pages_leaves_out_older_frames(wal: Path) -> None:
    assert list_pages(wal) == {2}  # older frames contain pages 1 and 3
