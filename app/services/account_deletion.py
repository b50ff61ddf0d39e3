"""Deletes accounts."""

from collections.abc import Callable

from app.domain.ports import ApiKeys, Mail, Outbox


def delete_account(owner: str, outbox: Outbox, keys: ApiKeys, mail: Mail, delete: Callable[[], None]) -> None:
    """Delete an account, and let the worker remove its library.

    `delete` deletes the account itself. The outbox row is written first, so that the library is removed even if a later
    step fails. The API keys end before the account, because they do not end by themselves.
    """
    outbox.put_account_deletion(owner)
    keys.delete_all(owner)
    mail.delete(owner)
    delete()
