"""Resets and changes passwords, ends sessions, and deletes accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, Field

from app.api.account_schemas import CodeResponse, EmailRequest, Name, NewPasswordRequest, NextStepResponse, Password
from app.api.auth import EDIT, CurrentUser, User, limit_edits
from app.api.dependencies import (
    AccountsDep,
    ApiKeysDep,
    MailboxPageDep,
    MailDep,
    OutboxDep,
    RegistrationRuleDep,
    SharesDep,
    require_space,
)
from app.api.problems import clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.ports import Accounts
from app.domain.registration import RegistrationMode, RegistrationRule
from app.services.account_deletion import delete_account

router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])


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


class PasswordResetRequest(NewPasswordRequest):
    """Your e-mail address, the code from the e-mail and the new password."""


@router.post(
    "/reset",
    operation_id="resetPassword",
    summary="Set a new password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidAccount, errors.InvalidCode, errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def reset_password(request: PasswordResetRequest, accounts: AccountsDep) -> None:
    """Set a new password with the code from the e-mail. This signs you out everywhere. Then sign in with it."""
    accounts.reset_password(request.email, request.code, request.password)


class AccountResponse(BaseModel):
    """Your account."""

    id: str = Field(
        description="The id of your account and library.", examples=["3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"]
    )
    email: str = Field(description="Your e-mail address.", examples=["ada@example.com"])
    given_name: str = Field(description="Your given name.", examples=["Ada"])
    family_name: str = Field(description="Your family name.", examples=["Lovelace"])
    email_verified: bool = Field(description="Whether you have confirmed the address with a code.", examples=[True])
    is_admin: bool = Field(
        description="Whether you are the administrator of this machine. On AWS, nobody is.", examples=[False]
    )
    can_invite: bool = Field(
        description="Whether you can invite others: registration is not open, and you are the administrator."
    )


@router.get(
    "/me",
    operation_id="getMe",
    summary="Get your account",
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
)
def get_me(user: CurrentUser, accounts: AccountsDep, rule: RegistrationRuleDep) -> AccountResponse:
    """Return your account. A revoked access token is rejected immediately.

    On AWS, most other operations accept a revoked access token until it expires within an hour.
    """
    return _show_account(user, accounts, rule)


def _show_account(user: User, accounts: Accounts, rule: RegistrationRule) -> AccountResponse:
    account = accounts.get_account(user.token)
    return AccountResponse(
        id=user.owner,
        email=account.email,
        given_name=account.given_name,
        family_name=account.family_name,
        email_verified=account.email_verified,
        is_admin=account.is_admin,
        can_invite=account.is_admin and rule.mode is not RegistrationMode.OPEN,
    )


class AccountChange(BaseModel, extra="forbid", strict=True):
    """The names to change. A name that is omitted or null does not change."""

    given_name: Name | None = Field(None, description="The new given name.", examples=["Augusta Ada"])
    family_name: Name | None = Field(None, description="The new family name.", examples=["King"])


@router.patch(
    "/me",
    operation_id="changeMe",
    summary="Change your name",
    responses=responses(errors.InvalidAccount, errors.InvalidToken, errors.TooManyRequests),
    dependencies=EDIT,
)
def change_me(
    change: AccountChange, user: CurrentUser, accounts: AccountsDep, rule: RegistrationRuleDep
) -> AccountResponse:
    """Change your given name, your family name or both. To change your e-mail address, use `POST /auth/me/email`."""
    names = {name: value for name, value in change.model_dump().items() if value}
    if names:
        accounts.change_names(user.token, **names)
    return _show_account(user, accounts, rule)


class PasswordChangeRequest(BaseModel, extra="forbid", strict=True):
    """Your current password and the new one."""

    old_password: Password = Field(description="Your current password.")
    new_password: Password = Field(
        description="The new password, with at least 12 characters.", examples=["another good password"]
    )


@router.put(
    "/me/password",
    operation_id="changePassword",
    summary="Change your password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidAccount, errors.InvalidToken, errors.TooManyRequests, errors.WrongPassword),
    dependencies=EDIT,
)
def change_password(
    request: PasswordChangeRequest, user: CurrentUser, accounts: AccountsDep, response: Response
) -> None:
    """Set a new password. This signs you out everywhere. Then sign in with the new password."""
    accounts.change_password(user.token, request.old_password, request.new_password)
    clear_session(response)


@router.delete(
    "/me/sessions",
    operation_id="deleteSessions",
    summary="Sign out everywhere",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidToken, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def delete_sessions(user: CurrentUser, accounts: AccountsDep, response: Response) -> None:
    """End all your sessions in browsers and programs, including this one.

    On one machine, their access tokens are rejected immediately. On AWS, most operations accept them until they expire
    within an hour.
    """
    accounts.end_sessions(user.token)
    clear_session(response)


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
    keys: ApiKeysDep,
    shares: SharesDep,
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
    delete_account(user.owner, outbox, keys, shares, mail, lambda: accounts.delete_account(user.token))
    clear_session(response)
    return NextStepResponse(
        detail="Your account is deleted. Your library is being removed. This takes minutes, or hours for thousands of"
        " images."
    )
