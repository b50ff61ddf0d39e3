"""Compares the numbers of matches and the covers of subscriptions with the images, and repairs them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.alerts import Alerts
from app.domain.announcements import Announcement
from app.domain.checks import Comparison, RowDifference
from app.domain.errors import Unavailable
from app.domain.images import ImageState
from app.domain.match_counts import NO_COVER, MatchCount
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
            counts = self._count(owner, counted, alerts, announcements)
            now = subscriptions.get_alerts(owner)
            if now == alerts and list(subscriptions.list_announcements(owner, MAX_UNPROCESSED)) == list(announcements):
                wrong = [each for each in counted if alerts.counts[each.id] != counts[each.id]]
                if repair and wrong and not self._write(owner, alerts, counts):
                    continue
                return Comparison([_describe(each, alerts, counts) for each in wrong])
        return Comparison(unsettled=["the numbers of matches of the subscriptions"])

    def _count(
        self,
        owner: str,
        subscriptions: Iterable[Subscription],
        alerts: Alerts,
        announcements: Sequence[Announcement],
    ) -> dict[str, MatchCount]:
        """Count the matches, and find the newest. An unprocessed announcement says what its image was before.

        A cover that the worker still has to search for stays unknown, unless the number is wrong.
        """
        matchers = {each.id: each.make_matcher() for each in subscriptions}
        counts = {key: replace(alerts.counts[key], number=0, cover=NO_COVER) for key in matchers}
        earlier = {each.image_id: each for each in announcements}
        for image in self._stores.row_checks.read_images(owner):
            change = earlier.get(image.id)
            snapshot = image.snapshot if image.state is ImageState.READY else None
            if change:
                snapshot = change.before if change.was_ready else None
            if snapshot:
                matched = [key for key, holds in matchers.items() if holds(snapshot)]
                counts |= {key: counts[key].count([snapshot], None) for key in matched}
        return {
            key: replace(count, cover=None) if _is_unknown(alerts.counts[key], count) else count
            for key, count in counts.items()
        }

    def _write(self, owner: str, alerts: Alerts, counts: Mapping[str, MatchCount]) -> bool:
        """Write numbers, unless the worker has written them since. Return whether they were written."""
        try:
            self._stores.subscriptions.save_alerts(owner, replace(alerts, counts={**alerts.counts, **counts}))
        except Unavailable:
            return False
        return True


def _is_unknown(stored: MatchCount, counted: MatchCount) -> bool:
    return stored.cover is None and stored.number == counted.number


def _describe(subscription: Subscription, alerts: Alerts, counts: Mapping[str, MatchCount]) -> RowDifference:
    stored, counted = alerts.counts[subscription.id], counts[subscription.id]
    text = f"The cover of the saved search {subscription.text} is not its newest match."
    if stored.number != counted.number:
        text = (
            f"The number of matches of the saved search {subscription.text} is {stored.number:,} instead of"
            f" {counted.number:,}."
        )
    return RowDifference(f"matches of {subscription.id}", text)
