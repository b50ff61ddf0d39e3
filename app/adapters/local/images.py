"""Stores images, their tag index and their counters in SQLite. Every change to an image is one transaction.

Every condition contains the owner, so a method cannot read or write another owner's rows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Final

from typing_extensions import override

from app.adapters.local.albums import SqliteAlbums, require_albums
from app.adapters.local.database import Database
from app.adapters.local.expiry import expire_rows
from app.adapters.local.image_groups import ImageGroups
from app.adapters.local.image_writes import require_version, write_image, write_tags
from app.adapters.local.intact_rows import replace_invalid
from app.adapters.local.outbox import insert_outbox_row
from app.adapters.local.owner_rows import DELETIONS, SUM_DELETIONS
from app.adapters.local.paging import DETAILS, SUMMARIES, read_intact, read_page
from app.adapters.local.redetections import add_done
from app.adapters.local.rows import name_damage, to_image, to_summary
from app.adapters.local.selections import (
    MAX_CANDIDATES,
    select_ids,
    select_ready,
    select_states,
    select_trash,
    select_unreviewed,
)
from app.domain.albums import list_joined
from app.domain.errors import ImageNotFound
from app.domain.ids import MAX_ID, require_id
from app.domain.images import LISTED, READY, Image, ImageState, ImageSummary, MonthTotal
from app.domain.operations import UndoRow
from app.domain.outbox import follow_up_restored
from app.domain.pages import MAX_PAGES, Page
from app.domain.plans import Order, Plan, continue_plan, counted_tags, plan
from app.domain.ports import Images, SimilarImages
from app.domain.query import Query, resolve_albums
from app.domain.similar_images import link_similar, must_link
from app.domain.snapshots import Snapshot
from app.domain.tags import TagTotal, make_total

_LISTED_IDS: Final = 500

_LIST_IDS: Final = """
    SELECT id FROM image WHERE owner = :owner AND state = 'pending' AND id > :last UNION ALL
    SELECT id FROM image WHERE owner = :owner AND state = 'ready' AND id > :last UNION ALL
    SELECT id FROM image WHERE owner = :owner AND state = 'failed' AND id > :last UNION ALL
    SELECT id FROM image WHERE owner = :owner AND state = 'trashed' AND id > :last ORDER BY id LIMIT :limit
"""
_FIND_IMAGES: Final = """
    SELECT image.* FROM (SELECT DISTINCT value FROM json_each(?)) AS ids JOIN image ON image.id = ids.value
    WHERE image.owner = ?
"""
_COUNT_MONTHS: Final = "SELECT month, images FROM month_total WHERE owner = :owner ORDER BY month"
_COUNT_TAG_MONTHS: Final = (
    "SELECT month, images FROM tag_month_total WHERE owner = :owner AND tag = :tag ORDER BY month"
)
_FIRST_IDS: Final = "SELECT id FROM image WHERE owner = :owner ORDER BY id LIMIT :limit"


class SqliteImages(ImageGroups, Images):
    """Reads and writes images."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._albums = SqliteAlbums(database)

    @property
    @override
    def similar(self) -> SimilarImages:
        return self._similar

    @override
    def find_image(self, owner: str, image_id: str) -> Image | None:
        with self._database.read() as connection, name_damage(image_id):
            found = connection.execute("SELECT * FROM image WHERE owner = ? AND id = ?", (owner, image_id))
            with closing(found) as rows:
                return next(map(to_image, rows), None)

    @override
    def get_image(self, owner: str, image_id: str) -> Image:
        with self._database.read():
            image = self.find_image(owner, require_id(image_id))
            if image and image.duplicate_of:
                image = self.find_image(owner, image.duplicate_of)
        if image is None or image.state is ImageState.GONE:
            raise ImageNotFound
        return image

    @override
    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id FROM image WHERE owner = ? AND sha256 = ? AND state IN ('ready', 'trashed')", (owner, sha256)
            )
            return next((str(row["id"]) for row in rows), None)

    @override
    def save(
        self, after: Image, before: Image | None = None, *, undo: UndoRow | None = None, undone_to: int = 0
    ) -> Image:
        undone_to = undo.first if undo and undo.undone else undone_to
        after = replace(after, version=before.version + 1 if before else 1, undone_to=undone_to)
        with self._database.write() as connection:
            require_version(connection, after, before.version if before else None)
            require_albums(connection, after.owner, list_joined(before, after))
            self._write(connection, before, after, undo)
            if after.redetection not in {"", before.redetection if before else ""}:
                add_done(connection, after.owner, after.redetection)
        return after

    @override
    def restore_image(self, image: Image) -> None:
        with self._database.write() as connection:
            if self.find_image(image.owner, image.id):
                return
            write_image(connection, None, image)
            write_tags(connection, None, image)
            if row := follow_up_restored(image):
                insert_outbox_row(connection, row)
            if must_link(None, image):
                link_similar(self._similar, image)

    @override
    def find_images(self, owner: str, image_ids: Sequence[str]) -> list[Image]:
        with self._database.read() as connection:

            def read(some: Sequence[str]) -> list[Image]:
                with closing(connection.execute(_FIND_IMAGES, (json.dumps(some), owner))) as rows:
                    return [to_image(row) for row in rows]

            return read_intact(read, image_ids)

    @override
    def list_images(
        self,
        owner: str,
        limit: int,
        cursor: str | None = None,
        states: frozenset[ImageState] = LISTED,
        *,
        order: Order = Order.TAKEN,
        newest_first: bool = True,
    ) -> Page[ImageSummary]:
        rows = continue_plan(Plan(newest_first=newest_first), cursor)
        by = Order.TAKEN if ImageState.TRASHED in states else order
        with self._database.read() as connection:
            return read_page(connection, select_states(owner, states, rows, by), limit, SUMMARIES, to_summary)

    @override
    def read_snapshots(
        self, owner: str, limit: int, cursor: str, states: frozenset[ImageState] = READY
    ) -> tuple[list[Snapshot], str | None]:
        selection = select_ids(owner, states, None if cursor == MAX_ID else cursor)
        with self._database.read() as connection:
            page = read_page(connection, selection, limit, SUMMARIES, to_summary)
        return [summary.snapshot for summary in page.images], page.cursor

    @override
    def list_details(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        selection = select_ids(owner, READY, cursor)
        with self._database.read() as connection:
            return read_page(connection, selection, limit, DETAILS, to_image)

    @override
    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        query = resolve_albums(query, partial(self._albums.find_titles, owner))
        selection = select_trash(owner, query, continue_plan(Plan(), cursor))
        with self._database.read() as connection:
            return read_page(connection, selection, limit, SUMMARIES, to_summary)

    @override
    def search(
        self,
        owner: str,
        query: Query,
        limit: int,
        cursor: str | None = None,
        *,
        newest_first: bool = True,
        max_pages: int = MAX_PAGES,
        totals: Mapping[str, int] | None = None,
        excluded: frozenset[str] = frozenset(),
    ) -> Page[ImageSummary]:
        query = resolve_albums(query, partial(self._albums.find_titles, owner))
        with self._database.read() as connection:
            tags = counted_tags(query)
            images = {tag: self.count_tag(owner, tag).images if totals is None else totals.get(tag, 0) for tag in tags}
            rows = continue_plan(plan(query, images, newest_first=newest_first), cursor)
            candidates = MAX_CANDIDATES * max_pages // MAX_PAGES
            selection = replace(select_ready(owner, query, rows), candidates=candidates, excluded=excluded)
            return read_page(connection, selection, limit, SUMMARIES, to_summary)

    @override
    def list_unreviewed(self, owner: str, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        selection = select_unreviewed(owner, cursor)
        with self._database.read() as connection:
            return read_page(connection, selection, limit, SUMMARIES, to_summary)

    @override
    def count_months(self, owner: str, tag: str | None = None) -> list[MonthTotal]:
        with self._database.read() as connection:
            rows = connection.execute(_COUNT_MONTHS if tag is None else _COUNT_TAG_MONTHS, {"owner": owner, "tag": tag})
            return [MonthTotal(*row) for row in rows]

    @override
    def list_ids(self, owner: str) -> Iterator[str]:
        last = ""
        while True:  # short transactions, because the caller may pause
            with self._database.read() as connection:
                rows = connection.execute(_LIST_IDS, {"owner": owner, "last": last, "limit": _LISTED_IDS})
                with replace_invalid(connection):
                    ids = [str(row["id"]) for row in rows]
            yield from ids
            if len(ids) < _LISTED_IDS:
                return
            last = ids[-1]

    @override
    def delete_images(self, owner: str, limit: int) -> list[str]:
        parameters = {"owner": owner, "limit": limit}
        with self._database.write() as connection:
            for statement in SUM_DELETIONS:
                connection.execute(statement, parameters)
            connection.execute(f"DELETE FROM image_tag WHERE owner = :owner AND id IN ({_FIRST_IDS})", parameters)  # noqa: S608 - a constant
            rows = connection.execute(
                f"DELETE FROM image WHERE owner = :owner AND id IN ({_FIRST_IDS}) RETURNING id",  # noqa: S608 - a constant
                parameters,
            )
            return [str(row["id"]) for row in rows]

    @override
    def delete_rows(self, owner: str, limit: int) -> bool:
        remaining = limit
        with self._database.write() as connection:
            for statement in DELETIONS:
                remaining -= connection.execute(statement, {"owner": owner, "limit": remaining}).rowcount
        return remaining < limit

    @override
    def count_tag(self, owner: str, tag: str) -> TagTotal:
        with self._database.read() as connection:
            rows = connection.execute("SELECT images, objects FROM tag_total WHERE owner = ? AND tag = ?", (owner, tag))
            images, objects = rows.fetchone() or (0, 0)
        return make_total(tag, images, objects)

    @override
    def count_tags(self, owner: str, prefix: str = "") -> list[TagTotal]:
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT tag, images, objects FROM tag_total
                WHERE owner = :owner AND images > 0 AND substr(tag, 1, 1) <> ':'
                    AND tag >= :prefix AND substr(tag, 1, length(:prefix)) = :prefix
                ORDER BY images DESC, tag
                """,
                {"owner": owner, "prefix": prefix},
            )
            return [make_total(*row) for row in rows]

    def expire(self) -> None:
        """Delete rows after their lives. Call this every minute."""
        expire_rows(self._database)
