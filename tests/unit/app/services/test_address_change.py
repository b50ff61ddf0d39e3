"""Changes of addresses with the accounts of one machine. Their contract tests run on both stores."""

from pathlib import Path

import pytest

from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.errors import InvalidCode, RegistrationClosed, Unavailable
from app.domain.mail import EmailState, MailContent
from app.domain.query import parse
from app.domain.registration import RegistrationRule
from app.domain.subscriptions import Choices
from app.services.address_change import NOTICE, AddressChange
from tests.support.local_accounts import EMAIL, NOBODY, PASSWORD, LocalAccounts, make_accounts


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    local = make_accounts(tmp_path)
    local.add()
    return local


@pytest.fixture
def subscriptions(local: LocalAccounts) -> SqliteSubscriptions:
    return SqliteSubscriptions(local.database)


@pytest.fixture
def token(local: LocalAccounts) -> str:
    return local.sign_in().access_token


@pytest.fixture
def owner(local: LocalAccounts) -> str:
    return local.admin.find_owner(EMAIL)


def make_change(local: LocalAccounts, subscriptions: SqliteSubscriptions, setting: str = "open") -> AddressChange:
    return AddressChange(RegistrationRule.parse(setting), local.accounts, local.mail, subscriptions)


def test_request_tells_the_old_address(
    local: LocalAccounts, subscriptions: SqliteSubscriptions, owner: str, token: str
) -> None:
    make_change(local, subscriptions).request(owner, token, NOBODY, PASSWORD)

    notice = local.mail.list_mails(EMAIL)[0]
    assert (notice.subject, notice.body) == (NOTICE.subject, NOTICE.body)
    assert NOBODY not in notice.body


def test_request_that_leaves_the_list_sends_nothing(
    local: LocalAccounts, subscriptions: SqliteSubscriptions, owner: str, token: str
) -> None:
    before = len(local.mail.list_mails())

    with pytest.raises(RegistrationClosed, match="not on the list"):
        make_change(local, subscriptions, EMAIL.lower()).request(owner, token, NOBODY, PASSWORD)

    assert len(local.mail.list_mails()) == before


@pytest.mark.parametrize("has_mails", [True, False])
def test_confirm_subscribes_the_new_address_if_saved_searches_send_e_mails(
    local: LocalAccounts,
    subscriptions: SqliteSubscriptions,
    owner: str,
    token: str,
    has_mails: bool,  # noqa: FBT001 - a case
) -> None:
    subscriptions.add(owner, parse("dog"), Choices(email=has_mails))
    change = make_change(local, subscriptions)
    change.request(owner, token, NOBODY, PASSWORD)

    change.confirm(owner, token, NOBODY, local.read_code(NOBODY))

    local.mail.publish(owner, MailContent("1 new image", "dog"))
    assert local.count_mails(NOBODY) == 1 + has_mails
    assert local.mail.state(owner) is (EmailState.CONFIRMED if has_mails else EmailState.NONE)


def test_confirm_that_was_interrupted_can_be_repeated(
    local: LocalAccounts,
    subscriptions: SqliteSubscriptions,
    owner: str,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscriptions.add(owner, parse("dog"))
    change = make_change(local, subscriptions)
    change.request(owner, token, NOBODY, PASSWORD)
    code = local.read_code(NOBODY)

    def fail(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(type(local.mail), "subscribe", fail)
        with pytest.raises(Unavailable):
            change.confirm(owner, token, NOBODY, code)

    change.confirm(owner, token, NOBODY.upper(), code)
    assert local.mail.state(owner) is EmailState.CONFIRMED


def test_confirm_with_wrong_code_changes_nothing(
    local: LocalAccounts, subscriptions: SqliteSubscriptions, owner: str, token: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    change = make_change(local, subscriptions)
    change.request(owner, token, NOBODY, PASSWORD)

    with pytest.raises(InvalidCode):
        change.confirm(owner, token, NOBODY, local.make_wrong_code(NOBODY))

    assert local.accounts.get_account(token).email == EMAIL.lower()
    assert local.mail.state(owner) is EmailState.NONE
