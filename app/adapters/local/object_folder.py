"""Stores objects as files that survive a power failure.

The path of a file is the key of its object: `{rendition}/{owner}/{id}`. It never contains a person's text. The media
type and name of an upload are in the table `object`.

A new file is written under a temporary name and moved to its own name within a write transaction, which contains its
metadata and, for an upload, the message to the worker. Write transactions exclude each other, so files change one at a
time, and only one of several claims finds no file.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from app.adapters.local.database import Database
from app.adapters.local.files import (
    OBJECT_FOLDERS,
    OBJECTS,
    TEMPORARY,
    UNREADABLE,
    UnfinishedFile,
    make_folder,
    open_file,
    sync_folder,
    translate_errors,
)
from app.adapters.local.object_rows import Metadata, is_pending, keep_pending, send_message, write_metadata
from app.adapters.local.quotas import receive_again
from app.domain.errors import FolderUnreadable, PixTagError, StartFailed, StorageFull, Unavailable
from app.domain.ids import DERIVED, Rendition, parse_key
from app.domain.media_types import UNKNOWN_TYPE
from app.domain.uploads import ObjectEntry

JPEG: Final = "image/jpeg"

_DEPTH: Final = 2  # of the folders of owners


class ObjectFolder:
    """The files of objects.

    Args:
        folder: The folder of the files. It is created on first use.
        database: The database, which has the files' metadata and the worker's queue.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def require_space(self, reserve_bytes: int) -> None:
        """Check that this much space is free.

        Raises:
            StorageFull: less space is free.
        """
        if shutil.disk_usage(self._temporary).free < reserve_bytes:
            raise StorageFull

    def create_file(self) -> UnfinishedFile:
        """Return a new file under a temporary name."""
        return UnfinishedFile.create(self._temporary)

    def create_upload(self, key: str, data: bytes) -> AbstractContextManager[UnfinishedFile]:
        """Return an unfinished file with these bytes. An original is a second name of its incoming object."""
        return self._create(data, Rendition.INCOMING.key(*split_key(key)))

    def create_derived(self, key: str, data: bytes) -> AbstractContextManager[UnfinishedFile]:
        """Return an unfinished file with these bytes. A large thumbnail may be a second name of the preview."""
        return self._create(data, Rendition.PREVIEW.key(*split_key(key)))

    @contextmanager
    def _create(self, data: bytes, existing: str) -> Iterator[UnfinishedFile]:
        """Yield a file with these bytes. It is a second name of an existing object, if that has the same bytes."""
        linked = UnfinishedFile.link(self._temporary, self.path(existing), data)
        with linked or self.create_file() as file:
            if not linked:
                file.write(data)
            yield file

    @cached_property
    def _temporary(self) -> Path:
        """The folder of unfinished files. It is created on first use, like the folders of the renditions.

        Raises:
            Unavailable: the photos are missing.
        """
        if self.lacks_photos():
            raise Unavailable
        for folder in (self._folder, *(self._folder / name for name in OBJECT_FOLDERS)):
            make_folder(folder)
        return self._folder / TEMPORARY

    def lacks_photos(self) -> bool:
        """Return whether the database has photos, but there is no original, as if their disk was not mounted."""
        if any(self._folder.glob(f"{Rendition.ORIGINAL}/*/*")):
            return False
        with self._database.read() as connection:
            return bool(
                connection.execute("SELECT 1 FROM image WHERE state IN ('ready', 'trashed') LIMIT 1").fetchone()
            )

    def remove_unfinished(self) -> None:
        """Delete all files with temporary names.

        Raises:
            StartFailed: the photos are missing.
        """
        if self.lacks_photos():
            raise StartFailed(
                f"{self._folder} does not contain the photos, but the database has some. Mount their disk or put their"
                " folder in place, then start PixTag again. If they are lost, restore a backup into another folder."
            )
        for path in self._temporary.iterdir():
            if not path.is_dir():  # it is not from PixTag
                path.unlink(missing_ok=True)

    def store_upload(self, file: UnfinishedFile, key: str, metadata: Metadata, *, replace: bool) -> bool:
        """Move a file to its key, and store its metadata. For an incoming object, also send a message to the worker.

        If an upload form is posted again, the bytes of this post are counted too.

        Returns:
            Whether the file was moved. If the key exists, it is moved only if `replace` is true.
        """
        path, incoming = self.path(key), parse_key(key, Rendition.INCOMING)
        is_new = False
        file.finish()
        try:
            # The metadata of an original is also in its image, so the commit of the image makes it durable.
            with self._database.write(durable=incoming is not None) as connection:
                is_new = not path.exists()
                if not is_new and not replace:
                    return False
                make_folder(path.parent)
                write_metadata(connection, key, metadata)
                is_repeated = incoming and replace and not (is_new and is_pending(connection, *incoming))
                if incoming:
                    send_message(connection, *incoming)
                    keep_pending(connection, *incoming)
                file.move(path)
                if is_repeated:
                    receive_again(connection, split_key(key)[0], path.stat().st_size)
        except PixTagError:  # the commit failed
            if incoming and is_new:
                self._withdraw(file, path)
            raise
        sync_folder(path.parent)
        return True

    def _withdraw(self, file: UnfinishedFile, path: Path) -> None:
        """Delete a file that was moved, so that nothing is left of an upload that was not acknowledged."""
        with suppress(PixTagError), self._database.write():
            if file.is_at(path):
                path.unlink()

    def store_derived(self, file: UnfinishedFile, key: str) -> None:
        """Move a preview or thumbnail to its key. An existing file is replaced."""
        path = self.path(key)
        file.finish()
        with self._database.write():  # nothing is written, but `delete` must not remove the folder now
            make_folder(path.parent)
            file.move(path)
        sync_folder(path.parent)

    def find(self, key: str) -> BinaryIO | None:
        """Open an object's file without a buffer, or return None."""
        try:
            return open_file(self.path(key))
        except FileNotFoundError:
            return None

    def read_metadata(self, key: str) -> Metadata:
        """Return the metadata of an object.

        After an interruption, an upload may have no metadata yet. Then the incoming object has them, or the image.
        """
        owner, image_id = split_key(key)
        if is_derived(key):
            return Metadata(JPEG, "")
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT media_type, name FROM object WHERE key = :key"
                " UNION ALL SELECT media_type, name FROM object WHERE key = :incoming"
                " UNION ALL SELECT media_type, name FROM image WHERE owner = :owner AND id = :id"
                " LIMIT 1",
                {"key": key, "incoming": Rendition.INCOMING.key(owner, image_id), "owner": owner, "id": image_id},
            ).fetchone()
        return Metadata(row["media_type"], row["name"]) if row else Metadata(UNKNOWN_TYPE, "")

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys with this prefix in order. Folders are read lazily."""
        for rendition in sorted(Rendition):
            for owner in self._list_names(f"{rendition}/", prefix):
                for image_id in self._list_names(f"{rendition}/{owner}/", prefix):
                    key = rendition.key(owner, image_id)
                    if key.startswith(prefix) and parse_key(key, rendition):
                        yield key

    def _list_names(self, folder: str, prefix: str) -> list[str]:
        """Return the names in a folder in order. If no key in it can begin with the prefix, return none.

        Raises:
            FolderUnreadable: the folder of an owner cannot be read.
            Unavailable: the folder of a rendition cannot be read.
        """
        if not (folder.startswith(prefix) or prefix.startswith(folder)):
            return []
        with translate_errors():
            try:
                return sorted(os.listdir(self._folder / folder))  # noqa: PTH208 - Path objects take twice as long
            except (FileNotFoundError, NotADirectoryError):
                return []
            except OSError as error:
                if folder.count("/") < _DEPTH or error.errno not in UNREADABLE:
                    raise
                raise FolderUnreadable(f"{OBJECTS}/{folder.removesuffix('/')}", str(error.strerror)) from error

    def list_owners(self) -> set[str]:
        """Return the owners of all objects."""
        return {owner for rendition in Rendition for owner in self._list_names(f"{rendition}/", f"{rendition}/")}

    def find_entry(self, key: str) -> ObjectEntry | None:
        """Return the size and time of an object, or None."""
        try:
            status = self.path(key).stat()
        except FileNotFoundError:
            return None
        return ObjectEntry(key, status.st_size, status.st_mtime)

    def delete(self, *keys: str) -> None:
        """Delete objects and their metadata. Missing objects are ignored.

        After a power failure, an incoming object may be back. The worker then processes it again and deletes it.
        """
        durable = not all(parse_key(key, Rendition.INCOMING) for key in keys)
        paths = [self.path(key) for key in keys]
        with self._database.write(durable=durable) as connection:
            connection.executemany("DELETE FROM object WHERE key = ?", [(key,) for key in keys])
            folders = {path.parent for path in paths if _unlink(path)}
            changed = {_remove_if_empty(folder) for folder in folders}
        if durable:
            for folder in sorted(changed):
                sync_folder(folder)

    def path(self, key: str) -> Path:
        """Return the path of an object. No text other than a key becomes a path."""
        split_key(key)
        return self._folder / key


def split_key(key: str) -> tuple[str, str]:
    """Return the owner and image id in a key.

    Raises:
        ValueError: the text is not a key, which is an error of the program.
    """
    if parts := parse_key(key, *Rendition):
        return parts
    raise ValueError("This is not the key of an object.")


def is_derived(key: str) -> bool:
    """Return whether this is the key of a preview or thumbnail. They have no row in the table `object`."""
    return parse_key(key, *DERIVED) is not None


def _unlink(path: Path) -> bool:
    """Delete a file. Return whether it existed."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _remove_if_empty(folder: Path) -> Path:
    """Delete an owner's folder if it is empty. Return the folder whose names changed.

    A folder of incoming objects stays, because it would soon be created again.
    """
    if folder.parent.name == Rendition.INCOMING:
        return folder
    try:
        folder.rmdir()
    except OSError:  # the folder is not empty
        return folder
    return folder.parent
