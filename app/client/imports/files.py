"""Finds the files of an export in folders and in zip files. Nothing is extracted."""

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from app.client.walk import FoundFile, Walk, describe
from detector.formats import START_BYTES, is_photo_start

ZIP: Final = ".zip"
DAMAGED_SIDECAR: Final = "This sidecar is damaged, so its photo is imported without it."
CUT_ZIP: Final = "This zip file is cut or damaged. Download it again."
MAX_SIDECAR: Final = 2**20
READ_ERRORS: Final = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
"""The errors of reading a member of a zip file: damage, encryption, and methods that Python does not know."""

Problem = tuple[str, str]
"""The name of a file that is not imported, and the reason."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file in a folder or in a zip file.

    Attributes:
        source: The path of the folder or the zip file.
        name: The path in it, with slashes. It is only a name: nothing is written there.
        size: The size in bytes.
        state: Changes when the file changes.
        open: Opens the bytes. It can raise one of `READ_ERRORS`.
        path: The path of the file itself. Empty for a member of a zip file.
        modified: When the file was last modified, in the time zone of this machine. None for a member of a zip file.
    """

    source: str
    name: str
    size: int
    state: str
    open: Callable[[], IO[bytes]] = field(compare=False, repr=False)
    path: str = ""
    modified: datetime | None = None

    @property
    def label(self) -> str:
        """The path for people and for the index."""
        return f"{self.source}/{self.name}"

    @property
    def folder(self) -> str:
        """The path of its folder in the source, or an empty text."""
        return self.name.rpartition("/")[0]

    @property
    def base(self) -> str:
        """Its name without folders."""
        return self.name.rpartition("/")[2]


@dataclass
class SourceFiles:
    """The files below paths. A zip file is read like a folder.

    Attributes:
        paths: Folders and zip files.
        problems: The files that cannot be read. The iteration adds to it.
    """

    paths: list[str]
    problems: list[Problem] = field(default_factory=list)

    def __iter__(self) -> Iterator[SourceFile]:
        for path in self.paths:
            root = os.path.abspath(path)  # noqa: PTH100 - unlike `resolve`, it keeps the names of links
            walk = Walk([root])
            for file in walk:
                if file.path.lower().endswith(ZIP):
                    yield from self._list_zip(file)
                else:
                    yield _make_file(file, root)
            self.problems += walk.problems

    def _list_zip(self, file: FoundFile) -> Iterator[SourceFile]:
        try:
            archive = zipfile.ZipFile(file.path)
        except OSError as error:
            self.problems.append((file.path, describe(error)))
        except READ_ERRORS:
            self.problems.append((file.path, CUT_ZIP))
        else:
            for member in archive.infolist():
                if not member.is_dir():
                    state = f"{member.file_size} {member.CRC:08x}"
                    yield SourceFile(file.path, member.filename, member.file_size, state, partial(archive.open, member))


def _make_file(file: FoundFile, root: str) -> SourceFile:
    source, name = os.path.split(root) if file.path == root else (root, os.path.relpath(file.path, root))
    modified = None
    with suppress(ValueError, OverflowError, OSError):  # some file systems have impossible times
        modified = datetime.fromtimestamp(file.mtime_ns // 10**9).astimezone()
    return SourceFile(
        source,
        name.replace(os.sep, "/"),
        file.size,
        describe_state(file),
        lambda: Path(file.path).open("rb"),
        file.path,
        modified,
    )


def describe_state(file: FoundFile) -> str:
    """Return what changes when a file changes."""
    return f"{file.size} {file.mtime_ns} {file.inode}"


def read_sidecar(file: SourceFile) -> bytes:
    """Return the bytes of a sidecar, up to one more than `MAX_SIDECAR`.

    Raises:
        READ_ERRORS: they cannot be read.
    """
    with file.open() as stream:
        return stream.read(MAX_SIDECAR + 1)


def read_object(file: SourceFile, parse: Callable[[bytes], object]) -> tuple[dict[str, Any], str]:
    """Return the object in a sidecar, or the reason why there is none.

    Args:
        file: The sidecar.
        parse: Parses its bytes. It can raise ValueError and RecursionError.
    """
    try:
        data = read_sidecar(file)
        values = parse(data) if len(data) <= MAX_SIDECAR else None
    except (RecursionError, ValueError):
        values = None
    except READ_ERRORS as error:
        return {}, describe_read_error(error)
    return (values, "") if isinstance(values, dict) else ({}, DAMAGED_SIDECAR)


def is_photo(file: SourceFile) -> bool:
    """Return whether the bytes of a file begin like those of a photo.

    Raises:
        READ_ERRORS: they cannot be read.
    """
    with file.open() as stream:
        return is_photo_start(stream.read(START_BYTES))


def describe_read_error(error: Exception) -> str:
    """Return why a file cannot be read, as a sentence."""
    if isinstance(error, OSError):
        return describe(error)
    if "encrypted" in str(error) or "password" in str(error):
        return "The zip file is encrypted. Extract it first."
    return "This part of the zip file is damaged. Download it again."
