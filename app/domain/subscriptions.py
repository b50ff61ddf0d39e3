"""Defines saved searches, which the API calls subscriptions."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict

from app.domain.errors import TooManySubscriptions
from app.domain.file_names import remove_invisible
from app.domain.query import Query, make_matcher, parse
from app.domain.snapshots import Snapshot

MAX_SUBSCRIPTIONS: Final = 100
MAX_TITLE: Final = 100  # characters
ID_CHARACTERS: Final = 26
DIGEST_HOUR: Final = 6  # UTC, of daily and weekly digests
DIGEST_WEEKDAY: Final = 0  # Monday


class Frequency(StrEnum):
    """When the new matches of a saved search are sent."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"

    def find_time(self, since: int) -> int:
        """Return when matches are due that were found at this time. Both times are Unix times (seconds)."""
        if self is Frequency.AT_ONCE:
            return since
        found = datetime.fromtimestamp(since, UTC)
        due = found.replace(hour=DIGEST_HOUR, minute=0, second=0)
        if due <= found:
            due += timedelta(days=1)
        if self is Frequency.WEEKLY:
            due += timedelta(days=(DIGEST_WEEKDAY - due.weekday()) % 7)
        return int(due.timestamp())


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner has chosen for a saved search.

    Attributes:
        title: The name of the search. If it is empty, the query is shown.
        pinned: Whether the side bar shows the search.
        email: Whether new matches are sent by e-mail.
        paused: Whether new matches wait until the owner continues the search.
        digest: When new matches are sent.
    """

    title: str = ""
    pinned: bool = False
    email: bool = True
    paused: bool = False
    digest: Frequency = Frequency.AT_ONCE


class ChoiceChanges(TypedDict, total=False):
    """New values for some of the choices."""

    title: str
    pinned: bool
    email: bool
    paused: bool
    digest: Frequency


DEFAULT_CHOICES: Final = Choices()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A saved search, whose new matches are sent to the owner by e-mail. An owner has no two with equal queries.

    Attributes:
        id: The id, which is computed from the query.
        query: The query. None if the stored text is no longer a valid query.
        created_at: When the owner saved the search.
        matched: The number of ready images that match. The worker maintains it. None until it is known.
        cover: The id of the newest image that matches. None if there is none, or until it is known.
        choices: What the owner has chosen.
        invalid_text: The stored text of a query that is no longer valid.
        fault: Why the query is no longer valid.
    """

    id: str
    query: Query | None
    created_at: datetime
    matched: int | None = None
    cover: str | None = None
    choices: Choices = field(default=DEFAULT_CHOICES)
    invalid_text: str = ""
    fault: str = ""

    @property
    def text(self) -> str:
        """The text of the query."""
        return str(self.query) if self.query else self.invalid_text

    @property
    def name(self) -> str:
        """The name of the search: its title or, without a title, its query."""
        return self.choices.title or self.text

    def make_matcher(self) -> Callable[[Snapshot], bool]:
        """Return a function that returns whether an image matches. A query that is no longer valid matches nothing."""
        return make_matcher(self.query) if self.query else lambda _: False


def clean_title(text: str) -> str:
    """Return a title of one line without invisible characters."""
    return " ".join(remove_invisible(" ".join(text.split())).split())[:MAX_TITLE].rstrip()


def subscribe(
    existing: Iterable[Subscription], query: Query, choices: Choices = DEFAULT_CHOICES
) -> tuple[Subscription, bool]:
    """Return the subscription to a query, and whether it is new. The order of the conditions makes no difference.

    Raises:
        InvalidQuery: the query has conditions on texts, or its stored form is too long to be parsed again.
        TooManySubscriptions: the owner already has `MAX_SUBSCRIPTIONS` subscriptions.
    """
    text, subscriptions = str(query), list(existing)
    parsed = parse(text, allows_texts=False)
    key = hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS]
    for each in subscriptions:
        if each.id == key or (each.query and each.query.canonical == parsed.canonical):
            return each, False
    if len(subscriptions) >= MAX_SUBSCRIPTIONS:
        raise TooManySubscriptions(f"You can have at most {MAX_SUBSCRIPTIONS} saved searches. Remove one first.")
    return Subscription(key, parsed, datetime.now(UTC), choices=choices), True


def find_valid(subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return the subscriptions whose queries are valid."""
    return [each for each in subscriptions if each.query]
