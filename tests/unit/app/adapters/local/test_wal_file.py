import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.wal_file import has_lost_commit, list_pages

HEADER = 32
FRAME = 24 + 4096
INDEX = 48  # bytes of the header of the -shm file, which exists twice


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
            shutil.copyfile(f"{path}-shm", tmp_path / f"{number}.db-shm")
            connection.execute("INSERT INTO number VALUES (?)", (number,))
        for suffix in ("", "-wal", "-shm"):
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


def interrupt(wal: Path, count: int) -> None:
    """Leave the file as a kill during the write of a frame does: SQLite writes its header, and then its page."""
    contents, end, older = wal.read_bytes(), HEADER + count * FRAME + 24, HEADER + 10 * FRAME
    wal.write_bytes(contents[:end] + contents[older + 24 : older + FRAME] + contents[older:])
    index = wal.with_name(f"{max(1, count)}.db-shm").read_bytes()[:INDEX]
    frames = index[16:20] if count else bytes(4)  # the first write begins with an empty index
    wal.with_name("killed.db-shm").write_bytes(2 * (index[:16] + frames + index[20:]))


@pytest.mark.parametrize("count", [0, 1, 9])
def test_frame_that_a_kill_interrupted_is_no_lost_commit(wal: Path, count: int) -> None:
    interrupt(wal, count)

    assert not has_lost_commit(wal)
    assert count_rows(wal) == 30 + count


@pytest.mark.parametrize("other", [8, 10])
def test_interrupted_frame_with_the_index_of_another_time_is_a_lost_commit(wal: Path, other: int) -> None:
    shutil.copyfile(wal.with_name("killed.db-shm"), wal.with_name("10.db-shm"))
    interrupt(wal, 9)
    shutil.copyfile(wal.with_name(f"{other}.db-shm"), wal.with_name("killed.db-shm"))

    assert has_lost_commit(wal)


@pytest.mark.parametrize(
    "change",
    [
        lambda index: b"",
        lambda index: index[: 2 * INDEX - 1],
        lambda index: bytes(len(index)),
        lambda index: index[:INDEX] + bytes(INDEX),
        lambda index: 2 * (index[:32] + b"12345678" + index[40:INDEX]),
        lambda index: 2 * (index[:24] + b"12345678" + index[32:INDEX]),
    ],
    ids=["empty", "cut", "cleared", "half", "salts", "sums"],
)
def test_interrupted_frame_with_a_damaged_index_is_a_lost_commit(wal: Path, change: Callable[[bytes], bytes]) -> None:
    interrupt(wal, 9)
    index = wal.with_name("killed.db-shm")
    index.write_bytes(change(index.read_bytes()))

    assert has_lost_commit(wal)


def test_interrupted_frame_without_an_index_is_a_lost_commit(wal: Path) -> None:
    interrupt(wal, 9)
    wal.with_name("killed.db-shm").unlink()

    assert has_lost_commit(wal)


def test_several_ignored_frames_are_a_lost_commit(wal: Path) -> None:
    contents = bytearray(wal.read_bytes())
    contents[HEADER + 9 * FRAME - 1] ^= 1
    wal.write_bytes(contents)
    shutil.copyfile(wal.with_name("8.db-shm"), wal.with_name("killed.db-shm"))

    assert has_lost_commit(wal)


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


def test_missing_file_has_no_lost_commit_and_no_pages(tmp_path: Path) -> None:
    assert not has_lost_commit(tmp_path / "missing.db-wal")
    assert list_pages(tmp_path / "missing.db-wal") == set()


def test_list_pages_leaves_out_older_frames(wal: Path) -> None:
    assert list_pages(wal) == {2}  # older frames contain pages 1 and 3
