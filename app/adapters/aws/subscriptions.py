"""Stores subscriptions, the announcements for them and each owner's alerts in DynamoDB."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.intact_items import convert_items
from app.adapters.aws.items import to_announcement
from app.adapters.aws.outbox_owners import COMMIT_SECONDS, OutboxOwners
from app.adapters.aws.row_keys import (
    Item,
    announcement_key,
    attributes,
    between,
    partition_of,
    profile_key,
    subscription_key,
)
from app.adapters.aws.transactions import ConditionFailed
from app.domain.alerts import Alerts, with_numbers
from app.domain.announcements import MAX_BATCH, Announcement
from app.domain.errors import SubscriptionNotFound, Unavailable
from app.domain.ids import MAX_ID
from app.domain.mail_links import SECRET_BYTES
from app.domain.ports import Subscriptions
from app.domain.query import Query
from app.domain.stored_queries import read_stored
from app.domain.subscriptions import (
    DEFAULT_CHOICES,
    ID_CHARACTERS,
    ChoiceChanges,
    Choices,
    Frequency,
    Subscription,
    subscribe,
)

MAX_PAGE: Final = 1000  # announcements
LINK_SECRET_KEY: Final = {"pk": "SECRET", "sk": "MAIL-LINKS"}


class DynamoSubscriptions(DynamoTable, Subscriptions):
    """Reads and writes subscriptions, announcements and alerts."""

    settle_seconds = COMMIT_SECONDS
    _secret = b""

    @override
    def list(self, owner: str) -> list[Subscription]:
        subscriptions, _ = self._read(owner)
        if not subscriptions:
            return []
        alerts = self.get_alerts(owner)
        return [with_numbers(each, alerts) for each in sorted(subscriptions, key=lambda each: each.created_at)]

    @override
    def list_damaged(self, owner: str) -> Sequence[str]:
        return self._read(owner)[1]

    def _read(self, owner: str) -> tuple[Sequence[Subscription], Sequence[str]]:
        items = self._query(between(partition_of(owner), "SUB#", "SUB$"), consistent=True)
        return convert_items("subscription", _to_subscription, items)

    @override
    def get(self, owner: str, subscription_id: str) -> Subscription:
        for subscription in self.list(owner):
            if subscription.id == subscription_id:
                return subscription
        raise SubscriptionNotFound

    @override
    def add(self, owner: str, query: Query, choices: Choices = DEFAULT_CHOICES) -> Subscription:
        subscription, is_new = subscribe(self.list(owner), query, choices)
        if is_new:
            self.put(owner, subscription)
        return subscription

    @override
    def put(self, owner: str, subscription: Subscription) -> None:
        OutboxOwners(self._client, self._table).touch(owner, int(time.time()) + COMMIT_SECONDS)
        item = {"query": subscription.text, "created_at": subscription.created_at.isoformat()}
        self._put(subscription_key(owner, subscription.id) | item | asdict(subscription.choices))

    @override
    def change(self, owner: str, subscription_id: str, changes: ChoiceChanges) -> Subscription:
        if changes:
            OutboxOwners(self._client, self._table).touch(owner, int(time.time()))  # news may be due earlier
            names = ", ".join(f"{name} = :{name}" for name in changes)
            key, values = subscription_key(owner, subscription_id), {f":{name}": each for name, each in changes.items()}
            if not _is_id(subscription_id) or not self._update(key, f"SET {names}", "attribute_exists(pk)", values):
                raise SubscriptionNotFound
        return self.get(owner, subscription_id)

    @override
    def remove(self, owner: str, subscription_id: str) -> None:
        if not _is_id(subscription_id):
            raise SubscriptionNotFound
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=attributes(subscription_key(owner, subscription_id)),
                ConditionExpression="attribute_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise SubscriptionNotFound from error

    @override
    def get_link_secret(self) -> bytes:
        if not self._secret:
            item = self._find(LINK_SECRET_KEY)
            if not item:
                new = {":value": secrets.token_hex(SECRET_BYTES)}
                self._update(LINK_SECRET_KEY, "SET secret = :value", "attribute_not_exists(pk)", new)
                item = self._find(LINK_SECRET_KEY) or {}
            self._secret = bytes.fromhex(item["secret"])
        return self._secret

    @override
    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
        granted = self._update(
            profile_key(owner),
            "SET last_digest = :now",
            "attribute_not_exists(last_digest) OR last_digest <= :latest",
            {":now": now, ":latest": now - cooldown},
        )
        return now if granted else now + cooldown

    @override
    def list_announcements(
        self, owner: str, limit: int = MAX_BATCH, first: str = "", last: str = MAX_ID
    ) -> Sequence[Announcement]:
        condition = between(partition_of(owner), *(announcement_key(owner, each)["sk"] for each in (first, last)))
        items = self._query(condition, consistent=True, most=limit, Limit=min(limit, MAX_PAGE))
        return [to_announcement(owner, item) for item in items]

    @override
    def get_alerts(self, owner: str) -> Alerts:
        item = self._find(profile_key(owner)) or {}
        return Alerts.parse(item["alerts"], int(item["revision"])) if "alerts" in item else Alerts()

    @override
    def save_alerts(self, owner: str, alerts: Alerts, announcements: Sequence[Announcement] = ()) -> set[str]:
        transaction = self._transaction()
        transaction.update(
            profile_key(owner),
            "SET alerts = :alerts, revision = :next",
            "revision = :read" if alerts.revision else "attribute_not_exists(revision)",
            {":alerts": alerts.to_json(), ":next": alerts.revision + 1}
            | ({":read": alerts.revision} if alerts.revision else {}),
        )
        for each in announcements:
            transaction.delete(announcement_key(owner, each.id), "version = :read", {":read": each.version})
        try:
            transaction.commit()
        except ConditionFailed as error:
            if 0 in error.actions:
                raise Unavailable from error
            return {announcements[number - 1].id for number in error.actions}
        return set()


def _is_id(text: str) -> bool:
    return len(text) == ID_CHARACTERS  # DynamoDB limits the length of keys


def _to_subscription(item: Item) -> Subscription:
    query, fault = read_stored(item["query"])
    return Subscription(
        item["sk"].removeprefix("SUB#"),
        query,
        datetime.fromisoformat(item["created_at"]),
        choices=Choices(
            item.get("title", ""),
            item.get("pinned", False),
            item.get("email", True),
            item.get("paused", False),
            Frequency(item.get("digest", Frequency.AT_ONCE)),
        ),
        invalid_text="" if query else item["query"],
        fault=fault,
    )
