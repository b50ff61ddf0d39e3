"""Defines the errors of services and disks that PixTag needs."""

from app.domain.errors.base import PixTagError, StartFailed


class Unavailable(PixTagError):
    """A service that PixTag needs is not available.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    retry_after = 5

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or "PixTag cannot reach a service that it needs. Nothing was lost. Try again in a few seconds."
        )


class FolderUnreadable(Unavailable):
    """The folder with one account's files cannot be read. The files of other accounts can be read.

    Attributes:
        folder: The folder, below the data folder.
        fault: What is wrong with it.
    """

    def __init__(self, folder: str, fault: str) -> None:
        super().__init__(
            f"PixTag cannot read the folder {folder} in its data folder: {fault}. Nothing was lost. The person who runs"
            " PixTag must check the disk and the permissions of this folder."
        )
        self.folder = folder
        self.fault = fault


class OperationUnsupported(PixTagError):
    """The AWS endpoint does not support an operation that PixTag needs. Only emulators of AWS cause this error."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"The AWS endpoint of this PixTag lacks the operation {operation}. Choose another emulator.")


class StorageFull(PixTagError):
    """The disk on which PixTag stores photos and data is full."""

    def __init__(self) -> None:
        super().__init__("The disk of this PixTag is full, so nothing was stored. Free disk space, then try again.")


class DatabaseUnusable(StartFailed):
    """PixTag cannot use its database. The message names the file, the fault and the remedy."""
