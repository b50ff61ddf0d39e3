from pathlib import Path

import boto3
import pytest

from app.adapters.aws import invitations as aws_module
from app.adapters.aws.invitations import DynamoInvitations
from app.adapters.local import invitations as local_module
from app.adapters.local.database import Database
from app.adapters.local.invitations import SqliteInvitations
from app.domain.ports import Invitations
from app.domain.registration import INVITATION_LIFE, Invitation
from tests.support.aws import TABLE_NAME, make_table
from tests.support.fakes import StoppedClock

EMAIL, OTHER = "anna@example.org", "bert@example.org"
DAY = 24 * 3600


@pytest.fixture
def invitations(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Invitations:
    if backend == "local":
        return SqliteInvitations(Database(tmp_path / "pixtag.db"))
    request.getfixturevalue("aws")
    dynamodb = boto3.client("dynamodb")
    make_table(dynamodb)
    return DynamoInvitations(dynamodb, TABLE_NAME)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    clock = StoppedClock()
    for module in (aws_module, local_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def invitation(invitations: Invitations) -> Invitation:
    invitation = Invitation.make(EMAIL)
    invitations.add(invitation)
    return invitation


def test_contains_is_true_only_for_the_address_and_the_token(invitations: Invitations, invitation: Invitation) -> None:
    other = Invitation.make(OTHER)
    invitations.add(other)

    assert invitations.contains(EMAIL.upper(), invitation.token)
    cases = [(EMAIL, other.token), (OTHER, invitation.token), (EMAIL, ""), (EMAIL, "\ud800")]
    assert [invitations.contains(*case) for case in cases] == [False] * 4


def test_invitation_expires_after_seven_days(
    invitations: Invitations, clock: StoppedClock, invitation: Invitation
) -> None:
    clock.ahead = int(INVITATION_LIFE.total_seconds()) - DAY
    early = invitations.contains(EMAIL, invitation.token)
    clock.ahead += DAY + 60

    assert (early, invitations.contains(EMAIL, invitation.token)) == (True, False)


def test_remove_ends_all_invitations_of_the_address(invitations: Invitations, invitation: Invitation) -> None:
    second, other = Invitation.make(EMAIL), Invitation.make(OTHER)
    for each in (second, other):
        invitations.add(each)

    invitations.remove(EMAIL.upper())

    assert not invitations.contains(EMAIL, invitation.token)
    assert not invitations.contains(EMAIL, second.token)
    assert invitations.contains(OTHER, other.token)
    invitations.remove(EMAIL)
