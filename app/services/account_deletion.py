"""Deletes accounts."""

from collections.abc import Callable

from app.domain.ports import Mail, Outbox


def delete_account(owner: str, outbox: Outbox, mail: Mail, delete: Callable[[], None]) -> None:
    """Delete an account, and let the worker remove its library.

    `delete` deletes the account itself. The outbox row is written first, so that the library is removed even if a later
    step fails.
    """
    outbox.put_account_deletion(owner)
    mail.delete(owner)
    delete()
