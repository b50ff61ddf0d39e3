"""Changes the e-mail addresses of accounts."""

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from app.api.account_schemas import Code, CodeResponse, Email, Password
from app.api.auth import EDIT, CurrentUser
from app.api.dependencies import AddressChangeDep, MailboxPageDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors

router = APIRouter(route_class=StrictRoute, prefix="/auth/me/email", tags=["accounts"])

NewEmail = Field(description="Your new e-mail address.", examples=["ada@example.org"])


class AddressRequest(BaseModel, extra="forbid", strict=True):
    """Your new e-mail address and your password."""

    email: Email = NewEmail
    password: Password = Field(description="Your current password.")


@router.post(
    "",
    operation_id="requestEmailChange",
    summary="Request a code for a new e-mail address",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(
        errors.InvalidAccount,
        errors.InvalidToken,
        errors.RegistrationClosed,
        errors.TooManyRequests,
        errors.WrongPassword,
    ),
    dependencies=EDIT,
)
def request_email_change(
    request: AddressRequest, user: CurrentUser, address_change: AddressChangeDep, mailbox: MailboxPageDep
) -> CodeResponse:
    """Send a code to your new e-mail address. Until you send the code, your address does not change.

    The response is the same if another account has the address. Your current address gets an e-mail about the request.
    On AWS, it gets it only if it is confirmed for the e-mails of saved searches. A new request replaces an earlier one,
    and a new password ends it.

    If only some addresses may register and yours is one of them, the new one must be one of them too.
    """
    address_change.request(user.owner, user.token, request.email, request.password)
    return CodeResponse(
        detail="PixTag sends a code to the new address, unless another account has it. Send the code to"
        " PUT /auth/me/email within a day. If no code arrives, try again in an hour.",
        mailbox=mailbox,
    )


class AddressConfirmation(BaseModel, extra="forbid", strict=True):
    """Your new e-mail address and the code from the e-mail."""

    email: Email = NewEmail
    code: Code


@router.put(
    "",
    operation_id="changeEmail",
    summary="Change your e-mail address",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidCode, errors.InvalidToken, errors.TooManyRequests),
    dependencies=EDIT,
)
def change_email(request: AddressConfirmation, user: CurrentUser, address_change: AddressChangeDep) -> None:
    """Replace your e-mail address with the one that received the code. From now on, sign in with it.

    Your sessions and API keys stay valid. The e-mails of saved searches go to the new address. On AWS, you must first
    confirm it with the link in another e-mail. If your account already has the address, the request succeeds with any
    code, so you can repeat a request whose response you did not receive.
    """
    address_change.confirm(user.owner, user.token, request.email, request.code)
