"""Sends the photos of an export with their metadata."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from errno import EFBIG, EIO
from io import FileIO
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, Final

from typing_extensions import override

from app.client.connection import Connection
from app.client.imports.entries import ImportEntry
from app.client.imports.files import READ_ERRORS, SourceFile, describe_read_error, describe_state
from app.client.index import FAVOURITES, UploadIndex
from app.client.sending import FileChanged, Sender, open_regular
from app.client.walk import FoundFile
from app.domain.capture_times import format_capture_time
from app.domain.images import MAX_UPLOAD_BYTES
from detector.metadata.values import Metadata

_COPY_BYTES: Final = 2**20


class ImportSender(Sender):
    """Sends the photos of an export. Copies of a photo with the same metadata are sent once.

    Args:
        connection: The connection to the server.
        index: The files that were sent.
        entries: The photos, by the paths of `make_found`.
    """

    def __init__(self, connection: Connection, index: UploadIndex, entries: Mapping[str, ImportEntry]) -> None:
        super().__init__(connection, index)
        self._entries = entries

    @override
    @contextmanager
    def _open(self, file: FoundFile) -> Iterator[tuple[FileIO, FoundFile]]:
        source = self._entries[file.path].file
        if source.path:
            with open_regular(source.path) as (stream, _):
                yield stream, file
        else:
            with TemporaryFile(buffering=0) as copy:
                _copy_member(source, copy)
                yield copy, file

    @override
    def _require_unchanged(self, file: FoundFile, stream: FileIO) -> None:
        source = self._entries[file.path].file
        if source.path and describe_state(FoundFile.make("", os.fstat(stream.fileno()))) != source.state:
            raise FileChanged

    @override
    def _describe(self, file: FoundFile, sha256: str) -> dict[str, Any]:
        entry = self._entries[file.path]
        name = os.fsencode(entry.file.base).decode("utf-8", "replace")
        upload = {"name": name, "size": file.size, "sha256": sha256, "metadata": dump_metadata(entry.metadata)}
        if entry.file.modified:
            upload["last_modified"] = entry.file.modified.isoformat()
        return upload

    @override
    def _hash_metadata(self, file: FoundFile) -> str:
        metadata = dump_metadata(self._entries[file.path].metadata)
        return hashlib.sha256(json.dumps(metadata).encode()).hexdigest()

    @override
    def _find_image(self, file: FoundFile, sha256: str) -> str | None:
        return self._index.find_imported(sha256, self._hash_metadata(file))

    @override
    def _record(self, file: FoundFile, sha256: str, image: str) -> None:
        entry = self._entries[file.path]
        self._index.add_albums(image, [*entry.albums, *([FAVOURITES] if entry.favourite else [])])
        self._index.add_imported(sha256, self._hash_metadata(file), image)
        super()._record(file, sha256, image)


def make_found(entry: ImportEntry) -> FoundFile:
    """Return a photo as the index of sent files knows it. It changes with the file, its metadata and its albums."""
    state = json.dumps([entry.file.state, dump_metadata(entry.metadata), entry.albums, entry.favourite])
    digest = hashlib.sha256(state.encode("utf-8", "surrogatepass")).digest()
    return FoundFile(entry.file.label, entry.file.size, 0, int.from_bytes(digest[:8]))


def dump_metadata(metadata: Metadata) -> dict[str, Any]:
    """Return the `metadata` of a request to create an upload. Unknown values are left out."""
    position = metadata.position
    values = {
        "taken_at": format_capture_time(metadata.taken) if metadata.taken else None,
        "title": metadata.title,
        "description": metadata.description,
        "keywords": list(metadata.keywords),
        "rating": metadata.rating,
        "position": position and asdict(position),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _copy_member(source: SourceFile, copy: FileIO) -> None:
    """Copy a member of a zip file to a temporary file, because uploads read it twice.

    Raises:
        OSError: it cannot be read, or it is larger than any upload.
    """
    if source.size > MAX_UPLOAD_BYTES:
        raise OSError(EFBIG, f"The file has more than {MAX_UPLOAD_BYTES // 2**20} MiB")
    try:
        with source.open() as stream:
            copyfileobj(stream, copy, _COPY_BYTES)
    except OSError:
        raise
    except READ_ERRORS as error:
        raise OSError(EIO, describe_read_error(error).rstrip(".")) from error
    copy.seek(0)
