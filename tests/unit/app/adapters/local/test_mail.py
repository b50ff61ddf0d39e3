from itertools import count
from pathlib import Path

import pytest

from app.adapters.local import mail as mail_module
from app.adapters.local.database import Database
from app.adapters.local.mail import KEPT_SECONDS, SqliteMail
from app.adapters.local.smtp import SmtpServer
from app.api.mailbox_page import render_page
from app.domain.mail import MailContent
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import patch_clock

ADDRESS = "zenobia@example.com"


@pytest.fixture
def mail(tmp_path: Path) -> SqliteMail:
    return SqliteMail(Database(tmp_path / "pixtag.db"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def list_subjects(mail: SqliteMail, to: str = "") -> list[str]:
    return [each.subject for each in mail.list_mails(to)]


@pytest.mark.parametrize(("to", "subjects"), [("", "cba"), (ADDRESS, "ca"), (ADDRESS.upper(), "ca")])
def test_list_mails_returns_the_newest_first(mail: SqliteMail, to: str, subjects: str) -> None:
    for subject, address in [("a", ADDRESS), ("b", "yorick@example.com"), ("c", ADDRESS)]:
        mail.send(address, subject, "")

    assert "".join(list_subjects(mail, to)) == subjects
    assert list_subjects(mail, "nobody@example.com") == []


@pytest.mark.parametrize("column", ["address", "subject", "body"])
def test_list_mails_with_text_that_is_not_utf_8_lists_all_e_mails(
    mail: SqliteMail, tmp_path: Path, column: str
) -> None:
    for subject in "abc":
        mail.send(ADDRESS, subject, subject)
    with Database(tmp_path / "pixtag.db").write() as connection:
        connection.execute(f"UPDATE mail SET {column} = CAST(x'62ff' AS TEXT) WHERE subject = 'b'")  # noqa: S608

    mails = mail.list_mails()

    assert [each.subject[0] for each in mails] == ["c", "b", "a"]
    assert "b\N{REPLACEMENT CHARACTER}" in {mails[1].to, mails[1].subject, mails[1].body}
    assert [each.subject for each in mail.list_mails(ADDRESS)][-1] == "a"


@pytest.mark.parametrize("sent_at", [2**62, -(2**62), 253402300799, -62135596800])
def test_list_mails_with_a_time_at_the_end_of_the_calendar_lists_all_e_mails(
    mail: SqliteMail, tmp_path: Path, sent_at: int
) -> None:
    mail.send(ADDRESS, "damaged", "")
    mail.send(ADDRESS, "intact", "")
    with Database(tmp_path / "pixtag.db").write() as connection:
        connection.execute("UPDATE mail SET sent_at = ? WHERE subject = 'damaged'", (sent_at,))

    assert list_subjects(mail) == ["intact", "damaged"]
    assert "damaged" in render_page(mail.list_mails(), "", str)


def test_publish_keeps_characters_that_are_not_ascii(mail: SqliteMail) -> None:
    mail.subscribe("zenobia", ADDRESS)

    mail.publish("zenobia", MailContent("1 new image: Möwe", "🐦"))

    assert [(each.to, each.subject, each.body) for each in mail.list_mails()] == [(ADDRESS, "1 new image: Möwe", "🐦")]


def test_publish_without_subscription_stores_nothing(mail: SqliteMail) -> None:
    mail.publish("zenobia", MailContent("Subject", ""))

    assert mail.list_mails() == []


def test_subscribe_with_another_address_changes_the_address(mail: SqliteMail) -> None:
    mail.subscribe("zenobia", "old@example.com")
    mail.subscribe("zenobia", ADDRESS)

    mail.publish("zenobia", MailContent("Subject", ""))

    assert list_subjects(mail, ADDRESS) == ["Subject"]


def test_send_deletes_e_mails_that_are_older_than_30_days(mail: SqliteMail, clock: StoppedClock) -> None:
    numbers = count()
    clock.run_for(KEPT_SECONDS, lambda: mail.send(ADDRESS, str(next(numbers)), ""))
    before = list_subjects(mail)
    clock.ahead += 10

    mail.send(ADDRESS, "last", "")

    assert before == ["6", "5", "4", "3", "2", "1", "0"]
    assert list_subjects(mail) == ["last", *before[:-1]]


def test_send_after_a_long_pause_keeps_old_e_mails(mail: SqliteMail, clock: StoppedClock) -> None:
    mail.send(ADDRESS, "unread", "")
    clock.ahead += KEPT_SECONDS + 10

    mail.send(ADDRESS, "new", "")

    assert list_subjects(mail) == ["new", "unread"]


def test_send_keeps_the_newest_e_mails(mail: SqliteMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "MAX_KEPT", 3)

    for number in range(5):
        mail.send(ADDRESS, str(number), "")

    assert list_subjects(mail) == ["4", "3", "2"]


def test_send_keeps_all_e_mails_that_were_not_sent_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "MAX_KEPT", 3)
    mail = SqliteMail(Database(tmp_path / "pixtag.db"), SmtpServer.parse("smtp://127.0.0.1:9?from=pixtag@example.com"))

    for number in range(5):
        mail.send(ADDRESS, str(number), "")

    assert len(list_subjects(mail)) == 5


def test_deliver_due_without_server_does_nothing(mail: SqliteMail) -> None:
    mail.send(ADDRESS, "Subject", "")

    mail.deliver_due()

    assert list_subjects(mail) == ["Subject"]


def test_delete_deletes_the_digests_to_all_addresses_of_the_owner(mail: SqliteMail) -> None:
    for address in ("old@example.com", ADDRESS):
        mail.subscribe("zenobia", address)
        mail.publish("zenobia", MailContent("1 new image", "dog"))
    mail.send("yorick@example.com", "a code", "")

    mail.delete("zenobia")

    assert list_subjects(mail) == ["a code"]
