from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.adapters.local.sign_in_limits import FREE_ATTEMPTS, MAX_WAIT_SECONDS
from app.domain.errors import InvalidCredentials, PixTagError, TooManyRequests
from tests.support.fakes import StoppedClock
from tests.support.local_accounts import EMAIL, NOBODY, LocalAccounts, find_error, make_accounts, patch_clock

HOUR = 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return patch_clock(monkeypatch)


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
