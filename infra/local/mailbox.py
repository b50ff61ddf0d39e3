"""Runs the mailbox of the local cloud, which shows e-mails from SNS and Cognito.

The mailbox only sends requests to the emulator. It never opens a URL from a message.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_pascal

from app.api.mailbox_page import MAILS, SECURITY_POLICY, render_page
from app.domain.mail import StoredMail
from infra.local.emulator import ses_messages
from infra.local.endpoints import COGNITO, SNS, find_endpoint
from infra.local.program import HOST

MAX_MESSAGE_BYTES = 2**20  # SNS accepts 256 KiB, and JSON can make a message four times as long
READ_SECONDS = 10

_EMAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

logger = logging.getLogger(__name__)


class Confirmation(BaseModel):
    """The SNS message that requests confirmation of a subscription to a topic."""

    model_config = ConfigDict(alias_generator=to_pascal)

    type: Literal["SubscriptionConfirmation"]
    topic_arn: str
    token: str


class Notification(BaseModel):
    """The SNS message that delivers a notification.

    Source: https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
    """

    model_config = ConfigDict(alias_generator=to_pascal)

    type: Literal["Notification"]
    subject: str = ""
    message: str


_MESSAGE: TypeAdapter[Confirmation | Notification] = TypeAdapter(
    Annotated[Confirmation | Notification, Field(discriminator="type")]
)
_MAIL = TypeAdapter(StoredMail)


class RequestRejected(Exception):
    """A request is invalid or comes from an unknown sender."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Mailbox:
    """The e-mails of the local cloud.

    Args:
        file: Stores notifications as JSON lines.
        sns_url: The emulator of SNS, which sends notifications.
        cognito_url: The emulator of Cognito, which stores codes.
    """

    def __init__(self, file: Path, sns_url: str, cognito_url: str) -> None:
        self._file = file
        self._sns_url = sns_url
        self._cognito_url = cognito_url
        self._write_lock = threading.Lock()
        file.touch()

    def receive(self, to: str, message: Confirmation | Notification) -> None:
        """Store a notification or confirm a subscription.

        Raises:
            RequestRejected: the emulator rejected the confirmation.
        """
        if isinstance(message, Confirmation):
            self._confirm(message)
        else:
            self._store(StoredMail(to, message.subject, message.message, datetime.now(UTC)))
            logger.info("%a", message.subject)

    def list_mails(self, to: str = "") -> list[StoredMail]:
        """Return the e-mails to the address `to`, newest first. If `to` is empty, return all e-mails."""
        mails = [*self._list_notifications(), *self._list_codes()]
        selected = [mail for mail in mails if not to or mail.to.casefold() == to.casefold()]
        return sorted(selected, key=lambda mail: mail.sent_at, reverse=True)

    def _confirm(self, message: Confirmation) -> None:
        """Send the token to the emulator. `SubscribeURL` is not used, because it can be any URL."""
        query = {"Action": "ConfirmSubscription", "TopicArn": message.topic_arn, "Token": message.token}
        try:
            httpx.get(self._sns_url, params=query, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise RequestRejected(HTTPStatus.BAD_GATEWAY, "The emulator rejected the token.") from error

    def _store(self, mail: StoredMail) -> None:
        with self._write_lock, self._file.open("ab") as file:
            # The last line may be cut off. The first line feed ends it.
            file.write(b"\n" + _MAIL.dump_json(mail) + b"\n")

    def _list_notifications(self) -> Iterator[StoredMail]:
        for line in filter(None, self._file.read_bytes().splitlines()):
            try:
                mail = _MAIL.validate_json(line)
            except ValidationError:
                logger.warning("skipped a damaged line of %s", self._file.name)
            else:
                yield replace(mail, sent_at=mail.sent_at.replace(tzinfo=mail.sent_at.tzinfo or UTC))

    def _list_codes(self) -> list[StoredMail]:
        try:
            messages = ses_messages(self._cognito_url)
        except httpx.TransportError:  # the emulator is starting or has stopped
            return []
        return MAILS.validate_python(
            [
                {"to": to, "subject": message["Subject"], "body": message["BodyText"], "sent_at": message["Timestamp"]}
                for message in messages
                for to in message["To"]
            ]
        )


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: HTTPStatus
    media_type: str = "text/plain; charset=utf-8"
    content: bytes = b""


class MailboxServer(ThreadingHTTPServer):
    """Serves a mailbox on a local port."""

    def __init__(self, port: int, mailbox: Mailbox) -> None:
        super().__init__((HOST, port), _Handler)
        self.mailbox = mailbox


_SECURITY_HEADERS = {
    "Content-Security-Policy": SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _Handler(BaseHTTPRequestHandler):
    """Handles SNS messages at `/{address}`, the web page at `/mailbox`, and its JSON form at `/mailbox.json`."""

    server: MailboxServer
    timeout = READ_SECONDS

    def do_GET(self) -> None:
        self._respond(self._show_mails)

    def do_POST(self) -> None:
        self._respond(self._receive_message)

    def end_headers(self) -> None:
        """Add the security headers to every response, including errors."""
        for name, value in _SECURITY_HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """Do not log requests. The mailbox logs each e-mail instead."""

    def _respond(self, handle: Callable[[], Response]) -> None:
        try:
            self._require_own_host()
            response = handle()
        except RequestRejected as error:
            response = Response(error.status, content=str(error).encode())
        self.send_response(response.status)
        self.send_header("Content-Type", response.media_type)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def _require_own_host(self) -> None:
        """Reject requests to other host names. This check prevents DNS rebinding attacks."""
        name, _, port = self.headers.get("Host", "").partition(":")
        if name not in {HOST, "localhost"} or port != str(self.server.server_port):
            raise RequestRejected(HTTPStatus.MISDIRECTED_REQUEST, "This is not the address of the mailbox.")

    def _show_mails(self) -> Response:
        path, _, query = self.path.partition("?")
        to = parse_qs(query).get("to", [""])[0].strip()
        if path == "/mailbox":
            page = render_page(self.server.mailbox.list_mails(to), to, str)
            return Response(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())
        if path == "/mailbox.json":
            return Response(HTTPStatus.OK, "application/json", MAILS.dump_json(self.server.mailbox.list_mails(to)))
        raise RequestRejected(HTTPStatus.NOT_FOUND, "This page does not exist. Open /mailbox.")

    def _receive_message(self) -> Response:
        to = unquote(self.path[1:])
        if not _EMAIL_ADDRESS.fullmatch(to):
            raise RequestRejected(HTTPStatus.NOT_FOUND, "Post to an e-mail address, such as /ada@example.com.")
        # Other sites cannot send this header without a CORS preflight request. The mailbox rejects such requests.
        if "x-amz-sns-message-type" not in self.headers:
            raise RequestRejected(HTTPStatus.FORBIDDEN, "Only SNS can send e-mails here.")
        try:
            message = _MESSAGE.validate_json(self._read_body())
        except ValidationError as error:
            raise RequestRejected(HTTPStatus.BAD_REQUEST, "This is not an SNS message.") from error
        self.server.mailbox.receive(to, message)
        return Response(HTTPStatus.NO_CONTENT)

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise RequestRejected(HTTPStatus.LENGTH_REQUIRED, "Send a valid Content-Length header.")
        if int(length) > MAX_MESSAGE_BYTES:
            raise RequestRejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too long for an SNS message.")
        return self.rfile.read(int(length))


def main() -> None:
    """Serve the mailbox. The arguments are the port and the file. AWS_ENDPOINT_URL must be set."""
    port, file = sys.argv[1:]
    logging.basicConfig(format="mailbox: %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    mailbox = Mailbox(Path(file), find_endpoint(SNS, os.environ), find_endpoint(COGNITO, os.environ))
    MailboxServer(int(port), mailbox).serve_forever()


if __name__ == "__main__":
    main()
