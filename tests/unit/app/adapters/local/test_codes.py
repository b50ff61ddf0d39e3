from pathlib import Path

import pytest

from app.adapters.local.codes import MAX_ATTEMPTS, MAX_CODES
from app.domain.errors import InvalidCode
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import (
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    LocalAccounts,
    find_error,
    make_accounts,
    patch_clock,
)

HOUR = 3600
UNCONFIRMED = "yorick@example.com"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


def test_confirm_with_code_twice_raises_invalid_code(local: LocalAccounts) -> None:
    local.add()

    with pytest.raises(InvalidCode):
        local.accounts.confirm(EMAIL, local.read_code(), PASSWORD)


@pytest.mark.parametrize("email", [UNCONFIRMED, EMAIL])
def test_code_of_another_account_or_purpose_is_rejected(zenobia: LocalAccounts, email: str) -> None:
    zenobia.register(UNCONFIRMED)
    zenobia.accounts.request_password_reset(EMAIL)
    code, reset_code = zenobia.read_code(UNCONFIRMED), zenobia.read_code(EMAIL)

    with pytest.raises(InvalidCode):
        zenobia.accounts.reset_password(email, code if code != reset_code else "", NEW_PASSWORD)
    with pytest.raises(InvalidCode):
        zenobia.accounts.confirm(email, reset_code if code != reset_code else "", PASSWORD)


def test_code_after_too_many_attempts_is_rejected_and_a_new_one_works(local: LocalAccounts) -> None:
    local.register()
    code = local.read_code()

    errors = [find_error(local.accounts.confirm, EMAIL, local.make_wrong_code(), PASSWORD) for _ in range(MAX_ATTEMPTS)]
    late = find_error(local.accounts.confirm, EMAIL, code, PASSWORD)
    local.accounts.resend_code(EMAIL)

    assert {error and error[0] for error in [*errors, late]} == {InvalidCode}
    local.accounts.confirm(EMAIL, local.read_code(), PASSWORD)


@pytest.mark.parametrize(("hours", "is_valid"), [(-48, True), (23.9, True), (24, False)])
def test_code_to_confirm_expires_after_a_day(
    local: LocalAccounts,
    clock: StoppedClock,
    hours: float,
    is_valid: bool,  # noqa: FBT001 - a case
) -> None:
    local.register()
    clock.ahead = int(hours * HOUR)

    error = find_error(local.accounts.confirm, EMAIL, local.read_code(), PASSWORD)

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
