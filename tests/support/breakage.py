"""Breaks single rows and objects of the stores without the adapters, for tests of `pixtag doctor`."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final, Protocol

from app.adapters.aws.row_keys import Item, attributes, list_tag, title_row_key, values
from app.domain.ids import Rendition, new_id
from tests.support.aws import BUCKET_NAME, TABLE_NAME, dynamodb_client, s3_client, sqs_client
from tests.support.local_invariants import connect
from tests.support.tokens import SETTINGS

OLD_SECONDS: Final = 3600
OLD_TIME: Final = "1999-01-31T00:00:00"
STRAY: Final = "bird"  # a tag that no image has
TOTALS: Final = ("tag_total", "tag_month_total", "month_total")  # on one machine
DAMAGED: Final = '[["dog"]]'  # detections
STRAY_HASH: Final = "f" * 64


class Breaker(Protocol):
    """Breaks one thing at a time. Each method chooses among the existing rows or objects by a number.

    A method returns false if there is nothing to break.
    """

    def lose_index_row(self, number: int) -> bool:
        """Delete an index row."""

    def add_index_row(self, number: int) -> bool:
        """Add an index row with the tag `STRAY` for an image in any state."""

    def add_index_row_without_image(self, number: int) -> bool:
        """Add an index row for an image that does not exist."""

    def alter_index_row(self, number: int) -> bool:
        """Change the count in an index row."""

    def lose_total(self, number: int) -> bool:
        """Delete the total of a tag, or a part of it."""

    def alter_total(self, number: int) -> bool:
        """Change the total of a tag, or a part of it."""

    def add_total(self, number: int) -> bool:
        """Add a total of a tag that no image has."""

    def lose_usage(self, number: int) -> bool:
        """Delete the usage of an owner, or a part of it."""

    def alter_usage(self, number: int) -> bool:
        """Change the usage of an owner, or a part of it."""

    def alter_tags(self, number: int) -> bool:
        """Change the stored tags in the row of an image."""

    def alter_certain(self, number: int) -> bool:
        """Change the stored certain counts in the row of an image."""

    def alter_order(self, number: int) -> bool:
        """Change the place of an image in lists."""

    def alter_review(self, number: int) -> bool:
        """Change the place of an image in the list of images to review."""

    def move_index_row(self, number: int) -> bool:
        """Change the place of an image in the list of a tag."""

    def lose_months(self, number: int) -> bool:
        """Delete the number of images of a month, or a part of it."""

    def alter_months(self, number: int) -> bool:
        """Change the number of images of a month, or a part of it."""

    def lose_months_of_tag(self, number: int) -> bool:
        """Delete the number of images of a month and a tag, or a part of it."""

    def damage(self, image_id: str) -> AbstractContextManager[None]:
        """Make the row of an image unreadable for the duration of a block."""

    def lose_hash(self, number: int) -> bool:
        """Delete a hash row."""

    def alter_hash(self, number: int) -> bool:
        """Let a hash row name an image that does not exist."""

    def add_hash(self, number: int) -> bool:
        """Add a hash row that names an image in any state."""

    def lose_object(self, number: int, rendition: Rendition) -> bool:
        """Delete an object."""

    def put_object(self, owner: str, image_id: str, rendition: Rendition, data: bytes) -> None:
        """Write an object. On one machine, its time is an hour ago. S3 does not let anyone choose the time."""

    def lose_album(self, number: int) -> bool:
        """Delete the row of an album, but not its title or its order."""

    def lose_title(self, number: int) -> bool:
        """Let no album be found by a title."""

    def lose_messages(self) -> None:
        """Delete all messages to the worker."""

    def lose_outbox(self) -> None:
        """Delete all outbox rows."""


ROW_KINDS: Final = (
    "lose_index_row",
    "add_index_row",
    "add_index_row_without_image",
    "alter_index_row",
    "lose_total",
    "alter_total",
    "add_total",
    "lose_usage",
    "alter_usage",
    "alter_tags",
    "alter_certain",
    "alter_order",
    "alter_review",
    "move_index_row",
    "lose_months",
    "alter_months",
    "lose_months_of_tag",
    "lose_hash",
    "alter_hash",
    "add_hash",
)


class LocalBreaker(Breaker):
    """Breaks the database and the files in a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with closing(connect(self._folder)) as connection, connection:
            yield connection

    @contextmanager
    def _keep_totals(self, connection: Connection) -> Iterator[None]:
        """Undo what the triggers do to the totals."""
        totals = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TOTALS}  # noqa: S608 - our tables
        for table in TOTALS:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our tables
        yield
        for table, rows in totals.items():
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our tables
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row))  # noqa: S608 - our tables

    def _change(self, query: str, number: int, statement: str) -> bool:
        """Execute a statement with the values of one of the rows of a query."""
        with self._connect() as connection:
            rows = connection.execute(query).fetchall()
            if not rows:
                return False
            with nullcontext() if "total" in statement else self._keep_totals(connection):
                connection.execute(statement, dict(rows[number % len(rows)]))
        return True

    def lose_index_row(self, number: int) -> bool:
        statement = "DELETE FROM image_tag WHERE owner = :owner AND tag = :tag AND id = :id"
        return self._change("SELECT * FROM image_tag", number, statement)

    def add_index_row(self, number: int) -> bool:
        statement = f"INSERT OR REPLACE INTO image_tag VALUES (:owner, '{STRAY}', :sorted_at, :id, 2, 0)"  # noqa: S608 - a constant
        return self._change("SELECT owner, sorted_at, id FROM image", number, statement)

    def add_index_row_without_image(self, number: int) -> bool:
        statement = f"INSERT INTO image_tag VALUES (:owner, '{STRAY}', '', '{new_id()}', 2, 0)"  # noqa: S608 - constants
        return self._change("SELECT owner FROM image", number, statement)

    def alter_index_row(self, number: int) -> bool:
        statement = "UPDATE image_tag SET count = count + 5 WHERE owner = :owner AND tag = :tag AND id = :id"
        return self._change("SELECT * FROM image_tag", number, statement)

    def lose_total(self, number: int) -> bool:
        statement = "DELETE FROM tag_total WHERE owner = :owner AND tag = :tag"
        return self._change("SELECT * FROM tag_total", number, statement)

    def alter_total(self, number: int) -> bool:
        statement = "UPDATE tag_total SET images = 0, objects = 7 WHERE owner = :owner AND tag = :tag"
        return self._change("SELECT * FROM tag_total", number, statement)

    def add_total(self, number: int) -> bool:
        statement = f"INSERT OR REPLACE INTO tag_total VALUES (:owner, '{STRAY}', 1, 1)"  # noqa: S608 - a constant
        return self._change("SELECT owner FROM image", number, statement)

    def lose_usage(self, number: int) -> bool:
        return self._change("SELECT owner FROM usage", number, "DELETE FROM usage WHERE owner = :owner")

    def alter_usage(self, number: int) -> bool:
        statement = "UPDATE usage SET images = images + 2, bytes = 0 WHERE owner = :owner"
        return self._change("SELECT owner FROM usage", number, statement)

    def alter_tags(self, number: int) -> bool:
        statement = """UPDATE image SET tags = '{"wolf":9}' WHERE owner = :owner AND id = :id"""
        return self._change("SELECT owner, id FROM image", number, statement)

    def alter_certain(self, number: int) -> bool:
        statement = """UPDATE image SET certain = '{"wolf":9}' WHERE owner = :owner AND id = :id"""
        return self._change("SELECT owner, id FROM image", number, statement)

    def alter_review(self, number: int) -> bool:
        statement = "UPDATE image SET review_key = '998#x' WHERE owner = :owner AND id = :id"
        return self._change("SELECT owner, id FROM image", number, statement)

    def alter_order(self, number: int) -> bool:
        statement = "UPDATE image SET sorted_at = '1999-01-31T00:00:00' WHERE owner = :owner AND id = :id"
        return self._change("SELECT owner, id FROM image", number, statement)

    def move_index_row(self, number: int) -> bool:
        statement = "UPDATE image_tag SET sorted_at = '' WHERE owner = :owner AND tag = :tag AND id = :id"
        return self._change("SELECT * FROM image_tag", number, statement)

    def lose_months(self, number: int) -> bool:
        statement = "DELETE FROM month_total WHERE owner = :owner AND month = :month"
        return self._change("SELECT * FROM month_total", number, statement)

    def alter_months(self, number: int) -> bool:
        statement = "UPDATE month_total SET images = images + 3 WHERE owner = :owner AND month = :month"
        return self._change("SELECT * FROM month_total", number, statement)

    def lose_months_of_tag(self, number: int) -> bool:
        statement = "DELETE FROM tag_month_total WHERE owner = :owner AND tag = :tag AND month = :month"
        return self._change("SELECT * FROM tag_month_total", number, statement)

    @contextmanager
    def damage(self, image_id: str) -> Iterator[None]:
        with self._connect() as connection:
            row = connection.execute("SELECT detections FROM image WHERE id = ?", (image_id,)).fetchone()
        self._set_detections(image_id, DAMAGED)
        yield
        self._set_detections(image_id, row["detections"])

    def _set_detections(self, image_id: str, detections: str) -> None:
        with self._connect() as connection:
            connection.execute("UPDATE image SET detections = ? WHERE id = ?", (detections, image_id))

    def lose_hash(self, number: int) -> bool:
        return False  # there are no hash rows

    def alter_hash(self, number: int) -> bool:
        return False

    def add_hash(self, number: int) -> bool:
        return False

    def lose_object(self, number: int, rendition: Rendition) -> bool:
        paths = sorted((self._folder / "objects").glob(f"{rendition}/*/*"))
        if paths:
            paths[number % len(paths)].unlink()
        return bool(paths)

    def put_object(self, owner: str, image_id: str, rendition: Rendition, data: bytes) -> None:
        path = self._folder / "objects" / rendition.key(owner, image_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it can have a second name
        path.write_bytes(data)
        os.utime(path, (time.time() - OLD_SECONDS,) * 2)

    def lose_album(self, number: int) -> bool:
        return self._change("SELECT * FROM album", number, "DELETE FROM album WHERE owner = :owner AND id = :id")

    def lose_title(self, number: int) -> bool:
        statement = "UPDATE album SET title_key = '?' || id WHERE owner = :owner AND id = :id"
        return self._change("SELECT * FROM album", number, statement)

    def lose_messages(self) -> None:
        with self._connect() as connection:
            connection.execute("DELETE FROM message")

    def lose_outbox(self) -> None:
        with self._connect() as connection:
            connection.execute("DELETE FROM outbox")


class MotoBreaker(Breaker):
    """Breaks moto's table and bucket."""

    def _choose(self, number: int, kind: str) -> Item | None:
        """Return one of the rows of a kind: the beginning of their sort keys, or `#TAG#` for index rows."""
        rows = [values(item) for item in dynamodb_client().scan(TableName=TABLE_NAME)["Items"]]
        chosen = [row for row in rows if (kind in row["pk"] if kind == "#TAG#" else row["sk"].startswith(kind))]
        chosen = [row for row in chosen if row.get("images") != 0]  # a part of a total that is empty
        return sorted(chosen, key=lambda row: (row["pk"], row["sk"]))[number % len(chosen)] if chosen else None

    def find_key(self, number: int, kind: str) -> str:
        """Return the sort key of one of the rows of a kind."""
        row = self._choose(number, kind)
        assert row
        return str(row["sk"])

    def _put(self, row: Item | None, **changes: Any) -> bool:
        if row:
            dynamodb_client().put_item(TableName=TABLE_NAME, Item=attributes(row | changes))
        return bool(row)

    def _delete(self, row: Item | None) -> bool:
        if row:
            key = attributes({"pk": row["pk"], "sk": row["sk"]})
            dynamodb_client().delete_item(TableName=TABLE_NAME, Key=key)
        return bool(row)

    def lose_index_row(self, number: int) -> bool:
        return self._delete(self._choose(number, "#TAG#"))

    def add_index_row(self, number: int) -> bool:
        image = self._choose(number, "IMAGE#")
        return self._put(image and image | {"pk": f"{image['pk']}#TAG#{STRAY}", "sk": f"{OLD_TIME}#{image['id']}"})

    def add_index_row_without_image(self, number: int) -> bool:
        image, image_id = self._choose(number, "IMAGE#"), new_id()
        key = {"pk": f"{image['pk']}#TAG#{STRAY}", "sk": f"{OLD_TIME}#{image_id}"} if image else {}
        return self._put(image and image | key | {"id": image_id})

    def alter_index_row(self, number: int) -> bool:
        return self._put(self._choose(number, "#TAG#"), name="other.jpg")

    def lose_total(self, number: int) -> bool:
        return self._delete(self._choose(number, "COUNT#"))

    def alter_total(self, number: int) -> bool:
        return self._put(self._choose(number, "COUNT#"), images=-3, objects=7)

    def add_total(self, number: int) -> bool:
        image = self._choose(number, "IMAGE#")
        return self._put(image and {"pk": image["pk"], "sk": f"COUNT#{STRAY}#{number % 8}", "images": 1, "objects": 1})

    def rename_total(self, number: int, tag: str | None) -> None:
        """Change or remove the attribute of a total that puts it into the index `listed`."""
        row = self._choose(number, "COUNT#") or {}
        self._put({name: value for name, value in row.items() if name != "listed"} | (list_tag(tag) if tag else {}))

    def lose_usage(self, number: int) -> bool:
        return self._delete(self._choose(number, "USAGE#"))

    def move_usage(self, number: int, part: int) -> str:
        """Change the number of a part of the usage. Return the new sort key."""
        row = self._choose(number, "USAGE#") or {}
        key = f"{row['sk'].rpartition('#')[0]}#{part}"
        self._delete(row)
        self._put(row, sk=key)
        return key

    def alter_usage(self, number: int) -> bool:
        return self._put(self._choose(number, "USAGE#"), images=-1, bytes=5)

    def alter_tags(self, number: int) -> bool:
        return self._put(self._choose(number, "IMAGE#"), tags={"wolf": 9})

    def alter_certain(self, number: int) -> bool:
        image = self._choose(number, "IMAGE#") or {}
        return self._put(image, tags={tag: [7, 3] for tag in image.get("tags") or ["wolf"]})

    def alter_review(self, number: int) -> bool:
        return self._put(self._choose(number, "IMAGE#"), listed="REVIEW#998#x")

    def alter_order(self, number: int) -> bool:
        image = self._choose(number, "IMAGE#")
        return self._put(image, state_view=f"{image['pk']}#pending" if image else "", state_key=OLD_TIME)

    def move_index_row(self, number: int) -> bool:
        row = self._choose(number, "#TAG#")
        return self._delete(row) and self._put(row, sk=f"{OLD_TIME}#{row['id'] if row else ''}")

    def lose_months(self, number: int) -> bool:
        return self._change_month(number, "USAGE#", 0)

    def alter_months(self, number: int) -> bool:
        return self._change_month(number, "USAGE#", 7)

    def lose_months_of_tag(self, number: int) -> bool:
        return self._change_month(number, "COUNT#", 0)

    def _change_month(self, number: int, kind: str, images: int) -> bool:
        """Set the number of images of one month in a counter."""
        row = self._choose(number, kind) or {}
        months = sorted(name for name in row if name not in {"pk", "sk", "listed", "images", "objects", "bytes"})
        return bool(months) and self._put(row, **{months[number % len(months)]: images})

    @contextmanager
    def damage(self, image_id: str) -> Iterator[None]:
        rows = [values(item) for item in dynamodb_client().scan(TableName=TABLE_NAME)["Items"]]
        (before,) = (row for row in rows if row["sk"] == f"IMAGE#{image_id}")
        self._put(before, detections=json.loads(DAMAGED))
        yield
        self._put(before)

    def lose_hash(self, number: int) -> bool:
        return self._delete(self._choose(number, "HASH#"))

    def alter_hash(self, number: int) -> bool:
        return self._put(self._choose(number, "HASH#"), image=new_id())

    def add_hash(self, number: int) -> bool:
        image = self._choose(number, "IMAGE#")
        return self._put(image and {"pk": image["pk"], "sk": f"HASH#{STRAY_HASH}", "image": image["id"]})

    def lose_object(self, number: int, rendition: Rendition) -> bool:
        entries = s3_client().list_objects_v2(Bucket=BUCKET_NAME, Prefix=f"{rendition}/").get("Contents", [])
        if entries:
            s3_client().delete_object(Bucket=BUCKET_NAME, Key=entries[number % len(entries)]["Key"])
        return bool(entries)

    def put_object(self, owner: str, image_id: str, rendition: Rendition, data: bytes) -> None:
        key = rendition.key(owner, image_id)
        s3_client().put_object(Bucket=BUCKET_NAME, Key=key, Body=data, ContentType="image/jpeg")

    def lose_album(self, number: int) -> bool:
        return self._delete(self._choose(number, "ALBUM#"))

    def lose_title(self, number: int) -> bool:
        return self._delete(self._choose(number, "ALBUM-TITLE#"))

    def add_title(self, owner: str, key: str, album_id: str) -> None:
        """Let a title name an album."""
        self._put(title_row_key(owner, key) | {"album": album_id})

    def lose_messages(self) -> None:
        sqs_client().purge_queue(QueueUrl=SETTINGS.queue_url)

    def lose_outbox(self) -> None:
        while self._delete(self._choose(0, "OUT#")):
            pass
