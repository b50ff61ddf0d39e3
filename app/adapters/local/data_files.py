"""Checks that the files and folders of a library can be used, and says what to do about a wrong one."""

import os
import pwd
import stat
from pathlib import Path
from typing import Final

from app.adapters.local.deletion_markers import DELETED
from app.adapters.local.files import OBJECT_FOLDERS, OBJECTS
from app.domain.errors import StartFailed

DATABASE: Final = "pixtag.db"
COPIES: Final = "copies"
RECOVERED: Final = "recovered.db"  # an interrupted recovery was about to put it in place
INSTANCE_LOCK: Final = "pixtag.lock"  # its text names the process that serves the API

_JOURNAL: Final = f"{DATABASE}-journal"
_FILES: Final = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", _JOURNAL, INSTANCE_LOCK, RECOVERED, "recovered.tmp")
_FOLDERS: Final = ("", COPIES, OBJECTS, *(f"{OBJECTS}/{name}" for name in (*OBJECT_FOLDERS, DELETED)))
_JOURNAL_START: Final = bytes.fromhex("d9d505f920a163d7")  # of each journal that SQLite would use


def require_own_user(folder: Path) -> None:
    """Check that this process is not root in the data folder of another user, who could not read new files of root.

    Raises:
        StartFailed: it is.
    """
    owner = folder.stat().st_uid if folder.exists() else 0
    if os.geteuid() or not owner:
        return
    name = _name_user(owner)
    raise StartFailed(
        f"{folder} belongs to the user {name}, who could not read the files that root would write there. Run the"
        f" command as this user, with `sudo -u {'#' if name.isdecimal() else ''}{name}` before it."
        " Nothing was changed."
    )


def require_usable_files(folder: Path) -> None:
    """Check that each file and folder of a library is one, and that this user may read and write it.

    Missing ones are not reported, and neither is a disk that is mounted read-only.

    Raises:
        StartFailed: one of them cannot be used. The message names it, and says what to do.
        OSError: a file cannot be read.
    """
    for name in _FOLDERS:
        _require(folder / name, "folder")
    for name in _FILES:
        _require(folder / name, "file")
    _require_journal(folder / _JOURNAL)


def _require(path: Path, kind: str) -> None:
    if not path.exists():
        return
    if not (path.is_dir() if kind == "folder" else path.is_file()):
        raise StartFailed(
            f"{path} is not a {kind}, but PixTag needs a {kind} with this name. Move it to another place, then try"
            " again. Nothing was changed."
        )
    needed = os.R_OK | os.X_OK if kind == "folder" else os.R_OK
    if not _is_mounted_read_only(path):
        needed |= os.W_OK
    if not os.access(path, needed, effective_ids=True):
        raise StartFailed(f"PixTag cannot use the {kind} {path}: Permission denied. {describe_owner(str(path))}")


def _is_mounted_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _require_journal(path: Path) -> None:
    """Check that SQLite could use a journal. PixTag has one only while it creates its database."""
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(len(_JOURNAL_START))
    if start[:1] not in {b"", b"\0"} and start != _JOURNAL_START:  # SQLite ignores an empty one
        raise StartFailed(
            f"{path} does not belong to the database, which cannot be opened next to it. Move it to another place, then"
            " try again. Nothing was changed."
        )


def describe_owner(path: str) -> str:
    """Return who owns a file or folder, and what to do. Return an empty text if it does not exist."""
    try:
        status = Path(path).stat()
    except OSError:
        return ""
    mode = f"{stat.S_IMODE(status.st_mode):04o}"
    if status.st_uid == os.geteuid():
        return f"{path} has the mode {mode}. Correct it with chmod."
    return (
        f"{path} belongs to the user {_name_user(status.st_uid)} and has the mode {mode}. Run the command as this user,"
        " or change the owner with chown."
    )


def _name_user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
