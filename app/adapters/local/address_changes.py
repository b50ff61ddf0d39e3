"""Requests and makes changes of the addresses of accounts, within a transaction of the caller.

No response reveals whether the new address has an account. In that case, a code is stored as well, but not sent.
"""

import logging
import sqlite3
from typing import Final

from app.adapters.local import codes
from app.adapters.local.account_limits import count_notice
from app.adapters.local.account_rows import find_account, set_address
from app.adapters.local.codes import Purpose
from app.adapters.local.mail import SqliteMail

SUBJECT: Final = "Confirm your new address for PixTag"
BODY: Final = (
    "{code} is your PixTag code. Enter it in PixTag to use this address for your account. If you did not request a"
    " code, someone else entered your address. They cannot do anything without the code, so you can ignore this e-mail."
)
KNOWN_SUBJECT: Final = "You already have a PixTag account"
KNOWN_BODY: Final = (
    "Someone tried to use your e-mail address for another PixTag account. Your account has not changed, so you can"
    " ignore this e-mail. If this was you, and you want to use the address for the other account, delete the account"
    " with this address first."
)

logger: Final = logging.getLogger(__name__)


def request_change(connection: sqlite3.Connection, mail: SqliteMail, owner: str, address: str) -> None:
    """Send a code to the new address of an account. If another account has it, send a notice instead."""
    codes.forget_addresses(connection)
    if not (code := codes.issue(connection, owner, Purpose.ADDRESS, address)):
        logger.warning("a code was not sent, because its account has reached the limit of codes per hour")
        return
    known = find_account(connection, address)
    if not known or known["confirmed_at"] is None:
        mail.send(address, SUBJECT, BODY.format(code=code), owner)
    elif count_notice(connection, known["owner"]):
        mail.send(address, KNOWN_SUBJECT, KNOWN_BODY, known["owner"])


def make_change(connection: sqlite3.Connection, owner: str, code: str) -> str | None:
    """Replace the address of an account with the one to which this code was sent. Return it, or None."""
    if not codes.redeem(connection, owner, Purpose.ADDRESS, code):
        return None
    row = connection.execute(
        "SELECT address FROM code WHERE owner = ? AND purpose = ?", (owner, Purpose.ADDRESS)
    ).fetchone()
    address = str(row["address"])
    return address if set_address(connection, owner, address) else None
