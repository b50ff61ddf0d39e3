import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from app.domain.errors import TooManyRequests
from app.domain.passwords import MAX_CALLS, PARAMETERS, Passwords
from tests.support.fast_hashes import REAL

MIB = 1024  # in KiB


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


def test_parameters_are_the_low_memory_parameters_of_rfc_9106() -> None:
    assert REAL == (PARAMETERS,)
    assert (PARAMETERS.type, PARAMETERS.time_cost, PARAMETERS.memory_cost, PARAMETERS.parallelism) == (
        *(argon2.Type.ID, 3, 64 * MIB, 4),
    )


@pytest.mark.parametrize("password", ["correct horse battery staple", "pässwörd ☂ 12", "\ud800 surrogate"])
def test_verify_accepts_only_the_password_of_the_hash(passwords: Passwords, password: str) -> None:
    password_hash = passwords.hash(password)

    assert password_hash.startswith("$argon2id$")
    assert passwords.verify(password_hash, password)
    assert not passwords.verify(password_hash, password + " ")


@pytest.mark.parametrize("password_hash", [None, "", "damaged", "$argon2id$v=19$m=8,t=1,p=1$AA$AA"])
@pytest.mark.parametrize("password", ["", "\0", "\0" * 16])
def test_verify_without_valid_hash_returns_false(
    passwords: Passwords, password_hash: str | None, password: str
) -> None:
    assert not passwords.verify(password_hash, password)


def test_hash_for_unknown_addresses_has_the_parameters_of_new_hashes(passwords: Passwords) -> None:
    real = Passwords(PARAMETERS)

    assert not real.is_outdated(real._nobody)  # noqa: SLF001 - no function returns it
    assert real.is_outdated(passwords.hash("x"))


def test_concurrent_calls_hash_one_at_a_time(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    most: list[int] = []

    def hash_slowly(_self: argon2.PasswordHasher, _password: bytes) -> str:
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        return "hash"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", hash_slowly)
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(passwords.hash, ["x"] * 8))

    assert most == [1] * 8


def test_call_while_too_many_others_wait_raises_too_many_requests(passwords: Passwords) -> None:
    for _ in range(MAX_CALLS):
        assert passwords._calls.acquire(blocking=False)  # noqa: SLF001 - as waiting calls do

    with pytest.raises(TooManyRequests, match="Too many people are signing in"):
        passwords.verify(None, "x")
    passwords._calls.release()  # noqa: SLF001 - as a call that ends does

    assert passwords.verify(None, "x") is False
