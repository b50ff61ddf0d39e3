"""Deletes accounts."""

from collections.abc import Callable

from app.domain.ports import ApiKeys, Mail, Outbox, Shares


def delete_account(  # noqa: PLR0913, PLR0917 - the stores
    owner: str, outbox: Outbox, keys: ApiKeys, shares: Shares, mail: Mail, delete: Callable[[], None]
) -> None:
    """Delete an account, and let the worker remove its library.

    `delete` deletes the account itself. The outbox row is written first, so that the library is removed even if a later
    step fails. The API keys and the shares end before the account, because they do not end by themselves.
    """
    outbox.put_account_deletion(owner)
    keys.delete_all(owner)
    shares.delete_all(owner)
    mail.delete(owner)
    delete()
