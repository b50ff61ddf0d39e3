"""The check of the numbers of matches, for both stores (`docs/architecture.md`, "Invariants")."""

from collections.abc import Iterable, Mapping

from app.domain.alerts import Alerts
from app.domain.announcements import Announcement
from app.domain.query import matches
from app.domain.subscriptions import Subscription
from app.domain.tags import Tags


def check_match_counts(
    alerts: Alerts,
    subscriptions: Iterable[Subscription],
    ready: Mapping[str, Tags],
    announcements: Iterable[Announcement],
) -> None:
    """Assert that each complete number matches a recount of an owner's ready images, without unprocessed changes."""
    changed = {each.image_id: each for each in announcements}
    counted = {image_id: tags for image_id, tags in ready.items() if image_id not in changed}
    counted |= {key: each.before for key, each in changed.items() if each.was_ready and each.before is not None}
    for subscription in subscriptions:
        number = alerts.find_number(subscription)
        recount = sum(matches(tags, image_id, subscription.query) for image_id, tags in counted.items())
        assert number in {None, recount}, (str(subscription.query), number, recount)
