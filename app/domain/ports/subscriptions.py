"""Defines the interface of the store of subscriptions."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.alerts import Alerts
from app.domain.announcements import MAX_BATCH, Announcement
from app.domain.ids import MAX_ID
from app.domain.query import Query
from app.domain.subscriptions import DEFAULT_CHOICES, ChoiceChanges, Choices, Subscription


class Subscriptions(Protocol):
    """Reads and writes subscriptions, the announcements of changes to images, and each owner's alerts."""

    @property
    def settle_seconds(self) -> int:
        """The longest time for which a change may be written without an announcement after the first subscription."""

    def list(self, owner: str) -> list[Subscription]:
        """Return the owner's subscriptions, oldest first. Damaged ones are left out, and logged."""

    def list_damaged(self, owner: str) -> Sequence[str]:
        """Return the ids of the owner's subscriptions whose rows are damaged."""

    def get(self, owner: str, subscription_id: str) -> Subscription:
        """Return the owner's subscription with this id.

        Raises:
            SubscriptionNotFound: the owner has no such subscription, or it is damaged.
        """

    def add(self, owner: str, query: Query, choices: Choices = DEFAULT_CHOICES) -> Subscription:
        """Add a subscription to a query and return it. If the owner has subscribed before, return that subscription.

        Raises:
            InvalidQuery: the stored form of the query is too long to be parsed again.
            TooManySubscriptions: the owner already has `MAX_SUBSCRIPTIONS` subscriptions.
        """

    def put(self, owner: str, subscription: Subscription) -> None:
        """Write a subscription of a backup. An existing one with its id is replaced."""

    def change(self, owner: str, subscription_id: str, changes: ChoiceChanges) -> Subscription:
        """Change what the owner has chosen, and return the subscription. Concurrent changes of other choices are kept.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """

    def remove(self, owner: str, subscription_id: str) -> None:
        """Remove a subscription.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """

    def get_link_secret(self) -> bytes:
        """Return the secret that signs the links in e-mails. The first call creates it."""

    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
        """Claim the right to send the owner a digest now. A claim is granted at most once every `cooldown` seconds.

        Returns:
            `now` if the claim is granted. Otherwise, a later time for the next claim, in Unix time (seconds).
        """

    def list_announcements(
        self, owner: str, limit: int = MAX_BATCH, first: str = "", last: str = MAX_ID
    ) -> Sequence[Announcement]:
        """Return up to `limit` announcements with `first <= id <= last`, by id. The read is strongly consistent."""

    def get_alerts(self, owner: str) -> Alerts:
        """Return the owner's alerts. The read is strongly consistent."""

    def save_alerts(self, owner: str, alerts: Alerts, announcements: Sequence[Announcement] = ()) -> set[str]:
        """Write the alerts and delete announcements in one transaction. Only the worker with the lease calls this.

        Args:
            owner: The owner.
            alerts: The new alerts, with the revision that was read. The stored revision is greater by one.
            announcements: Up to `MAX_BATCH` announcements that the alerts include.

        Returns:
            The ids of the announcements that have changed since they were read. If there are any, nothing was written.

        Raises:
            Unavailable: another worker has written the alerts. Nothing was written.
        """
