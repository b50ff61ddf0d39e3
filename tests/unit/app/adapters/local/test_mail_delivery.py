"""Delivery of e-mails to a real SMTP server on this machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.local import smtp
from app.adapters.local.database import Database
from app.adapters.local.mail import BATCH, FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS, MAX_TRIES, SqliteMail
from app.adapters.local.smtp import SmtpServer, write_message
from app.domain.mail import StoredMail
from app.settings import InvalidSettings
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import EMAIL, patch_clock
from tests.support.smtp_server import HOST, SmtpTestServer, serve, write_certificate

SENDER = "pixtag@example.org"
ADDRESS = EMAIL.lower()
CODE = "246813 is your PixTag code."


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("smtp") / "certificate.pem"
    write_certificate(file)
    return file


@pytest.fixture
def server() -> Iterator[SmtpTestServer]:
    """A server without TLS on this machine."""
    with serve(SmtpTestServer()) as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def make_mail(folder: Path, port: int, scheme: str = "smtp", login: str = "") -> SqliteMail:
    """Return e-mails that are sent to the server on this port."""
    server = SmtpServer.parse(f"{scheme}://{login}{HOST}:{port}?from={SENDER}")
    return SqliteMail(Database(folder / "pixtag.db"), server)


@pytest.fixture
def mail(tmp_path: Path, server: SmtpTestServer, clock: StoppedClock) -> SqliteMail:
    return make_mail(tmp_path, server.port)


def count_waiting(mail: SqliteMail) -> int:
    return len(mail.list_mails())


@pytest.mark.parametrize("column", ["address", "subject", "body", "sent_at"])
def test_damaged_e_mail_does_not_hold_up_the_others(
    mail: SqliteMail, server: SmtpTestServer, tmp_path: Path, column: str
) -> None:
    for subject in ("damaged", "intact"):
        mail.send(ADDRESS, subject, CODE)
    value = 2**62 if column == "sent_at" else "CAST(x'0aff' AS TEXT)"
    with Database(tmp_path / "pixtag.db").write() as connection:
        connection.execute(f"UPDATE mail SET {column} = {value} WHERE subject = 'damaged'")  # noqa: S608

    mail.deliver_due()

    assert "intact" in [delivery.message["Subject"] for delivery in server.deliveries]


def test_delivered_e_mail_has_all_headers_and_is_deleted(mail: SqliteMail, server: SmtpTestServer) -> None:
    mail.send(ADDRESS, "3 neue Fotos: Möwe 🐦", "Möwe 2\nhttps://pixtag.example/photos/1\n")

    for _ in range(2):
        mail.deliver_due()

    (delivery,) = server.deliveries
    message = delivery.message
    assert (delivery.sender, delivery.recipients) == (SENDER, [ADDRESS])
    assert (message["From"], message["To"]) == (f"PixTag <{SENDER}>", ADDRESS)
    assert message["Subject"] == "3 neue Fotos: Möwe 🐦"
    assert message.get_content().splitlines() == ["Möwe 2", "https://pixtag.example/photos/1"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.org>")
    assert abs(message["Date"].datetime - datetime.now(UTC)).total_seconds() < 60
    assert delivery.raw.isascii()
    assert count_waiting(mail) == 0


@pytest.mark.parametrize(
    "subject",
    ["a\r\nBcc: eve@example.com", "a\nBcc: eve@example.com\n\nbody", "a\x00\x1b[31m", "a\u2028Bcc: x", "a\x85b"],
)
def test_subject_adds_no_header_and_no_recipient(mail: SqliteMail, server: SmtpTestServer, subject: str) -> None:
    mail.send(ADDRESS, subject, ".\r\nQUIT\r\n\r\n.\r\nMAIL FROM:<eve@example.com>")
    mail.deliver_due()

    (delivery,) = server.deliveries
    names = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"}
    assert set(delivery.message) == names | {"Content-Type", "Content-Transfer-Encoding"}
    assert delivery.recipients == [ADDRESS]
    assert delivery.message["Subject"].isprintable()
    assert "QUIT" in delivery.message.get_content()


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: eve@example.com", "a@example.com, eve@example.com", "<a>@x.y", ""]
)
def test_write_message_to_address_that_is_none_raises_an_error(address: str) -> None:
    with pytest.raises(smtp.REFUSALS):
        write_message(StoredMail(address, "", "", datetime.now(UTC)), SENDER, lambda _: None)


def test_address_with_international_domain_is_sent_in_idna(mail: SqliteMail, server: SmtpTestServer) -> None:
    mail.send("zenobia@exämple.com", "", "")
    mail.deliver_due()

    assert server.deliveries[0].recipients == ["zenobia@xn--exmple-cua.com"]
    assert server.deliveries[0].message["To"] == "zenobia@xn--exmple-cua.com"


# Encryption


@contextmanager
def encrypted_server(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, *, is_encrypted: bool, is_trusted: bool = True
) -> Iterator[SmtpTestServer]:
    """Serve with TLS. PixTag treats the server as if it were on another machine."""
    monkeypatch.setattr(smtp, "LOOPBACK_NAMES", frozenset())
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve(SmtpTestServer(certificate, is_encrypted=is_encrypted)) as server:
        yield server


@pytest.mark.parametrize(("scheme", "is_encrypted"), [("smtp", False), ("smtps", True)])
def test_password_and_e_mail_are_sent_encrypted(
    tmp_path: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    is_encrypted: bool,  # noqa: FBT001
) -> None:
    with encrypted_server(certificate, monkeypatch, is_encrypted=is_encrypted) as server:
        server.credentials = b"\0me@example.org\0p@ss:w/rd"
        mail = make_mail(tmp_path, server.port, scheme, "me%40example.org:p%40ss%3Aw%2Frd@")
        mail.send(ADDRESS, "Subject", CODE)
        mail.deliver_due()

    assert [delivery.is_encrypted for delivery in server.deliveries] == [True]
    assert any(command.startswith("AUTH") for command in server.commands)


@pytest.mark.parametrize(
    ("scheme", "is_encrypted", "is_trusted", "extensions"),
    [
        ("smtp", False, True, []),  # somebody removed the offer of STARTTLS
        ("smtp", False, False, ["STARTTLS"]),
        ("smtps", True, False, []),
        ("smtps", False, True, []),  # a server without TLS
    ],
)
def test_without_verified_encryption_nothing_is_sent(
    tmp_path: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
    is_encrypted: bool,  # noqa: FBT001 - a case
    is_trusted: bool,  # noqa: FBT001 - a case
    extensions: list[str],
) -> None:
    with encrypted_server(certificate, monkeypatch, is_encrypted=is_encrypted, is_trusted=is_trusted) as server:
        server.extensions, server.credentials = extensions, b"\0me\0secret"
        mail = make_mail(tmp_path, server.port, scheme, "me:secret@")
        mail.send(ADDRESS, "Subject", CODE)
        mail.deliver_due()

    assert (server.deliveries, count_waiting(mail)) == ([], 1)
    assert [command for command in server.commands if command.startswith(("AUTH", "MAIL"))] == []
    assert caplog.messages[0].startswith("the connection to the SMTP server failed: S")


# Failures


def test_refused_e_mail_is_tried_again_later_and_given_up(
    mail: SqliteMail, server: SmtpTestServer, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    server.responses["RCPT"] = f"550 {ADDRESS} does not exist"
    mail.send(ADDRESS, "Subject", CODE)
    pauses = []
    while count_waiting(mail):
        mail.deliver_due()
        start, tries = clock.ahead, server.connections
        while count_waiting(mail) and server.connections == tries:
            clock.ahead += 30
            mail.deliver_due()
        pauses.append(clock.ahead - start)

    assert server.connections == MAX_TRIES
    assert pauses[:3] == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
    assert max(pauses) == MAX_PAUSE_SECONDS
    assert caplog.messages[-1] == "the e-mail 1 was deleted, because it could not be sent in 16 tries"
    assert caplog.messages[0] == "the e-mail 1 was refused: SMTPRecipientsRefused 550"


@pytest.mark.parametrize(
    ("command", "response"),
    [
        ("MAIL", "452 Later"),
        ("RCPT", "450 Greylisted"),
        ("DATA", "554 No"),
        ("message", "554 Spam"),
    ],
)
def test_refused_e_mail_does_not_delay_others(
    mail: SqliteMail, server: SmtpTestServer, clock: StoppedClock, command: str, response: str
) -> None:
    server.responses[command] = response
    mail.send(ADDRESS, "First", CODE)
    mail.deliver_due()
    server.responses.clear()
    mail.send(ADDRESS, "Second", CODE)
    mail.deliver_due()
    clock.ahead = FIRST_PAUSE_SECONDS
    mail.deliver_due()

    assert [delivery.message["Subject"] for delivery in server.deliveries] == ["Second", "First"]


def test_e_mail_that_cannot_be_encoded_does_not_delay_others(mail: SqliteMail, server: SmtpTestServer) -> None:
    mail.send(f"{'z' * 70}@{'x' * 70}.example", "First", "")
    mail.send(ADDRESS, "Second", "")
    mail.deliver_due()

    assert [delivery.message["Subject"] for delivery in server.deliveries] == ["Second"]


@pytest.mark.parametrize(
    ("command", "response"),
    [
        ("connect", "554 No service"),
        ("connect", ""),
        ("EHLO", ""),
        ("MAIL", ""),
        ("message", "421 Closing"),
        ("QUIT", "500 No"),
    ],
)
def test_failed_connection_is_repeated_after_a_minute_and_loses_nothing(
    mail: SqliteMail, server: SmtpTestServer, clock: StoppedClock, command: str, response: str
) -> None:
    server.responses[command] = response
    for number in range(3):
        mail.send(ADDRESS, str(number), CODE)
    for _ in range(3):
        mail.deliver_due()
    connections = server.connections
    server.responses.clear()
    for _ in range(5):
        clock.ahead += 2 * FIRST_PAUSE_SECONDS
        mail.deliver_due()

    assert connections == 1
    assert {delivery.message["Subject"] for delivery in server.deliveries} == {"0", "1", "2"}
    assert count_waiting(mail) == 0


def test_server_that_does_not_respond_fails_after_the_time_out(
    mail: SqliteMail, server: SmtpTestServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)
    server.shutdown()  # the system accepts connections, but the server does not
    mail.send(ADDRESS, "Subject", CODE)

    mail.deliver_due()

    assert caplog.messages == ["the connection to the SMTP server failed: SMTPServerDisconnected"]
    assert count_waiting(mail) == 1


def test_many_e_mails_share_connections(mail: SqliteMail, server: SmtpTestServer) -> None:
    for number in range(BATCH + 1):
        mail.send(ADDRESS, str(number), CODE)

    for _ in range(3):
        mail.deliver_due()

    assert server.connections == 2
    assert [delivery.message["Subject"] for delivery in server.deliveries] == [str(each) for each in range(BATCH + 1)]


def test_e_mail_is_due_after_the_clock_was_set_back(
    mail: SqliteMail, server: SmtpTestServer, clock: StoppedClock
) -> None:
    clock.ahead = 10 * MAX_PAUSE_SECONDS
    mail.send(ADDRESS, "Subject", CODE)
    clock.ahead = 0

    mail.deliver_due()

    assert len(server.deliveries) == 1


def test_e_mails_of_the_mailbox_are_not_sent_when_a_server_is_added(tmp_path: Path, server: SmtpTestServer) -> None:
    SqliteMail(Database(tmp_path / "pixtag.db")).send(ADDRESS, "Old", CODE)
    mail = make_mail(tmp_path, server.port)
    mail.send(ADDRESS, "New", CODE)

    mail.deliver_due()

    assert [delivery.message["Subject"] for delivery in server.deliveries] == ["New"]


def test_log_of_all_failures_contains_nothing_personal(
    tmp_path: Path, server: SmtpTestServer, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail = make_mail(tmp_path, server.port, login="zenobia:hunter22@")
    for command in ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "message"):
        server.credentials = b"\0zenobia\0hunter22"
        server.responses = {command: f"550 {ADDRESS} {CODE} zenobia hunter22 Greetings"}
        mail.send(ADDRESS, "Greetings", CODE)
        clock.ahead += MAX_PAUSE_SECONDS
        mail.deliver_due()

    assert len(caplog.messages) >= 7
    assert [text for text in ("zenobia", "hunter22", "246813", "Greetings") if text in caplog.text] == []


# Settings


def test_parse_returns_the_parts_of_the_url() -> None:
    server = SmtpServer.parse("smtps://me%40example.org:p%40ss@mail.example.org:2465?from=pixtag+mail@example.org")

    assert server == SmtpServer("mail.example.org", 2465, True, "me@example.org", "p@ss", "pixtag+mail@example.org")  # noqa: FBT003
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(("scheme", "port"), [("smtp", 587), ("smtps", 465)])
def test_parse_without_port_and_sender_uses_the_defaults(scheme: str, port: int) -> None:
    server = SmtpServer.parse(f"{scheme}://me%40example.org:secret@mail.example.org")

    assert (server.port, server.sender) == (port, "me@example.org")


@pytest.mark.parametrize(
    "url",
    [
        *("", "mail.example.org", "http://me%40example.org:hunter22@mail.example.org", "smtp://?from=a@b.c"),
        *("smtp://me%40example.org:hunter22@mail.example.org:port", "smtp://me%40example.org:hunter22@[::1"),
        *("smtp://me%40example.org:hunter22@mail.example.org/path", "smtp://me:hunter22@mail.example.org"),
        *(
            "smtp://mail.example.org?from=x",
            "smtp://mail.example.org?from=a@b.c,d@e.f",
            "smtp://mail.example.org?from=",
        ),
        *("smtp://mail.example.org?from=a@b.c%0d%0aBcc:%20d@e.f", "smtp://mail.example.org?from=%22"),
    ],
)
def test_parse_of_invalid_url_raises_an_error_without_the_password(url: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^PIXTAG_SMTP_URL .*\. (Use|Add)") as error:
        SmtpServer.parse(url)

    assert "hunter22" not in str(error.value)
