"""Defines subscriptions to queries."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.domain.errors import TooManySubscriptions
from app.domain.query import Query, parse

MAX_SUBSCRIPTIONS: Final = 100
ID_CHARACTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Subscription:
    """A query whose new matches are sent to the owner by e-mail. Equal queries have equal ids.

    Attributes:
        id: The id, which is computed from the query.
        query: The query.
        created_at: When the owner subscribed.
        matched: The number of ready images that match. The worker maintains it. None until it is known.
    """

    id: str
    query: Query
    created_at: datetime
    matched: int | None = None


def subscribe(existing: Iterable[Subscription], query: Query) -> tuple[Subscription, bool]:
    """Return the subscription to a query, and whether it is new.

    Raises:
        InvalidQuery: the query has conditions on texts, or its stored form is too long to be parsed again.
        TooManySubscriptions: the owner already has `MAX_SUBSCRIPTIONS` subscriptions.
    """
    text, subscriptions = str(query), {subscription.id: subscription for subscription in existing}
    parsed = parse(text, allows_texts=False)
    new = Subscription(hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS], parsed, datetime.now(UTC))
    if new.id in subscriptions:
        return subscriptions[new.id], False
    if len(subscriptions) >= MAX_SUBSCRIPTIONS:
        raise TooManySubscriptions(f"You can have at most {MAX_SUBSCRIPTIONS} subscriptions. Remove one first.")
    return new, True
