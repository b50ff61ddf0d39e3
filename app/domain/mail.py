"""Defines e-mails and the states of e-mail subscriptions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EmailState(StrEnum):
    """The state of an owner's e-mail subscription."""

    NONE = "none"  # the owner never subscribed, or SNS has deleted the subscription
    PENDING = "pending"  # SNS has sent a confirmation link, but the owner has not opened it
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """An e-mail to one address."""

    to: str
    subject: str
    body: str
    sent_at: datetime
