import errno
import fcntl
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local import folder as folder_module
from app.adapters.local import instance_lock
from app.adapters.local.data_files import DATABASE
from app.adapters.local.folder import DataFolder
from app.domain.errors import StartFailed, Unavailable
from tests.support.small_disk import MIB, small_disk

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "pixtag-data")


def add_photo(folder: DataFolder) -> None:
    path = folder.path / "objects" / "originals" / "ada" / "1"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"photo")


def read_files(folder: DataFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}


def test_prepare_creates_a_private_folder(folder: DataFolder) -> None:
    folder.prepare()

    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_prepare_makes_an_empty_folder_private(folder: DataFolder) -> None:
    folder.path.mkdir(mode=0o755)
    (folder.path / "lost+found").mkdir()

    folder.prepare()

    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_prepare_makes_an_existing_library_private(folder: DataFolder) -> None:
    folder.prepare()
    folder.database.write_bytes(b"database")
    folder.path.chmod(0o755)

    folder.prepare()

    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_prepare_of_another_users_folder_keeps_its_mode(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.prepare()
    folder.path.chmod(0o750)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)

    folder.prepare()

    assert folder.path.stat().st_mode & 0o777 == 0o750


def test_prepare_of_a_library_succeeds_again(folder: DataFolder) -> None:
    folder.prepare()
    (folder.path / DATABASE).write_bytes(b"database")
    add_photo(folder)

    folder.prepare()


def test_prepare_of_a_folder_with_other_files_raises_start_failed_and_writes_nothing(folder: DataFolder) -> None:
    folder.path.mkdir()
    (folder.path / "letter.txt").touch()

    with pytest.raises(
        StartFailed, match=r"contains other files and no PixTag library\. Choose an empty or new folder"
    ):
        folder.prepare()

    assert [path.name for path in folder.path.iterdir()] == ["letter.txt"]


def test_prepare_of_a_file_raises_start_failed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(StartFailed, match="is not a folder"):
            DataFolder(path).prepare()


def test_prepare_of_photos_without_their_database_raises_start_failed_unless_it_is_rebuilt(folder: DataFolder) -> None:
    folder.path.mkdir()
    add_photo(folder)

    with pytest.raises(
        StartFailed, match=r"pixtag\.db is missing or empty, but .*no copies of it\. .*`pixtag rebuild`"
    ):
        folder.prepare()
    folder.prepare(is_rebuild=True)


def add_upload(folder: DataFolder) -> None:
    path = folder.path / "objects" / "incoming" / "ada" / "1"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"upload")


def add_copy(folder: DataFolder) -> None:
    (folder.path / "copies").mkdir()
    (folder.path / "copies" / "2026-01-31.db").touch()


def add_wal(folder: DataFolder) -> None:
    (folder.path / "pixtag.db-wal").write_bytes(b"changes")


@pytest.mark.parametrize("add", [add_photo, add_upload, add_copy, add_wal])
@pytest.mark.parametrize("is_empty", [True, False])
def test_missing_or_empty_database_beside_its_library_is_not_taken_for_a_new_one(
    folder: DataFolder, add: Callable[[DataFolder], None], *, is_empty: bool
) -> None:
    folder.path.mkdir()
    add(folder)
    if is_empty:
        folder.database.touch()
    before = {path: path.stat().st_size for path in folder.path.rglob("*")}

    for check in (folder.prepare, folder.require_library):
        with pytest.raises(StartFailed, match=r"pixtag\.db is missing or empty, but its library exists\."):
            check()

    assert {path: path.stat().st_size for path in folder.path.rglob("*")} == before


def test_copies_are_listed_newest_first(folder: DataFolder) -> None:
    folder.prepare()
    add_copy(folder)
    for number, name in enumerate(
        ["2026-02-02.db", "2026-02-01-before-upgrade-to-2.db", "2026-02-01.db", "2999-01-01.db", "a.tmp"]
    ):
        (folder.path / "copies" / name).touch()
        os.utime(folder.path / "copies" / name, (number, number))  # as after a copy of the folder

    assert [path.name for path in folder.list_copies()] == [
        "2026-02-02.db",
        "2026-02-01.db",
        "2026-02-01-before-upgrade-to-2.db",
        "2026-01-31.db",
        "2999-01-01.db",
    ]
    with pytest.raises(StartFailed, match=r"newest first: 2026-02-02\.db, 2026-02-01\.db, .*`pixtag recover` uses the"):
        folder.prepare()


def test_interrupted_recovery_prevents_a_start(folder: DataFolder) -> None:
    folder.prepare()
    folder.recovered.touch()

    for check in (folder.prepare, folder.require_library, lambda: folder.prepare(is_rebuild=True)):
        with pytest.raises(StartFailed, match=r"was interrupted\. Run `pixtag recover` again"):
            check()
    folder.prepare_recovery()


@pytest.mark.parametrize("name", ["pixtag.db", "pixtag.db-wal"])
def test_database_that_is_a_hard_link_is_refused(folder: DataFolder, tmp_path: Path, name: str) -> None:
    folder.prepare()
    for file in ("pixtag.db", "pixtag.db-wal"):
        (folder.path / file).write_bytes(b"database")
    (tmp_path / "copy").hardlink_to(folder.path / name)

    for check in (folder.prepare, folder.require_library):
        with pytest.raises(StartFailed, match=f"{name} is a hard link, so another folder has the same file"):
            check()

    (tmp_path / "copy").unlink()
    folder.prepare()
    folder.require_library()


def test_recovery_of_a_folder_without_library_raises_start_failed(folder: DataFolder) -> None:
    with pytest.raises(StartFailed, match="contains no PixTag library"):
        folder.prepare_recovery()
    folder.path.mkdir()
    with pytest.raises(StartFailed, match="contains no PixTag library"):
        folder.prepare_recovery()

    assert list(folder.path.iterdir()) == []


def test_lock_on_a_full_disk_raises_start_failed(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder.prepare()
    monkeypatch.setattr(os, "getpid", fail)  # while the text of the lock is written

    with pytest.raises(StartFailed, match=r"No space left on device\. Free disk space"), ExitStack() as stack:
        stack.enter_context(folder.lock(""))


def test_lock_that_is_held_is_kept(folder: DataFolder) -> None:
    folder.prepare()

    with folder.lock("http://127.0.0.1:8000"):
        with folder.hold_lock():
            pass
        with pytest.raises(StartFailed):
            folder.require_unlocked()

    with folder.hold_lock(), pytest.raises(StartFailed):
        folder.require_unlocked()
    folder.require_unlocked()


def test_prepare_on_a_network_file_system_raises_start_failed(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "find_network_type", lambda path: "nfs4")

    with pytest.raises(StartFailed, match=r"on a network file system \(nfs4\)"):
        folder.prepare()


@contextmanager
def without_root() -> Iterator[None]:
    """Act as a user for whom the permissions of files apply."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder(folder: DataFolder) -> DataFolder:
    """A folder that every user of this machine can read."""
    folder.path.mkdir()
    for parent in folder.path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | 0o055)
    return folder


def test_prepare_of_a_read_only_folder_raises_start_failed(shared_folder: DataFolder) -> None:
    (shared_folder.path / DATABASE).touch()
    shared_folder.path.chmod(0o555)

    with without_root(), pytest.raises(StartFailed, match=r"PixTag cannot use the folder .*: Permission denied"):
        shared_folder.prepare()


def test_recovery_in_a_read_only_folder_raises_start_failed(shared_folder: DataFolder) -> None:
    (shared_folder.path / DATABASE).touch()
    shared_folder.path.chmod(0o555)

    with without_root(), pytest.raises(StartFailed, match=r"PixTag cannot use the folder .*: Permission denied"):
        shared_folder.prepare_recovery()


def test_prepare_with_a_read_only_database_raises_start_failed(shared_folder: DataFolder) -> None:
    shared_folder.path.chmod(0o777)
    (shared_folder.path / DATABASE).touch(mode=0o444)

    with without_root(), pytest.raises(StartFailed, match=r"use the file .*/pixtag\.db: Permission denied\. .* chown"):
        shared_folder.prepare()


@pytest.mark.parametrize("name", ["prepare", "prepare_recovery", "require_library"])
@pytest.mark.parametrize(("owner", "user"), [(0, "root"), (54_321, "54321")])
def test_folder_of_another_user_raises_start_failed_that_names_the_user(
    shared_folder: DataFolder, name: str, owner: int, user: str
) -> None:
    (shared_folder.path / DATABASE).touch()
    os.chown(shared_folder.path, owner, owner)
    shared_folder.path.chmod(0o700)

    with without_root(), pytest.raises(StartFailed) as failure:
        getattr(shared_folder, name)()

    assert str(failure.value) == (
        f"PixTag cannot use the folder {shared_folder.path}: Permission denied. {shared_folder.path} belongs to the"
        f" user {user} and has the mode 0700. Run the command as this user, or change the owner with chown."
    )


@pytest.mark.parametrize("name", ["prepare", "prepare_recovery", "require_library"])
@pytest.mark.parametrize(("owner", "user", "option"), [(NOBODY, "nobody", "nobody"), (54_321, "54321", "#54321")])
def test_root_in_the_folder_of_another_user_raises_start_failed_and_writes_nothing(
    folder: DataFolder, name: str, owner: int, user: str, option: str
) -> None:
    folder.prepare()
    (folder.path / DATABASE).write_bytes(b"database")
    os.chown(folder.path, owner, owner)
    before = read_files(folder)

    with pytest.raises(StartFailed) as failure:
        getattr(folder, name)()

    assert str(failure.value) == (
        f"{folder.path} belongs to the user {user}, who could not read the files that root would write there. Run the"
        f" command as this user, with `sudo -u {option}` before it. Nothing was changed."
    )
    assert read_files(folder) == before


def test_new_folder_in_the_folder_of_another_user_raises_start_failed(shared_folder: DataFolder) -> None:
    folder = DataFolder(shared_folder.path / "new")

    with without_root(), pytest.raises(StartFailed, match=r": Permission denied\. Choose another folder with --data"):
        folder.prepare()


def test_folder_with_too_long_a_name_raises_start_failed(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r": File name too long\. Choose another folder with --data"):
        DataFolder(tmp_path / ("x" * 300)).prepare()


def test_prepare_on_a_read_only_disk_does_not_advise_another_folder(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MIB) as disk:
        DataFolder(disk).prepare()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(StartFailed, match=r"Read-only file system\. Check its disk\. To use the library now, copy"):
            DataFolder(disk).prepare()


def test_lock_by_two_processes_raises_start_failed_that_names_the_first(folder: DataFolder) -> None:
    folder.prepare()

    with folder.lock("http://127.0.0.1:8000"):
        with pytest.raises(StartFailed) as error, ExitStack() as stack:
            stack.enter_context(folder.lock("http://127.0.0.1:8001"))
        with pytest.raises(StartFailed, match=f"process {os.getpid()} at http://127.0.0.1:8000"):
            folder.require_unlocked()

    assert str(error.value) == (
        f"PixTag is already running, process {os.getpid()} at http://127.0.0.1:8000. It uses the folder {folder.path}."
        " Stop it first, or choose another folder with --data, DATA= of make, or PIXTAG_DATA."
    )
    folder.require_unlocked()


def test_lock_without_address_names_the_process_only(folder: DataFolder) -> None:
    folder.prepare()

    with folder.lock(""), pytest.raises(StartFailed, match=rf"process {os.getpid()}\. It uses"):
        folder.require_unlocked()


def test_lock_of_a_killed_process_is_free(folder: DataFolder) -> None:
    folder.prepare()
    code = (
        "import os, sys; from pathlib import Path; from app.adapters.local.folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).lock(''): os.kill(os.getpid(), 9)"
    )

    assert subprocess.run([sys.executable, "-c", code, folder.path], check=False).returncode == -9

    with folder.lock(""):
        assert (folder.path / "pixtag.lock").read_text() == f"{os.getpid()} \n"


@pytest.fixture
def without_wal(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A folder with a database that has neither a -wal nor a -shm file."""
    folder.prepare()
    folder.database.write_bytes(b"database")
    monkeypatch.setattr(folder_module, "START_SECONDS", 0.1)
    return folder


@pytest.mark.parametrize(("other", "removed"), [("-shm", "-wal"), ("-wal", "-shm")])
def test_require_wal_that_was_removed_from_a_locked_folder_raises_unavailable(
    without_wal: DataFolder, other: str, removed: str
) -> None:
    (without_wal.path / f"pixtag.db{other}").touch()
    with without_wal.lock("http://127.0.0.1:8000"):
        without_wal.require_wal()
        with pytest.raises(Unavailable, match=rf"its file pixtag\.db{removed} was removed"):
            DataFolder(without_wal.path).require_wal()


def test_require_wal_waits_for_an_instance_that_starts(
    without_wal: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(seconds: float) -> None:
        for name in ("pixtag.db-wal", "pixtag.db-shm"):
            (without_wal.path / name).touch()

    monkeypatch.setattr(folder_module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=start))

    with without_wal.lock(""):
        DataFolder(without_wal.path).require_wal()


def test_require_wal_in_a_folder_that_nobody_uses_succeeds(without_wal: DataFolder) -> None:
    without_wal.require_wal()


def test_require_unlocked_of_a_missing_folder_succeeds(folder: DataFolder) -> None:
    folder.require_unlocked()

    assert not folder.path.exists()


@pytest.fixture
def orphan(folder: DataFolder) -> "Iterator[subprocess.Popen[bytes]]":
    """A process that has inherited the lock of a killed process."""
    folder.prepare()
    code = (
        "import os, subprocess, sys; from pathlib import Path; from app.adapters.local.folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).lock('') as lock:\n"
        "    subprocess.Popen(['cat'], stdout=subprocess.DEVNULL, pass_fds=[lock])\n"
        "    os.kill(os.getpid(), 9)"
    )
    with subprocess.Popen([sys.executable, "-c", code, folder.path], stdin=subprocess.PIPE) as process:
        process.wait()
        yield process


def test_lock_that_an_orphan_has_inherited_is_free_when_the_orphan_has_ended(
    folder: DataFolder, orphan: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    assert orphan.stdin
    end = orphan.stdin.close
    monkeypatch.setattr(instance_lock, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: end()))

    with folder.lock(""):
        assert (folder.path / "pixtag.lock").read_text() == f"{os.getpid()} \n"


def test_lock_that_a_living_orphan_has_inherited_raises_start_failed_that_names_it(
    folder: DataFolder, orphan: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_lock, "ORPHAN_SECONDS", 0.1)

    with pytest.raises(StartFailed, match=r"A worker of PixTag, process (\d+), still uses the folder") as error:
        folder.require_unlocked()

    process = re.findall(r"process (\d+)", str(error.value))[0]
    assert Path(f"/proc/{process}/comm").read_text() == "cat\n"
    monkeypatch.setattr(instance_lock, "_PROC", folder.path)  # as on a system without it
    with pytest.raises(StartFailed, match="A worker of PixTag still uses the folder"):
        folder.require_unlocked()


def test_second_lock_after_the_lock_file_was_removed_raises_start_failed_that_names_the_process(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.prepare()
    monkeypatch.setattr(instance_lock, "ORPHAN_SECONDS", 0)

    with folder.lock("http://127.0.0.1:8000"):
        (folder.path / "pixtag.lock").unlink()
        with pytest.raises(StartFailed) as error, ExitStack() as stack:
            stack.enter_context(DataFolder(folder.path).lock("http://127.0.0.1:8001"))

    assert str(error.value) == (
        f"PixTag, process {os.getpid()}, uses the folder {folder.path}, although pixtag.lock was removed."
        " Stop it first."
    )
    folder.require_unlocked()


def test_program_that_only_has_the_folder_open_is_not_named_as_its_user(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.prepare()
    monkeypatch.setattr(instance_lock, "ORPHAN_SECONDS", 0)

    process = folder.path / "proc" / "1"
    for name in ("fd", "fdinfo"):
        (process / name).mkdir(parents=True)
    (process / "fd" / "3").symlink_to(folder.path.resolve())
    (process / "fdinfo" / "3").write_text("pos:\t0\n")
    monkeypatch.setattr(instance_lock, "_PROC", process.parent)

    with folder.lock(""):
        (folder.path / "pixtag.lock").write_text("")
        with pytest.raises(StartFailed, match=r"^PixTag uses the folder"):
            folder.require_unlocked()


def test_lock_of_the_file_by_version_0_3_raises_start_failed(folder: DataFolder) -> None:
    folder.prepare()
    with (folder.path / "pixtag.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{os.getpid()} http://127.0.0.1:8000\n")
        file.flush()

        with pytest.raises(StartFailed, match=f"process {os.getpid()} at http://127.0.0.1:8000"):
            folder.require_unlocked()


def test_start_waits_for_a_command_that_has_the_lock(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.prepare()
    with ExitStack() as command:
        command.enter_context(DataFolder(folder.path).hold_lock())
        monkeypatch.setattr(time, "sleep", lambda _: command.close())

        with folder.lock("http://127.0.0.1:8000"), pytest.raises(StartFailed):
            DataFolder(folder.path).require_unlocked()


def test_lock_of_another_user_raises_start_failed(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process: int, number: int) -> None:
        raise PermissionError

    folder.prepare()
    monkeypatch.setattr(os, "kill", refuse)

    with folder.lock(""), pytest.raises(StartFailed, match="PixTag is already running"):
        folder.require_unlocked()


def test_require_library_without_database_raises_start_failed(folder: DataFolder) -> None:
    folder.prepare()

    with pytest.raises(StartFailed, match="contains no PixTag library"):
        folder.require_library()
    (folder.path / DATABASE).write_bytes(b"database")
    folder.require_library()
