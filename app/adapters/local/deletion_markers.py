"""Remembers which accounts are being deleted, even if the database is lost: `objects/deleted/OWNER` is an empty file.

A copy of the database may still contain such an account. The file stays until all photos of the account are deleted.
"""

from pathlib import Path
from typing import Final

from app.adapters.local.files import OBJECTS, make_folder, sync_folder, translate_errors

DELETED: Final = "deleted"


class DeletionMarkers:
    """The files in `objects/deleted`.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / OBJECTS / DELETED

    def add(self, owner: str) -> None:
        """Remember that an account is being deleted. The file is on the disk afterwards.

        Raises:
            StorageFull, Unavailable: the file cannot be written.
        """
        with translate_errors():
            make_folder(self._folder.parent)
            make_folder(self._folder)
            (self._folder / owner).touch(mode=0o600)
            sync_folder(self._folder)

    def remove(self, owner: str) -> None:
        """Forget an account whose photos are deleted.

        Raises:
            StorageFull, Unavailable: the file cannot be deleted.
        """
        with translate_errors():
            if self.contains(owner):
                (self._folder / owner).unlink(missing_ok=True)
                sync_folder(self._folder)

    def contains(self, owner: str) -> bool:
        """Return whether an account is being deleted.

        Raises:
            Unavailable: the folder cannot be read.
        """
        with translate_errors():
            return (self._folder / owner).exists()

    def list_owners(self) -> list[str]:
        """Return the owners of the accounts that are being deleted."""
        with translate_errors():
            return sorted(path.name for path in self._folder.glob("*"))
