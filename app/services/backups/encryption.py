"""Encrypts and decrypts a backup with a passphrase, in the format of the program `age`.

pyrage encrypts streams for keys, but with passphrases only texts in memory. So an encrypted backup is a tar file with
two members: `identity.age` is a new private key that is encrypted with the passphrase, and `backup.tar.age` is the
backup, encrypted for this key. `age --decrypt --identity identity.age backup.tar.age` decrypts it too.

pyrage reads from a file and writes to a file, so it runs in a thread, and a pipe connects it.

Source: https://github.com/C2SP/C2SP/blob/main/age.md
"""

import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import BinaryIO, Final

import pyrage

from app.domain.backups import BackupError
from app.services.backups.members import BLOCK_BYTES, Readable, Writable

MIN_PASSPHRASE: Final = 8
IDENTITY: Final = "identity.age"
BACKUP: Final = "backup.tar.age"
MAGIC: Final = f"{IDENTITY}\0".encode()  # the first bytes of an encrypted backup

_MAX_IDENTITY_BYTES: Final = 4096
_MEASUREMENTS: Final = 10
_END: Final = bytes(2 * BLOCK_BYTES)
_DAMAGED: Final = "The encrypted backup is damaged or cut. Use another copy of it."
_TOO_SLOW: Final = (
    "This machine is too busy or too slow for the passphrase. Run the command again later, or decrypt the backup with"
    " age: `tar xf FILE`, then `age --decrypt --identity identity.age backup.tar.age > BACKUP`. Then restore BACKUP."
)
_REFUSED: Final = "The passphrase is wrong, or the file is damaged. Run the command again with the right passphrase."


@contextmanager
def encrypt(file: BinaryIO, passphrase: str) -> Iterator[Writable]:
    """Yield a file for the bytes of a backup. When the block ends, `file` contains the encrypted backup.

    Raises:
        OSError: `file` cannot be written.
    """
    identity = pyrage.x25519.Identity.generate()
    protected = pyrage.passphrase.encrypt(f"{identity}\n".encode(), passphrase)
    file.write(_make_header(IDENTITY, len(protected)) + protected + _make_padding(len(protected)))
    header_at = file.tell()
    file.write(_make_header(BACKUP, 0))
    output = _Output(file)
    source, plain = _open_pipe()
    with ThreadPoolExecutor(1) as executor:
        task = executor.submit(_encrypt, source, output, identity.to_public())
        try:
            with plain:
                yield plain
        except BrokenPipeError:  # the task has failed
            task.result()
            raise
        task.result()
    file.write(_make_padding(output.size) + _END)
    file.seek(header_at)
    file.write(_make_header(BACKUP, output.size))


def _encrypt(source: BinaryIO, output: "_Output", recipient: pyrage.x25519.Recipient) -> None:
    with source:
        try:
            pyrage.encrypt_io(source, output, [recipient])
        except pyrage.EncryptError as error:
            raise output.error or error from error


@contextmanager
def decrypt(file: Readable, passphrase: str) -> Iterator[Readable]:
    """Yield a file with the bytes of an encrypted backup. Only authentic bytes are returned.

    `read` raises BackupError if the backup is damaged or cut.

    Raises:
        BackupError: the passphrase is wrong, or the key is damaged.
    """
    identity = _read_identity(file, passphrase)
    encrypted = _Input(file, _read_size(file, BACKUP))
    plain, output = _open_pipe()
    with ThreadPoolExecutor(1) as executor, plain:
        yield _Plain(plain, executor.submit(_decrypt, encrypted, output, identity))


def _read_identity(file: Readable, passphrase: str) -> pyrage.x25519.Identity:
    size = _read_size(file, IDENTITY)
    if size > _MAX_IDENTITY_BYTES:
        raise BackupError(_DAMAGED)
    protected = file.read(size)
    file.read(len(_make_padding(size)))
    try:
        return pyrage.x25519.Identity.from_str(_decrypt_key(protected, passphrase).decode().strip())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
        raise BackupError(_TOO_SLOW if _was_too_slow(error) else _REFUSED) from error


def _decrypt_key(protected: bytes, passphrase: str) -> bytes:
    """Decrypt a key. Try again if the machine was too slow.

    pyrage measures the machine for some milliseconds, and refuses a passphrase that would take 16 times as long as a
    new one. If another program interrupts the measurement, it refuses a passphrase of the same machine.
    """
    for _ in range(_MEASUREMENTS - 1):
        try:
            return bytes(pyrage.passphrase.decrypt(protected, passphrase))
        except pyrage.DecryptError as error:
            if not _was_too_slow(error):
                raise
    return bytes(pyrage.passphrase.decrypt(protected, passphrase))


def _was_too_slow(error: Exception) -> bool:
    return "Excessive work" in str(error)


def _decrypt(encrypted: "_Input", output: BinaryIO, identity: pyrage.x25519.Identity) -> None:
    with output:
        try:
            pyrage.decrypt_io(encrypted, output, [identity])
        except (pyrage.DecryptError, OSError) as error:  # damaged chunks raise OSError
            raise encrypted.error or BackupError(_DAMAGED) from error
    if not encrypted.is_at_end():
        raise BackupError(_DAMAGED)


class _Output:
    """A file that pyrage writes. It keeps the error of a failed write, because pyrage does not."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Append bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            self.error = error
            raise
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing, because `write` has passed everything on."""


class _Input:
    """A member that pyrage reads. It keeps the error of a failed read, because pyrage does not."""

    def __init__(self, file: Readable, size: int) -> None:
        self._file = file
        self._size = size
        self._remaining = size
        self.error: BackupError | None = None

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Return an empty text at the end only."""
        try:
            data = self._file.read(min(size, self._remaining))
        except BackupError as error:
            self.error = error
            raise
        self._remaining -= len(data)
        return data

    def is_at_end(self) -> bool:
        """Return whether this member is complete, and the last one of the tar file."""
        end = _make_padding(self._size) + _END
        return not self._remaining and self._file.read(len(end) + 1) == end


class _Plain:
    """The decrypted bytes."""

    def __init__(self, file: BinaryIO, task: "Future[None]") -> None:
        self._file = file
        self._task = task

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Return an empty text at the end only."""
        data = self._file.read(size)
        if not data and size:
            self._task.result()
        return data


def _open_pipe() -> tuple[BinaryIO, BinaryIO]:
    reader, writer = os.pipe()
    return os.fdopen(reader, "rb"), os.fdopen(writer, "wb")


def _make_header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    return member.tobuf(tarfile.GNU_FORMAT)  # one block for members of any size


def _make_padding(size: int) -> bytes:
    return bytes(-size % BLOCK_BYTES)


def _read_size(file: Readable, name: str) -> int:
    """Read the header of a member, and return the size of the member."""
    try:
        member = tarfile.TarInfo.frombuf(file.read(BLOCK_BYTES), "utf-8", "strict")
    except tarfile.HeaderError as error:
        raise BackupError(_DAMAGED) from error
    if member.name != name or not member.isfile():
        raise BackupError(_DAMAGED)
    return member.size
