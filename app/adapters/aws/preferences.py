"""Stores the preferences of owners in DynamoDB."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.intact_items import convert_item
from app.adapters.aws.items import outbox_item
from app.adapters.aws.outbox_owners import OutboxOwners
from app.adapters.aws.row_keys import Item, preferences_key
from app.domain.ports import OwnerPreferences
from app.domain.preferences import Preferences, choose_position_removal, make_removal_row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoPreferences(DynamoTable, OwnerPreferences):
    """Reads and writes one item for each owner who has chosen anything."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        super().__init__(client, table)
        self._owners = OutboxOwners(client, table)

    @override
    def get(self, owner: str) -> Preferences:
        item = self._find(preferences_key(owner))
        if not item:
            return Preferences(owner)
        return convert_item(f"the preferences of {owner}", partial(_to_preferences, owner), item)

    @override
    def choose(self, owner: str, *, remove_positions: bool) -> Preferences:
        current = self.get(owner)
        chosen = choose_position_removal(current, remove_positions=remove_positions)
        if chosen == current:
            return current
        transaction = self._transaction()
        transaction.put(_to_item(chosen))
        if chosen.removal:
            row = make_removal_row(chosen, datetime.now(UTC))
            self._owners.touch(owner, row.due_at)
            transaction.put(outbox_item(row))
        transaction.commit()
        return chosen

    @override
    def record_removal(self, preferences: Preferences, cursor: str | None) -> Preferences:
        self._update(
            preferences_key(preferences.owner),
            "SET next_page = :cursor",
            "removal = :removal",
            {":cursor": cursor, ":removal": preferences.removal},
        )
        return replace(preferences, cursor=cursor)

    @override
    def finish_removal(self, preferences: Preferences) -> None:
        self._update(
            preferences_key(preferences.owner),
            "SET next_page = :none, removal = :finished",
            "removal = :removal",
            {":none": None, ":finished": "", ":removal": preferences.removal},
        )


def _to_item(preferences: Preferences) -> Item:
    return {
        **preferences_key(preferences.owner),
        "remove_positions": preferences.remove_positions,
        "removal": preferences.removal,
        "next_page": preferences.cursor,
    }


def _to_preferences(owner: str, item: Item) -> Preferences:
    return Preferences(owner, item["remove_positions"], item["removal"], item["next_page"])
