"""Accounts: register, confirm the address, choose a new password for a forgotten one, see who you are, and leave."""

import re
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import AfterValidator, BaseModel, Field

from app.api.auth import CurrentUser
from app.api.dependencies import OutboxDep, TopicsDep, UserPoolDep
from app.api.problems import clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors

router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])

# Dialects of regular expressions differ in whether U+0085 and U+FEFF are white space; to all of ours they are.
_WORD = r"[^@\s\u0085\ufeff]+"
# Cognito takes at most 128 characters for a user's name, which is the address.
_ADDRESS = f"^{_WORD}@{_WORD}\\.{_WORD}$"


def _require_address(text: str) -> str:
    if not re.fullmatch(_ADDRESS, text):
        raise ValueError("this is no e-mail address like ada@example.com")
    return text


Email = Annotated[
    str,
    Field(max_length=128, examples=["ada@example.com"], json_schema_extra={"pattern": _ADDRESS}),
    AfterValidator(_require_address),
]
Password = Annotated[str, Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])]
# No line break or other control character: names stand in mails, logs and tables of people's own.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["123456"])]


class RegistrationRequest(BaseModel, extra="forbid", strict=True):
    """Who you are."""

    email: Email
    password: Password
    given_name: Name = Field(examples=["Ada"])
    family_name: Name = Field(examples=["Lovelace"])


class NextStepResponse(BaseModel):
    """What to do next."""

    detail: str = Field(examples=["If the address is new, a code is on its way to it."])


@router.post(
    "/register",
    operation_id="register",
    summary="Register",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.InvalidAccount, errors.TooManyRequests),
)
def register(registration: RegistrationRequest, userpool: UserPoolDep) -> NextStepResponse:
    """Begin an account: a code is sent to the address.

    The answer is the same for an address that already has an account; nothing happens to that one. A password
    that is too weak is answered with the rules.
    """
    userpool.register(
        registration.email,
        registration.password,
        given_name=registration.given_name,
        family_name=registration.family_name,
    )
    return NextStepResponse(
        detail="If the address is new, a code is on its way to it. Send it to POST /auth/confirm."
        " If none comes, ask for another with POST /auth/resend, or register again later."
    )


class ConfirmationRequest(BaseModel, extra="forbid", strict=True):
    """The code that was sent to the address."""

    email: Email
    code: Code


@router.post(
    "/confirm",
    operation_id="confirm",
    summary="Confirm the address",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidCode, errors.TooManyRequests),
)
def confirm(confirmation: ConfirmationRequest, userpool: UserPoolDep) -> None:
    """Finish the account with the code from the e-mail; then sign in."""
    userpool.confirm(confirmation.email, confirmation.code)


class EmailRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address."""

    email: Email


@router.post(
    "/resend",
    operation_id="resendCode",
    summary="Send the code again",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests),
)
def resend_code(address: EmailRequest, userpool: UserPoolDep) -> NextStepResponse:
    """Send another code to an address that is not confirmed yet.

    The answer is the same for every address: unknown, waiting or confirmed.
    """
    userpool.resend(address.email)
    return NextStepResponse(
        detail="If the address waits to be confirmed, a code is on its way to it. Send it to POST /auth/confirm."
    )


@router.post(
    "/forgot",
    operation_id="forgotPassword",
    summary="Ask for a new password",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests),
)
def forgot_password(address: EmailRequest, userpool: UserPoolDep) -> NextStepResponse:
    """Send a code with which to choose a new password.

    The answer is the same for every address, known or not.
    """
    userpool.forget(address.email)
    return NextStepResponse(
        detail="If the address has an account, a code is on its way to it. Send it to POST /auth/reset."
        " If none comes, ask again in an hour."
    )


class PasswordResetRequest(ConfirmationRequest):
    """The code that was sent to the address, and the new password."""

    password: Password


@router.post(
    "/reset",
    operation_id="resetPassword",
    summary="Choose a new password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidAccount, errors.InvalidCode, errors.TooManyRequests),
)
def reset_password(reset: PasswordResetRequest, userpool: UserPoolDep) -> None:
    """Change the password with the code from the e-mail; then sign in with it."""
    userpool.reset(reset.email, reset.code, reset.password)


class AccountResponse(BaseModel):
    """Your account."""

    id: str = Field(description="What your library is filed under.", examples=["3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"])
    email: str = Field(examples=["ada@example.com"])
    given_name: str = Field(examples=["Ada"])
    family_name: str = Field(examples=["Lovelace"])
    email_verified: bool = Field(description="Whether a code was sent back from the address.")


@router.get(
    "/me",
    operation_id="getMe",
    summary="Show my account",
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
)
def get_me(user: CurrentUser, userpool: UserPoolDep) -> AccountResponse:
    """Answer with who you are. A token that was revoked in the meantime is refused here at once."""
    return AccountResponse(id=user.owner, **asdict(userpool.get_account(user.token)))


@router.delete(
    "/me",
    operation_id="deleteMe",
    summary="Delete my account and everything in it",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
)
def delete_me(
    confirm: Annotated[
        str,
        Query(
            max_length=128,
            description="The e-mail address of the account, so that none is deleted by accident.",
            examples=["ada@example.com"],
        ),
    ],
    user: CurrentUser,
    userpool: UserPoolDep,
    outbox: OutboxDep,
    topics: TopicsDep,
    response: Response,
) -> NextStepResponse:
    """End your account, for good. Nobody can sign in to it any more, and your whole library is removed.

    Images, tags and subscriptions go within minutes, a library of thousands within hours; what is added with tokens
    that you still have goes too. AWS keeps what was removed, out of PixTag's reach, for up to 35 days: old versions of
    objects for 30 days, backups of the table for 35. If the answer is 429 or an error of the server's, the removal
    may have begun already: ask again, until the answer is 202, or 401 because the account is gone.
    """
    if confirm.lower() != userpool.get_account(user.token).email.lower():
        raise errors.InvalidRequest(
            "query/confirm", "This is not the e-mail address of the account; nothing was deleted."
        )
    # First, so that the library goes whatever fails from here on; if Cognito is down, that has shown by now.
    outbox.put_account_deletion(user.owner)
    topics.delete(user.owner)
    userpool.delete(user.token)
    clear_session(response)
    return NextStepResponse(
        detail="Your account is deleted. Your library is being removed: that takes minutes, with thousands of images"
        " hours."
    )
