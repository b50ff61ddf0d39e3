"""Stores subscriptions and the time of each owner's last digest in DynamoDB."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import Item, attributes, between, partition_of, profile_key, subscription_key
from app.domain.errors import SubscriptionNotFound, TooManySubscriptions
from app.domain.query import Query, parse

MAX_SUBSCRIPTIONS: Final = 100
ID_CHARACTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Subscription:
    """A query whose new matches are sent to the owner by e-mail. Equal queries have equal ids."""

    id: str
    query: Query
    created_at: datetime


class Subscriptions(DynamoTable):
    """Reads and writes subscriptions."""

    def list(self, owner: str) -> list[Subscription]:
        """Return the owner's subscriptions, oldest first."""
        items = self._query(between(partition_of(owner), "SUB#", "SUB$"), consistent=True)
        return sorted(map(_to_subscription, items), key=lambda subscription: subscription.created_at)

    def get(self, owner: str, subscription_id: str) -> Subscription:
        """Return the owner's subscription with this id.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """
        for subscription in self.list(owner):
            if subscription.id == subscription_id:
                return subscription
        raise SubscriptionNotFound

    def add(self, owner: str, query: Query) -> Subscription:
        """Add a subscription to a query and return it. If the owner has subscribed before, return that subscription.

        Raises:
            InvalidQuery: the stored form of the query is too long to be parsed again.
            TooManySubscriptions: the owner already has `MAX_SUBSCRIPTIONS` subscriptions.
        """
        existing = self.list(owner)
        text = str(query)
        new = Subscription(hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS], parse(text), datetime.now(UTC))
        if same := next((subscription for subscription in existing if subscription.id == new.id), None):
            return same
        if len(existing) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions(f"You can have at most {MAX_SUBSCRIPTIONS} subscriptions. Remove one first.")
        self._put(subscription_key(owner, new.id) | {"query": text, "created_at": new.created_at.isoformat()})
        return new

    def remove(self, owner: str, subscription_id: str) -> None:
        """Remove a subscription.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """
        if len(subscription_id) != ID_CHARACTERS:  # DynamoDB limits the length of keys
            raise SubscriptionNotFound
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=attributes(subscription_key(owner, subscription_id)),
                ConditionExpression="attribute_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise SubscriptionNotFound from error

    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
        """Claim the right to send the owner a digest now. A claim is granted at most once every `cooldown` seconds.

        Returns:
            `now` if the claim is granted. Otherwise, a later time for the next claim, in Unix time (seconds).
        """
        granted = self._update(
            profile_key(owner),
            "SET last_digest = :now",
            "attribute_not_exists(last_digest) OR last_digest <= :latest",
            {":now": now, ":latest": now - cooldown},
        )
        return now if granted else now + cooldown


def _to_subscription(item: Item) -> Subscription:
    return Subscription(
        item["sk"].removeprefix("SUB#"), parse(item["query"]), datetime.fromisoformat(item["created_at"])
    )
