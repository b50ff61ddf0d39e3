import base64
import hashlib
import http.client
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from app.api.mailbox_page import MAILS
from infra.local.mailbox import MAX_MESSAGE_BYTES, Mailbox, MailboxServer
from infra.local.program import HOST

ADA = "ada@example.com"
TOPIC = "arn:aws:sns:us-east-1:000000000000:pixtag-ada"
TEXT_ONLY: dict[str, object] = {"html": "", "pictures": [], "stop_link": ""}
CODE = {"To": [ADA], "Subject": "Your PixTag code", "BodyText": "It is 123456.", "Timestamp": 0.5}
FROM_SNS = {"x-amz-sns-message-type": "Notification"}


class FakeEmulator(HTTPServer):
    """Responds like MiniStack, with a code for Ada. It rejects the token `wrong` and records the requested paths."""

    def __init__(self) -> None:
        super().__init__((HOST, 0), _FakeEmulatorHandler)
        self.paths: list[str] = []


class _FakeEmulatorHandler(BaseHTTPRequestHandler):
    server: FakeEmulator

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(400 if "Token=wrong" in self.path else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"messages": {"000000000000": [CODE]}}).encode())

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def serve(server: HTTPServer | ThreadingHTTPServer) -> Iterator[str]:
    """Serve in a thread and yield the address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def emulator() -> Iterator[FakeEmulator]:
    with serve(server := FakeEmulator()):
        yield server


def make_mailbox(folder: Path, emulator: FakeEmulator) -> Mailbox:
    url = f"http://{HOST}:{emulator.server_port}"
    return Mailbox(folder / "mails.jsonl", url, url)


@pytest.fixture
def mailbox(emulator: FakeEmulator, tmp_path: Path) -> Iterator[httpx.Client]:
    stored = make_mailbox(tmp_path, emulator)
    with serve(MailboxServer(0, stored)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def notify(mailbox: httpx.Client, to: str = ADA, **fields: Any) -> httpx.Response:
    message = {"Type": "Notification", "Subject": "1 new image: dog", "Message": "dog.png: dog 1"} | fields
    return mailbox.post(f"/{to}", json=message, headers=FROM_SNS)


def confirm(mailbox: httpx.Client, **fields: str) -> httpx.Response:
    message = {"Type": "SubscriptionConfirmation", "TopicArn": TOPIC, "Token": "right"} | fields
    return mailbox.post(f"/{ADA}", json=message, headers=FROM_SNS)


def list_subjects(mailbox: httpx.Client, to: str = "") -> list[str]:
    response = mailbox.get("/mailbox.json", params={"to": to}).raise_for_status()
    return [mail.subject for mail in MAILS.validate_json(response.content)]


def test_post_of_a_notification_stores_an_email(mailbox: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    before = datetime.now(UTC)

    with caplog.at_level(logging.INFO, "infra.local.mailbox"):
        assert notify(mailbox).status_code == 204

    mail, _ = mailbox.get("/mailbox.json").json()
    assert before <= datetime.fromisoformat(mail.pop("sent_at")) <= datetime.now(UTC)
    assert mail == {"to": ADA, "subject": "1 new image: dog", "body": "dog.png: dog 1"} | TEXT_ONLY
    assert caplog.messages == ["'1 new image: dog'"]


def test_mailbox_lists_the_codes_of_cognito(mailbox: httpx.Client) -> None:
    assert mailbox.get("/mailbox.json").json() == [
        {"to": ADA, "subject": CODE["Subject"], "body": CODE["BodyText"], "sent_at": "1970-01-01T00:00:00.500000Z"}
        | TEXT_ONLY
    ]


def test_mailbox_lists_the_newest_first_and_filters_by_address(mailbox: httpx.Client) -> None:
    notify(mailbox, Subject="first")
    notify(mailbox, to="grace@example.com", Subject="second")
    notify(mailbox, Subject="third")

    assert list_subjects(mailbox) == ["third", "second", "first", CODE["Subject"]]
    assert list_subjects(mailbox, "Grace@Example.com") == ["second"]
    assert list_subjects(mailbox, "nobody@example.com") == []
    assert "No e-mails to <strong>nobody@example.com</strong>." in mailbox.get("/mailbox?to=nobody@example.com").text


@pytest.mark.parametrize(
    "to", ["a+b@example.com", "o'neil@example.com", "50%@example.com", "a?b/c#d@example.com", "ä@ö.de"]
)
def test_post_to_any_address_stores_an_email_for_it(mailbox: httpx.Client, to: str) -> None:
    notify(mailbox, to=quote(to, safe=""))

    assert list_subjects(mailbox, to) == ["1 new image: dog"]


@pytest.mark.parametrize("text", ["two\nlines", "a\u2028b\u0085c", "“🐕‍🦺”", '{"to": "x"}\r\n'])
def test_post_of_any_text_stores_it_unchanged(mailbox: httpx.Client, text: str) -> None:
    notify(mailbox, Subject="", Message=text)
    notify(mailbox, Subject="later")

    assert mailbox.get("/mailbox.json").json()[1]["body"] == text
    assert "(no subject)" in mailbox.get("/mailbox").text


def test_mailbox_after_a_restart_lists_stored_emails(
    mailbox: httpx.Client, emulator: FakeEmulator, tmp_path: Path
) -> None:
    notify(mailbox)

    restarted = make_mailbox(tmp_path, emulator)

    assert [mail.subject for mail in restarted.list_mails(ADA)] == ["1 new image: dog", CODE["Subject"]]


@pytest.mark.parametrize(
    "damage",
    [
        b"\0" * 512,
        b'{"to": "ada@example.com", "subject": "cut o',
        b'{"to": "ada@example.com", "subject": "a", "body": "b"}\n',
        b'{"to": 1, "subject": "a", "body": "b", "sent_at": "2026-01-31T12:00:00Z"}\n',
        b'{"to": "ada@example.com", "subject": "\xff", "body": "b", "sent_at": "2026-01-31T12:00:00Z"}\n',
        b'{"to": "ada@example.com", "subject": "a", "body": "b", "sent_at": "someday"}\n',
        b"[]\n\n\n",
    ],
)
def test_mailbox_with_a_damaged_line_lists_the_other_emails(
    mailbox: httpx.Client, tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    notify(mailbox, Subject="before")
    with (tmp_path / "mails.jsonl").open("ab") as file:
        file.write(damage)
    notify(mailbox, Subject="after")

    assert list_subjects(mailbox) == ["after", "before", CODE["Subject"]]
    assert ">after<" in mailbox.get("/mailbox").text
    assert "damaged line of mails.jsonl" in caplog.text


def test_mailbox_lists_an_email_whose_time_has_no_time_zone(mailbox: httpx.Client, tmp_path: Path) -> None:
    with (tmp_path / "mails.jsonl").open("ab") as file:
        file.write(b'{"to": "ada@example.com", "subject": "old", "body": "", "sent_at": "2026-01-31T12:00:00"}\n')
    notify(mailbox, Subject="new")

    assert list_subjects(mailbox) == ["new", "old", CODE["Subject"]]


def test_mailbox_without_the_emulator_lists_stored_emails(mailbox: httpx.Client, emulator: FakeEmulator) -> None:
    notify(mailbox)
    emulator.server_close()

    assert list_subjects(mailbox) == ["1 new image: dog"]


def test_mailbox_page_escapes_markup_in_an_email(mailbox: httpx.Client) -> None:
    attack = "<img src=x onerror=alert(1)>\"'&"
    notify(mailbox, to="<b>@example.com", Subject=attack, Message=attack)

    text = mailbox.get("/mailbox").text + mailbox.get("/mailbox", params={"to": attack}).text

    assert "<img" not in text
    assert "<b>" not in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") == 4
    assert 'href="/mailbox?to=%3Cb%3E%40example.com"' in text


def test_mailbox_page_links_only_http_and_https_addresses(mailbox: httpx.Client) -> None:
    notify(mailbox, Message='javascript:alert(1) http://127.0.0.1:8000/images/1?a=1&b=2 data:text/html,x"https://x"')

    assert re.findall('href="(http[^"]*)"', mailbox.get("/mailbox").text) == [
        "http://127.0.0.1:8000/images/1?a=1&amp;b=2",
        "https://x",
    ]


def test_post_of_a_confirmation_confirms_at_the_emulator(mailbox: httpx.Client, emulator: FakeEmulator) -> None:
    assert confirm(mailbox).status_code == 204

    (path,) = emulator.paths
    assert parse_qs(urlsplit(path).query) == {
        "Action": ["ConfirmSubscription"],
        "TopicArn": [TOPIC],
        "Token": ["right"],
    }


def test_post_of_a_confirmation_does_not_request_its_subscribe_url(
    mailbox: httpx.Client, emulator: FakeEmulator
) -> None:
    other_server = FakeEmulator()

    with serve(other_server) as url:
        confirm(mailbox, SubscribeURL=f"{url}/?Action=ConfirmSubscription")

    assert other_server.paths == []
    assert len(emulator.paths) == 1


def test_post_of_a_confirmation_that_the_emulator_rejects_returns_502(mailbox: httpx.Client) -> None:
    assert confirm(mailbox, Token="wrong").status_code == 502


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"Type": "Notification"}',
        b'{"Type": "Notification", "Message": 1}',
        b'{"Type": "Notification", "Message": "\\ud800"}',
        b'{"Type": "SubscriptionConfirmation", "TopicArn": "arn"}',
        b'{"Type": "UnsubscribeConfirmation", "Message": "m"}',
    ],
)
def test_post_of_an_invalid_message_returns_400(mailbox: httpx.Client, body: bytes) -> None:
    assert mailbox.post(f"/{ADA}", content=body, headers=FROM_SNS).status_code == 400
    assert list_subjects(mailbox) == [CODE["Subject"]]


@pytest.mark.parametrize("path", ["/", "/mailbox", "/ada", "/ada@", "/a b@example.com", "/a@b@c", "/a@b%0d%0ac"])
def test_post_to_a_path_that_is_not_an_address_returns_404(mailbox: httpx.Client, path: str) -> None:
    assert mailbox.post(path, json={}, headers=FROM_SNS).status_code == 404


def test_post_without_the_header_of_sns_returns_403(mailbox: httpx.Client) -> None:
    response = mailbox.post(f"/{ADA}", content='{"Type": "Notification", "Message": "m"}')

    assert response.status_code == 403
    assert mailbox.options(f"/{ADA}").status_code == 501


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", f"{HOST}", f"{HOST}:1", ""])
def test_get_with_another_host_returns_421(mailbox: httpx.Client, host: str) -> None:
    response = mailbox.get("/mailbox.json", headers={"Host": host.format(port=mailbox.base_url.port)})

    assert response.status_code == 421


@pytest.mark.parametrize(
    ("length", "status"),
    [(None, 411), ("", 411), ("-1", 411), ("1e3", 411), (str(MAX_MESSAGE_BYTES + 1), 413), ("9" * 5000, 411)],
)
def test_post_with_an_invalid_length_is_rejected(mailbox: httpx.Client, length: str | None, status: int) -> None:
    connection = http.client.HTTPConnection(HOST, mailbox.base_url.port)
    connection.putrequest("POST", f"/{ADA}")
    for name, value in FROM_SNS.items() | ({("Content-Length", length)} if length is not None else set()):
        connection.putheader(name, value)
    connection.endheaders()

    with closing(connection):
        assert connection.getresponse().status == status


@pytest.mark.parametrize(("method", "path"), [("GET", "/mailbox"), ("GET", "/nothing"), ("POST", "/"), ("PUT", "/")])
def test_every_response_has_security_headers(mailbox: httpx.Client, method: str, path: str) -> None:
    response = mailbox.request(method, path)

    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def test_security_policy_allows_the_style_of_the_page(mailbox: httpx.Client) -> None:
    response = mailbox.get("/mailbox")

    (style,) = re.findall("<style>(.*)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]
