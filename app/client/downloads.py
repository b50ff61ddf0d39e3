"""Downloads originals to a folder, with unique names and XMP sidecars. A download can be interrupted and continued."""

import errno
import json
import os
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path, PurePath
from typing import Any, Final

import httpx

from app.client.connection import Connection
from app.client.errors import ClientError, LinkRefused, RequestRefused, ServerUnreachable
from app.client.sidecars import make_sidecar
from app.client.walk import describe
from app.domain.file_names import make_saved_name
from app.domain.xmp import SIDECAR_ENDING, is_own

NAMES_FILE: Final = ".pixtag-download.jsonl"
MAX_REPEATS: Final = 2  # of a photo whose link expires

Advance = Callable[[int], None]

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class PhotoFailed(Exception):
    """A photo cannot be downloaded. The message says why."""


class Names:
    """The name of each photo in a folder. A file in the folder keeps them for the next run. Threads can share it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAMES_FILE
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        with suppress(FileNotFoundError):
            for line in self._path.read_text(errors="replace").splitlines():
                with suppress(ValueError, TypeError, KeyError):  # of a line that was cut off
                    row = json.loads(line)
                    self._names[row["id"]] = row["name"]
        self._used = {_fold(name) for name in [*self._names.values(), *(path.name for path in folder.iterdir())]}

    def choose(self, image: str, name: str) -> str:
        """Return the name of a photo. It is unique, also on systems that ignore the case of names."""
        with self._lock:
            if image not in self._names:
                unique, number = name, 2
                while _fold(unique) in self._used or _fold(unique + SIDECAR_ENDING) in self._used:
                    unique, number = f"{PurePath(name).stem} ({number}){PurePath(name).suffix}", number + 1
                with self._path.open("a") as file:
                    file.write(f"\n{json.dumps({'id': image, 'name': unique})}\n")  # the last line may be cut off
                self._names[image] = unique
                self._used.add(_fold(unique))
            return self._names[image]


class Downloads:
    """Downloads photos to a folder. Threads can share it.

    Args:
        connection: The connection to the server.
        folder: The folder. It is created if it is missing.
    """

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._names = Names(folder)

    def reserve(self, image: str, name: str, media_type: str) -> str:
        """Choose the name of a photo. If all are chosen in order, names do not depend on which download ends first.

        Raises:
            ClientError: the folder cannot be written.
        """
        with _explained(self._folder):
            return self._names.choose(image, make_saved_name(name, media_type))

    def fetch(self, image: str, size: int, advance: Advance) -> bool:
        """Download a photo and its sidecar. Return whether the photo was missing.

        Args:
            image: The id of the photo.
            size: Its size in bytes.
            advance: Is called with the numbers of bytes that are done, which add up to the size.

        Raises:
            PhotoFailed: this photo cannot be downloaded.
            ClientError: no photo can be downloaded.
        """
        done = 0

        def count(received: int) -> None:
            nonlocal done
            done += received
            advance(received)

        try:
            with _explained(self._folder):
                return self._fetch(self._connection.get_json(f"/images/{image}"), count)
        except RequestRefused as error:
            if isinstance(error, LinkRefused) or error.status == HTTPStatus.NOT_FOUND:
                raise PhotoFailed(str(error)) from error
            raise
        finally:
            advance(size - done)

    def _fetch(self, image: dict[str, Any], advance: Advance) -> bool:
        name = self.reserve(image["id"], image["name"], image["type"])
        path = self._folder / name
        is_new = not path.exists()
        if is_new:
            self._fetch_original(image, path, advance)
        elif path.stat().st_size != image["size"]:
            raise PhotoFailed(f"{path} has changed. Move it away, then run the command again.")
        self._write_sidecar(image, path.with_name(name + SIDECAR_ENDING))
        return is_new

    def _fetch_original(self, image: dict[str, Any], path: Path, advance: Advance) -> None:
        part = path.with_name(f".{image['id']}.part")
        for _ in range(MAX_REPEATS):
            with suppress(LinkRefused):
                self._receive(image, part, advance)
                break
            image = self._connection.get_json(f"/images/{image['id']}")
        else:
            self._receive(image, part, advance)
        part.rename(path)

    def _receive(self, image: dict[str, Any], part: Path, advance: Advance) -> None:
        """Write the original of an image to a file. Continue after the bytes that the file has."""
        if image["original"] is None:
            raise PhotoFailed("The server does not have the original of this photo.")
        backoff = self._connection.make_backoff()
        while (start := _measure(part)) < image["size"]:
            headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
            problem = "The server sent no bytes."
            try:
                with closing(self._connection.open_link(image["original"], headers)) as response:
                    _write(response, part, image["size"], advance)
            except httpx.TransportError as error:
                problem = f"The connection was lost: {str(error) or type(error).__name__}."
            if _measure(part) <= start:
                self._connection.pause(backoff.next_wait(), ServerUnreachable(problem))
        if start > image["size"]:
            part.unlink()
            raise PhotoFailed("The server sent other bytes than it has announced. Run the command again.")

    def _write_sidecar(self, image: dict[str, Any], path: Path) -> None:
        """Write a sidecar, unless another program has changed it."""
        text = make_sidecar(image)
        old = path.read_text("utf-8", "replace") if path.exists() else None
        if old is None or (old != text and is_own(old)):
            temporary = path.with_name(f".{image['id']}.part")
            temporary.write_text(text, "utf-8")
            temporary.replace(path)


def _write(response: httpx.Response, part: Path, size: int, advance: Advance) -> None:
    """Append the body of a response, or begin again if the server ignores ranges."""
    mode = "ab" if response.status_code == HTTPStatus.PARTIAL_CONTENT else "wb"
    with part.open(mode) as file:
        for piece in response.iter_raw():
            file.write(piece)
            advance(len(piece))
            if file.tell() > size:
                break
        file.flush()
        os.fsync(file.fileno())


def _measure(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Convert errors of the file system to `ClientError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise ClientError(f"The disk of {folder} is full. Free some space, then run the command again.") from error
        raise ClientError(f"{error.filename or folder} cannot be written: {describe(error)}") from error


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
