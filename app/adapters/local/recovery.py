"""Replaces a damaged or lost database with a copy (`pixtag recover`).

Nothing is deleted: the damaged files are moved to another folder. An interrupted recovery can be repeated at any point.
Until the copy is complete in `recovered.db`, the folder is unchanged. From then on, PixTag does not start before the
recovery is complete.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.adapters.local.clock import forget_clock
from app.adapters.local.copies import is_intact, read_version
from app.adapters.local.damaged_files import move_foreign_wal, name_damaged_folder
from app.adapters.local.data_files import COPIES, DATABASE
from app.adapters.local.database import Database
from app.adapters.local.database_files import find_unreadable
from app.adapters.local.deletion_markers import DeletionMarkers
from app.adapters.local.files import DISK_FAULTS, OBJECTS, make_folder, sync_file, sync_folder, translate_errors
from app.adapters.local.folder import WITHOUT_COPY, DataFolder
from app.adapters.local.images import SqliteImages
from app.adapters.local.last_write import has_foreign_wal
from app.adapters.local.object_folder import ObjectFolder
from app.adapters.local.object_sweep import ObjectSweep
from app.adapters.local.outbox import SqliteOutbox
from app.adapters.local.schema import LATER, count_steps
from app.domain.errors import ImageDamaged, StartFailed, StorageFull
from app.domain.ids import DERIVED, Rendition
from app.domain.images import make_tombstone
from app.domain.outbox import OutboxKind

SUFFIXES: Final = ("", "-wal", "-shm", "-journal")  # of the files of a database

_STORED: Final = (Rendition.ORIGINAL, *DERIVED)  # a purge deletes all of them
_DELETE_PURGES: Final = """
    DELETE FROM outbox WHERE kind = ? AND NOT EXISTS (
        SELECT 1 FROM image WHERE image.owner = outbox.owner AND image.id = outbox.image
    )
"""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery has done.

    Attributes:
        copy: The copy that is now the database, or None if an interrupted recovery was completed.
        damaged: The folder that contains the damaged files.
        unknown: The number of photos that are not in the copy. The worker adds them again.
        purged: The number of images in the copy whose photos were deleted later.
    """

    copy: Path | None
    damaged: Path
    unknown: int = 0
    purged: int = 0


class Recovery:
    """Recovers the database of a data folder, which must be locked."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def recover(self, name: str = "") -> Recovered:
        """Put a copy in the place of the database, or complete an interrupted recovery whose result is intact.

        Args:
            name: The name or path of the copy. The default is the newest intact copy.

        Raises:
            StartFailed: there is no intact copy, or the database is intact and no copy is named.
            StorageFull: the disk has too little space for another copy. Nothing was changed.
        """
        with translate_errors():
            if self._folder.recovered.exists():
                if self._is_intact(self._folder.recovered):
                    return Recovered(None, self._replace())
                _delete_database(self._folder.recovered)  # the copy still exists
            copy = self._choose(name)
            unknown, purged = self._prepare(copy)
            return Recovered(copy, self._replace(), unknown, purged)

    def _choose(self, name: str) -> Path:
        if name:
            paths = [path for path in (self._folder.path / COPIES / name, Path(name)) if path.is_file()]
            if not paths:
                raise StartFailed(f"There is no copy {name}. {self._folder.describe_repairs()}")
            if self._folder.database.exists() and paths[0].samefile(self._folder.database):
                raise StartFailed(f"{paths[0]} is the database itself. Name a copy: {self._folder.name_copies()}.")
            return paths[0]
        if has_foreign_wal(self._folder.database) and is_intact(self._folder.database):
            move_foreign_wal(self._folder.database)
        self._require_readable_wal()
        if self._is_intact(self._folder.database):
            reason = LATER if read_version(self._folder.database) > count_steps() else "is not damaged."
            raise StartFailed(
                f"{self._folder.database} {reason} To go back to a copy nevertheless, name it with `pixtag recover"
                f" COPY`. Copies, newest first: {self._folder.name_copies()}."
            )
        copy = next(filter(is_intact, self._folder.list_copies()), None)
        if not copy:
            raise StartFailed(
                f"{self._folder.database} has no intact copy. Its copies: {self._folder.name_copies()}. {WITHOUT_COPY}"
            )
        return copy

    def _require_readable_wal(self) -> None:
        """Check that the -wal file is not the only one that cannot be read. A copy would lose more than its end."""
        unreadable = find_unreadable(self._folder.database)
        if unreadable and unreadable != self._folder.database and is_intact(self._folder.database):
            raise StartFailed(
                f"{unreadable} cannot be read, because its disk reports errors. Copy the data folder to another disk"
                " with `cp -a`, and start PixTag with the copy. It uses the changes that could be copied. To go"
                f" back to a copy of the database nevertheless, name it with `pixtag recover COPY`. Copies, newest"
                f" first: {self._folder.name_copies()}."
            )

    def _is_intact(self, path: Path) -> bool:
        try:
            return is_intact(path, is_in_use=True)
        except sqlite3.DatabaseError as error:
            raise StartFailed(
                f"{path} cannot be read ({error}), so PixTag does not know whether it is damaged."
                " Nothing was changed. Check the free space and the permissions, then try again."
            ) from error

    def _prepare(self, copy: Path) -> tuple[int, int]:
        """Write `recovered.db`, which knows the photos of today. Return the numbers of unknown and of purged photos."""
        if not (self._folder.path / OBJECTS / Rendition.ORIGINAL).is_dir():
            raise self._lacks_photos()
        temporary = self._folder.recovered.with_suffix(".tmp")
        _delete_database(temporary)
        try:
            for source, target in zip(_with_wal(copy), _with_wal(temporary), strict=True):
                if source.is_file():
                    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                    self._copy(source, target)
            if not self._is_intact(temporary):
                raise StartFailed(f"{copy} is damaged, or it is not a copy of a PixTag database. Use another one.")
            with closing(Database(temporary)) as database:
                with database.write(durable=False) as connection:
                    _end_sessions(connection)
                    forget_clock(connection)
                SqliteOutbox(database, DeletionMarkers(self._folder.path)).repeat_lost_deletions()
                objects = ObjectFolder(self._folder.path / OBJECTS, database)
                purged = _remove_purged(database, objects)
                if objects.lacks_photos():
                    raise self._lacks_photos()
                unknown = ObjectSweep(objects, database).send_unknown(is_copy=True)
            if _with_wal(temporary)[1].exists():  # SQLite could not move its changes to the file
                raise StorageFull
            sync_file(temporary)
            temporary.replace(self._folder.recovered)
        finally:
            _delete_database(temporary)
        sync_folder(self._folder.path)
        return unknown, purged

    def _copy(self, source: Path, target: Path) -> None:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            if error.errno not in DISK_FAULTS:
                raise
            raise StartFailed(
                f"{source} cannot be copied: {error.strerror}. Nothing was changed. Check the disk, or use another copy"
                f": {self._folder.name_copies()}."
            ) from error

    def _lacks_photos(self) -> StartFailed:
        return StartFailed(
            f"{self._folder.path / OBJECTS} does not contain the photos. Put their folder in place, then try again."
        )

    def _replace(self) -> Path:
        """Move the database away, and put `recovered.db` in its place. Return the folder of the old files."""
        recovered = self._folder.recovered
        time = datetime.fromtimestamp(recovered.stat().st_mtime, UTC)  # the same after an interruption, and no other
        damaged = name_damaged_folder(self._folder.path, time)
        make_folder(damaged)
        for suffix in SUFFIXES:
            file = self._folder.path / f"{DATABASE}{suffix}"
            if file.exists():
                file.rename(damaged / file.name)
        sync_folder(damaged)
        sync_folder(self._folder.path)
        recovered.rename(self._folder.database)
        sync_folder(self._folder.path)
        return damaged


def _with_wal(path: Path) -> tuple[Path, Path]:
    """Return the file of a database and its -wal file, which contains its latest changes."""
    return path, path.with_name(f"{path.name}-wal")


def _delete_database(path: Path) -> None:
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _remove_purged(database: Database, objects: ObjectFolder) -> int:
    """Remove the rows of images without any file, because they were purged after the copy was made.

    A photo whose preview exists was not purged, so its original is only away. No tombstone remains: if the files were
    away too, the next start after their return adds the photo again.
    """
    images = SqliteImages(database)
    with database.read() as connection:
        rows = connection.execute("SELECT owner, id FROM image WHERE state IN ('ready', 'trashed')").fetchall()
    purged = [row for row in rows if not any(objects.path(rendition.key(*row)).exists() for rendition in _STORED)]
    count = 0
    with database.write(durable=False) as connection:
        for owner, image_id in purged:
            with suppress(ImageDamaged):  # it is logged and stays
                image = images.get_image(owner, image_id)
                images.save(make_tombstone(image), image)
                connection.execute("DELETE FROM image WHERE owner = ? AND id = ?", (owner, image_id))
                connection.execute("DELETE FROM object WHERE key = ?", (Rendition.ORIGINAL.key(owner, image_id),))
                count += 1
        connection.execute(_DELETE_PURGES, (OutboxKind.PURGE,))
    return count


def _end_sessions(connection: sqlite3.Connection) -> None:
    """End all sessions, codes, API keys and shares. Those that ended after the copy was made would be valid again."""
    connection.execute("DELETE FROM session")
    connection.execute("DELETE FROM code")
    connection.execute("DELETE FROM api_key")
    connection.execute("DELETE FROM share")
