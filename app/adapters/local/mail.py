"""Stores the e-mails to PixTag's users, and delivers them.

Without an SMTP server, the e-mails stay in the mailbox, which shows them on this machine. With one, the worker sends
each e-mail and then deletes it. A crash after sending may repeat an e-mail.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from textwrap import shorten
from typing import Final

from pydantic import TypeAdapter
from typing_extensions import override

from app.adapters.local.clock import watch_clock
from app.adapters.local.database import Database
from app.adapters.local.smtp import CONNECTION_FAILURES, REFUSALS, SmtpConnection, SmtpServer, describe
from app.domain.mail import EmailState, MailContent, Picture, StoredMail
from app.domain.ports import Mail

KEPT_SECONDS: Final = 30 * 24 * 3600
MAX_KEPT: Final = 1_000
MAX_SUBJECT: Final = 99
# A damaged file can contain text that is not UTF-8. sqlite3 would refuse to read the other e-mails too.
COLUMNS: Final = (
    "CAST(address AS BLOB) AS address, CAST(subject AS BLOB) AS subject, CAST(body AS BLOB) AS body,"
    " CAST(html AS BLOB) AS html, CAST(pictures AS BLOB) AS pictures, CAST(stop_link AS BLOB) AS stop_link, sent_at"
)
BATCH: Final = 20  # e-mails per connection
MAX_TRIES: Final = 16  # in about two days
FIRST_PAUSE_SECONDS: Final = 60  # doubles with each try
MAX_PAUSE_SECONDS: Final = 6 * 3600

_PICTURES: Final = TypeAdapter(tuple[Picture, ...])

logger: Final = logging.getLogger(__name__)


class SqliteMail(Mail):
    """Manages the owners' e-mail subscriptions, and stores and delivers e-mails.

    An owner's subscription needs no confirmation, because the address of an account is confirmed already.

    Args:
        database: The database.
        smtp: The server that sends e-mails, or None.
        read_picture: Returns the bytes of a thumbnail, or None if it was deleted.
    """

    def __init__(
        self,
        database: Database,
        smtp: SmtpServer | None = None,
        read_picture: Callable[[str], bytes | None] = lambda _: None,
    ) -> None:
        self._database = database
        self._smtp = smtp
        self._read_picture = read_picture
        self._paused_until = float("-inf")

    @override
    def subscribe(self, owner: str, email: str, *, again: bool = False) -> EmailState:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO subscriber (owner, address) VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET address = excluded.address",
                (owner, email),
            )
        return EmailState.CONFIRMED

    @override
    def state(self, owner: str) -> EmailState:
        with self._database.read() as connection:  # a damaged address is an address
            rows = connection.execute("SELECT 1 FROM subscriber WHERE owner = ?", (owner,))
            return EmailState.CONFIRMED if rows.fetchone() else EmailState.NONE

    @override
    def publish(self, owner: str, content: MailContent) -> None:
        with self._database.write() as connection:
            if address := _find_address(connection, owner):
                self._store(address, content, owner)

    @override
    def notify(self, owner: str, email: str, content: MailContent) -> None:
        self._store(email, content, owner)

    @override
    def delete(self, owner: str) -> None:
        with self._database.write() as connection:  # the digests contain names of photos and tags
            connection.execute(
                "DELETE FROM mail WHERE owner = :owner"  # e-mails of PixTag 0.9 and earlier have no owner
                " OR address = (SELECT address FROM subscriber WHERE owner = :owner)",
                {"owner": owner},
            )
            connection.execute("DELETE FROM subscriber WHERE owner = ?", (owner,))

    def send(self, address: str, subject: str, body: str, owner: str = "") -> None:
        """Store an e-mail, and delete old e-mails. The subject becomes one line of at most 99 characters.

        With an `owner`, the e-mail is deleted with the account of the owner.
        """
        self._store(address, MailContent(subject, body), owner)

    def _store(self, address: str, content: MailContent, owner: str) -> None:
        now = int(time.time())
        with self._database.write() as connection:
            connection.execute(
                """
                INSERT INTO mail (address, subject, body, html, pictures, stop_link, sent_at, next_try_at, owner)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    address,
                    shorten(content.subject, MAX_SUBJECT, placeholder=" ..."),
                    content.body,
                    content.html,
                    _PICTURES.dump_json(content.pictures).decode(),
                    content.stop_link,
                    now,
                    now if self._smtp else None,
                    owner,
                ),
            )
            connection.execute(
                "DELETE FROM mail WHERE sent_at < :oldest AND :steady >= :kept"
                " OR (next_try_at IS NULL AND id <= (SELECT max(id) FROM mail) - :count)",  # unsent e-mails are kept
                {
                    "oldest": now - KEPT_SECONDS,
                    "steady": watch_clock(connection, now),
                    "kept": KEPT_SECONDS,
                    "count": MAX_KEPT,
                },
            )

    def list_mails(self, to: str = "") -> list[StoredMail]:
        """Return the e-mails to the address `to`, newest first. If `to` is empty, return all e-mails."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM mail WHERE ? IN ('', address) ORDER BY id DESC",  # noqa: S608 - our columns
                (to.lower(),),
            ).fetchall()
        return [_to_mail(row) for row in rows]

    def deliver_due(self) -> None:
        """Send the due e-mails to the SMTP server. Do nothing if there is no server.

        An e-mail that cannot be sent is due again after a pause, which doubles with each try. After the last try, it is
        deleted. If the connection fails, PixTag connects again after a minute.
        """
        if not self._smtp or time.monotonic() < self._paused_until or not (unsent := self._list_due()):
            return
        try:
            with self._smtp.connect() as connection:
                while unsent:
                    self._deliver(connection, unsent[0])
                    unsent.pop(0)
        except CONNECTION_FAILURES as error:
            self._paused_until = time.monotonic() + FIRST_PAUSE_SECONDS
            logger.warning("the connection to the SMTP server failed: %s", describe(error))
            for row in unsent[:1]:
                self._postpone(row)

    def _list_due(self) -> list[sqlite3.Row]:
        now = int(time.time())
        with self._database.read() as connection:
            # The clock may have been set back since a pause started.
            return connection.execute(
                f"SELECT id, {COLUMNS}, tries FROM mail WHERE next_try_at <= ? OR next_try_at > ?"  # noqa: S608 - our columns
                " ORDER BY next_try_at LIMIT ?",
                (now, now + MAX_PAUSE_SECONDS, BATCH),
            ).fetchall()

    def _deliver(self, connection: SmtpConnection, row: sqlite3.Row) -> None:
        try:
            connection.send(_to_mail(row), self._read_picture)
        except REFUSALS as error:
            logger.warning("the e-mail %d was refused: %s", row["id"], describe(error))
            self._postpone(row)
        else:
            self._remove(row)

    def _postpone(self, row: sqlite3.Row) -> None:
        tries = row["tries"] + 1
        if tries == MAX_TRIES:
            logger.error("the e-mail %d was deleted, because it could not be sent in %d tries", row["id"], tries)
            self._remove(row)
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (tries - 1), MAX_PAUSE_SECONDS)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE mail SET tries = ?, next_try_at = ? WHERE id = ?", (tries, int(time.time()) + pause, row["id"])
            )

    def _remove(self, row: sqlite3.Row) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM mail WHERE id = ?", (row["id"],))


def _find_address(connection: sqlite3.Connection, owner: str) -> str | None:
    row = connection.execute("SELECT address FROM subscriber WHERE owner = ?", (owner,)).fetchone()
    return row["address"] if row else None


def _to_mail(row: sqlite3.Row) -> StoredMail:
    """Return the e-mail in a row. Replace bytes that are not UTF-8, and an impossible time. Drop damaged pictures."""
    names = ("address", "subject", "body", "html", "stop_link")
    to, subject, body, html, stop_link = (row[name].decode(errors="replace") for name in names)
    try:
        pictures = _PICTURES.validate_json(row["pictures"])
    except ValueError:
        pictures = ()
    try:
        sent_at = datetime.fromtimestamp(row["sent_at"], UTC)
    except (ValueError, OverflowError, OSError):
        sent_at = datetime.fromtimestamp(0, UTC)
    return StoredMail(to, subject, body, sent_at, html, pictures, stop_link)
