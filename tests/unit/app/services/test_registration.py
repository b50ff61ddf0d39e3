"""Who may register. The accounts and invitations are those of one machine; their contract tests run on both stores."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.local.invitations import SqliteInvitations
from app.domain.errors import InvalidAccount, InvalidCode, InvalidInvitation, PixTagError, RegistrationClosed
from app.domain.registration import Invitation, RegistrationRule
from app.services.registration import Registration
from tests.support.local_accounts import (
    EMAIL,
    NAMES,
    NEW_PASSWORD,
    NOBODY,
    PASSWORD,
    LocalAccounts,
    find_error,
    make_accounts,
)

LIMITED = "yorick@example.com, @example.net"


@pytest.fixture
def local(tmp_path: Path) -> LocalAccounts:
    return make_accounts(tmp_path)


@pytest.fixture
def invitations(local: LocalAccounts) -> SqliteInvitations:
    return SqliteInvitations(local.database)


@pytest.fixture
def make(local: LocalAccounts, invitations: SqliteInvitations) -> Callable[[str], Registration]:
    """A function that returns the registration with a setting."""
    return lambda text: Registration(RegistrationRule.parse(text), local.accounts, invitations)


@pytest.fixture
def closed(make: Callable[[str], Registration]) -> Registration:
    return make("closed")


def register(registration: Registration, email: str, invitation: str = "") -> tuple[type[PixTagError], str] | None:
    """Register, and return the error or None."""
    return find_error(lambda: registration.register(email, PASSWORD, **NAMES, invitation=invitation))


@pytest.mark.parametrize(
    ("setting", "email", "error"),
    [
        ("open", NOBODY, None),
        ("closed", NOBODY, RegistrationClosed),
        (LIMITED, "Yorick@Example.com", None),
        (LIMITED, "zoe@example.net", None),
        (LIMITED, NOBODY, RegistrationClosed),
    ],
)
def test_register_follows_the_rule(
    make: Callable[[str], Registration],
    local: LocalAccounts,
    setting: str,
    email: str,
    error: type[PixTagError] | None,
) -> None:
    result = register(make(setting), email)

    assert (result and result[0]) == error
    assert local.count_mails(email) == (0 if error else 1)
    assert len(local.admin.list_accounts()) == (0 if error else 1)


def test_refusal_says_whom_to_ask_and_reveals_no_account(
    make: Callable[[str], Registration], local: LocalAccounts
) -> None:
    local.add(EMAIL)
    local.register(NOBODY)

    for setting, reason in [("closed", "Registration is closed."), (LIMITED, "This address is not on the list")]:
        errors = {register(make(setting), email) for email in (EMAIL, NOBODY, "else@example.com")}
        ((kind, message),) = filter(None, errors)
        assert (len(errors), kind) == (1, RegistrationClosed)
        assert message.startswith(reason)
        assert message.endswith("Ask the person who runs this PixTag for an invitation.")


def test_invitation_is_used_once_and_only_for_its_address(
    closed: Registration, local: LocalAccounts, invitations: SqliteInvitations
) -> None:
    invitation = Invitation.make(EMAIL)
    invitations.add(invitation)

    for_another = register(closed, NOBODY, invitation.token)
    results = [register(closed, EMAIL, invitation.token) for _ in range(2)]  # the first response may have been lost
    closed.confirm(EMAIL, local.read_code(), PASSWORD)
    used = register(closed, EMAIL, invitation.token)

    assert (for_another and for_another[0], results) == (InvalidInvitation, [None, None])
    assert local.sign_in().expires_in == 3600
    assert used
    assert used[0] is InvalidInvitation
    assert used[1].startswith("This invitation was used, has expired, or is for another address.")


def test_wrong_token_has_the_same_error_for_every_address(closed: Registration, local: LocalAccounts) -> None:
    local.add(EMAIL)

    assert len({register(closed, email, "wrong") for email in (EMAIL, NOBODY)}) == 1


def test_invitation_survives_a_refused_registration_and_a_wrong_code(
    closed: Registration, local: LocalAccounts, invitations: SqliteInvitations
) -> None:
    invitation = Invitation.make(EMAIL)
    invitations.add(invitation)
    with pytest.raises(InvalidAccount):
        closed.register(EMAIL, "weak", **NAMES, invitation=invitation.token)
    register(closed, EMAIL, invitation.token)
    with pytest.raises(InvalidCode):
        closed.confirm(EMAIL, local.make_wrong_code(), PASSWORD)

    assert register(closed, EMAIL, invitation.token) is None


def test_open_registration_ignores_invitations(make: Callable[[str], Registration], local: LocalAccounts) -> None:
    registration = make("open")

    assert register(registration, EMAIL, "wrong") is None
    registration.confirm(EMAIL, local.read_code(), NEW_PASSWORD)
    assert local.sign_in(EMAIL, NEW_PASSWORD).expires_in == 3600
