"""The laptop's mailbox: takes what SNS delivers to addresses, keeps it, and shows it with Cognito's codes.

Nothing leaves this machine, and no address that a message names is ever followed.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_pascal

from infra.local.emulator import ses_messages
from infra.local.mail import MAILS, POLICY, Mail, page
from infra.local.program import HOST

MAX_MESSAGE_BYTES = 2**20  # SNS takes 256 KiB, which JSON may spell up to four times as long
READ_SECONDS = 10

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

logger = logging.getLogger(__name__)


class Confirmation(BaseModel):
    """The message with which SNS asks whether an address wants a topic's mail."""

    model_config = ConfigDict(alias_generator=to_pascal)

    type: Literal["SubscriptionConfirmation"]
    topic_arn: str
    token: str


class Notification(BaseModel):
    """The message with which SNS delivers what was published.

    Source: https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
    """

    model_config = ConfigDict(alias_generator=to_pascal)

    type: Literal["Notification"]
    subject: str = ""
    message: str


_MESSAGE: TypeAdapter[Confirmation | Notification] = TypeAdapter(
    Annotated[Confirmation | Notification, Field(discriminator="type")]
)


class Refused(Exception):
    """A request that is none of SNS's, nor of a person's at this machine."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Mailbox:
    """Everybody's mail: what SNS delivered is in `file`, a JSON object a line; the codes are in the emulator."""

    def __init__(self, file: Path, endpoint_url: str) -> None:
        self._file = file
        self._endpoint_url = endpoint_url
        self._writing = threading.Lock()
        file.touch()

    def take(self, to: str, message: Confirmation | Notification) -> None:
        """Keep a notification; confirm a subscription, as a person does who clicks on the link."""
        if isinstance(message, Confirmation):
            self._confirm(message)
        else:
            self._keep(Mail(to=to, subject=message.subject, body=message.message, sent_at=datetime.now(UTC)))
            logger.info("%a", message.subject)

    def mails(self, to: str = "") -> list[Mail]:
        """Return the mail to an address, or to all, newest first."""
        delivered = [Mail.model_validate_json(line) for line in self._file.read_bytes().splitlines()]
        found = [mail for mail in delivered + self._codes() if not to or mail.to.casefold() == to.casefold()]
        return sorted(found, key=lambda mail: mail.sent_at, reverse=True)

    def _confirm(self, message: Confirmation) -> None:
        """Redeem the token at the emulator itself, whatever `SubscribeURL` says: it may lead anywhere."""
        query = {"Action": "ConfirmSubscription", "TopicArn": message.topic_arn, "Token": message.token}
        try:
            httpx.get(self._endpoint_url, params=query, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise Refused(HTTPStatus.BAD_GATEWAY, "The emulator did not take the token.") from error

    def _keep(self, mail: Mail) -> None:
        with self._writing, self._file.open("ab") as file:
            file.write(mail.model_dump_json().encode() + b"\n")

    def _codes(self) -> list[Mail]:
        try:
            messages = ses_messages(self._endpoint_url)
        except httpx.TransportError:  # it is about to start, or has stopped
            return []
        return [
            Mail(to=to, subject=message["Subject"], body=message["BodyText"], sent_at=message["Timestamp"])
            for message in messages
            for to in message["To"]
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: HTTPStatus
    media_type: str = "text/plain; charset=utf-8"
    content: bytes = b""


class MailboxServer(ThreadingHTTPServer):
    """The mailbox at a port of this machine."""

    def __init__(self, port: int, mailbox: Mailbox) -> None:
        super().__init__((HOST, port), _Handler)
        self.mailbox = mailbox


_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _Handler(BaseHTTPRequestHandler):
    """One request: SNS posts to `/{address}`, people get `/mailbox`, programs `/mailbox.json`."""

    server: MailboxServer
    timeout = READ_SECONDS

    def do_GET(self) -> None:
        self._answer(self._show)

    def do_POST(self) -> None:
        self._answer(self._take)

    def end_headers(self) -> None:
        """Send the headers of every answer, errors too."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing of requests: the mails are what counts."""

    def _answer(self, make: Callable[[], Answer]) -> None:
        try:
            self._require_own_address()
            answer = make()
        except Refused as error:
            answer = Answer(error.status, content=str(error).encode())
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def _require_own_address(self) -> None:
        """Refuse what a page of another site sends by a name that it made lead here (DNS rebinding)."""
        name, _, port = self.headers.get("Host", "").partition(":")
        if name not in {HOST, "localhost"} or port != str(self.server.server_port):
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "This is not the mailbox's address.")

    def _show(self) -> Answer:
        path, _, query = self.path.partition("?")
        to = parse_qs(query).get("to", [""])[0].strip()
        if path == "/mailbox":
            return Answer(HTTPStatus.OK, "text/html; charset=utf-8", page(self.server.mailbox.mails(to), to).encode())
        if path == "/mailbox.json":
            return Answer(HTTPStatus.OK, "application/json", MAILS.dump_json(self.server.mailbox.mails(to)))
        raise Refused(HTTPStatus.NOT_FOUND, "The mails are at /mailbox.")

    def _take(self) -> Answer:
        to = unquote(self.path[1:])
        if not _ADDRESS.fullmatch(to):
            raise Refused(HTTPStatus.NOT_FOUND, "Mail is sent to an address: /ada@example.com.")
        # Pages of other sites cannot send this header without asking first, and asking is not answered.
        if "x-amz-sns-message-type" not in self.headers:
            raise Refused(HTTPStatus.FORBIDDEN, "Only SNS sends mail here.")
        try:
            message = _MESSAGE.validate_json(self._read())
        except ValidationError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "This is no message of SNS.") from error
        self.server.mailbox.take(to, message)
        return Answer(HTTPStatus.NO_CONTENT)

    def _read(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "How long is it?")
        if int(length) > MAX_MESSAGE_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "SNS sends less.")
        return self.rfile.read(int(length))


def main() -> None:
    """Serve the port and the file that the command line names, in the environment of the laptop's cloud."""
    port, file = sys.argv[1:]
    logging.basicConfig(format="mailbox: %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    MailboxServer(int(port), Mailbox(Path(file), os.environ["AWS_ENDPOINT_URL"])).serve_forever()


if __name__ == "__main__":
    main()
