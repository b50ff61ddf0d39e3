"""Reads and writes the rows that belong to the files of objects, within transactions of `object_folder.py`."""

import time
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from app.domain.images import ImageState
from app.domain.messages import Message

INCOMING_SECONDS: Final = 15 * 86_400  # the lifecycle rule in infra/aws/template.yaml


@dataclass(frozen=True, slots=True)
class Metadata:
    """The properties of an upload that are stored besides its bytes."""

    media_type: str
    name: str


def send_message(connection: Connection, owner: str, image_id: str) -> None:
    """Send the worker a message about an incoming object, within a transaction."""
    connection.execute(
        "INSERT INTO message (body, sent_at, visible_at) VALUES (:body, :now, :now)",
        {"body": Message(owner, image_id).to_json(), "now": int(time.time())},
    )


def is_pending(connection: Connection, owner: str, image_id: str) -> bool:
    """Return whether the worker has not processed the upload of this image yet."""
    row = connection.execute("SELECT state FROM image WHERE owner = ? AND id = ?", (owner, image_id)).fetchone()
    return row is not None and row["state"] == ImageState.PENDING


def keep_pending(connection: Connection, owner: str, image_id: str) -> None:
    """Keep a pending image as long as its upload. It has what the upload lacks, such as the time of the file.

    A pending image without an upload expires after a day. But PixTag may be stopped for days before the worker
    processes an upload.
    """
    connection.execute(
        "UPDATE image SET expires_at = max(expires_at, :time) WHERE owner = :owner AND id = :id AND state = :state",
        {
            "time": int(time.time()) + INCOMING_SECONDS,
            "owner": owner,
            "id": image_id,
            "state": ImageState.PENDING,
        },
    )


def write_metadata(connection: Connection, key: str, metadata: Metadata) -> None:
    """Write the metadata of an object, within a transaction."""
    connection.execute(
        "INSERT INTO object (key, media_type, name) VALUES (:key, :media_type, :name)"
        " ON CONFLICT (key) DO UPDATE SET media_type = :media_type, name = :name",
        {"key": key, "media_type": metadata.media_type, "name": metadata.name},
    )
