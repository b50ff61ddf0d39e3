"""Stores API keys in DynamoDB, in the partitions of their owners."""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import Item, api_key_key, between, partition_of
from app.domain.api_keys import ApiKey, Scope, StoredKey
from app.domain.errors import KeyNotFound
from app.domain.owner_tokens import RowAddress
from app.domain.ports import ApiKeys

logger: Final = logging.getLogger(__name__)


class DynamoApiKeys(DynamoTable, ApiKeys):
    """Reads and writes API keys. All reads are strongly consistent, so a revocation is effective at once."""

    @override
    def list(self, owner: str) -> list[ApiKey]:
        return [_to_key(item) for item in self._query_keys(owner)]

    @override
    def add(self, owner: str, stored: StoredKey) -> None:
        key = stored.key
        self._put(
            api_key_key(owner, key.id)
            | {
                "name": key.name,
                "scopes": [*key.scopes],
                "token_hash": stored.token_hash,
                "created_at": key.created_at.isoformat(),
                # `expires_at` would let DynamoDB delete the key, which its owner should see in the list.
                "valid_until": key.expires_at.isoformat() if key.expires_at else None,
            }
        )

    @override
    def find(self, address: RowAddress) -> StoredKey | None:
        item = self._find(api_key_key(*address))
        return StoredKey(_to_key(item), item["token_hash"]) if item else None

    @override
    def record_use(self, address: RowAddress, day: date) -> None:
        try:
            self._update(
                api_key_key(*address),
                "SET last_used = :day",
                "attribute_exists(pk) AND (attribute_not_exists(last_used) OR last_used < :day)",
                {":day": day.isoformat()},
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("the day of the last use of an API key was not recorded", exc_info=error)

    @override
    def delete(self, owner: str, key_id: str) -> None:
        key = api_key_key(owner, key_id)
        if not self._find(key):
            raise KeyNotFound
        self._delete(key)

    @override
    def delete_all(self, owner: str) -> None:
        self._delete_all([{"pk": item["pk"], "sk": item["sk"]} for item in self._query_keys(owner)])

    def _query_keys(self, owner: str) -> Iterator[Item]:
        return self._query(between(partition_of(owner), "KEY#", "KEY$"), consistent=True)


def _to_key(item: Item) -> ApiKey:
    last_used = item.get("last_used")
    return ApiKey(
        str(item["sk"]).removeprefix("KEY#"),
        item["name"],
        tuple(map(Scope, item["scopes"])),
        datetime.fromisoformat(item["created_at"]),
        datetime.fromisoformat(item["valid_until"]) if item["valid_until"] else None,
        date.fromisoformat(last_used) if last_used else None,
    )
