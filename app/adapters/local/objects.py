"""Signs links and upload forms for objects that are files of this machine, and serves them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from app.adapters.local.address import OBJECTS_PATH, address
from app.adapters.local.database import Database
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES, WORKER_RESERVE_BYTES
from app.adapters.local.files import UNREADABLE, UnfinishedFile, open_file, translate_errors
from app.adapters.local.object_folder import ObjectFolder, is_derived
from app.adapters.local.object_rows import Metadata
from app.adapters.local.object_sweep import ObjectSweep
from app.adapters.local.parts import FileParts, ReceivedPart
from app.adapters.local.signatures import FormContent, Signatures
from app.domain.errors import ObjectNotFound, ObjectTooLarge, ObjectUnreadable, WrongSize
from app.domain.file_names import make_disposition
from app.domain.ids import Rendition, parse_key
from app.domain.images import MAX_UPLOAD_BYTES
from app.domain.media_types import MEDIA_TYPES, UNKNOWN_TYPE
from app.domain.object_server import ObjectFile, ObjectServer, ReceivedFile
from app.domain.ports import Objects
from app.domain.uploads import PIECE_BYTES, ObjectEntry, Upload, UploadForm, are_equal

SWEEP_SECONDS: Final = 60

_DECLARED: Final = "the size that you declared. Request another form with POST /uploads."


class FileObjects(Objects, ObjectServer):
    """Reads and writes images' objects as files, signs forms and links, and serves them.

    Args:
        folder: The folder of the files. It is created on first use.
        database: The database, which has the files' metadata, the secret and the worker's queue.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = ObjectFolder(folder, database)
        self._signatures = Signatures(database)
        self._sweep = ObjectSweep(self._folder, database)
        self._parts = FileParts(folder, self._folder, self._signatures, database)

    @property
    @override
    def parts(self) -> FileParts:
        return self._parts

    @property
    @override
    def origin(self) -> str:
        return address()

    @override
    def upload_form(
        self, key: str, media_type: str, name: str, size: int, file_time: datetime | None = None
    ) -> UploadForm:
        self._require_space(UPLOAD_RESERVE_BYTES)
        return UploadForm(
            address() + OBJECTS_PATH, self._signatures.sign_form(FormContent(key, media_type, name, size))
        )

    @override
    def link(self, key: str, *, download: str | None = None) -> str:
        return f"{address()}{OBJECTS_PATH}/{key}?{self._signatures.sign_link(key, download or '')}"

    @override
    def find_key(self, url: str) -> str | None:
        # Any host is accepted, because PixTag can have several addresses.
        try:
            path = unquote(urlsplit(url).path)
        except ValueError:
            return None
        key = path.removeprefix(f"{OBJECTS_PATH}/")
        return key if key != path else None

    @override
    def find(self, key: str) -> Upload | None:
        with _reading(key):
            data = self._read(key)
        return None if data is None else self._make_upload(key, data)

    @override
    def find_equal(self, key: str, data: bytes) -> Upload | None:
        with _reading(key):
            file = self._folder.find(key)
            if file is None:
                return None
            with file:
                size = os.fstat(file.fileno()).st_size
                is_equal = size == len(data) and are_equal(data, iter(partial(file.read, PIECE_BYTES), b""))
        return self._make_upload(key, data) if is_equal else None

    def _make_upload(self, key: str, data: bytes) -> Upload:
        metadata = self._folder.read_metadata(key)
        return Upload(data, metadata.media_type, metadata.name)

    def _read(self, key: str) -> bytes | None:
        file = self._folder.find(key)
        if file is None:
            return None
        with file:
            if (size := os.fstat(file.fileno()).st_size) > MAX_UPLOAD_BYTES:
                raise ObjectTooLarge(size, MAX_UPLOAD_BYTES)
            return file.read()

    @override
    def claim(self, key: str, upload: Upload) -> bool:
        self._require_space(UPLOAD_RESERVE_BYTES if parse_key(key, Rendition.INCOMING) else WORKER_RESERVE_BYTES)
        return self._store(key, upload, replace=False)

    @override
    def replace(self, key: str, upload: Upload) -> None:
        self._require_space(WORKER_RESERVE_BYTES)
        self._store(key, upload, replace=True)

    def _store(self, key: str, upload: Upload, *, replace: bool) -> bool:
        with translate_errors(), self._folder.create_upload(key, upload.data) as file:
            return self._folder.store_upload(file, key, Metadata(upload.media_type, upload.name), replace=replace)

    @override
    def is_intact(self, key: str, size: int, sha256: str) -> bool:
        with suppress(OSError), open_file(self._folder.path(key)) as file:  # it is missing, or the disk is damaged
            return os.fstat(file.fileno()).st_size == size and file_digest(file, "sha256").hexdigest() == sha256
        return False

    @override
    def put_derived(self, key: str, data: bytes) -> None:
        self._require_space(WORKER_RESERVE_BYTES)
        with translate_errors(), self._folder.create_derived(key, data) as file:
            self._folder.store_derived(file, key)

    @override
    def put_copy(self, key: str, data: bytes, media_type: str) -> None:
        # The row of the image contains the media type.
        self.put_derived(key, data)

    @override
    def list_keys(self, prefix: str) -> Iterator[str]:
        return self._folder.list_keys(prefix)

    @override
    def list_owners(self) -> set[str]:
        return self._folder.list_owners()

    @override
    def list_entries(self, prefix: str, after: str = "") -> Iterator[ObjectEntry]:
        keys = (key for key in self._folder.list_keys(prefix) if key > after)
        return filter(None, map(self.find_entry, keys))

    @override
    def find_entry(self, key: str) -> ObjectEntry | None:
        with translate_errors():
            return self._folder.find_entry(key)

    @override
    def delete(self, *keys: str) -> None:
        with translate_errors():
            self._folder.delete(*keys)

    def _require_space(self, reserve_bytes: int) -> None:
        with translate_errors():
            self._folder.require_space(reserve_bytes)

    def sweep(self, min_age: int = SWEEP_SECONDS) -> int:
        """Send the worker a message about each upload that has none, and delete old and unfinished uploads.

        Call this at start with a `min_age` of 0, and later every minute.

        Args:
            min_age: Ignore uploads that are younger than this, in seconds. They may be in progress.

        Returns:
            The number of messages. Each of them was missing because of a crash.
        """
        with translate_errors():
            sent = self._sweep.send_missing_messages(min_age)
            self._sweep.delete_old_uploads()
            self._sweep.delete_old_copies()
            self._sweep.delete_metadata()
            self._parts.sweep()
        return sent

    def send_unknown(self) -> int:
        """Send the worker a message about each original that has no image. Return their number.

        Call this at start. The database is older than such photos, for example because its -wal file was lost.
        """
        with translate_errors():
            return self._sweep.send_unknown()

    def remove_unfinished(self) -> None:
        """Delete the temporary files of interrupted writes. Call this before the first write of any process.

        Raises:
            StartFailed: the database has photos, but their files are missing, as if their disk was not mounted.
        """
        with translate_errors():
            self._folder.remove_unfinished()

    @override
    def open_link(self, key: str, parameters: Sequence[tuple[str, str]]) -> ObjectFile:
        download = self._signatures.verify_link(key, parameters)
        media_type = self._folder.read_metadata(key).media_type
        with translate_errors():
            file = self._folder.find(key)
        if file is None:
            raise ObjectNotFound
        status = os.fstat(file.fileno())
        return ObjectFile(
            file=file,
            size=status.st_size,
            modified_at=status.st_mtime,
            etag=f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"',
            media_type=media_type if media_type in MEDIA_TYPES else UNKNOWN_TYPE,
            disposition=make_disposition(download),
            is_immutable=is_derived(key),
        )

    @override
    def open_part(self, key: str, parameters: Sequence[tuple[str, str]]) -> ReceivedPart:
        return self._parts.open(key, parameters)

    @override
    def open_form(self, fields: Mapping[str, str]) -> "ReceivedUpload":
        content = self._signatures.verify_form(fields)
        self._require_space(UPLOAD_RESERVE_BYTES)
        with translate_errors():
            return ReceivedUpload(self._folder, content, self._folder.create_file())


class ReceivedUpload(ReceivedFile):
    """The file of an upload form while it arrives. See `ReceivedFile`."""

    def __init__(self, folder: ObjectFolder, content: FormContent, file: UnfinishedFile) -> None:
        self._folder = folder
        self._content = content
        self._file = file
        self._size = 0

    @override
    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._content.size:
            raise WrongSize(f"This file has more than {self._content.size:,} bytes, which is {_DECLARED}")
        with translate_errors():
            self._file.write(data)

    @override
    def store(self) -> None:
        if self._size < self._content.size:
            raise WrongSize(f"This file has {self._size:,} bytes, but not {self._content.size:,}, which is {_DECLARED}")
        metadata = Metadata(self._content.media_type, self._content.name)
        with translate_errors():
            self._folder.store_upload(self._file, self._content.key, metadata, replace=True)

    @override
    def __enter__(self) -> Self:
        return self

    @override
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, traceback)


@contextmanager
def _reading(key: str) -> Iterator[None]:
    """Translate the errors of a file that is read.

    Raises:
        ObjectUnreadable: the file of this object is damaged.
    """
    with translate_errors():
        try:
            yield
        except OSError as error:
            if error.errno not in UNREADABLE:
                raise
            raise ObjectUnreadable(key, str(error.strerror)) from error
