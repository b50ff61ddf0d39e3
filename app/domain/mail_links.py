"""Signs and reads the links in digests, with which a saved search is paused or ended without signing in.

Everyone who has the e-mail can use its links, until they expire.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.subscriptions import Subscription

LINK_DAYS: Final = 90
SECRET_BYTES: Final = 32

_LIFE_SECONDS: Final = LINK_DAYS * 24 * 3600
_TOKEN: Final = re.compile(
    r"(?P<action>pause|end|stop)\.(?P<expires>[0-9]{10,12})\.(?P<owner>[0-9A-Za-z-]{1,64})"
    r"\.(?P<search>[0-9a-f]{26}|)\.(?P<stamp>[0-9]{1,20}|)\.(?P<signature>[\w-]{43})",
    re.ASCII,
)


class LinkAction(StrEnum):
    """What a link does."""

    PAUSE = "pause"  # pause one saved search
    END = "end"  # delete one saved search
    STOP = "stop"  # turn the e-mails of all saved searches off


@dataclass(frozen=True, slots=True)
class MailLink:
    """The content of a signed link.

    Attributes:
        action: What the link does.
        owner: The owner of the saved search.
        search: The id of the saved search. It is empty for all saved searches.
        stamp: When the search was saved, in microseconds. A search that is saved again has another stamp.
        expires: When the link expires, in Unix time (seconds).
    """

    action: LinkAction
    owner: str
    search: str
    stamp: str
    expires: int

    def is_about(self, subscription: Subscription) -> bool:
        """Return whether the link is about this saved search of its owner."""
        return (subscription.id, _write_stamp(subscription.created_at)) == (self.search, self.stamp)


def make_link(action: LinkAction, owner: str, subscription: Subscription | None, now: int) -> MailLink:
    """Return a link that expires after `LINK_DAYS`. Without a saved search, it is about all of them."""
    search, stamp = (subscription.id, _write_stamp(subscription.created_at)) if subscription else ("", "")
    return MailLink(action, owner, search, stamp, now + _LIFE_SECONDS)


def sign_link(link: MailLink, secret: bytes) -> str:
    """Return the token of a link, whose characters need no encoding in URLs."""
    content = f"{link.action}.{link.expires}.{link.owner}.{link.search}.{link.stamp}"
    return f"{content}.{_sign(content, secret)}"


def read_link(token: str, secret: bytes) -> MailLink | None:
    """Return the link with this token, or None if it was altered or another installation signed it."""
    if not (match := _TOKEN.fullmatch(token)):
        return None
    content = token.rpartition(".")[0]
    if not hmac.compare_digest(_sign(content, secret).encode(), match["signature"].encode()):
        return None
    return MailLink(LinkAction(match["action"]), match["owner"], match["search"], match["stamp"], int(match["expires"]))


def _sign(content: str, secret: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(secret, f"mail-link:{content}".encode(), "sha256")).rstrip(b"=").decode()


def _write_stamp(time: datetime) -> str:
    return str(int(time.timestamp()) * 1_000_000 + time.microsecond)
