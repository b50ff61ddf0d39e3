"""Defines the interfaces that send e-mails to owners and that show e-mails."""

from typing import Protocol

from app.domain.mail import EmailState, MailContent, StoredMail


class Mail(Protocol):
    """Sends e-mails to owners who have subscribed an address."""

    def subscribe(self, owner: str, email: str, *, again: bool = False) -> EmailState:
        """Subscribe the owner's address to the owner's e-mails. Return the state of the subscription.

        It replaces the subscription of an earlier address. On AWS, the person must then confirm the new one.
        Repeated calls have no further effect, except that `again` sends a pending confirmation again.
        """

    def state(self, owner: str) -> EmailState:
        """Return the state of the owner's e-mail subscription: none, pending or confirmed."""

    def publish(self, owner: str, content: MailContent) -> None:
        """Send the owner an e-mail. The subject is shortened to fewer than 100 characters without line breaks.

        On AWS, the subject is in ASCII, and only the plain text is sent.
        """

    def notify(self, owner: str, email: str, content: MailContent) -> None:
        """Send an e-mail to the address of the owner's account.

        On AWS, it is sent only if the owner has a confirmed e-mail subscription.
        """

    def delete(self, owner: str) -> None:
        """Delete the owner's e-mail subscription. A missing one is ignored."""


class Mailbox(Protocol):
    """The e-mails that PixTag shows instead of sending them."""

    def list_mails(self, to: str = "") -> list[StoredMail]:
        """Return the e-mails to the address `to`, newest first. If `to` is empty, return all e-mails."""
