"""Registers and deletes accounts, confirms e-mail addresses and resets passwords."""

import re
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import AfterValidator, BaseModel, Field

from app.api.auth import CurrentUser
from app.api.dependencies import AccountsDep, MailboxPageDep, MailDep, OutboxDep, require_space
from app.api.problems import clear_session, responses
from app.api.request_validation import StrictRoute
from app.api.schemas import MailboxPage
from app.domain import errors
from app.services.account_deletion import delete_account

router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])

# Regular expression dialects disagree on whether U+0085 and U+FEFF are white space. The pattern
# names both characters, so that every dialect gives the same result.
_WORD = r"[^@\s\u0085\ufeff]+"
_ADDRESS = f"^{_WORD}@{_WORD}\\.{_WORD}$"


def _require_address(text: str) -> str:
    if not re.fullmatch(_ADDRESS, text):
        raise ValueError("This is not an e-mail address. Use the form ada@example.com.")
    return text


# The address is the username in Cognito. A username can have at most 128 characters.
Email = Annotated[
    str,
    Field(max_length=128, examples=["ada@example.com"], json_schema_extra={"pattern": _ADDRESS}),
    AfterValidator(_require_address),
]
Password = Annotated[str, Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])]
# Names cannot contain control characters such as line breaks, because e-mails and spreadsheets may contain names.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["123456"])]


class RegistrationRequest(BaseModel, extra="forbid", strict=True):
    """Your name, e-mail address and password."""

    email: Email
    password: Password
    given_name: Name = Field(examples=["Ada"])
    family_name: Name = Field(examples=["Lovelace"])


class NextStepResponse(BaseModel):
    """A description of the next step."""

    detail: str = Field(examples=["If the address is new, PixTag sends it a code."])


class CodeResponse(NextStepResponse):
    """A description of the next step, which needs a code, and the page that shows the code."""

    mailbox: MailboxPage


@router.post(
    "/register",
    operation_id="register",
    summary="Register an account",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.InvalidAccount, errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def register(request: RegistrationRequest, accounts: AccountsDep, mailbox: MailboxPageDep) -> CodeResponse:
    """Create an account and send a code to its e-mail address.

    If the address already has an account, the response is the same and the account does not change. If the password
    is too weak, the response contains the password rules.
    """
    accounts.register(request.email, request.password, given_name=request.given_name, family_name=request.family_name)
    return CodeResponse(
        detail="If the address is new, PixTag sends it a code. Send the code to POST /auth/confirm."
        " If no code arrives, request another with POST /auth/resend, or register again later.",
        mailbox=mailbox,
    )


class ConfirmationRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address and the code from the e-mail."""

    email: Email
    code: Code


@router.post(
    "/confirm",
    operation_id="confirm",
    summary="Confirm your e-mail address",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidCode, errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def confirm(request: ConfirmationRequest, accounts: AccountsDep) -> None:
    """Confirm your e-mail address with the code from the e-mail. Then you can sign in."""
    accounts.confirm(request.email, request.code)


class EmailRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address."""

    email: Email


@router.post(
    "/resend",
    operation_id="resendCode",
    summary="Resend the confirmation code",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def resend_code(request: EmailRequest, accounts: AccountsDep, mailbox: MailboxPageDep) -> CodeResponse:
    """Send another code to an e-mail address that is not confirmed yet.

    The response is the same for unknown, unconfirmed and confirmed addresses.
    """
    accounts.resend_code(request.email)
    return CodeResponse(
        detail="If the address is not confirmed yet, PixTag sends it a code. Send the code to POST /auth/confirm.",
        mailbox=mailbox,
    )


@router.post(
    "/forgot",
    operation_id="forgotPassword",
    summary="Request a code for a new password",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def forgot_password(request: EmailRequest, accounts: AccountsDep, mailbox: MailboxPageDep) -> CodeResponse:
    """Send a code that lets you set a new password.

    The response is the same for addresses with and without an account.
    """
    accounts.request_password_reset(request.email)
    return CodeResponse(
        detail="If the address has an account, PixTag sends it a code. Send the code to POST /auth/reset."
        " If no code arrives, try again in an hour.",
        mailbox=mailbox,
    )


class PasswordResetRequest(ConfirmationRequest):
    """Your e-mail address, the code from the e-mail and the new password."""

    password: Password


@router.post(
    "/reset",
    operation_id="resetPassword",
    summary="Set a new password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidAccount, errors.InvalidCode, errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def reset_password(request: PasswordResetRequest, accounts: AccountsDep) -> None:
    """Set a new password with the code from the e-mail. Then you can sign in with it."""
    accounts.reset_password(request.email, request.code, request.password)


class AccountResponse(BaseModel):
    """Your account."""

    id: str = Field(
        description="The id of your account and library.", examples=["3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"]
    )
    email: str = Field(examples=["ada@example.com"])
    given_name: str = Field(examples=["Ada"])
    family_name: str = Field(examples=["Lovelace"])
    email_verified: bool = Field(description="Whether you have confirmed the address with a code.")


@router.get(
    "/me",
    operation_id="getMe",
    summary="Get your account",
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
)
def get_me(user: CurrentUser, accounts: AccountsDep) -> AccountResponse:
    """Return your account. A revoked access token is rejected immediately.

    Most other operations accept a revoked access token until it expires.
    """
    return AccountResponse(id=user.owner, **asdict(accounts.get_account(user.token)))


@router.delete(
    "/me",
    operation_id="deleteMe",
    summary="Delete your account and library",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
)
def delete_me(
    confirm: Annotated[
        str,
        Query(
            max_length=128,
            description="Your e-mail address. This parameter prevents accidental deletion.",
            examples=["ada@example.com"],
        ),
    ],
    user: CurrentUser,
    accounts: AccountsDep,
    outbox: OutboxDep,
    mail: MailDep,
    response: Response,
) -> NextStepResponse:
    """Delete your account and your library permanently. You can no longer sign in.

    PixTag removes your images, tags and subscriptions within minutes. Thousands of images take hours. Later uploads
    with unexpired access tokens are removed too. On AWS, old versions of the photos stay in S3 for 30 days and
    backups of the table for 35 days. PixTag cannot read this data.

    If the response is 429 or a server error, the deletion may have started. Repeat the request until the response is
    202 or 401. Status 401 means that the account no longer exists.
    """
    if confirm.lower() != accounts.get_account(user.token).email.lower():
        raise errors.InvalidRequest(
            "query/confirm", "This is not the e-mail address of the account. Nothing was deleted."
        )
    delete_account(user.owner, outbox, mail, lambda: accounts.delete_account(user.token))
    clear_session(response)
    return NextStepResponse(
        detail="Your account is deleted. Your library is being removed. This takes minutes, or hours for thousands of"
        " images."
    )
