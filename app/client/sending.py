"""Sends one file: hashes it, asks the server whether it is known, and uploads it with a form or in parts."""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import partial
from http import HTTPStatus
from io import FileIO
from pathlib import PurePath
from typing import Any, Final

from app.client.connection import Connection, read_json
from app.client.errors import ClientError, LinkRefused, RequestRefused
from app.client.forms import encode_form
from app.client.index import UploadIndex
from app.client.walk import FoundFile, describe
from app.domain.media_types import ENDINGS
from detector.formats import NOT_A_PHOTO, START_BYTES, is_photo_start

CHANGED: Final = "The file changed while it was read. Run the command again."
MAX_REPEATS: Final = 2  # of an upload whose form expires, because the connection was lost for minutes
_SUFFIXES: Final = frozenset().union(*ENDINGS.values())
_NON_BLOCKING: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Advance = Callable[[int], None]


class Result(Enum):
    """What happened to a file."""

    SENT = auto()
    KNOWN = auto()  # the account has a photo with these bytes
    OTHER = auto()  # it is not a photo
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for a file, and the reason if it has failed."""

    file: FoundFile
    result: Result
    reason: str = ""


class FileChanged(Exception):
    """The file changed while it was read."""


class Sender:
    """Sends files to one account. Threads can share it.

    Args:
        connection: The connection to the server.
        index: The files that were sent.
        tags: The tags of all photos that are sent.
        again: Whether photos are sent whose bytes are in the index.
    """

    def __init__(
        self, connection: Connection, index: UploadIndex, tags: Sequence[str] = (), *, again: bool = False
    ) -> None:
        self._connection = connection
        self._index = index
        self._tags = tags
        self._again = again
        self._locks = [threading.Lock() for _ in range(256)]  # equal files are sent one after the other

    def send(self, file: FoundFile, advance: Advance) -> Outcome:
        """Send a file, unless the account has it. Record it in the index.

        Args:
            file: The file.
            advance: Is called with the numbers of bytes that are done, which add up to the size of the file.

        Raises:
            ClientError: no file can be sent. The reason is not this file.
        """
        done = 0

        def count(size: int) -> None:
            nonlocal done
            done += size
            advance(size)

        try:
            with self._open(file) as (stream, current):
                result = self._send_open(current, stream, count)
        except FileChanged:
            return Outcome(file, Result.FAILED, CHANGED)
        except OSError as error:
            return Outcome(file, Result.FAILED, describe(error))
        except RequestRefused as error:
            if error.status == HTTPStatus.FORBIDDEN and not isinstance(error, LinkRefused):
                raise ClientError(str(error)) from error
            return Outcome(file, Result.FAILED, str(error))
        finally:
            advance(file.size - done)
        if result is Result.FAILED:
            return Outcome(file, result, NOT_A_PHOTO)
        return Outcome(file, result)

    def _send_open(self, file: FoundFile, stream: FileIO, advance: Advance) -> Result:
        kind = _read_kind(file, stream)
        if kind is not Result.SENT:
            if kind is Result.OTHER:
                self._index.add(file, None, None)
            return kind
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        self._require_unchanged(file, stream)
        with self._locks[int(sha256[:2], 16)]:
            image = self._find_image(file, sha256)
            result = Result.KNOWN
            if image is None:
                image, result = self._upload(file, stream, sha256, advance)
            self._record(file, sha256, image)
        return result

    def _open(self, file: FoundFile) -> AbstractContextManager[tuple[FileIO, FoundFile]]:
        """Open a file. See `open_regular`."""
        return open_regular(file.path)

    def _require_unchanged(self, file: FoundFile, stream: FileIO) -> None:
        """Check that an open file has not changed since `_open`.

        Raises:
            FileChanged: it has changed.
        """
        if FoundFile.make(file.path, os.fstat(stream.fileno())) != file:
            raise FileChanged

    def _describe(self, file: FoundFile, sha256: str) -> dict[str, Any]:
        """Return the request to create the upload of a file."""
        return describe_upload(file, sha256)

    def _hash_metadata(self, file: FoundFile) -> str:  # noqa: ARG002 - imports have metadata
        """Return a hash of the metadata in `_describe` that is not in the file, or an empty text."""
        return ""

    def _find_image(self, file: FoundFile, sha256: str) -> str | None:  # noqa: ARG002 - imports compare the file too
        """Return the id of the image with these bytes that this machine has sent, or None to ask the server."""
        return None if self._again else self._index.find_image(sha256)

    def _record(self, file: FoundFile, sha256: str, image: str) -> None:
        """Record that a file is the original of an image."""
        self._index.add_tags(image, self._tags)
        self._index.add(file, sha256, image)

    def _upload(self, file: FoundFile, stream: FileIO, sha256: str, advance: Advance) -> tuple[str, Result]:
        """Return the id of the image with these bytes, and whether they were sent."""
        interrupted, metadata = self._index.find_pending(file.path, sha256) or (None, "")
        is_same = metadata == self._hash_metadata(file)
        if interrupted and is_same and self._resume(interrupted, file, stream, advance):
            return interrupted, Result.SENT
        offer = self._offer(file, sha256, interrupted)
        for _ in range(MAX_REPEATS):
            with suppress(LinkRefused):
                return offer["id"], self._accept(offer, file, stream, advance)
            offer = self._offer(file, sha256, offer["id"])
        return offer["id"], self._accept(offer, file, stream, advance)

    def _offer(self, file: FoundFile, sha256: str, replaced: str | None) -> dict[str, Any]:
        """Return the server's offer to receive a file. Remove the image whose upload it replaces."""
        offer: dict[str, Any] = self._connection.post_json("/uploads", self._describe(file, sha256))
        if replaced and replaced != offer["id"]:
            self._remove(replaced)
        if not _is_known(offer):
            self._index.begin(file.path, sha256, offer["id"], self._hash_metadata(file))
        return offer

    def _accept(self, offer: dict[str, Any], file: FoundFile, stream: FileIO, advance: Advance) -> Result:
        if _is_known(offer):
            return Result.KNOWN
        try:
            if offer["form"]:
                self._send_form(offer["form"], stream)
            else:
                self._send_parts(offer["id"], offer["parts"], stream, advance)
        finally:
            self._require_same(file, stream, offer["id"])
        return Result.SENT

    def _resume(self, image: str, file: FoundFile, stream: FileIO, advance: Advance) -> bool:
        """Send the missing parts of an interrupted upload. Return False if it cannot be continued."""
        try:
            parts = self._find_missing(image)
            advance(file.size - sum(part["size"] for part in parts))
            self._send_parts(image, parts, stream, advance)
        except RequestRefused:
            return False
        self._require_same(file, stream, image)
        return True

    def _send_form(self, form: dict[str, Any], stream: FileIO) -> None:
        fields = form["fields"]
        self._connection.send_to_link("POST", form["url"], lambda: encode_form(fields, stream))

    def _send_parts(self, image: str, parts: list[dict[str, Any]], stream: FileIO, advance: Advance) -> None:
        """Send parts, and join all parts of the image. If links expire, continue with new ones."""
        while parts:
            for part in parts:
                stream.seek(part["start"])
                body = {"content": stream.read(part["size"])}
                if len(body["content"]) != part["size"]:
                    raise FileChanged
                with suppress(LinkRefused):
                    self._connection.send_to_link("PUT", part["url"], partial(dict, body))
                    advance(part["size"])
            missing = self._find_missing(image)
            if len(missing) >= len(parts):
                raise LinkRefused(HTTPStatus.FORBIDDEN, "The server does not accept the parts of this file.")
            parts = missing
        read_json(self._connection.call("POST", f"/uploads/{image}/complete"))

    def _find_missing(self, image: str) -> list[dict[str, Any]]:
        missing: list[dict[str, Any]] = self._connection.get_json(f"/uploads/{image}")["parts"]
        return missing

    def _require_same(self, file: FoundFile, stream: FileIO, image: str) -> None:
        """Check that the file has not changed since it was hashed. Otherwise, remove the image.

        Raises:
            FileChanged: it has changed.
        """
        try:
            self._require_unchanged(file, stream)
        except FileChanged:
            self._cancel(file, image)
            raise

    def _cancel(self, file: FoundFile, image: str) -> None:
        self._remove(image)
        self._index.cancel(file.path)

    def _remove(self, image: str) -> None:
        """Remove an image whose upload failed. The server removes it after a day too.

        The id can lead to another image with the same bytes by now. That image stays.
        """
        path = f"/images/{image}"
        with suppress(RequestRefused, KeyError):
            response = self._connection.call("GET", path)
            if read_json(response)["id"] == image:
                self._connection.call("DELETE", path, headers={"If-Match": response.headers["ETag"]})


def foresee(file: FoundFile) -> Outcome:
    """Return what happens to a file before the server is asked: it fails, is not a photo, or is sent."""
    try:
        with open_regular(file.path) as (stream, current):
            kind = _read_kind(current, stream)
    except FileChanged:
        return Outcome(file, Result.FAILED, CHANGED)
    except OSError as error:
        return Outcome(file, Result.FAILED, describe(error))
    return Outcome(file, kind, NOT_A_PHOTO if kind is Result.FAILED else "")


def _read_kind(file: FoundFile, stream: FileIO) -> Result:
    """Return from its first bytes whether a file is sent. A file with the name of a photo that is none has failed."""
    if is_photo_start(stream.read(START_BYTES)):
        return Result.SENT
    return Result.FAILED if PurePath(file.path).suffix.lower() in _SUFFIXES else Result.OTHER


@contextmanager
def open_regular(path: str) -> Iterator[tuple[FileIO, FoundFile]]:
    """Open a regular file. Yield it, and how the file system describes it.

    Raises:
        FileChanged: another kind of file has taken its place, which could block forever.
        OSError: the file cannot be read.
    """
    with FileIO(os.open(path, os.O_RDONLY | _NON_BLOCKING)) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise FileChanged
        yield stream, FoundFile.make(path, status)


def _is_known(offer: dict[str, Any]) -> bool:
    """Return whether the account has the file."""
    return offer["form"] is None and offer["parts"] is None


def describe_upload(file: FoundFile, sha256: str) -> dict[str, Any]:
    """Return the request to create the upload of a file."""
    name = os.fsencode(PurePath(file.path).name).decode("utf-8", "replace")
    upload = {"name": name, "size": file.size, "sha256": sha256}
    with suppress(ValueError, OverflowError, OSError):  # some file systems have impossible times
        upload["last_modified"] = datetime.fromtimestamp(file.mtime_ns // 10**9).astimezone().isoformat()
    return upload
