"""Subscriptions in DynamoDB: what an owner wants to be told of, and when the last digest went out."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.adapters.aws.items import attributes, between, partition_of, profile_key, subscription_key, values
from app.domain.errors import SubscriptionNotFound, TooManySubscriptions
from app.domain.query import Query, parse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_SUBSCRIPTIONS: Final = 100
ID_CHARACTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Subscription:
    """An owner's wish to be told of images that match; the id follows from the query, so twice is one."""

    id: str
    query: Query
    created_at: datetime


class Subscriptions:
    """The subscriptions of everybody."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def list(self, owner: str) -> list[Subscription]:
        """The owner's subscriptions, oldest first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table, **between(partition_of(owner), "SUB#", "SUB$"), ConsistentRead=True
        )
        items = [values(item) for page in pages for item in page["Items"]]
        found = [
            Subscription(
                item["sk"].removeprefix("SUB#"), parse(item["query"]), datetime.fromisoformat(item["created_at"])
            )
            for item in items
        ]
        return sorted(found, key=lambda one: one.created_at)

    def get(self, owner: str, subscription_id: str) -> Subscription:
        """The owner's subscription of this id.

        Raises:
            SubscriptionNotFound: there is none.
        """
        for one in self.list(owner):
            if one.id == subscription_id:
                return one
        raise SubscriptionNotFound

    def add(self, owner: str, query: Query) -> Subscription:
        """Subscribe to a query; one that is there already stays as it is.

        Raises:
            InvalidQuery: written out in full, as it is kept, the query is too long to be read again.
            TooManySubscriptions: the owner has `MAX_SUBSCRIPTIONS` others.
        """
        known = self.list(owner)
        text = str(query)
        new = Subscription(hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS], parse(text), datetime.now(UTC))
        if same := next((one for one in known if one.id == new.id), None):
            return same
        if len(known) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions(f"You can have at most {MAX_SUBSCRIPTIONS} subscriptions.")
        item = {"query": text, "created_at": new.created_at.isoformat()}
        self._client.put_item(TableName=self._table, Item=attributes(subscription_key(owner, new.id) | item))
        return new

    def remove(self, owner: str, subscription_id: str) -> None:
        """End a subscription.

        Raises:
            SubscriptionNotFound: the owner has none of this id.
        """
        if len(subscription_id) != ID_CHARACTERS:  # DynamoDB takes no key of any length
            raise SubscriptionNotFound
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=attributes(subscription_key(owner, subscription_id)),
                ConditionExpression="attribute_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise SubscriptionNotFound from error

    def claim_digest(self, owner: str, now: int, pause: int) -> int:
        """Take the right to send the owner a digest at `now`, at most once in `pause` seconds.

        Returns:
            When the owner may get the next digest, in seconds since 1970: `now`, if it may be sent.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(profile_key(owner)),
                UpdateExpression="SET last_digest = :now",
                ConditionExpression="attribute_not_exists(last_digest) OR last_digest <= :long_ago",
                ExpressionAttributeValues=attributes({":now": now, ":long_ago": now - pause}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return now + pause
        return now
