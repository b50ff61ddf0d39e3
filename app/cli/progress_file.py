"""Keeps the progress of a command in a file, so that the command can continue after it was interrupted."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic import TypeAdapter, ValidationError

from app.adapters.local.files import open_file
from app.services.doctor.findings import Progress

SAVE_SECONDS: Final = 1.0  # between two writes
MAX_AGE_SECONDS: Final = 86_400  # afterwards, too much has changed
MAX_BYTES: Final = 2**16  # a progress has less than 1,000

_PROGRESS: Final = TypeAdapter(Progress)


class ProgressFile:
    """The file of a progress. The context deletes it, unless an exception interrupts the command.

    If the file cannot be written, for example because the disk is full, the command starts again next time.

    Args:
        path: The file.
        options: The options of the command. A progress with other options is ignored.
    """

    def __init__(self, path: Path, options: Mapping[str, Any]) -> None:
        self._path = path
        self._options = dict(options)
        self._latest: dict[str, Any] | None = None
        self._saved_at = float("-inf")

    def load(self) -> Progress:
        """Return the progress of an interrupted command with the same options, or a new one."""
        with (
            suppress(OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError),
            open_file(self._path) as file,
        ):
            if time.time() - self._path.stat().st_mtime < MAX_AGE_SECONDS:
                content = json.loads(file.read(MAX_BYTES))
                if content["options"] == self._options:
                    return _PROGRESS.validate_python(content["progress"])
        return Progress()

    def save(self, progress: Progress) -> None:
        """Remember a progress, and write it at most once per second."""
        self._latest = asdict(progress)
        if time.monotonic() - self._saved_at >= SAVE_SECONDS:
            self._write()

    def _write(self) -> None:
        self._saved_at = time.monotonic()
        temporary = self._path.with_suffix(".tmp")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)  # a FIFO would wait for a reader
            temporary.write_text(json.dumps({"options": self._options, "progress": self._latest}))
            temporary.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            with suppress(OSError):
                self._path.unlink()
        elif self._latest:
            self._write()
