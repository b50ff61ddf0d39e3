"""Stores subscriptions and the time of each owner's last digest in DynamoDB."""

from datetime import datetime

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.items import Item, attributes, between, partition_of, profile_key, subscription_key
from app.domain.errors import SubscriptionNotFound
from app.domain.ports import Subscriptions
from app.domain.query import Query, parse
from app.domain.subscriptions import ID_CHARACTERS, Subscription, subscribe


class DynamoSubscriptions(DynamoTable, Subscriptions):
    """Reads and writes subscriptions."""

    @override
    def list(self, owner: str) -> list[Subscription]:
        items = self._query(between(partition_of(owner), "SUB#", "SUB$"), consistent=True)
        return sorted(map(_to_subscription, items), key=lambda subscription: subscription.created_at)

    @override
    def get(self, owner: str, subscription_id: str) -> Subscription:
        for subscription in self.list(owner):
            if subscription.id == subscription_id:
                return subscription
        raise SubscriptionNotFound

    @override
    def add(self, owner: str, query: Query) -> Subscription:
        subscription, is_new = subscribe(self.list(owner), query)
        if is_new:
            self.put(owner, subscription)
        return subscription

    @override
    def put(self, owner: str, subscription: Subscription) -> None:
        item = {"query": str(subscription.query), "created_at": subscription.created_at.isoformat()}
        self._put(subscription_key(owner, subscription.id) | item)

    @override
    def remove(self, owner: str, subscription_id: str) -> None:
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

    @override
    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
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
