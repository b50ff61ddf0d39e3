"""Stores shares in DynamoDB, in the partitions of their owners.

The ids of single photos are in another row, because each view writes the row of the share.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import Item, between, partition_of, share_images_key, share_key
from app.domain.errors import ShareNotFound
from app.domain.ids import pack_ids, unpack_ids
from app.domain.owner_tokens import RowAddress
from app.domain.ports import Shares
from app.domain.shares import Share, ShareKind, StoredShare

logger: Final = logging.getLogger(__name__)


class DynamoShares(DynamoTable, Shares):
    """Reads and writes shares. All reads are strongly consistent, so a deletion is effective at once."""

    @override
    def list(self, owner: str) -> list[Share]:
        return [_to_share(item) for item in self._query_shares(owner)]

    @override
    def add(self, owner: str, stored: StoredShare, image_ids: Sequence[str] = ()) -> None:
        share = stored.share
        if image_ids:  # before the row of the share, which makes the link work
            self._put(share_images_key(owner, share.id) | {"images": pack_ids(image_ids)})
        self._put(
            share_key(owner, share.id)
            | {
                "title": share.title,
                "kind": str(share.kind),
                "source": share.source,
                "image_count": share.image_count,
                "token_hash": stored.token_hash,
                "secret": stored.secret,
                "password_hash": stored.password_hash,
                "created_at": share.created_at.isoformat(),
                # `expires_at` would let DynamoDB delete the share, which its owner should see in the list.
                "valid_until": share.expires_at.isoformat() if share.expires_at else None,
                "originals": share.originals,
            }
        )

    @override
    def find(self, address: RowAddress) -> StoredShare | None:
        if not (item := self._find(share_key(*address))):
            return None
        return StoredShare(_to_share(item), item["token_hash"], bytes(item["secret"]), item["password_hash"])

    @override
    def list_images(self, address: RowAddress) -> Sequence[str]:
        item = self._find(share_images_key(*address))
        return unpack_ids(bytes(item["images"])) if item else []

    @override
    def record_view(self, address: RowAddress, day: date) -> None:
        try:
            self._update(
                share_key(*address),
                "SET last_viewed = :day ADD view_count :one",
                "attribute_exists(pk)",
                {":day": day.isoformat(), ":one": 1},
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("a view of a share was not counted", exc_info=error)

    @override
    def delete(self, owner: str, share_id: str) -> None:
        key = share_key(owner, share_id)
        if not self._find(key):
            raise ShareNotFound
        self._delete(key)
        self._delete(share_images_key(owner, share_id))

    @override
    def delete_all(self, owner: str) -> None:
        ids = [_id_of(item) for item in self._query_shares(owner)]
        self._delete_all([share_key(owner, share_id) for share_id in ids])
        self._delete_all([share_images_key(owner, share_id) for share_id in ids])

    def _query_shares(self, owner: str) -> Iterator[Item]:
        rows = between(partition_of(owner), "SHARE#", "SHARE$")
        return self._query(rows, consistent=True, ScanIndexForward=False)


def _id_of(item: Item) -> str:
    return str(item["sk"]).removeprefix("SHARE#")


def _to_share(item: Item) -> Share:
    last_viewed = item.get("last_viewed")
    return Share(
        _id_of(item),
        item["title"],
        ShareKind(item["kind"]),
        item["source"],
        int(item["image_count"]),
        datetime.fromisoformat(item["created_at"]),
        datetime.fromisoformat(item["valid_until"]) if item["valid_until"] else None,
        bool(item["password_hash"]),
        item["originals"],
        int(item.get("view_count", 0)),
        date.fromisoformat(last_viewed) if last_viewed else None,
    )
