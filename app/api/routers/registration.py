"""Registers accounts, confirms their e-mail addresses, and invites people."""

from datetime import datetime

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, Field

from app.api.account_schemas import CodeResponse, Email, EmailRequest, Name, NameOrNone, NewPasswordRequest, Password
from app.api.auth import EDIT, CurrentUser
from app.api.dependencies import AccountsDep, InvitationsDep, MailboxPageDep, RegistrationDep, UiUrlDep, require_space
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.registration import Invitation

router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])


class RegistrationRequest(BaseModel, extra="forbid", strict=True):
    """Your name, e-mail address and password."""

    email: Email
    password: Password
    given_name: Name = Field(description="Your given name.", examples=["Ada"])
    family_name: Name = Field(description="Your family name.", examples=["Lovelace"])
    invitation: str = Field(
        "",
        max_length=128,
        description="The secret of the invitation, if registration is not open to your address.",
        examples=["the-token-of-the-link"],
    )


@router.post(
    "/register",
    operation_id="register",
    summary="Register an account",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(
        errors.InvalidAccount, errors.InvalidInvitation, errors.RegistrationClosed, errors.TooManyRequests
    ),
    dependencies=[Depends(require_space)],
)
def register(request: RegistrationRequest, registration: RegistrationDep, mailbox: MailboxPageDep) -> CodeResponse:
    """Create an account and send a code to its e-mail address.

    If the address already has an account, the response is the same and the account does not change. On one machine,
    the address then gets an e-mail that says so. If the password is too weak, the response contains the password
    rules. `GET /health` says whether registration is open. An invitation lets its address register in any case.
    """
    registration.register(
        request.email,
        request.password,
        given_name=request.given_name,
        family_name=request.family_name,
        invitation=request.invitation,
    )
    return CodeResponse(
        detail="If the address is new, PixTag sends it a code. Send the code to POST /auth/confirm."
        " If no code arrives, request another with POST /auth/resend, or register again later.",
        mailbox=mailbox,
    )


class ConfirmationRequest(NewPasswordRequest):
    """Your e-mail address, the code from the e-mail, your password and your names."""

    given_name: NameOrNone = Field("", description="If it is empty, the name does not change.", examples=["Ada"])
    family_name: NameOrNone = Field("", description="If it is empty, the name does not change.", examples=["Lovelace"])


@router.post(
    "/confirm",
    operation_id="confirm",
    summary="Confirm your e-mail address",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidAccount, errors.InvalidCode, errors.TooManyRequests),
    dependencies=[Depends(require_space)],
)
def confirm(request: ConfirmationRequest, registration: RegistrationDep) -> None:
    """Confirm your e-mail address with the code from the e-mail, and set your password. Then you can sign in.

    Somebody else may have registered your address before you. Their password becomes invalid.
    """
    registration.confirm(
        request.email,
        request.code,
        request.password,
        given_name=request.given_name,
        family_name=request.family_name,
    )


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


class InvitationResponse(BaseModel):
    """An invitation. Only this response contains its link."""

    link: str = Field(
        description="The link to the registration form. Send it only to the invited person.",
        examples=["http://127.0.0.1:8000/register#invitation=the-token-of-the-link&email=grace@example.com"],
    )
    expires_at: datetime = Field(description="When the link stops working.", examples=["2026-02-07T12:00:00Z"])


@router.post(
    "/me/invitations",
    operation_id="invite",
    summary="Invite a person",
    responses=responses(errors.InvalidAccount, errors.InvalidToken, errors.NotAdministrator, errors.TooManyRequests),
    dependencies=EDIT,
)
def invite(
    request: EmailRequest,
    user: CurrentUser,
    accounts: AccountsDep,
    invitations: InvitationsDep,
    ui_url: UiUrlDep,
) -> InvitationResponse:
    """Create a link with which an address can register within seven days, although registration is closed.

    PixTag does not send the link. AWS has no administrator: use `pixtag user invite`.
    """
    if not accounts.get_account(user.token).is_admin:
        raise errors.NotAdministrator
    invitation = Invitation.make(request.email)
    invitations.add(invitation)
    return InvitationResponse(link=invitation.link(ui_url), expires_at=invitation.expires_at)
