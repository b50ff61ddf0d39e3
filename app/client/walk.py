"""Finds the files below folders. Links to folders are followed once."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HIDDEN: Final = "."


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file, as the file system describes it.

    Attributes:
        path: The absolute path. It may go through links.
        size: The size in bytes.
        mtime_ns: When it was last modified, in nanoseconds of Unix time.
        inode: The number of the file on its file system.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def make(cls, path: str, status: os.stat_result) -> "FoundFile":
        """Return the file at a path with this status."""
        return cls(path, status.st_size, status.st_mtime_ns, status.st_ino)


@dataclass
class Walk:
    """A walk through files and folders. It reads no file.

    Hidden files and folders are left out, unless they are named in `paths`. Links to folders are followed after all
    other folders, so that a photo is found at its own path if that is below `paths` too.

    Attributes:
        problems: The path and the reason of each entry that could not be walked. The iteration adds to it.
    """

    paths: Iterable[str]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[FoundFile]:
        visited: set[tuple[int, int]] = set()
        links: list[str] = []
        for path in self.paths:
            root = os.path.abspath(path)  # noqa: PTH100 - unlike `resolve`, it keeps the names of links
            yield from self._visit(root, visited, links)
        while links:
            link = links.pop(0)
            if _is_loop(link):
                self.problems.append((link, "The link leads to a folder that contains it."))
            else:
                yield from self._visit(link, visited, links)

    def _visit(self, path: str, visited: set[tuple[int, int]], links: list[str]) -> Iterator[FoundFile]:
        """Yield a file, or the files in a folder and below it. Folders wait in a list, because they can be deep."""
        folders = [path]
        while folders:
            entry = folders.pop()
            try:
                status = Path(entry).stat()
                if stat.S_ISREG(status.st_mode):
                    yield FoundFile.make(entry, status)
                elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in visited:
                    visited.add((status.st_dev, status.st_ino))
                    files, below = self._list(entry, links)
                    yield from files
                    folders += reversed(below)
            except OSError as error:
                self.problems.append((entry, describe(error)))

    def _list(self, folder: str, links: list[str]) -> tuple[list[FoundFile], list[str]]:
        """Return the files in a folder and its folders, both in the order of their names. Add its links to folders."""
        files: list[FoundFile] = []
        below: list[str] = []
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith(HIDDEN):
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(entry.path)
                    elif entry.is_dir():
                        links.append(entry.path)
                    elif stat.S_ISREG((status := entry.stat()).st_mode):
                        files.append(FoundFile.make(entry.path, status))
                except OSError as error:
                    self.problems.append((entry.path, describe(error)))
        return files, below


def _is_loop(link: str) -> bool:
    """Return whether a link to a folder is in this folder or below it."""
    target = os.path.realpath(link)
    return os.path.commonpath([target, os.path.realpath(Path(link).parent)]) == target


def describe(error: OSError) -> str:
    """Return why the system refuses a file, as a sentence."""
    return f"{error.strerror or error}."
