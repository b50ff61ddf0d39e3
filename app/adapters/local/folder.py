"""Checks and locks the data folder, which holds everything that PixTag stores on one machine."""

from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Final

from app.adapters.local.instance_lock import InstanceLock
from app.adapters.local.mounts import find_network_type
from app.domain.errors import StartFailed

DATABASE: Final = "pixtag.db"
OBJECTS: Final = "objects"
INSTANCE_LOCK: Final = "pixtag.lock"  # held by all processes of an instance; its text names the one that serves the API
PRIVATE: Final = 0o700

_FOREIGN_NAMES: Final = frozenset({"lost+found", ".DS_Store"})  # systems add these to empty folders
_CHOOSE: Final = "Choose another folder with --data, DATA= of make, or PIXTAG_DATA."


class DataFolder:
    """The data folder. Only its owner can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._instance_lock = InstanceLock(path / INSTANCE_LOCK)

    def prepare(self, *, is_rebuild: bool = False) -> None:
        """Create the folder if it does not exist. Check that it belongs to PixTag, or that it is empty.

        Args:
            is_rebuild: Accept a folder that contains photos but no database.

        Raises:
            StartFailed: PixTag cannot use the folder.
        """
        try:
            self.path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            names = {entry.name for entry in self.path.iterdir()} - _FOREIGN_NAMES
            self._require_local()
            if not names & {DATABASE, INSTANCE_LOCK} and not self._has_photos():
                self._require_empty(names)
            if DATABASE not in names and not is_rebuild:
                self._require_no_photos()
            if not names:
                self.path.chmod(PRIVATE)
            self._require_writable()
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

    def _require_no_photos(self) -> None:
        if self._has_photos():
            raise StartFailed(
                f"{self.path} contains photos but not their database, {DATABASE}. Restore this file from a backup, or"
                " rebuild the library from the photos with `pixtag rebuild`."
            )

    def _has_photos(self) -> bool:
        return any(self.path.glob(f"{OBJECTS}/originals/*/*"))

    def _require_writable(self) -> None:
        """Raise OSError if a file cannot be written."""
        self._instance_lock.touch()
        with suppress(FileNotFoundError), (self.path / DATABASE).open("r+b"):
            pass

    def _cannot_use(self, error: OSError) -> StartFailed:
        return StartFailed(f"PixTag cannot use the folder {self.path}: {error.strerror}. {_CHOOSE}")

    def require_library(self) -> None:
        """Check that the folder contains a library.

        Raises:
            StartFailed: it does not.
        """
        if not (self.path / DATABASE).is_file():
            raise StartFailed(f"{self.path} contains no PixTag library. {_CHOOSE}")

    def lock(self, address: str) -> AbstractContextManager[int]:
        """Be the only instance of PixTag that uses this folder. The context is the file descriptor of the lock.

        The lock ends when this process and all child processes that inherit the descriptor have ended. If a child
        process of a killed instance is about to end, wait for it.

        Raises:
            StartFailed: another process has the lock. The message names it.
        """
        return self._instance_lock.hold(address)

    def require_unlocked(self) -> None:
        """Check that no instance of PixTag uses this folder.

        Raises:
            StartFailed: an instance uses it. The message names its process.
        """
        self._instance_lock.require_free()
