"""Simulates the disk under recorded file operations: what may be on it after a power cut.

The model follows POSIX and is at least as harsh as ext4:

- The bytes and the size of a file are durable after fsync or fdatasync of the file, as they were when the call began.
  Later writes survive or not per sector of 512 or 4,096 bytes: each sector has the content after any number of the
  writes to it. The size is any of the sizes since then. Bytes that were not written are zeros.
- A name is durable after fsync of its folder. An fsync of the file does not make its name durable. Later changes of
  names survive in their order, separately for each folder: any first part of them. So a new file can be lost although
  its bytes are durable, and a deleted file can return.
- A rename is atomic, also between folders: a file never loses its old name without getting its new one.
- A folder that is not durable in its own folder is lost with all that it contains.

In ext4, by contrast, an fsync also commits all earlier changes of names in all folders. The shared memory of SQLite
(-shm) is never durable; it contains noise after a power cut, as after a restart of the machine during its writeback.
"""

import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.robustness.power_cut.recording import Kind, Record

SECTOR_BYTES: Final = (512, 4_096)
SHARED_MEMORY: Final = "-shm"
SHARED_MEMORY_BYTES: Final = 32_768


@dataclass(eq=False)
class File:
    """The writes (offset and bytes) and truncations (size and None) of a file. The first `synced` are durable."""

    changes: list[tuple[int, bytes | None]] = field(default_factory=list)
    synced: int = 0

    def cut(self, choose: "Choose") -> bytes:
        """Return the bytes after a power cut."""
        content = bytearray()
        for position, data in self.changes[: self.synced]:
            _apply(content, position, data)
        later = self.changes[self.synced :]
        if not later:
            return bytes(content)
        size = random_part.choice([len(content), *_list_sizes(len(content), later)])
        sector_bytes = random_part.choice(SECTOR_BYTES)
        latest = max([len(content), *_list_sizes(len(content), later)])
        content.extend(bytes(latest - len(content)))
        for pieces in _split(later, sector_bytes, latest).values():
            for position, piece in pieces[: choose(len(pieces))]:
                content[position : position + len(piece)] = piece
        return bytes(content[:size])


@dataclass(eq=False)
class Change:
    """A change of a name in a folder. A node of None removes it.

    Attributes:
        name: The name.
        node: The file or folder that gets this name, or None.
        moved_to: The folder and position of the new name, if a rename removes this name.
        old_name: The name in the same folder that a rename removes.
    """

    name: str
    node: "File | Folder | None"
    moved_to: "tuple[Folder, int] | None" = None
    old_name: str = ""


@dataclass(eq=False)
class Folder:
    """The changes of names in a folder. The first `synced` are durable. `names` are those that programs see."""

    names: "dict[str, File | Folder]" = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    synced: int = 0

    def change(self, change: Change) -> None:
        self.changes.append(change)
        _rename(self.names, change)

    def sync(self, count: int) -> None:
        """Make the first changes durable. The new name of a file that was moved away is durable too."""
        for change in self.changes[self.synced : count]:
            if change.moved_to:
                folder, position = change.moved_to
                folder.sync(position + 1)
        self.synced = max(self.synced, count)


random_part: Final = random.Random()  # noqa: S311 - a simulation

Choose = Callable[[int], int]  # returns how many of some changes survive

CHOICES: Final[tuple[Choose, ...]] = (
    lambda count: 0,
    lambda count: random_part.choice((0, 0, 0, count)),
    lambda count: random_part.randint(0, count),
    lambda count: random_part.choice((count, count, count, 0)),
)


class Disk:
    """The files and folders below a folder, after recorded operations. What the folder contains before is durable."""

    def __init__(self, root: Path) -> None:
        self._path = str(root.resolve())
        self._nodes: dict[int, File | Folder] = {}
        self._syncs: dict[int, tuple[File | Folder, int]] = {}
        self._root = self._read_folder(root)

    def _read_folder(self, path: Path) -> Folder:
        folder = self._nodes[path.stat().st_ino] = Folder()
        for child in path.iterdir():
            inode = child.stat().st_ino
            if child.is_dir():
                node: File | Folder = self._read_folder(child)
            else:
                node = self._nodes.setdefault(inode, File([(0, child.read_bytes())], 1))
            folder.change(Change(child.name, node))
        folder.sync(len(folder.changes))
        return folder

    def apply(self, records: Iterable[Record]) -> None:
        """Execute operations."""
        for record in records:
            self._execute(record)

    def _execute(self, record: Record) -> None:  # noqa: C901 - one case for each kind
        match record.kind:
            case Kind.CREATE:
                self._create(record, File())
            case Kind.MKDIR:
                self._create(record, Folder())
            case Kind.WRITE:
                self._find_file(record.inode).changes.append((record.number, record.data))
            case Kind.TRUNCATE:
                self._find_file(record.inode).changes.append((record.number, None))
            case Kind.SYNC_BEGIN:
                node = self._nodes[record.inode]
                self._syncs[record.number] = (node, len(node.changes))
            case Kind.SYNC_END:
                _sync(*self._syncs.pop(record.number))
            case Kind.RENAME | Kind.LINK:
                self._give_name(record)
            case Kind.UNLINK | Kind.RMDIR:
                folder, name = self._find(record.data.decode())
                folder.change(Change(name, None))
            case Kind.UNSUPPORTED:
                raise AssertionError(f"The recorder does not support {record.data.decode()}.")

    def _create(self, record: Record, node: File | Folder) -> None:
        self._nodes[record.inode] = node
        folder, name = self._find(record.data.decode())
        folder.change(Change(name, node))

    def _find_file(self, inode: int) -> File:
        node = self._nodes[inode]
        assert isinstance(node, File)
        return node

    def _give_name(self, record: Record) -> None:
        folder, name = self._find(record.data.decode())
        target, new_name = self._find(record.target)
        node = folder.names[name]
        if record.kind is Kind.LINK:
            target.change(Change(new_name, node))
        elif node is target.names.get(new_name):
            pass  # rename of a file to another name of the same file does nothing
        elif folder is target:
            folder.change(Change(new_name, node, old_name=name))
        else:
            target.change(Change(new_name, node))
            folder.change(Change(name, None, moved_to=(target, len(target.changes) - 1)))

    def _find(self, path: str) -> tuple[Folder, str]:
        """Return the folder of a path, and the name in it."""
        *parents, name = path.removeprefix(f"{self._path}/").split("/")
        folder = self._root
        for parent in parents:
            node = folder.names[parent]
            assert isinstance(node, Folder)
            folder = node
        return folder, name

    def cut(self, target: Path, seed: int) -> None:
        """Write what is left after a power cut to a new folder. Each seed leaves something else."""
        random_part.seed(seed)
        choose = random_part.choice(CHOICES)
        kept = {folder: folder.synced + choose(len(folder.changes) - folder.synced) for folder in self._list_folders()}
        while _keep_moves(kept):
            pass
        shutil.rmtree(target, ignore_errors=True)
        _write_folder(self._root, target, kept, choose, {})

    def _list_folders(self) -> list[Folder]:
        """Return every folder that has ever had a name."""
        folders = [self._root]
        for folder in folders:
            for change in folder.changes:
                if isinstance(change.node, Folder) and change.node not in folders:
                    folders.append(change.node)
        return folders


def _sync(node: File | Folder, count: int) -> None:
    if isinstance(node, Folder):
        node.sync(count)
    else:
        node.synced = max(node.synced, count)


def _rename(names: "dict[str, File | Folder]", change: Change) -> None:
    names.pop(change.old_name, None)
    if change.node:
        names[change.name] = change.node
    else:
        names.pop(change.name, None)


def _apply(content: bytearray, position: int, data: bytes | None) -> None:
    if data is None:
        del content[position:]
        content.extend(bytes(position - len(content)))
        return
    content.extend(bytes(max(0, position - len(content))))
    content[position : position + len(data)] = data


def _list_sizes(size: int, changes: Iterable[tuple[int, bytes | None]]) -> list[int]:
    """Return the size of a file after each change."""
    sizes = []
    for position, data in changes:
        size = position if data is None else max(size, position + len(data))
        sizes.append(size)
    return sizes


def _split(
    changes: Iterable[tuple[int, bytes | None]], sector_bytes: int, size: int
) -> dict[int, list[tuple[int, bytes]]]:
    """Return the pieces that are written to each sector, in order. A truncation writes zeros to the end."""
    sectors: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for position, data in changes:
        content = bytes(max(0, size - position)) if data is None else data
        start = 0
        while start < len(content):
            sector = (position + start) // sector_bytes
            end = min(len(content), (sector + 1) * sector_bytes - position)
            sectors[sector].append((position + start, content[start:end]))
            start = end
    return sectors


def _keep_moves(kept: dict[Folder, int]) -> bool:
    """Keep the old name of a file whose new name is lost, and what has changed later in that folder."""
    for folder, count in kept.items():
        for position, change in enumerate(folder.changes[folder.synced : count], start=folder.synced):
            if change.moved_to and kept.get(change.moved_to[0], 0) <= change.moved_to[1]:
                kept[folder] = position
                return True
    return False


def _write_folder(
    folder: Folder, path: Path, kept: dict[Folder, int], choose: Choose, written: dict[File, Path]
) -> None:
    path.mkdir(mode=0o700)
    names: dict[str, File | Folder] = {}
    for change in folder.changes[: kept[folder]]:
        _rename(names, change)
    for name, node in names.items():
        if isinstance(node, Folder):
            _write_folder(node, path / name, kept, choose, written)
        elif name.endswith(SHARED_MEMORY):
            (path / name).write_bytes(random_part.randbytes(SHARED_MEMORY_BYTES))
        elif node in written:
            (path / name).hardlink_to(written[node])
        else:
            (path / name).write_bytes(node.cut(choose))
            (path / name).chmod(0o600)
            written[node] = path / name
