import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import argon2
import pytest

from app.adapters.local import accounts as accounts_module
from app.adapters.local.accounts import SqliteAccounts
from app.adapters.local.codes import MAX_ATTEMPTS, MAX_CODES
from app.adapters.local.passwords import Passwords
from app.adapters.local.sign_in_limits import FREE_ATTEMPTS, MAX_WAIT_SECONDS
from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PixTagError,
    SessionEnded,
    TooManyRequests,
)
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import (
    EMAIL,
    NAMES,
    NEW_PASSWORD,
    NOBODY,
    PASSWORD,
    LocalAccounts,
    make_accounts,
    patch_clock,
)
from tests.support.template import resource_properties

HOUR = 3600
UNCONFIRMED = "yorick@example.com"
Operation = Callable[[SqliteAccounts, str], object]


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    return make_accounts(tmp_path)


@pytest.fixture
def zenobia(local: LocalAccounts) -> LocalAccounts:
    """The accounts, with one confirmed account."""
    local.add()
    return local


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def test_e_mail_with_code_has_the_text_of_the_template(local: LocalAccounts) -> None:
    local.register()

    template = resource_properties("UserPool")["VerificationMessageTemplate"]
    (mail,) = local.mail.list_mails()
    assert (mail.to, mail.subject) == (EMAIL.lower(), template["EmailSubject"])
    assert mail.body == template["EmailMessage"].replace("{####}", local.read_code())


@pytest.mark.parametrize(
    "email", ["<z@example.com>", "a,b@example.com", "z@example.com\0", "z@[example].com", "z@example.com,y@example.com"]
)
def test_register_with_address_that_no_e_mail_can_have_raises_invalid_account(local: LocalAccounts, email: str) -> None:
    with pytest.raises(InvalidAccount, match=r"^This is not an e-mail address\."):
        local.register(email)


@pytest.mark.parametrize("email", ["z@xn--exmple-cua.com", "z+photos@example.com", '"z q"@example.com'])
def test_register_with_unusual_address_sends_a_code(local: LocalAccounts, email: str) -> None:
    local.add(email)

    assert local.sign_in(email).expires_in == HOUR


# No response, amount of work or log line reveals whether an address has an account.

OPERATIONS: dict[str, tuple[int, Operation]] = {  # the number of hashes, and a call of the operation
    "register": (1, lambda accounts, email: accounts.register(email, PASSWORD, **NAMES)),
    "confirm": (0, lambda accounts, email: accounts.confirm(email, "000000")),
    "resend_code": (0, lambda accounts, email: accounts.resend_code(email)),
    "request_password_reset": (0, lambda accounts, email: accounts.request_password_reset(email)),
    "reset_password": (1, lambda accounts, email: accounts.reset_password(email, "000000", NEW_PASSWORD)),
    "sign_in": (1, lambda accounts, email: accounts.sign_in(email, "wrong")),
}
EMAILS = [UNCONFIRMED, EMAIL, NOBODY]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("email", EMAILS)
def test_operation_hashes_as_often_for_known_as_for_unknown_addresses(
    zenobia: LocalAccounts, monkeypatch: pytest.MonkeyPatch, name: str, email: str
) -> None:
    zenobia.register(UNCONFIRMED)
    number, operate = OPERATIONS[name]
    calls: list[str] = []
    note_calls(monkeypatch, "hash", calls)
    note_calls(monkeypatch, "verify", calls)

    with suppress(PixTagError):
        operate(zenobia.accounts, email)

    assert len(calls) == number


def note_calls(monkeypatch: pytest.MonkeyPatch, name: str, calls: list[str]) -> None:
    """Add the name to the list for each call of this method of argon2."""
    method = getattr(argon2.PasswordHasher, name)

    def call(*args: object) -> object:
        calls.append(name)
        return method(*args)

    monkeypatch.setattr(argon2.PasswordHasher, name, call)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("email", EMAILS)
def test_operation_writes_to_the_disk_for_known_and_unknown_addresses(
    zenobia: LocalAccounts, tmp_path: Path, name: str, email: str
) -> None:
    zenobia.register(UNCONFIRMED)
    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as observer:
        before = observer.execute("PRAGMA data_version").fetchone()

        with suppress(PixTagError):
            OPERATIONS[name][1](zenobia.accounts, email)

        assert observer.execute("PRAGMA data_version").fetchone() != before


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_has_the_same_result_for_known_and_unknown_addresses(zenobia: LocalAccounts, name: str) -> None:
    zenobia.register(UNCONFIRMED)

    results = {find_error(OPERATIONS[name][1], zenobia.accounts, email) for email in EMAILS}

    assert len(results) == 1


def find_error(operate: Callable[..., object], *arguments: object) -> tuple[type[PixTagError], str] | None:
    """Return the type and the message of the error that a call raises, or None."""
    try:
        operate(*arguments)
    except PixTagError as error:
        return type(error), str(error)
    return None


def test_log_of_all_operations_contains_nothing_personal(
    zenobia: LocalAccounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = zenobia.sign_in()
    for _ in range(MAX_CODES + 2):
        for email in EMAILS:
            for _, operate in OPERATIONS.values():
                find_error(operate, zenobia.accounts, email)
    zenobia.refresh(tokens)
    zenobia.accounts.delete_account(tokens.access_token)

    assert "a code was not sent, because its account has reached the limit of codes per hour" in caplog.messages
    text = caplog.text.lower()
    planted = (*EMAILS, PASSWORD, NEW_PASSWORD, *NAMES.values(), tokens.access_token, tokens.refresh_token, "zenobia")
    assert [each for each in planted if each.lower() in text] == []


def test_requests_of_all_people_above_the_limit_raise_too_many_requests(
    zenobia: LocalAccounts, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts_module, "MAX_REQUESTS_PER_MINUTE", 2)
    clock.ahead = 70 - int(clock.time()) % 60  # the tenth second of the next minute

    def request() -> list[tuple[type[PixTagError], str] | None]:
        errors = [find_error(zenobia.accounts.resend_code, email) for email in (EMAIL, NOBODY)]
        with pytest.raises(TooManyRequests) as error:
            zenobia.accounts.resend_code(EMAIL)
        assert error.value.retry_after == 50
        return errors

    first = request()
    clock.ahead += 60

    assert first == request() == [None, None]


# Codes


def test_confirm_with_code_twice_raises_invalid_code(local: LocalAccounts) -> None:
    local.add()

    with pytest.raises(InvalidCode):
        local.accounts.confirm(EMAIL, local.read_code())


@pytest.mark.parametrize("email", [UNCONFIRMED, EMAIL])
def test_code_of_another_account_or_purpose_is_rejected(zenobia: LocalAccounts, email: str) -> None:
    zenobia.register(UNCONFIRMED)
    zenobia.accounts.request_password_reset(EMAIL)
    code, reset_code = zenobia.read_code(UNCONFIRMED), zenobia.read_code(EMAIL)

    with pytest.raises(InvalidCode):
        zenobia.accounts.reset_password(email, code if code != reset_code else "", NEW_PASSWORD)
    with pytest.raises(InvalidCode):
        zenobia.accounts.confirm(email, reset_code if code != reset_code else "")


def test_code_after_too_many_attempts_is_rejected_and_a_new_one_works(local: LocalAccounts) -> None:
    local.register()
    code = local.read_code()

    errors = [find_error(local.accounts.confirm, EMAIL, local.make_wrong_code()) for _ in range(MAX_ATTEMPTS)]
    late = find_error(local.accounts.confirm, EMAIL, code)
    local.accounts.resend_code(EMAIL)

    assert {error and error[0] for error in [*errors, late]} == {InvalidCode}
    local.accounts.confirm(EMAIL, local.read_code())


@pytest.mark.parametrize(("hours", "is_valid"), [(-48, True), (23.9, True), (24, False)])
def test_code_to_confirm_expires_after_a_day(
    local: LocalAccounts,
    clock: StoppedClock,
    hours: float,
    is_valid: bool,  # noqa: FBT001 - a case
) -> None:
    local.register()
    clock.ahead = int(hours * HOUR)

    error = find_error(local.accounts.confirm, EMAIL, local.read_code())

    assert (error is None) == is_valid


@pytest.mark.parametrize(("seconds", "is_valid"), [(HOUR - 9, True), (HOUR, False)])
def test_code_to_reset_a_password_expires_after_an_hour(
    zenobia: LocalAccounts,
    clock: StoppedClock,
    seconds: int,
    is_valid: bool,  # noqa: FBT001 - a case
) -> None:
    zenobia.accounts.request_password_reset(EMAIL)
    clock.ahead = seconds

    error = find_error(zenobia.accounts.reset_password, EMAIL, zenobia.read_code(), NEW_PASSWORD)

    assert (error is None) == is_valid


def test_codes_are_limited_per_hour_and_by_the_database(
    zenobia: LocalAccounts, clock: StoppedClock, tmp_path: Path
) -> None:
    before = zenobia.count_mails()
    for _ in range(MAX_CODES + 3):
        make_accounts(tmp_path).accounts.request_password_reset(EMAIL)
    first = zenobia.count_mails() - before
    clock.ahead = HOUR
    zenobia.accounts.request_password_reset(EMAIL)
    clock.ahead = -HOUR  # the clock was set back
    zenobia.accounts.request_password_reset(EMAIL)

    assert (first, zenobia.count_mails() - before) == (MAX_CODES, MAX_CODES + 2)


def test_codes_are_sent_only_for_their_purpose(zenobia: LocalAccounts) -> None:
    zenobia.register(UNCONFIRMED)
    counts = zenobia.count_mails(EMAIL), zenobia.count_mails(UNCONFIRMED)

    zenobia.accounts.resend_code(EMAIL)
    zenobia.accounts.request_password_reset(UNCONFIRMED)

    assert (zenobia.count_mails(EMAIL), zenobia.count_mails(UNCONFIRMED)) == counts


def test_database_contains_no_password_and_no_token(zenobia: LocalAccounts, tmp_path: Path) -> None:
    tokens = zenobia.sign_in()
    zenobia.refresh(tokens)

    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert EMAIL.lower().encode() in data
    assert [each for each in (PASSWORD, tokens.refresh_token, tokens.access_token) if each.encode() in data] == []


# Sign-in


def fail_to_sign_in(local: LocalAccounts, email: str, times: int = FREE_ATTEMPTS) -> list[type[PixTagError]]:
    errors = [find_error(local.sign_in, email, "wrong") for _ in range(times)]
    return [error[0] for error in errors if error]


@pytest.mark.parametrize("email", [EMAIL, NOBODY])
def test_sign_in_after_five_failures_waits_longer_each_time(
    zenobia: LocalAccounts, clock: StoppedClock, email: str
) -> None:
    waits = []
    failures = fail_to_sign_in(zenobia, email)
    for _ in range(12):
        with pytest.raises(TooManyRequests, match="too many failed sign-ins") as error:
            zenobia.sign_in(email)
        waits.append(error.value.retry_after)
        clock.ahead += error.value.retry_after
        failures += fail_to_sign_in(zenobia, email, 1)

    assert set(failures) == {InvalidCredentials}
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, MAX_WAIT_SECONDS, MAX_WAIT_SECONDS]


def test_failures_are_counted_in_the_database_and_forgotten_after_an_hour(
    zenobia: LocalAccounts, clock: StoppedClock, tmp_path: Path
) -> None:
    for _ in range(FREE_ATTEMPTS):
        fail_to_sign_in(make_accounts(tmp_path), EMAIL, 1)

    error = find_error(zenobia.sign_in)
    clock.ahead = HOUR + 1
    fail_to_sign_in(zenobia, EMAIL, FREE_ATTEMPTS - 1)

    assert error
    assert error[0] is TooManyRequests
    assert zenobia.sign_in().expires_in == HOUR


def test_success_forgets_the_failures(zenobia: LocalAccounts) -> None:
    for _ in range(3):
        fail_to_sign_in(zenobia, EMAIL, FREE_ATTEMPTS - 1)
        assert zenobia.sign_in().expires_in == HOUR


def test_sign_in_after_the_clock_was_set_back_does_not_wait(zenobia: LocalAccounts, clock: StoppedClock) -> None:
    clock.ahead = 48 * HOUR
    fail_to_sign_in(zenobia, EMAIL)
    clock.ahead = 0

    assert zenobia.sign_in().expires_in == HOUR


def test_concurrent_guesses_are_limited_too(zenobia: LocalAccounts, clock: StoppedClock) -> None:
    with ThreadPoolExecutor(8) as executor:
        errors = list(executor.map(lambda _: find_error(zenobia.sign_in, EMAIL, "wrong"), range(30)))

    assert [error[0] for error in errors if error].count(InvalidCredentials) == FREE_ATTEMPTS


def test_sign_in_with_outdated_hash_renews_the_hash(zenobia: LocalAccounts, tmp_path: Path) -> None:
    stronger = Passwords(argon2.Parameters(argon2.Type.ID, 19, 16, 32, 2, 16, 1))
    accounts = SqliteAccounts(zenobia.database, zenobia.mail, stronger)

    for _ in range(2):
        assert accounts.sign_in(EMAIL, PASSWORD).expires_in == HOUR

    assert read_password_hash(tmp_path).startswith("$argon2id$v=19$m=16,t=2,p=1$")


def read_password_hash(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "pixtag.db")) as connection:
        password_hash: str = connection.execute("SELECT password_hash FROM account").fetchone()[0]
        return password_hash


@pytest.mark.parametrize("is_deleted", [True, False])
def test_sign_in_while_the_account_changes_raises_invalid_credentials(
    zenobia: LocalAccounts,
    monkeypatch: pytest.MonkeyPatch,
    is_deleted: bool,  # noqa: FBT001 - a case
) -> None:
    verify = Passwords.verify

    def verify_and_change(self: Passwords, password_hash: str | None, password: str) -> bool:
        is_correct = verify(self, password_hash, password)
        if is_deleted:
            zenobia.admin.delete(zenobia.admin.find_owner(EMAIL))
        else:
            zenobia.admin.set_password(EMAIL, NEW_PASSWORD)
        return is_correct

    monkeypatch.setattr(Passwords, "verify", verify_and_change)

    with pytest.raises(InvalidCredentials):
        zenobia.sign_in()


def test_sign_in_to_unconfirmed_account_with_wrong_password_raises_invalid_credentials(local: LocalAccounts) -> None:
    local.register()

    assert find_error(local.sign_in, EMAIL, "wrong") == find_error(local.sign_in, NOBODY, "wrong")
    with pytest.raises(AccountNotConfirmed):
        local.sign_in()


def test_reset_password_ends_the_sessions_and_the_wait(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()
    zenobia.accounts.request_password_reset(EMAIL)
    fail_to_sign_in(zenobia, EMAIL)

    zenobia.accounts.reset_password(EMAIL, zenobia.read_code(), NEW_PASSWORD)

    assert zenobia.sign_in(EMAIL, NEW_PASSWORD).expires_in == HOUR
    with pytest.raises(SessionEnded):
        zenobia.refresh(tokens)
    with pytest.raises(InvalidToken):
        zenobia.accounts.get_account(tokens.access_token)


# Accounts


def test_get_account_with_token_of_another_installation_raises_invalid_token(
    zenobia: LocalAccounts, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_accounts(tmp_path / "other")
    other.add()

    with pytest.raises(InvalidToken):
        zenobia.accounts.get_account(other.sign_in().access_token)


def test_delete_account_after_sign_out_raises_invalid_token_and_deletes_nothing(zenobia: LocalAccounts) -> None:
    tokens = zenobia.sign_in()
    zenobia.accounts.revoke(tokens.refresh_token)

    with pytest.raises(InvalidToken, match="revoked"):
        zenobia.accounts.delete_account(tokens.access_token)

    assert zenobia.sign_in().expires_in == HOUR


def test_delete_account_leaves_no_trace_of_it_and_keeps_others(zenobia: LocalAccounts, tmp_path: Path) -> None:
    zenobia.add(UNCONFIRMED)
    zenobia.accounts.request_password_reset(EMAIL)
    tokens = zenobia.sign_in()

    zenobia.accounts.delete_account(tokens.access_token)

    with closing(sqlite3.connect(tmp_path / "pixtag.db")) as connection:
        text = "\n".join(connection.iterdump())
    assert EMAIL.lower() not in text
    assert zenobia.sign_in(UNCONFIRMED).expires_in == HOUR


def test_registration_after_deletion_creates_another_owner(zenobia: LocalAccounts) -> None:
    owner = zenobia.admin.find_owner(EMAIL)
    zenobia.accounts.delete_account(zenobia.sign_in().access_token)

    zenobia.add()

    assert zenobia.admin.find_owner(EMAIL) != owner


def list_administrators(local: LocalAccounts) -> list[str]:
    return [account.email for account in local.admin.list_accounts() if account.is_admin]


def test_first_confirmed_account_is_the_administrator(local: LocalAccounts) -> None:
    local.register(UNCONFIRMED)
    before = list_administrators(local)
    local.add(EMAIL)
    local.accounts.confirm(UNCONFIRMED, local.read_code(UNCONFIRMED))

    assert (before, list_administrators(local)) == ([], [EMAIL.lower()])


def test_deletion_of_the_administrator_appoints_the_account_that_was_confirmed_next(
    zenobia: LocalAccounts, clock: StoppedClock
) -> None:
    for name in ("b", "a"):
        clock.ahead += 1
        zenobia.add(f"{name}@example.com")

    zenobia.accounts.delete_account(zenobia.sign_in().access_token)

    assert list_administrators(zenobia) == ["b@example.com"]
