"""Repairs the folder of objects after a crash, and deletes old uploads and copies."""

import time
from collections.abc import Iterator
from contextlib import suppress
from sqlite3 import Connection
from typing import Final

from app.adapters.local.clock import forget_clock, watch_clock
from app.adapters.local.database import Database
from app.adapters.local.object_folder import ObjectFolder, split_key
from app.adapters.local.object_rows import INCOMING_SECONDS, send_message
from app.domain.ids import Rendition
from app.domain.messages import Message
from app.domain.quotas import DAY_SECONDS
from app.domain.shares import COPY_DAYS

INCOMING: Final = f"{Rendition.INCOMING}/"
COPIES: Final = f"{Rendition.SHARED_ORIGINAL}/"
MAX_DELETED: Final = 100  # per transaction


class ObjectSweep:
    """Finds incoming objects without a message, old ones, and metadata without an object."""

    def __init__(self, folder: ObjectFolder, database: Database) -> None:
        self._folder = folder
        self._database = database

    def send_missing_messages(self, min_age: int) -> int:
        """Send a message about each incoming object that has none. Return their number.

        A crash while an upload was stored can leave such an object. The object of a failed image has no message either.
        It waits until somebody retries the image. If an image could not be marked as failed, for example because the
        disk was full, it is still pending, and its dead letter is replaced with a new message.

        Args:
            min_age: Ignore objects that are younger than this, in seconds.
        """
        # A file from the future was written before the clock was set back.
        old = [key for key, age in self._list_ages(INCOMING) if not 0 <= age < min_age]
        with self._database.read() as connection:
            lost = [key for key in old if _is_lost(connection, key)]
        sent = 0
        for key in lost:
            with self._database.write() as connection:
                if self._folder.path(key).exists() and _is_lost(connection, key):
                    connection.execute("DELETE FROM message WHERE body = ?", (Message(*split_key(key)).to_json(),))
                    send_message(connection, *split_key(key))
                    sent += 1
        return sent

    def send_unknown(self, *, is_copy: bool = False) -> int:
        """Send a message about each original that has no image. Return the number of messages.

        The database is then older than its photos, for example because its -wal file was lost. Originals of an account
        that is being deleted are left out.

        Args:
            is_copy: The database was just replaced with a copy. Then also send messages about originals of images that
                were not processed yet when the copy was made, and about all uploads.
        """
        states = ("ready", "trashed", "gone", *(() if is_copy else ("pending", "failed")))
        with self._database.read() as connection:
            rows = connection.execute("SELECT owner FROM outbox WHERE kind = 'delete-account'")
            deleted = {row["owner"] for row in rows}
            images = connection.execute("SELECT owner, id, state FROM image").fetchall()
            bodies = {row["body"] for row in connection.execute("SELECT body FROM message WHERE NOT dead")}
        known = {Rendition.ORIGINAL.key(row["owner"], row["id"]) for row in images if row["state"] in states}
        keys = [key for key in self._folder.list_keys(f"{Rendition.ORIGINAL}/") if key not in known]
        keys += self._folder.list_keys(INCOMING) if is_copy else []
        unknown = [ids for ids in dict.fromkeys(map(split_key, keys)) if ids[0] not in deleted]
        missing = [ids for ids in unknown if Message(*ids).to_json() not in bodies]
        if not missing:
            return 0
        with self._database.write() as connection:
            forget_clock(connection)
            for ids in missing:
                send_message(connection, *ids)
        return len(missing)

    def delete_old_uploads(self) -> None:
        """Delete incoming objects after 15 days, unless the worker has not processed them yet.

        PixTag may have been stopped for longer, and the clock may be ahead.
        """
        with self._database.write(durable=False) as connection:
            if watch_clock(connection, int(time.time())) < INCOMING_SECONDS:
                return
        old = [key for key, age in self._list_ages(INCOMING) if age >= INCOMING_SECONDS]
        for start in range(0, len(old), MAX_DELETED):
            with self._database.write(durable=False) as connection:
                keys = [key for key in old[start : start + MAX_DELETED] if not _is_waiting(connection, key)]
                self._folder.delete(*keys)

    def delete_old_copies(self) -> None:
        """Delete copies of originals without metadata after `COPY_DAYS`. They are made again when they are needed."""
        old = [key for key, age in self._list_ages(COPIES) if age >= COPY_DAYS * DAY_SECONDS]
        for start in range(0, len(old), MAX_DELETED):
            self._folder.delete(*old[start : start + MAX_DELETED])

    def delete_metadata(self) -> None:
        """Delete the metadata of incoming objects that do not exist. A power failure can leave them."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT key FROM object WHERE key BETWEEN 'incoming/' AND 'incoming/~'"
            ).fetchall()
        keys = [row["key"] for row in rows if not self._folder.path(row["key"]).exists()]
        for key in keys:
            with self._database.write(durable=False) as connection:
                if not self._folder.path(key).exists():  # pragma: no branch - a new upload is rare
                    connection.execute("DELETE FROM object WHERE key = ?", (key,))

    def _list_ages(self, prefix: str) -> Iterator[tuple[str, float]]:
        """Yield the keys with this prefix and the ages of their objects in seconds."""
        now = time.time()
        for key in self._folder.list_keys(prefix):
            with suppress(FileNotFoundError):  # the worker has just deleted it
                yield key, now - self._folder.path(key).stat().st_mtime


def _is_waiting(connection: Connection, key: str) -> bool:
    """Return whether the worker will receive a message about this object."""
    body = Message(*split_key(key)).to_json()
    return connection.execute("SELECT 1 FROM message WHERE body = ? AND NOT dead", (body,)).fetchone() is not None


def _is_lost(connection: Connection, key: str) -> bool:
    owner, image_id = split_key(key)
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE body = :body AND NOT dead)"
        " OR EXISTS (SELECT 1 FROM image WHERE owner = :owner AND id = :id AND state = 'failed')"
        " OR EXISTS (SELECT 1 FROM message WHERE body = :body)"
        " AND NOT EXISTS (SELECT 1 FROM image WHERE owner = :owner AND id = :id AND state = 'pending') AS is_expected",
        {"body": Message(owner, image_id).to_json(), "owner": owner, "id": image_id},
    ).fetchone()
    return not row["is_expected"]
