"""Reads the picture hashes of ready images in SQLite, and stores the groups of similar ones."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.domain.picture_hashes import HashedImage
from app.domain.ports.similar_images import MAX_PER_PREFIX, SimilarImages

_FIND_HASHED: Final = """
    SELECT id, picture_hash, similar_group FROM image
    WHERE owner = :owner AND state = 'ready' AND picture_hash > '' AND picture_hash >= :prefix AND picture_hash < :end
    ORDER BY picture_hash, id LIMIT :limit
"""
_PUT_INTO_GROUP: Final = """
    UPDATE image SET similar_group = :group
    WHERE owner = :owner AND id IN (SELECT value FROM json_each(:ids)) AND state = 'ready'
        AND picture_hash > '' AND similar_group IN ('', :group)
"""
_LIST_GROUPED: Final = """
    SELECT id, picture_hash, similar_group FROM image
    WHERE owner = :owner AND similar_group > '' AND (similar_group, id) < (:group, :id)
    ORDER BY similar_group DESC, id DESC LIMIT :limit
"""


class SqliteSimilarImages(SimilarImages):
    """Reads the columns `picture_hash` and `similar_group` of images, and writes the latter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def find_hashed(self, owner: str, prefixes: Sequence[str]) -> list[HashedImage]:
        with self._database.read() as connection:
            return [
                _to_hashed_image(row)
                for prefix in prefixes
                for row in connection.execute(
                    _FIND_HASHED, {"owner": owner, "prefix": prefix, "end": f"{prefix}~", "limit": MAX_PER_PREFIX}
                )
            ]

    @override
    def put_into_group(self, owner: str, images: Sequence[HashedImage], group: str) -> bool:
        ids = json.dumps([image.id for image in images])
        with self._database.write() as connection:
            connection.execute("SAVEPOINT similar")
            changed = connection.execute(_PUT_INTO_GROUP, {"owner": owner, "ids": ids, "group": group}).rowcount
            connection.execute("RELEASE similar" if changed == len(images) else "ROLLBACK TO similar")
        return changed == len(images)

    @override
    def list_grouped(self, owner: str, before: str, limit: int, group: str = "") -> list[HashedImage]:
        last, _, image_id = before.partition("#")
        with self._database.read() as connection:
            rows = connection.execute(_LIST_GROUPED, {"owner": owner, "group": last, "id": image_id, "limit": limit})
            return [_to_hashed_image(row) for row in rows if group in {"", row["similar_group"]}]


def _to_hashed_image(row: sqlite3.Row) -> HashedImage:
    return HashedImage(row["id"], row["picture_hash"], row["similar_group"])
