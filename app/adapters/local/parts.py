"""Receives uploads in parts. Each part is a file, and the parts are joined to the incoming object.

The path of a part is `parts/{owner}/{id}/{number}` in the folder of objects. A part is written under a temporary name
and moved to its own name within a write transaction. Deletions of parts are write transactions too, so no part arrives
after the deletion of its image.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from threading import Lock
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

from typing_extensions import override

from app.adapters.local.address import OBJECTS_PATH, address
from app.adapters.local.database import Database
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES
from app.adapters.local.files import PARTS, UnfinishedFile, make_folder, sync_folder, translate_errors
from app.adapters.local.object_folder import ObjectFolder, split_key
from app.adapters.local.object_rows import Metadata
from app.adapters.local.quotas import receive_again
from app.adapters.local.signatures import Signatures
from app.domain.errors import UploadExpired, WrongSize
from app.domain.ids import Rendition, is_id, new_id
from app.domain.images import Image, ImageState
from app.domain.object_server import ReceivedFile
from app.domain.parts import Part, Parts, require_all


class FileParts(Parts):
    """Receives uploads in parts as files.

    Args:
        path: The folder of all objects.
        folder: The same folder with its objects.
        signatures: Signs the links.
        database: The database, which has the images and the worker's queue.
    """

    def __init__(self, path: Path, folder: ObjectFolder, signatures: Signatures, database: Database) -> None:
        self._path = path / PARTS
        self._folder = folder
        self._signatures = signatures
        self._database = database
        self._joining = Lock()

    @override
    def begin(self, image: Image) -> str:
        with translate_errors():  # while the parts are joined, the file needs its space twice
            self._folder.require_space(UPLOAD_RESERVE_BYTES + 2 * image.size)
        return new_id()

    @override
    def link(self, image: Image, part: Part) -> str:
        key = _key(image)
        parameters = self._signatures.sign_part(key, part.number, part.size)
        return f"{address()}{OBJECTS_PATH}/{key}?{urlencode(parameters, quote_via=quote, safe='')}"

    @override
    def received(self, image: Image) -> Mapping[int, int]:
        with translate_errors(), self._database.read() as connection:
            self._require_open(connection, _key(image))
            return self._measure(image)

    @override
    def complete(self, image: Image, parts: Iterable[Part]) -> None:
        # One at a time, so that only one file needs its space twice.
        with self._joining, translate_errors():
            with self._database.read() as connection:
                self._require_open(connection, _key(image))
            parts = list(parts)
            require_all(parts, self._measure(image))
            self._folder.require_space(UPLOAD_RESERVE_BYTES + image.size)
            with self._folder.create_file() as file:
                for part in parts:
                    with _expire_if_missing():
                        file.append(self._folder_of(_key(image)) / str(part.number))
                self._folder.store_upload(file, _key(image), Metadata(image.media_type, image.name), replace=False)
            self._remove(self._folder_of(_key(image)))

    @override
    def abort(self, image: Image) -> None:
        with translate_errors():
            self._remove(self._folder_of(_key(image)))

    @override
    def abort_all(self, owner: str) -> bool:
        with translate_errors():
            uploads = _list_folders(self._path / owner)
            for upload in uploads:
                self._remove(upload)
        return bool(uploads)

    def open(self, key: str, parameters: Sequence[tuple[str, str]]) -> "ReceivedPart":
        """Check the link of a part. Return a file to which the caller writes the part. See `ObjectServer`."""
        number, size = self._signatures.verify_part(key, parameters)
        with translate_errors():
            self._folder.require_space(UPLOAD_RESERVE_BYTES)
            return ReceivedPart(self, key, number, size, self._folder.create_file())

    def store(self, file: UnfinishedFile, key: str, number: int) -> None:
        """Move the file of a part to its own name. It then survives a power failure.

        If the part was sent before, its bytes are counted again.

        Raises:
            UploadExpired: the upload is complete, or it was removed.
        """
        folder = self._folder_of(key)
        path = folder / str(number)
        file.finish()
        with self._database.write(durable=False) as connection:
            self._require_open(connection, key)
            for each in (folder.parent, folder):
                make_folder(each)
            if path.exists():
                receive_again(connection, split_key(key)[0], path.stat().st_size)
            file.move(path)
        sync_folder(folder)

    def sweep(self) -> None:
        """Delete the parts of images that are no longer pending. A pending image expires after a day."""
        for owner in _list_folders(self._path):
            for upload in _list_folders(owner):
                with self._database.read() as connection:
                    is_pending = is_id(upload.name) and _is_receiving(connection, owner.name, upload.name)
                if not is_pending:
                    self._remove(upload)

    def _require_open(self, connection: Connection, key: str) -> None:
        """Check that the image waits for parts, and that they were not joined.

        Raises:
            UploadExpired: the upload is complete, or it was removed.
        """
        if not _is_receiving(connection, *split_key(key)) or self._folder.path(key).exists():
            raise UploadExpired

    def _measure(self, image: Image) -> dict[int, int]:
        with _expire_if_missing():
            paths = _list_folder(self._folder_of(_key(image)))
            return {int(path.name): path.stat().st_size for path in paths if path.name.isdecimal()}

    def _folder_of(self, key: str) -> Path:
        """Return the folder of an upload's parts. No text other than a key becomes a path."""
        owner, image_id = split_key(key)
        return self._path / owner / image_id

    def _remove(self, folder: Path) -> None:
        """Delete the parts of an upload. If a power failure brings them back, the sweep deletes them."""
        with self._database.write(durable=False):
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)
            with suppress(OSError):  # the owner has other uploads
                folder.parent.rmdir()


class ReceivedPart(ReceivedFile):
    """The file of a part while it arrives. See `ReceivedFile`."""

    def __init__(self, parts: FileParts, key: str, number: int, size: int, file: UnfinishedFile) -> None:
        self._parts = parts
        self._key = key
        self._number = number
        self._expected = size
        self._size = 0
        self._file = file

    @override
    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._expected:
            raise self._make_error("more")
        with translate_errors():
            self._file.write(data)

    @override
    def store(self) -> None:
        if self._size < self._expected:
            raise self._make_error("less")
        with translate_errors():
            self._parts.store(self._file, self._key, self._number)

    def _make_error(self, amount: str) -> WrongSize:
        return WrongSize(f"Part {self._number} has exactly {self._expected:,} bytes. You sent {amount}.")

    @override
    def __enter__(self) -> Self:
        return self

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, traceback)


@contextmanager
def _expire_if_missing() -> Iterator[None]:
    """Translate the error of a part that was deleted after it was listed."""
    try:
        yield
    except FileNotFoundError as error:
        raise UploadExpired from error


def _is_receiving(connection: Connection, owner: str, image_id: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM image WHERE owner = ? AND id = ? AND state = ? AND upload_id <> ''",
        (owner, image_id, ImageState.PENDING),
    ).fetchone()
    return row is not None


def _list_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder. Other programs may leave files there, such as `.DS_Store`."""
    return [path for path in _list_folder(folder) if path.is_dir()]


def _list_folder(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _key(image: Image) -> str:
    return Rendition.INCOMING.key(image.owner, image.id)
