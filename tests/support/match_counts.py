"""The check of the numbers of matches, for both stores (`docs/architecture.md`, "Invariants")."""

from collections.abc import Iterable

from app.domain.alerts import Alerts
from app.domain.announcements import Announcement
from app.domain.query import matches
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Subscription


def check_match_counts(
    alerts: Alerts,
    subscriptions: Iterable[Subscription],
    ready: Iterable[Snapshot],
    announcements: Iterable[Announcement],
) -> None:
    """Assert that each complete number matches a recount of an owner's ready images, without unprocessed changes."""
    changed = {each.image_id: each for each in announcements}
    counted = [image for image in ready if image.id not in changed]
    counted += [each.before for each in changed.values() if each.was_ready and each.before is not None]
    for subscription in subscriptions:
        if count := alerts.find_count(subscription):
            matching = [
                image.sort_key for image in counted if subscription.query and matches(image, subscription.query)
            ]
            assert count.number == len(matching), (subscription.text, count.number, len(matching))
            assert count.cover in {None, max(matching, default="")}, (subscription.text, count.cover, matching)
