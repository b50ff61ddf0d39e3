"""Writes and restores backups for `pixtag backup` and `pixtag restore`."""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

import typer

from app import wiring
from app.cli.options import describe_command
from app.cli.output_file import create_file
from app.cli.progress import Advance, show_progress
from app.domain.backups import BackupError
from app.domain.errors import StorageFull
from app.domain.ports import Stores
from app.services.backups import encryption
from app.services.backups.archive import read_info, verify
from app.services.backups.create import BackupWriter, Summary
from app.services.backups.members import Readable
from app.services.backups.restore import Restore, require_empty
from app.services.backups.rows import RowKind

MAX_FAULTS: Final = 20  # that are printed
ALREADY_RESTORED: Final = (
    "This backup was already restored completely into this library, so nothing was changed. If you want to get back"
    " photos that were deleted since then, restore it into a new folder with --data."
)
DAMAGED: Final = {
    RowKind.ACCOUNT: "The database entry of the account {} is damaged. Its damaged values are not in the backup.",
    RowKind.ADDRESS: "The address of the account {} is damaged, so its photos are not in the backup.",
    RowKind.ALBUM: "The database entry of the album {} is damaged, so the album is not in the backup. Its photos are.",
    RowKind.ALBUM_ORDER: "The order of the album {} is damaged, so it is not in the backup. The album is.",
    RowKind.IMAGE: (
        "The database entry of the photo {} is damaged. The backup has its original as a new upload, without"
        " the changes of people."
    ),
    RowKind.MISSING_IMAGE: "The photo {} has no intact database entry. The backup has its original as a new upload.",
    RowKind.PREFERENCES: "The preferences of the account {} are damaged, so they are not in the backup.",
    RowKind.SUBSCRIPTION: "The database entry of the saved search {} is damaged, so it is not in the backup.",
}
UNCHANGED: Final = "PixTag has not changed damaged entries. Copies of the database from earlier days may have them."
RESERVE_BYTES: Final = 64 * 2**20  # for the database, and for the files that PixTag writes while it runs


Reader = Callable[[Advance], AbstractContextManager[Readable]]  # starts to read a backup from its beginning


def write_backup(path: Path, *, encrypt: bool, passphrase_stdin: bool) -> bool:
    """Write a backup of all libraries. Return whether it contains all photos.

    Raises:
        BackupError: the backup cannot be written.
    """
    _stop_on_signals()
    stores = wiring.stores()
    if wiring.find_local_settings():
        wiring.local_stores().folder.require_library()
        wiring.require_restored()
    _require_new_file(path, stores.backups.folder)
    passphrase = _read_passphrase(from_stdin=passphrase_stdin, is_new=True) if encrypt or passphrase_stdin else ""
    with _translated_failures(), create_file(path) as file:
        total = sum(stores.quotas.usage(account.owner).bytes for account in stores.backups.list_accounts())
        encrypted = encryption.encrypt(file, passphrase) if passphrase else nullcontext(file)
        with show_progress("Backup", total) as advance, encrypted as output:
            summary = BackupWriter(stores, output, path.parent, advance).write()
    return _print_summary(path, summary)


def _require_new_file(path: Path, folder: Path | None) -> None:
    try:
        if folder and path.resolve().is_relative_to(folder.resolve()):
            raise BackupError(f"{path} is in the data folder. Choose a place outside of it, best on another disk.")
        if path.is_dir():
            raise BackupError(f"{path.resolve()} is a folder. Name a new file, such as pixtag.backup.")
        if path.exists():
            raise BackupError(f"{path} already exists. Choose another name, or delete this file first.")
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}. Choose another name.") from error


def _print_summary(path: Path, summary: Summary) -> bool:
    accounts = f"{summary.accounts:,} account{'' if summary.accounts == 1 else 's'}"
    photos = f"{summary.images:,} photo{'' if summary.images == 1 else 's'}"
    print(f"Wrote {path}, {path.stat().st_size / 1e6:,.1f} MB: {accounts}, {photos}.")
    print(f"Restore it into an empty library with `{shlex.join(['pixtag', 'restore', str(path)])}`.")
    faults = [
        *(
            f"The photos of {owner} have no account, so they are not in the backup. Run"
            f" `{describe_command('user', 'add', 'ADDRESS', '--owner', owner)}`, then make another backup."
            for owner in summary.without_account
        ),
        *(f"The original of the photo {each} is lost, so this photo is not in the backup." for each in summary.lost),
        *(_describe_unreadable(each) for each in sorted(summary.unreadable)),
        *(f"The original of the photo {each} was changed on the disk." for each in summary.altered),
        *(DAMAGED[each.kind].format(each.id) for each in summary.damaged),
    ]
    for fault in faults[:MAX_FAULTS]:
        print(fault, file=sys.stderr)
    if len(faults) > MAX_FAULTS:
        print(f"There are {len(faults) - MAX_FAULTS:,} more such faults.", file=sys.stderr)
    if summary.damaged:
        print(UNCHANGED, file=sys.stderr)
    return not faults


def _describe_unreadable(key: str) -> str:
    if key.endswith("/"):
        return f"The folder objects/{key} cannot be listed. The backup lacks its files that have no database entry."
    return f"objects/{key} cannot be read, so it is not in the backup."


def restore_backup(path: Path, *, passphrase_stdin: bool) -> None:
    """Restore a backup into an empty library, or continue an interrupted restore of it.

    Raises:
        BackupError: the backup or the library cannot be used. Nothing in the library was lost.
    """
    _stop_on_signals()
    stores = wiring.stores()
    is_new = _is_new_library()
    with _open(path) as file, ExitStack() as library, _translated_failures():
        finished = None
        if not is_new:
            library.enter_context(_lock_library())
            finished = stores.backups.find_finished_restore()
            if not finished:
                require_empty(stores)
        read = _make_reader(file, passphrase_stdin=passphrase_stdin)
        if finished and _is_restored(stores, read, finished):
            print(ALREADY_RESTORED)
            return
        with show_progress("Verify", path.stat().st_size) as advance, read(advance) as backup:
            contents = verify(backup)
        folder = stores.backups.folder
        if folder and (is_new or not stores.backups.find_restore()):
            _require_space(folder, contents.object_bytes)
        if is_new:  # a restore that is refused creates no folder
            library.enter_context(_lock_library())
            require_empty(stores)
        with show_progress("Restore", path.stat().st_size) as advance, read(advance) as backup:
            Restore(stores, contents).run(backup)
    images, accounts = len(contents.images), len(contents.accounts)
    print(f"Restored {accounts:,} account{'' if accounts == 1 else 's'}, {images:,} photo{'' if images == 1 else 's'}.")
    if folder:
        print(f"Start PixTag with `{describe_command('run')}`. Everyone needs to sign in again.")
    if not all(account.password_hash for account in contents.accounts.values()) or not folder:
        print('Passwords cannot move from or to AWS. Everyone sets a new one with "Forgot password?".')


def _is_restored(stores: Stores, read: Reader, finished: str) -> bool:
    """Return whether the library contains this backup, whose restore is finished.

    Raises:
        BackupError: the library contains other photos.
    """
    try:
        require_empty(stores)
    except BackupError:
        with read(lambda _: None) as backup:
            if read_info(backup).id == finished:
                return True
        raise
    return False


def _open(path: Path) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError as error:
        raise _cannot_read(str(path), error) from error
    if not file.seekable():
        file.close()
        raise BackupError(f"{path} is not a file on a disk. PixTag reads a backup twice, so copy it to a disk first.")
    return file


def _cannot_read(name: str, error: OSError) -> BackupError:
    return BackupError(f"{name} cannot be read: {error.strerror}. Check its name and its disk.")


def _make_reader(file: BinaryIO, *, passphrase_stdin: bool) -> Reader:
    """Return a function that starts to read the backup. It decrypts the backup if necessary."""
    passphrase = ""
    if _ReportedFile(file, lambda _: None).read(len(encryption.MAGIC)) == encryption.MAGIC:
        passphrase = _read_passphrase(from_stdin=passphrase_stdin, is_new=False)
        if not passphrase:
            raise BackupError("This backup is encrypted, but the passphrase is empty. Enter its passphrase.")

    def read(advance: Advance) -> AbstractContextManager[Readable]:
        file.seek(0)
        reported = _ReportedFile(file, advance)
        return encryption.decrypt(reported, passphrase) if passphrase else nullcontext(reported)

    return read


class _ReportedFile:
    """A file whose reads are reported."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        self._file = file
        self._advance = advance

    def read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            raise _cannot_read(self._file.name, error) from error
        self._advance(len(data))
        return data


def _is_new_library() -> bool:
    """Return whether the library is on this machine, and its folder does not exist."""
    return wiring.find_local_settings() is not None and not os.path.lexists(wiring.local_stores().folder.path)


@contextmanager
def _lock_library() -> Iterator[None]:
    """Be the only process that uses the library, if it is on this machine."""
    if not wiring.find_local_settings():
        yield
        return
    stores = wiring.local_stores()
    stores.folder.prepare()
    with stores.folder.lock(""):
        stores.database.check()
        stores.objects.remove_unfinished()
        yield


def _require_space(folder: Path, needed_bytes: int) -> None:
    existing = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes + RESERVE_BYTES:
        raise BackupError(
            f"The restore needs {(needed_bytes + RESERVE_BYTES) / 1e6:,.1f} MB: {needed_bytes / 1e6:,.1f} MB for photos"
            f" and {RESERVE_BYTES / 1e6:,.1f} MB for PixTag. Only {free_bytes / 1e6:,.1f} MB are free. Free space, or"
            " choose another folder with --data. Nothing was restored."
        )


@contextmanager
def _translated_failures() -> Iterator[None]:
    """Translate the failures of stores, because the command can be repeated."""
    try:
        yield
    except StorageFull as error:
        raise BackupError("The disk is full. Free space, then run the command again.") from error
    except wiring.STORE_FAILURES as error:
        raise BackupError(f"AWS rejected a request: {error}. Correct the cause, then run the command again.") from error


def _read_passphrase(*, from_stdin: bool, is_new: bool) -> str:
    """Return the passphrase from the standard input, or ask for it without showing it."""
    if from_stdin:
        try:
            passphrase = sys.stdin.buffer.readline().decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise BackupError("The passphrase is not text in UTF-8. Choose another.") from error
    elif sys.stdin.isatty():
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new)
    else:
        raise BackupError("There is no terminal to ask for the passphrase in. Use --passphrase-stdin.")
    if is_new and len(passphrase) < encryption.MIN_PASSPHRASE:
        raise BackupError(f"A passphrase has at least {encryption.MIN_PASSPHRASE} characters. Choose a longer one.")
    return passphrase


def _stop_on_signals() -> None:
    """Handle SIGTERM and SIGHUP like Ctrl-C, so that an unfinished file is deleted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
