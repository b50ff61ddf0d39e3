from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import InvalidAccount
from app.domain.registration import Invitation, RegistrationMode, RegistrationRule

LIST = "anna@example.org, @example.net"


@pytest.mark.parametrize(
    ("text", "mode"),
    [("open", RegistrationMode.OPEN), ("closed", RegistrationMode.CLOSED), (LIST, RegistrationMode.LIMITED)],
)
def test_rule_has_the_mode_of_the_setting(text: str, mode: RegistrationMode) -> None:
    assert RegistrationRule.parse(text).mode is mode


@pytest.mark.parametrize(
    ("email", "is_allowed"),
    [
        ("Anna@Example.org", True),
        ("bert@example.org", False),
        ("bert@EXAMPLE.net", True),
        ("bert@sub.example.net", False),
        ("example.net", False),
        ("bert@badexample.net", False),
        ('"x@example.net"@evil.example', False),
        ("anna@example.org.evil.example", False),
    ],
)
def test_list_allows_its_addresses_and_the_addresses_of_its_domains(
    email: str,
    is_allowed: bool,  # noqa: FBT001 - a case
) -> None:
    assert RegistrationRule.parse(LIST).allows(email) is is_allowed


@pytest.mark.parametrize("email", ["anna@example.org", "bert@example.net"])
def test_open_allows_every_address_and_closed_none(email: str) -> None:
    assert RegistrationRule.parse("open").allows(email)
    assert not RegistrationRule.parse("closed").allows(email)


@pytest.mark.parametrize(
    ("setting", "old", "new", "is_allowed"),
    [
        ("open", "anna@example.org", "bert@example.com", True),
        ("closed", "anna@example.org", "bert@example.com", True),
        (LIST, "anna@example.org", "bert@example.com", False),
        (LIST, "anna@example.org", "anna@example.net", True),
        (LIST, "guest@example.com", "bert@example.com", True),
    ],
)
def test_address_on_the_list_may_only_be_replaced_with_another_one_on_it(
    setting: str,
    old: str,
    new: str,
    is_allowed: bool,  # noqa: FBT001 - a case
) -> None:
    assert RegistrationRule.parse(setting).allows_change(old, new) is is_allowed


def test_invitation_has_a_random_token_in_the_fragment_of_its_link() -> None:
    invitation, other = (Invitation.make("Anna+1@Example.org") for _ in range(2))

    link = invitation.link("https://pixtag.example")
    assert link == f"https://pixtag.example/register#invitation={invitation.token}&email=anna%2B1@example.org"
    assert invitation.token != other.token
    assert abs(invitation.expires_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=5)
    assert not [secret for secret in (invitation.token, "anna") if secret in repr(invitation)]


def test_invitation_of_no_address_raises_invalid_account() -> None:
    with pytest.raises(InvalidAccount):
        Invitation.make("anna")
