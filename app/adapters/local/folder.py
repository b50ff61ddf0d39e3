"""Checks and locks the data folder, which holds everything that PixTag stores on one machine."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.adapters.local.data_files import (
    COPIES,
    DATABASE,
    INSTANCE_LOCK,
    RECOVERED,
    describe_owner,
    require_own_user,
    require_usable_files,
)
from app.adapters.local.files import DISK_FAULTS, FULL, OBJECTS
from app.adapters.local.instance_lock import POLL_SECONDS, InstanceLock
from app.adapters.local.mounts import find_network_type
from app.adapters.local.shared_files import require_own_database, require_own_objects
from app.domain.errors import StartFailed, Unavailable

PRIVATE: Final = 0o700
START_SECONDS: Final = 3.0  # of an instance, from its lock to its database
WITHOUT_COPY: Final = (
    "If you have a backup, restore it into a new folder with `pixtag restore FILE --data FOLDER`. Otherwise, move"
    f" {DATABASE} and {DATABASE}-wal to another folder, and run `pixtag rebuild`. It keeps the photos, but not the"
    " accounts and edits."
)

_FOREIGN_NAMES: Final = frozenset({"lost+found", ".DS_Store"})  # systems add these to empty folders
_DENIED: Final = frozenset({errno.EACCES, errno.EPERM})
_CHOOSE: Final = "Choose another folder with --data, DATA= of make, or PIXTAG_DATA."


class DataFolder:
    """The data folder. Only its owner can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._instance_lock = InstanceLock(path / INSTANCE_LOCK)
        self.is_rebuild = False
        self._has_lock = False

    @property
    def database(self) -> Path:
        """The file of the database. SQLite adds `-wal` and `-shm` to its name."""
        return self.path / DATABASE

    @property
    def _wal(self) -> Path:
        return self.path / f"{DATABASE}-wal"

    @property
    def recovered(self) -> Path:
        """The database that an interrupted recovery was about to put in place."""
        return self.path / RECOVERED

    def prepare(self, *, is_rebuild: bool = False) -> None:
        """Create the folder if it does not exist, and make it private. Check that it belongs to PixTag or is empty.

        Args:
            is_rebuild: Accept a folder that contains photos but no database.

        Raises:
            StartFailed: PixTag cannot use the folder.
        """
        try:
            self.is_rebuild = is_rebuild
            self.path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            require_own_user(self.path)
            names = {entry.name for entry in self.path.iterdir()} - _FOREIGN_NAMES
            self._require_local()
            if not names & {DATABASE, f"{DATABASE}-wal", INSTANCE_LOCK, COPIES} and not self.has_photos():
                self._require_empty(names)
            self._require_no_recovery()
            require_own_database(self.database)
            if not self._has_database() and not is_rebuild:
                self._require_new()
            self._make_private()
            self._require_writable()
            require_own_objects(self.path)
        except (FileExistsError, NotADirectoryError) as error:
            raise StartFailed(f"{self.path} is not a folder. {_CHOOSE}") from error
        except OSError as error:
            raise self._cannot_use(error) from error

    def _require_local(self) -> None:
        if kind := find_network_type(self.path):
            raise StartFailed(
                f"{self.path} is on a network file system ({kind}). The database can be damaged there."
                " Choose a folder on a disk of this machine with PIXTAG_DATA."
            )

    def _require_empty(self, names: set[str]) -> None:
        if names:
            raise StartFailed(
                f"{self.path} contains other files and no PixTag library. Choose an empty or new folder with"
                " --data, DATA= of make, or PIXTAG_DATA."
            )

    def _has_database(self) -> bool:
        """Return whether the database is not empty. SQLite deletes the `-wal` file of an empty database."""
        return self.database.exists() and self.database.stat().st_size > 0

    def _require_new(self) -> None:
        if self.contains_library() or self.has_changes_in_wal():
            raise StartFailed(f"{self.database} is missing or empty, but its library exists. {self.describe_repairs()}")

    def has_changes_in_wal(self) -> bool:
        """Return whether there is a -wal file that is not empty."""
        return self._wal.exists() and self._wal.stat().st_size > 0

    def contains_library(self) -> bool:
        """Return whether the folder contains photos or copies of the database."""
        return self.has_photos() or bool(self.list_copies())

    def describe_repairs(self) -> str:
        """Return how a lost or damaged database can be replaced."""
        if not self.list_copies():
            return f"There are no copies of it. {WITHOUT_COPY}"
        return (
            f"These are its copies, newest first: {self.name_copies()}. `pixtag recover` uses the newest intact copy,"
            " and `pixtag recover COPY` uses another one."
        )

    def name_copies(self) -> str:
        """Return the names of the copies, newest first."""
        return ", ".join(path.name for path in self.list_copies()) or "none"

    def _require_no_recovery(self) -> None:
        if self.recovered.is_file():
            raise StartFailed(
                f"The recovery of {self.path} was interrupted. Run `pixtag recover` again to complete it."
            )

    def list_copies(self) -> list[Path]:
        """Return the copies of the database, newest first. Their names begin with their date.

        A copy from the future comes last. The clock was wrong when it was made, and it may be older than all others.
        """
        today = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
        copies = filter(Path.is_file, (self.path / COPIES).glob("*.db"))
        return sorted(
            copies, key=lambda path: (path.name[:10] <= today, path.name[:10], path.stat().st_mtime), reverse=True
        )

    def has_photos(self) -> bool:
        """Return whether the folder contains originals or uploads."""
        return any(any(self.path.glob(f"{OBJECTS}/{rendition}/*/*")) for rendition in ("originals", "incoming"))

    def _make_private(self) -> None:
        """Let only the owner of the folder use it. The folder may belong to another user, who shares it."""
        status = self.path.stat()
        if status.st_uid == os.geteuid() and status.st_mode & 0o777 != PRIVATE:
            self.path.chmod(PRIVATE)

    def _require_writable(self) -> None:
        """Raise OSError if a file cannot be written. Files without permission are named.

        Raises:
            StartFailed: a file or folder cannot be used.
        """
        require_usable_files(self.path)
        self._instance_lock.touch()

    def _cannot_use(self, error: OSError) -> StartFailed:
        file = Path(error.filename) if isinstance(error.filename, str) else self.path
        is_named = self.path in file.parents and error.errno not in _DENIED
        name = file if is_named else f"the folder {self.path}"
        return StartFailed(f"PixTag cannot use {name}: {error.strerror}. {self._advise(error)}")

    def _advise(self, error: OSError) -> str:
        """Return what to do about an error. Another folder helps only if this one does not exist yet."""
        if error.errno in FULL:
            return "Free disk space, then try again."
        if error.errno in {errno.EROFS, *DISK_FAULTS} and self.path.exists():
            return "Check its disk. To use the library now, copy the folder to another disk, and name it with --data."
        paths = (error.filename, str(self.path)) if error.errno in _DENIED else ()
        return next((advice for path in paths if path and (advice := describe_owner(path))), _CHOOSE)

    def require_library(self) -> None:
        """Check that the folder contains a library.

        Raises:
            StartFailed: it does not, it cannot be read, its recovery was interrupted, or another folder has the same
                database or the same photos.
        """
        try:
            require_own_user(self.path)
            require_usable_files(self.path)
            self._require_no_recovery()
            require_own_database(self.database)
            if not self._has_database():
                self._require_new()
                raise StartFailed(f"{self.path} contains no PixTag library. {_CHOOSE}")
            require_own_objects(self.path)
        except OSError as error:
            raise self._cannot_use(error) from error

    def prepare_recovery(self) -> None:
        """Check that the folder contains a library, or parts of one.

        Raises:
            StartFailed: it does not, it cannot be used, or another folder has the same photos.
        """
        try:
            require_own_user(self.path)
            self._require_local()
            if not (self.database.exists() or self.recovered.exists() or self.contains_library()):
                raise StartFailed(f"{self.path} contains no PixTag library. {_CHOOSE}")
            self._require_writable()
            require_own_objects(self.path)
        except OSError as error:
            raise self._cannot_use(error) from error

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Be the only instance of PixTag that uses this folder. If this object has the lock, it keeps it afterwards.

        Raises:
            StartFailed: another process has the lock. The message names it.
        """
        with nullcontext() if self._has_lock else self.lock("", waits=False):
            yield

    @contextmanager
    def lock(self, address: str, *, waits: bool = True) -> Iterator[int]:
        """Be the only instance of PixTag that uses this folder. Yield the file descriptor of the lock.

        The lock ends when this process and all child processes that inherit the descriptor have ended. If a child
        process of a killed instance is about to end, wait for it. With `waits`, also wait for a command.

        Raises:
            StartFailed: another process has the lock, and the message names it. Or the disk is full.
        """
        with ExitStack() as stack:
            try:
                descriptor = stack.enter_context(self._instance_lock.hold(address, waits=waits))
            except OSError as error:
                raise self._cannot_use(error) from error
            self._has_lock = True
            try:
                yield descriptor
            finally:
                self._has_lock = False

    def require_wal(self) -> None:
        """Check that no other process uses a -wal or -shm file that was removed. SQLite would damage the database.

        An instance that is starting has not opened the database yet, so wait for it.

        Raises:
            Unavailable: another process uses such a file.
        """
        ends_at = time.monotonic() + START_SECONDS
        while self._has_database() and not self._has_lock and (missing := self._find_missing_file()):
            try:
                self.require_unlocked()
            except StartFailed as error:
                if time.monotonic() >= ends_at:
                    raise Unavailable(
                        f"PixTag is just starting, or its file {missing} was removed. Try again. If that does"
                        " not help, stop PixTag with Ctrl-C first. It then copies all changes from this file."
                    ) from error
                time.sleep(POLL_SECONDS)
            else:
                return

    def _find_missing_file(self) -> str:
        """Return the name of a file that exists while the database is open, but is missing. Or return an empty text."""
        names = (f"{DATABASE}-wal", f"{DATABASE}-shm")
        return next((name for name in names if not (self.path / name).exists()), "")

    def find_address(self) -> str:
        """Return the address of the instance that uses this folder. It is empty if there is none or it is not known."""
        return self._instance_lock.find_address()

    def require_unlocked(self) -> None:
        """Check that no instance of PixTag uses this folder.

        Raises:
            StartFailed: an instance uses it. The message names its process.
        """
        self._instance_lock.require_free()
