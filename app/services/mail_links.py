"""Makes the signed links in digests, and follows them."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from app.domain.errors import SubscriptionNotFound
from app.domain.mail_links import LinkAction, MailLink, make_link, read_link, sign_link
from app.domain.ports import Subscriptions
from app.domain.subscriptions import Subscription

LINKS_PATH: Final = "/subscriptions/links"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A valid link and the saved searches that it would change. There are none if that has been done already."""

    link: MailLink
    is_expired: bool
    searches: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Makes and opens links. The secret of this installation signs them."""

    subscriptions: Subscriptions
    ui_url: str

    def write_url(self, action: LinkAction, owner: str, subscription: Subscription | None = None) -> str:
        """Return the URL of a new link. Without a saved search, it is about all of them."""
        link = make_link(action, owner, subscription, int(time.time()))
        return f"{self.ui_url}{LINKS_PATH}/{sign_link(link, self.subscriptions.get_link_secret())}"

    def open(self, token: str) -> OpenedLink | None:
        """Return the link with this token, or None if it is not valid. Nothing changes."""
        if not (link := read_link(token, self.subscriptions.get_link_secret())):
            return None
        if time.time() >= link.expires:
            return OpenedLink(link, is_expired=True, searches=())
        found = self.subscriptions.list(link.owner)
        return OpenedLink(link, is_expired=False, searches=[each for each in found if _would_change(link, each)])

    def perform(self, opened: OpenedLink) -> None:
        """Do what the link says. A second call has no further effect."""
        for search in opened.searches:
            with suppress(SubscriptionNotFound):  # it was deleted after the link was opened
                self._change(opened.link, search.id)

    def _change(self, link: MailLink, search_id: str) -> None:
        if link.action is LinkAction.END:
            self.subscriptions.remove(link.owner, search_id)
        elif link.action is LinkAction.PAUSE:
            self.subscriptions.change(link.owner, search_id, {"paused": True})
        else:
            self.subscriptions.change(link.owner, search_id, {"email": False})


def _would_change(link: MailLink, search: Subscription) -> bool:
    if link.action is LinkAction.STOP:
        return search.choices.email
    return link.is_about(search) and (link.action is LinkAction.END or not search.choices.paused)
