"""Refuses sign-ups that the registration rule does not allow. Cognito calls the handler before each sign-up.

Everybody can send sign-ups to the user pool without the API, because the client of the pool is public. Cognito waits
for five seconds, so this module imports little.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
"""

import os
from functools import cache
from typing import Any, Final

from app.adapters.aws.invitations import DynamoInvitations
from app.adapters.aws.sessions import default_session
from app.domain.errors import RegistrationClosed
from app.domain.registration import RegistrationRule

BY_ADMINISTRATOR: Final = "PreSignUp_AdminCreateUser"  # by the person who restores a backup
BY_CLIENT: Final = "PreSignUp_SignUp"


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the event, which lets Cognito continue.

    Raises:
        RegistrationClosed: the address may not register. Cognito refuses the sign-up.
    """
    source, request = event["triggerSource"], event["request"]
    if source == BY_ADMINISTRATOR:
        return event
    email, invitation = request["userAttributes"].get("email", ""), request.get("clientMetadata") or {}
    if source != BY_CLIENT or not _is_allowed(email, invitation.get("invitation", "")):
        raise RegistrationClosed
    return event


def _is_allowed(email: str, token: str) -> bool:
    rule = RegistrationRule.parse(os.environ["PIXTAG_REGISTRATION"].strip().lower())
    return rule.allows(email) or (bool(token) and invitations().contains(email, token))


@cache
def invitations() -> DynamoInvitations:
    """Return the invitations in the table of this deployment."""
    return DynamoInvitations(default_session().client("dynamodb"), os.environ["PIXTAG_TABLE"])
