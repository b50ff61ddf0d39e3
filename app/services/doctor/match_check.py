"""Compares the numbers of matches of subscriptions with the images, and repairs them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.alerts import Alerts
from app.domain.announcements import Announcement
from app.domain.checks import Comparison, RowDifference
from app.domain.errors import Unavailable
from app.domain.images import ImageState
from app.domain.ports import Stores
from app.domain.subscriptions import Subscription

MAX_READS: Final = 3  # of all images
MAX_UNPROCESSED: Final = 2**31 - 1


class MatchCheck:
    """Compares numbers while images change.

    Each change of an image adds an announcement or a version to it, in the same transaction. So if no announcement
    and no number has changed while the images were read, no image has changed either.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, owner: str, *, repair: bool) -> Comparison:
        """Compare the numbers that the worker has counted completely, and repair them."""
        subscriptions = self._stores.subscriptions
        for _ in range(MAX_READS):
            alerts = subscriptions.get_alerts(owner)
            counted = [each for each in subscriptions.list(owner) if alerts.find_count(each)]
            if not counted:
                return Comparison()
            announcements = subscriptions.list_announcements(owner, MAX_UNPROCESSED)
            numbers = self._count(owner, counted, announcements)
            now = subscriptions.get_alerts(owner)
            if now == alerts and list(subscriptions.list_announcements(owner, MAX_UNPROCESSED)) == list(announcements):
                wrong = [each for each in counted if alerts.counts[each.id].number != numbers[each.id]]
                if repair and wrong and not self._write(owner, alerts, wrong, numbers):
                    continue
                return Comparison([_describe(each, alerts, numbers) for each in wrong])
        return Comparison(unsettled=["the numbers of matches of the subscriptions"])

    def _count(
        self, owner: str, subscriptions: Iterable[Subscription], announcements: Sequence[Announcement]
    ) -> Counter[str]:
        """Count the matches. An image whose announcement is not processed yet counts as it was before."""
        matchers = {each.id: each.make_matcher() for each in subscriptions}
        earlier = {each.image_id: each for each in announcements}
        numbers: Counter[str] = Counter()
        for image in self._stores.row_checks.read_images(owner):
            change = earlier.get(image.id)
            snapshot = image.snapshot if image.state is ImageState.READY else None
            if change:
                snapshot = change.before if change.was_ready else None
            if snapshot:
                numbers.update(key for key, holds in matchers.items() if holds(snapshot))
        return numbers

    def _write(self, owner: str, alerts: Alerts, wrong: Iterable[Subscription], numbers: Mapping[str, int]) -> bool:
        """Write numbers, unless the worker has written them meanwhile. Return whether they were written."""
        counts = {each.id: replace(alerts.counts[each.id], number=numbers[each.id], cover=None) for each in wrong}
        try:
            self._stores.subscriptions.save_alerts(owner, replace(alerts, counts={**alerts.counts, **counts}))
        except Unavailable:
            return False
        return True


def _describe(subscription: Subscription, alerts: Alerts, numbers: Mapping[str, int]) -> RowDifference:
    return RowDifference(
        f"matches of {subscription.id}",
        f"The number of matches of the saved search {subscription.text} is"
        f" {alerts.counts[subscription.id].number:,} instead of {numbers[subscription.id]:,}.",
    )
