"""Sends e-mails to an SMTP server."""

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import localtime, make_msgid
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from app.domain.errors import PixTagError
from app.domain.mail import StoredMail, picture_id
from app.settings import LOOPBACK_NAMES, InvalidSettings

LINK_HEADER: Final = "List-Unsubscribe"
ENCODED_LINE: Final = 76  # of a header with encoded words (RFC 2047)
MAX_HEADER_LINE: Final = 990  # RFC 5322 allows 998 characters
TIMEOUT_SECONDS: Final = 10  # for each response of the server
PORTS: Final = {"smtp": 587, "smtps": 465}
CLIENT_NAME: Final = "[127.0.0.1]"  # by default, smtplib looks the name up in DNS, which can take seconds
EXAMPLE: Final = "smtps://USER:PASSWORD@smtp.example.com?from=pixtag@example.com"

# A `ValueError` is about text that cannot be encoded.
REFUSALS: Final = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    MessageError,
    ValueError,
)
CONNECTION_FAILURES: Final = (OSError, smtplib.SMTPException, ValueError)

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """An SMTP server and the account that sends PixTag's e-mails.

    The connection is encrypted, unless the server runs on this machine.
    """

    host: str
    port: int
    is_encrypted: bool  # from the start; otherwise with STARTTLS
    username: str
    password: str = field(repr=False)
    sender: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the server in a URL, such as `smtps://USER:PASSWORD@smtp.example.com?from=pixtag@example.com`.

        Without `from`, the sender is the user name.

        Raises:
            InvalidSettings: the URL is not valid. The message does not contain the password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InvalidSettings(f"PIXTAG_SMTP_URL is not a URL. Use the form {EXAMPLE}.") from None
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"}:
            raise InvalidSettings(f"PIXTAG_SMTP_URL names no SMTP server. Use the form {EXAMPLE}.")
        username = unquote(parts.username or "")
        sender = parse_qs(parts.query.replace("+", "%2B")).get("from", [username])[0]
        if not _is_address(sender):
            raise InvalidSettings("PIXTAG_SMTP_URL names no sender. Add an address, such as ?from=pixtag@example.com.")
        return cls(
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            is_encrypted=parts.scheme == "smtps",
            username=username,
            password=unquote(parts.password or ""),
            sender=sender,
        )

    @contextmanager
    def connect(self) -> Iterator["SmtpConnection"]:
        """Connect, encrypt the connection and sign in. Close the connection when the block ends.

        Raises:
            OSError: the server cannot be reached, or its certificate is not valid.
            smtplib.SMTPException: the server rejects the connection or the password, or it does not offer STARTTLS.
        """
        address = (self.host, self.port, CLIENT_NAME)
        context = ssl.create_default_context()
        client = (
            smtplib.SMTP_SSL(*address, timeout=TIMEOUT_SECONDS, context=context)
            if self.is_encrypted
            else smtplib.SMTP(*address, timeout=TIMEOUT_SECONDS)
        )
        with client:
            if not self.is_encrypted and self.host not in LOOPBACK_NAMES:
                client.starttls(context=context)
            if self.username:
                client.login(self.username, self.password)
            yield SmtpConnection(client, self.sender)


class SmtpConnection:
    """A connection to an SMTP server."""

    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, mail: StoredMail, read_picture: Callable[[str], bytes | None]) -> None:
        """Send an e-mail. A picture that cannot be read is left out.

        Raises:
            OSError: the connection failed.
            smtplib.SMTPException: the server rejects the e-mail, or it has closed the connection.
            ValueError: the e-mail contains text that cannot be sent.
        """
        message = write_message(mail, self._sender, read_picture)
        self._client.send_message(message, self._sender, [_to_ascii(mail.to)])


class _MailPolicy(EmailPolicy):
    """Writes the header with a link in one line.

    Python writes a longer word in RFC 2047's encoding, which mail programs do not expect in a link. The other headers
    keep short lines, because an encoded word has at most 75 characters.
    """

    @override
    def fold_binary(self, name: str, value: str) -> bytes:
        if name == LINK_HEADER and self.max_line_length != MAX_HEADER_LINE:
            return self.clone(max_line_length=MAX_HEADER_LINE).fold_binary(name, value)
        return super().fold_binary(name, value)


def _to_ascii(address: str) -> str:
    """Return the address with its domain in IDNA."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part}@{domain.encode('idna').decode()}"


def _is_address(text: str) -> bool:
    try:
        return bool(Address(addr_spec=text).domain)
    except (MessageError, ValueError, IndexError):  # the parser raises IndexError for some invalid addresses
        return False


def write_message(mail: StoredMail, sender: str, read_picture: Callable[[str], bytes | None]) -> EmailMessage:
    """Return the e-mail as a message with headers. No text can add a header or an address."""
    message = EmailMessage(_MailPolicy(max_line_length=ENCODED_LINE))
    message["From"] = Address("PixTag", addr_spec=sender)
    message["To"] = Address(addr_spec=_to_ascii(mail.to))
    message["Subject"] = re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", mail.subject)
    message["Date"] = localtime(mail.sent_at)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # no automatic replies (RFC 3834)
    message.set_content(mail.body, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        _add_pictures(message, mail, read_picture)
    if mail.stop_link:
        message[LINK_HEADER] = f"<{mail.stop_link}>"  # RFC 2369
        if mail.stop_link.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return message


def _add_pictures(message: EmailMessage, mail: StoredMail, read_picture: Callable[[str], bytes | None]) -> None:
    """Add the pictures to the HTML of a message."""
    _, html = message.iter_parts()
    for number, picture in enumerate(mail.pictures):
        try:
            data = read_picture(picture.key)
        except PixTagError as error:
            logger.warning("a picture was left out of an e-mail: %s", type(error).__name__)
            data = None
        if data:
            html.add_related(
                data,
                "image",
                "jpeg",
                cid=f"<{picture_id(number)}>",
                disposition="inline",
                filename=f"photo-{number + 1}.jpg",
            )


def describe(error: Exception) -> str:
    """Return the type of an error and the server's status. The messages of such errors can contain addresses."""
    statuses = [status for status, _ in getattr(error, "recipients", {}).values()]
    status = getattr(error, "smtp_code", statuses[0] if statuses else "")
    return f"{type(error).__name__} {status}".strip()
