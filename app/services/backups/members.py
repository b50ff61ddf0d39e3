"""Writes and reads the members of a tar archive as a stream.

A reader accepts only ordinary files in one flat form, and never writes a file, so the names in an archive are harmless.
Python's `TarFile` would also accept links, archives that end too early, and headers of any size.

Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
"""

import hashlib
import tarfile
from collections.abc import Iterator
from typing import Final, Protocol

from app.domain.backups import BackupError

BLOCK_BYTES: Final = tarfile.BLOCKSIZE
READ_BYTES: Final = 2**18

DAMAGED: Final = "The backup is damaged or was changed. Use another copy of it."
CUT: Final = "The backup is not complete: the file ends too early. Copy it again, or use another backup."
NO_BACKUP: Final = "This file is not a backup of PixTag. Use a file that `pixtag backup` has written."

_END: Final = bytes(BLOCK_BYTES)


class Writable(Protocol):
    """A file that is written in order."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""


class Readable(Protocol):
    """A file that is read in order."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes. Return an empty text at the end only."""


class MemberWriter:
    """Writes members, and the SHA-256 digests of all members at the end."""

    def __init__(self, file: Writable, modified_at: int) -> None:
        self._file = file
        self._modified_at = modified_at
        self._checksums: list[bytes] = []

    def add(self, name: str, data: bytes) -> str:
        """Append a member. Return its SHA-256 digest in hexadecimal."""
        digest = hashlib.sha256(data).hexdigest()
        self._checksums.append(f"{digest}  {name}\n".encode())
        self._write(name, len(data), iter([data]))
        return digest

    def add_file(self, name: str, file: Readable, size: int) -> None:
        """Append a member with the bytes of a file."""
        digest = hashlib.sha256()

        def read() -> Iterator[bytes]:
            while data := file.read(READ_BYTES):
                digest.update(data)
                yield data

        self._write(name, size, read())
        self._checksums.append(f"{digest.hexdigest()}  {name}\n".encode())

    def finish(self, name: str) -> None:
        """Append the digests as a member, in the format of `sha256sum`, and the end of the archive."""
        self._write(name, sum(map(len, self._checksums)), iter(self._checksums))
        self._file.write(_END * 2)

    def _write(self, name: str, size: int, parts: Iterator[bytes]) -> None:
        header = tarfile.TarInfo(name)
        header.size, header.mtime, header.mode = size, self._modified_at, 0o600
        self._file.write(header.tobuf(tarfile.PAX_FORMAT))
        for part in parts:
            self._file.write(part)
        self._file.write(bytes(-size % BLOCK_BYTES))


class Member:
    """A member of an archive. It must be read before the next member.

    Attributes:
        name: The name.
        size: The number of bytes.
    """

    def __init__(self, name: str, size: int, file: Readable) -> None:
        self.name = name
        self.size = size
        self._file = file
        self._remaining = size
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Return an empty text at the end only.

        Raises:
            BackupError: the archive ends within the member.
        """
        data = self._file.read(min(size, self._remaining))
        if not data and self._remaining and size:
            raise BackupError(CUT)
        self._remaining -= len(data)
        self._digest.update(data)
        return data

    def read_all(self, max_bytes: int) -> bytes:
        """Return all bytes.

        Raises:
            BackupError: there are more than `max_bytes`, or the archive ends within the member.
        """
        if self.size > max_bytes:
            raise BackupError(DAMAGED)
        return b"".join(iter(lambda: self.read(READ_BYTES), b""))

    def read_lines(self, max_bytes: int) -> Iterator[bytes]:
        """Yield all lines, without their ends.

        Raises:
            BackupError: a line has more than `max_bytes` or no end, or the archive ends within the member.
        """
        pending = b""
        while data := self.read(READ_BYTES):
            *lines, pending = (pending + data).split(b"\n")
            yield from lines
            if len(pending) > max_bytes:
                raise BackupError(DAMAGED)
        if pending:
            raise BackupError(DAMAGED)

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the bytes. All bytes must have been read."""
        return self._digest.digest()

    def skip(self) -> None:
        """Read the remaining bytes."""
        while self.read(READ_BYTES):
            pass


def read_members(file: Readable) -> Iterator[Member]:
    """Yield the members of an archive in order.

    Raises:
        BackupError: the archive is cut, continues after its end, or contains anything but ordinary files.
    """
    while (block := _read(file, BLOCK_BYTES)) != _END:
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise BackupError(DAMAGED) from error
        if header.type != tarfile.REGTYPE or header.linkname or header.size < 0:
            raise BackupError(DAMAGED)
        member = Member(header.name, header.size, file)
        yield member
        member.skip()
        if any(_read(file, -member.size % BLOCK_BYTES)):
            raise BackupError(DAMAGED)
    if _read(file, BLOCK_BYTES) != _END or file.read(1):
        raise BackupError(DAMAGED)


def _read(file: Readable, size: int) -> bytes:
    """Return exactly `size` bytes."""
    data = b""
    while len(data) < size:
        part = file.read(size - len(data))
        if not part:
            raise BackupError(CUT)
        data += part
    return data
