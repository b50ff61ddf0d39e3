"""The function that Cognito calls before each sign-up. The events have the members that AWS documents.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from app.adapters.aws import sign_up_trigger
from app.adapters.aws.invitations import DynamoInvitations
from app.adapters.aws.sign_up_trigger import handler
from app.domain.errors import RegistrationClosed
from app.domain.registration import Invitation
from tests.support.aws import TABLE_NAME, make_table

EMAIL = "anna@example.org"


@pytest.fixture
def invitation(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invitation]:
    """An invitation of Anna, while registration is closed."""
    make_table(boto3.client("dynamodb"))
    monkeypatch.setenv("PIXTAG_TABLE", TABLE_NAME)
    monkeypatch.setenv("PIXTAG_REGISTRATION", "closed")
    sign_up_trigger.invitations.cache_clear()
    invitation = Invitation.make(EMAIL)
    DynamoInvitations(boto3.client("dynamodb"), TABLE_NAME).add(invitation)
    yield invitation
    sign_up_trigger.invitations.cache_clear()


def make_event(email: str | None = EMAIL, source: str = "PreSignUp_SignUp", **request: Any) -> dict[str, Any]:
    attributes = {"given_name": "Anna"} | ({"email": email} if email else {})
    return {
        "version": "1",
        "triggerSource": source,
        "region": "eu-central-1",
        "userPoolId": "eu-central-1_ABC",
        "userName": "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "web"},
        "request": {"userAttributes": attributes, "validationData": None} | request,
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    }


def test_handler_returns_the_event_of_an_invited_address(invitation: Invitation) -> None:
    event = make_event(clientMetadata={"invitation": invitation.token})

    assert handler(event, None) == make_event(clientMetadata={"invitation": invitation.token})


def test_handler_accepts_users_of_a_restored_backup(invitation: Invitation) -> None:
    event = make_event("bert@example.org", "PreSignUp_AdminCreateUser")

    assert handler(event, None) == event


@pytest.mark.parametrize("email", [EMAIL, "bert@example.org", None])
@pytest.mark.parametrize("request_members", [{}, {"clientMetadata": None}, {"clientMetadata": {"invitation": "x"}}])
def test_handler_refuses_a_sign_up_without_invitation(
    invitation: Invitation, email: str | None, request_members: dict[str, Any]
) -> None:
    with pytest.raises(RegistrationClosed):
        handler(make_event(email, **request_members), None)


def test_handler_refuses_the_invitation_of_another_address(invitation: Invitation) -> None:
    with pytest.raises(RegistrationClosed):
        handler(make_event("bert@example.org", clientMetadata={"invitation": invitation.token}), None)


def test_handler_refuses_other_sources(invitation: Invitation) -> None:
    event = make_event(source="PreSignUp_ExternalProvider", clientMetadata={"invitation": invitation.token})

    with pytest.raises(RegistrationClosed):
        handler(event, None)


@pytest.mark.parametrize(("email", "is_allowed"), [(EMAIL, False), ("Bert@example.net", True), ("c@example.com", True)])
def test_handler_applies_the_list_of_the_setting(
    invitation: Invitation,
    monkeypatch: pytest.MonkeyPatch,
    email: str,
    is_allowed: bool,  # noqa: FBT001 - a case
) -> None:
    monkeypatch.setenv("PIXTAG_REGISTRATION", "C@Example.com,@example.net")

    if is_allowed:
        assert handler(make_event(email), None) == make_event(email)
    else:
        with pytest.raises(RegistrationClosed):
            handler(make_event(email), None)
