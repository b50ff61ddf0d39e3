"""Keeps damaged files of the database in a folder `damaged-TIME`."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.adapters.local.database_files import lock_unused
from app.adapters.local.files import FULL, make_folder, sync_file, sync_folder
from app.adapters.local.last_write import has_foreign_wal
from app.adapters.local.wal_file import has_lost_commit
from app.domain.errors import DatabaseUnusable

logger: Final = logging.getLogger(__name__)


def name_damaged_folder(folder: Path, time: datetime) -> Path:
    """Return the path of the folder for files that are damaged at this time."""
    return folder / f"damaged-{time:%Y-%m-%dT%H-%M-%S.%fZ}"


def move_foreign_wal(database: Path) -> bool:
    """Move a -wal file away that does not belong to its database, unless another process has just opened them.

    Return whether it was moved.

    Raises:
        DatabaseUnusable: it cannot be moved.
    """
    wal = database.with_name(f"{database.name}-wal")
    folder = name_damaged_folder(database.parent, datetime.now(UTC))
    try:
        make_folder(folder)
        with lock_unused(database) as is_locked:
            if not (is_locked and has_foreign_wal(database)):
                folder.rmdir()
                return False
            wal.rename(folder / wal.name)
        sync_folder(folder)
        sync_folder(database.parent)
    except OSError as error:
        raise DatabaseUnusable(
            f"{wal} does not belong to the current {database.name}, and PixTag cannot move it to another folder:"
            f" {error.strerror}. Nothing was changed. Free disk space, or move the file yourself. Then try again."
        ) from error
    logger.error(
        "%s does not belong to the current %s: a copy of the folder has replaced only one of these two files, or the"
        " file is damaged. PixTag has moved it to the folder %s, and does not use its changes. If you have copied the"
        " folder and something is missing, copy all of it again, to a new folder.",
        wal.name,
        database.name,
        folder.name,
    )
    return True


def keep_damaged_wal(database: Path) -> bool:
    """Copy a database and its -wal file if SQLite is about to ignore changes in the -wal file, and will overwrite them.

    Call this while no process uses the database. Return whether the files were copied.

    Raises:
        DatabaseUnusable: the files cannot be copied, for example because the disk is full.
    """
    wal = database.with_name(f"{database.name}-wal")
    try:
        if not has_lost_commit(wal):
            return False
    except OSError:  # SQLite cannot read the file either
        return False
    folder = name_damaged_folder(database.parent, datetime.now(UTC))
    try:
        make_folder(folder)
        for file in (database, wal):
            with file.open("rb") as source, (folder / file.name).open("xb") as target:
                shutil.copyfileobj(source, target)
            (folder / file.name).chmod(0o600)
            sync_file(folder / file.name)
        sync_folder(folder)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DatabaseUnusable(
            f"{wal} is damaged, and PixTag cannot copy it to another folder: {error.strerror}. Nothing was changed."
            f" {_advise(error, database, wal)} the folder {database.parent} to another disk with `cp -a`, and name the"
            " copy with --data."
        ) from error
    logger.error(
        "%s was damaged, or the power failed while PixTag wrote to it. Its last changes may be lost. The files as they"
        " were are in the folder %s.",
        wal.name,
        folder.name,
    )
    return True


def _advise(error: OSError, *files: Path) -> str:
    if error.errno not in FULL:
        return "Copy"
    return f"Free {_megabytes(*files)} MB of disk space, then start PixTag again. Or copy"


def _megabytes(*files: Path) -> int:
    return sum(file.stat().st_size for file in files) // 10**6 + 1
