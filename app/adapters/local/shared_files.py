"""Checks that no other library uses the files of a data folder. Two libraries would delete each other's photos."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.adapters.local.deletion_markers import DELETED
from app.adapters.local.files import OBJECT_FOLDERS, OBJECTS, open_file
from app.domain.errors import StartFailed

LIBRARY: Final = "library"  # the file in `objects` that names the data folder to which the photos belong
MAX_PATH_BYTES: Final = 4_096  # of Linux and macOS


def require_own_database(database: Path) -> None:
    """Check that the database and its -wal file are neither hard links nor symbolic links.

    SQLite keeps the -wal file next to the target of a symbolic link, where PixTag does not look for it.

    Raises:
        StartFailed: one of them is a link.
    """
    for path in (database, database.with_name(f"{database.name}-wal")):
        if path.is_symlink():
            raise StartFailed(
                f"{path} is a link. Move its target, and the -wal file of the target if there is one, into the folder"
                f" {path.parent}. To keep the library on another disk, link the whole folder instead."
            )
        if path.is_file() and path.stat().st_nlink > 1:
            raise StartFailed(
                f"{path} is a hard link, so another folder has the same file. Copy a library with `cp -a`, and delete"
                f" its linked copy. Or separate them: `cp {path.name} new && mv new {path.name}`."
            )


def require_own_objects(data: Path) -> None:
    """Check that the photos of a data folder do not belong to another one, then store to which folder they belong.

    A copy of a data folder has the same photos if its folder of objects is a symbolic link.

    Raises:
        StartFailed: the photos belong to another data folder, which still exists.
        OSError: the path of the data folder cannot be read.
    """
    objects = data / OBJECTS
    if not objects.is_dir():
        return
    file = objects / LIBRARY
    name, other = os.fsencode(data.resolve()), _read(file)
    if other == name:
        return
    library = Path(os.fsdecode(other))
    if other and _share_photos(data, library):
        raise StartFailed(
            f"The photos in {objects} belong to the library {library}. Two libraries would delete each other's photos."
            " Replace the links to the photos with a copy of them. Delete neither folder before that."
        )
    if not file.exists() or file.is_file():  # a FIFO would wait for a reader
        with suppress(OSError):  # for example, the disk is full
            file.write_bytes(name)
            file.chmod(0o600)


def _read(file: Path) -> bytes:
    """Return the path in a file. If it is missing or cannot be read, return no bytes."""
    with suppress(OSError), open_file(file) as opened:
        return opened.read(MAX_PATH_BYTES)
    return b""


def _share_photos(data: Path, library: Path) -> bool:
    """Return whether another library exists and has a folder of this one. If this cannot be known, return false."""
    pairs = [(data / OBJECTS / name, library / OBJECTS / name) for name in ("", *OBJECT_FOLDERS, DELETED)]
    with suppress(OSError, ValueError):  # the path is damaged, or this user may not read the other library
        return not library.samefile(data) and any(
            mine.exists() and theirs.exists() and mine.samefile(theirs) for mine, theirs in pairs
        )
    return False
