"""Runs `pixtag import`: reads an export, sends its photos, and prints the summary."""

from collections.abc import Iterable
from itertools import islice
from typing import Final, Protocol

from typing_extensions import override

from app.cli.transfer_progress import printable
from app.cli.uploads import UploadOptions, UploadRun
from app.client.account import connect
from app.client.connection import Waits
from app.client.import_albums import ImportAlbums
from app.client.import_sending import ImportSender, make_found
from app.client.imports.entries import ImportEntry
from app.client.index import UploadIndex
from app.client.login import Login
from app.client.quantities import count, format_size
from app.client.retries import PATIENCE_SECONDS
from app.client.uploads import Uploads, list_new
from app.domain.capture_times import format_capture_time

CHUNK: Final = 500
"""The number of photos whose metadata is in memory."""


class Reader(Iterable[ImportEntry], Protocol):
    """Reads an export. The iteration adds to `problems` the files that are not imported, and why."""

    problems: list[tuple[str, str]]


class ImportRun(UploadRun):
    """A run of `pixtag import`. Problems of single files do not end it."""

    def __init__(self, reader: Reader, options: UploadOptions) -> None:
        super().__init__([], options)
        self._reader = reader
        self._reported = 0

    @override
    def _upload(self, login: Login, index: UploadIndex) -> None:
        entries = iter(self._reader)
        if self._options.dry_run:
            self._list_entries(entries)
            self._report_reader()
            return
        with connect(login, Waits(PATIENCE_SECONDS, self._stop, self._reporter.notify)) as connection:
            while chunk := list(islice(entries, CHUNK)):
                files = {file.path: (file, entry) for entry in chunk for file in [make_found(entry)]}
                found = (file for file, _ in files.values())
                new = list(found) if self._options.again else list_new(found, index, self._summary)
                if new:
                    sender = ImportSender(connection, index, {path: entry for path, (_, entry) in files.items()})
                    Uploads(sender, self._reporter, self._stop, self._options.jobs).send_all(new, self._summary)
                self._report_reader()
            self._report_reader()
            self._report(ImportAlbums(connection, index, self._stop, self._reporter.notify).apply())

    def _report_reader(self) -> None:
        """Report the new problems of the reader."""
        self._report(self._reader.problems[self._reported :])
        self._reported = len(self._reader.problems)

    def _list_entries(self, entries: Iterable[ImportEntry]) -> None:
        photos = size = 0
        for entry in entries:
            photos, size = photos + 1, size + entry.file.size
            print(printable("  ".join([entry.file.label, *_describe(entry)])))
        print(f"{count(photos, 'photo')} ({format_size(size)}) would be sent, except those that the account has.")


def _describe(entry: ImportEntry) -> list[str]:
    """Return the metadata that an import sends with a photo."""
    metadata = entry.metadata
    parts = [format_capture_time(metadata.taken)] if metadata.taken else []
    parts += ["favourite"] if entry.favourite else []
    parts += [f'album "{title}"' for title in entry.albums]
    parts += [f"tag {keyword}" for keyword in metadata.keywords]
    return parts
