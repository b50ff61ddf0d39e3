"""Accounts: register, confirm the address, sign in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, status
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, Field

from app import errors
from app.problems import responses
from app.wiring import UserPoolDep

router = APIRouter(prefix="/auth", tags=["accounts"])

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254, examples=["ada@example.com"])]


class Registration(BaseModel, extra="forbid", strict=True):
    """Who you are."""

    email: Email
    password: str = Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])
    given_name: str = Field(min_length=1, max_length=100, examples=["Ada"])
    family_name: str = Field(min_length=1, max_length=100, examples=["Lovelace"])


class Registered(BaseModel):
    """What to do next."""

    detail: str = "If the address is new, a code is on its way to it. Send it to POST /auth/confirm."


@router.post(
    "/register",
    operation_id="register",
    summary="Register",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.InvalidAccount, errors.TooManyRequests),
)
def register(registration: Registration, userpool: UserPoolDep) -> Registered:
    """Begin an account: a code is sent to the address.

    The answer is the same for an address that already has an account; nothing happens to that one.
    """
    userpool.register(
        registration.email,
        registration.password,
        given_name=registration.given_name,
        family_name=registration.family_name,
    )
    return Registered()


class Confirmation(BaseModel, extra="forbid", strict=True):
    """The code that was sent to the address."""

    email: Email
    code: str = Field(min_length=1, max_length=64, examples=["123456"])


@router.post(
    "/confirm",
    operation_id="confirm",
    summary="Confirm the address",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.InvalidCode, errors.TooManyRequests),
)
def confirm(confirmation: Confirmation, userpool: UserPoolDep) -> None:
    """Finish the account with the code from the e-mail; then sign in."""
    userpool.confirm(confirmation.email, confirmation.code)


class TokenAnswer(BaseModel):
    """An OAuth 2 token response (RFC 6749, 5.1)."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token, no secret
    expires_in: int = Field(description="Seconds that the access token is good for.", examples=[3600])
    refresh_token: str


@router.post(
    "/token",
    operation_id="createToken",
    summary="Sign in",
    responses=responses(errors.InvalidCredentials, errors.AccountNotConfirmed, errors.TooManyRequests),
)
def create_token(form: Annotated[OAuth2PasswordRequestForm, Depends()], userpool: UserPoolDep) -> TokenAnswer:
    """Exchange your e-mail address (as `username`) and password for tokens."""
    tokens = userpool.sign_in(form.username, form.password)
    return TokenAnswer(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in,
        refresh_token=tokens.refresh_token,
    )
