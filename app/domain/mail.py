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
class Picture:
    """The thumbnail of a photo in an e-mail.

    Attributes:
        url: The link to the photo in the text.
        key: The key of the thumbnail. It is read when the e-mail is sent or shown.
    """

    url: str
    key: str


@dataclass(frozen=True, slots=True)
class MailContent:
    """The content of an e-mail.

    Attributes:
        subject: The subject.
        body: The plain text.
        html: The same as HTML, with the pictures. It is empty if there is only the text.
        pictures: The pictures. The HTML contains each with the content id `picture_id`.
        stop_link: The link with which mail programs unsubscribe. It may be empty.
    """

    subject: str
    body: str
    html: str = ""
    pictures: tuple[Picture, ...] = ()
    stop_link: str = ""


def picture_id(number: int) -> str:
    """Return the content id of the picture with this number. The first has the number 0."""
    return f"photo{number}@pixtag"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """An e-mail to one address. `MailContent` describes the other attributes."""

    to: str
    subject: str
    body: str
    sent_at: datetime
    html: str = ""
    pictures: tuple[Picture, ...] = ()
    stop_link: str = ""
