"""A digest about three saved searches, as a real SMTP server receives it."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.adapters.local.smtp import write_message
from app.adapters.local.stores import LocalStores
from app.domain.errors import ObjectUnreadable
from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.mail import StoredMail
from app.domain.query import parse
from app.domain.subscriptions import Choices
from app.services.mail_links import LINKS_PATH
from app.settings import LocalSettings
from tests.support.fakes import FakeDetector, image
from tests.support.photos import make_gray_jpeg
from tests.support.services import UI_URL, Services

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
TITLES = ["Hunde 🐕", "Cats & dogs", "!bird"]


@dataclass
class Inbox:
    """The handler of the server. It keeps the e-mails."""

    messages: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 OK"


@contextmanager
def serve(inbox: Inbox) -> Iterator[int]:
    """Run a server in a thread. Yield its port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(inbox, loop=loop), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def services(tmp_path: Path, inbox: Inbox) -> Iterator[Services]:
    with serve(inbox) as port:
        url = f"smtp://127.0.0.1:{port}?from=pixtag@example.org"
        stores = LocalStores(LocalSettings(data=tmp_path, smtp_url=url))
        yield Services(stores, FakeDetector, UI_URL)
        stores.database.close()


def save_photos(services: Services) -> list[Image]:
    """Save three searches and three photos that match them. Send the digest. The second photo has no thumbnail."""
    services.mail.subscribe(OWNER, "ada@example.org")
    for query, title in zip(("dog", "cat|dog>=2", "!bird"), (*TITLES[:2], ""), strict=True):
        services.subscriptions.add(OWNER, parse(query), Choices(title))
    images = [image(OWNER, dog=count) for count in (1, 2, 3)]
    for shade, each in ((50, images[0]), (200, images[2])):
        services.objects.put_derived(Rendition.THUMBNAIL.key(OWNER, each.id), make_gray_jpeg(shade))
    saved = [services.images.save(each) for each in images]
    services.outbox_worker.process(OWNER)
    return saved


def deliver(services: Services, inbox: Inbox) -> EmailMessage:
    """Deliver the waiting e-mails. Return the only one."""
    assert isinstance(services.stores, LocalStores)
    services.stores.mail.deliver_due()
    (raw,) = inbox.messages
    assert max(map(len, raw.splitlines())) <= 998
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def find_part(message: EmailMessage, kind: str) -> EmailMessage:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return part


def test_digest_shows_the_photos_of_each_saved_search(services: Services, inbox: Inbox) -> None:
    saved = save_photos(services)

    message = deliver(services, inbox)

    assert message["Subject"] == "New photos: Hunde 🐕 (3), Cats & dogs (2), !bird (3)"
    assert message.get_content_type() == "multipart/alternative"
    text, html = (find_part(message, kind).get_content() for kind in ("plain", "html"))
    assert [title in text for title in TITLES] == [True] * 3
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == ["Hunde 🐕 (3)", "Cats &amp; dogs (2)", "!bird (3)"]
    assert all(html.count(f"/photos/{each.id}") == text.count(f"/photos/{each.id}") for each in saved)
    parts = {part["Content-ID"].strip("<>"): part.get_content() for part in message.walk() if part["Content-ID"]}
    shown = re.findall(r'photos/(\w+)"><img src="cid:([^"]+)"', html)
    thumbnails = {saved[0].id: make_gray_jpeg(50), saved[2].id: make_gray_jpeg(200)}
    assert len(shown) == 8
    assert [parts.get(content_id) for _, content_id in shown] == [thumbnails.get(image_id) for image_id, _ in shown]


def test_digest_has_a_link_for_mail_programs_that_stops_all_e_mails(services: Services, inbox: Inbox) -> None:
    save_photos(services)

    message = deliver(services, inbox)

    (raw,) = inbox.messages
    (line,) = re.findall(rb"^List-Unsubscribe: <(.*)>\r?$", raw, re.MULTILINE)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    links = services.notifications.links
    opened = links.open(line.decode().removeprefix(f"{UI_URL}{LINKS_PATH}/"))
    assert opened
    links.perform(opened)
    assert [each.choices.email for each in services.subscriptions.list(OWNER)] == [False] * 3


def test_encoded_words_of_a_long_subject_have_the_length_that_mail_programs_read() -> None:
    subject = f"New photos: {'写' * 80} (3)"
    mail = StoredMail("ada@example.com", subject, "text", datetime.now(UTC), "<p>text</p>", (), f"{UI_URL}/{'p' * 300}")

    data = write_message(mail, "pixtag@example.com", lambda _: None).as_bytes()

    assert max(map(len, re.findall(rb"=\?\S*\?=", data))) <= 75  # RFC 2047
    assert message_from_bytes(data, policy=policy.default)["Subject"] == subject
    assert f"\nList-Unsubscribe: <{mail.stop_link}>\n".encode() in data


def test_digest_with_unreadable_thumbnails_is_sent_without_them(
    services: Services, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(key: str) -> None:
        raise ObjectUnreadable(key, "Input/output error")

    save_photos(services)
    monkeypatch.setattr(services.objects, "find", fail)

    message = deliver(services, inbox)

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert set(caplog.messages) == {"a picture was left out of an e-mail: ObjectUnreadable"}


def test_damaged_pictures_of_a_stored_e_mail_are_left_out(services: Services, inbox: Inbox) -> None:
    save_photos(services)
    assert isinstance(services.stores, LocalStores)
    with services.stores.database.write() as connection:
        connection.execute("UPDATE mail SET pictures = '[', stop_link = ''")

    message = deliver(services, inbox)

    assert message["List-Unsubscribe"] is None
    assert "multipart/related" not in [part.get_content_type() for part in message.walk()]


def test_link_without_tls_is_not_announced_for_one_click(services: Services, inbox: Inbox) -> None:
    save_photos(services)
    assert isinstance(services.stores, LocalStores)
    with services.stores.database.write() as connection:
        connection.execute("UPDATE mail SET stop_link = 'http://127.0.0.1:8000/stop'")

    message = deliver(services, inbox)

    assert message["List-Unsubscribe"] == "<http://127.0.0.1:8000/stop>"
    assert message["List-Unsubscribe-Post"] is None
