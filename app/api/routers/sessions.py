"""Signing in and out: tokens for programs; for browsers a session, whose refresh token no script can read."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response, status
from pydantic import BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api.dependencies import UserPoolDep
from app.api.problems import SESSION_COOKIE, SESSION_PATH, clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors

SESSION_SECONDS: Final = 30 * 24 * 3600  # the life of a refresh token: RefreshTokenValidity in infra/aws/template.yaml
CSRF_HEADER: Final = "X-PixTag"


def require_csrf_header(request: Request) -> None:
    """Refuse a request that another site's page could have sent: its browser lets it add no header of this name."""
    if request.headers.get(CSRF_HEADER) != "1":
        raise errors.CsrfHeaderMissing


router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])
SET_COOKIE: Final[dict[str, Any]] = {
    "Set-Cookie": {
        "description": "The session, or, at its end, nothing.",
        "required": True,
        "schema": {
            "type": "string",
            "examples": [f"{SESSION_COOKIE}=eyJjdHkiOiJKV1QifQ; HttpOnly; Path={SESSION_PATH}"],
        },
    }
}
FROM_OUR_PAGE: Final[dict[str, Any]] = {
    "dependencies": [Depends(require_csrf_header)],
    "openapi_extra": {
        "parameters": [
            {
                "name": CSRF_HEADER,
                "in": "header",
                "required": True,
                "description": "Always `1`; other sites cannot send it.",
                "schema": {"type": "string", "enum": ["1"], "examples": ["1"]},
            }
        ]
    },
}


class TokenRequest(BaseModel, extra="forbid"):
    """An OAuth 2 token request (RFC 6749, 4.3.2 and 6): `username` and `password`, or `refresh_token`."""

    grant_type: Literal["password", "refresh_token"]
    username: str = Field("", max_length=128, description="Your e-mail address.", examples=["ada@example.com"])
    password: str = Field(
        "", max_length=256, examples=["correct horse battery staple 1"], json_schema_extra={"format": "password"}
    )
    refresh_token: str = Field("", max_length=8192, examples=[""])
    scope: str = Field("", description="Passed over: a token is good for everything that is yours.", examples=[""])
    client_id: str = Field("", description="Passed over: PixTag has one client.", examples=[""])
    client_secret: str = Field("", description="Passed over: it has no secret.", examples=[""])

    @model_validator(mode="after")
    def _require_its_fields(self) -> Self:
        needed = ["refresh_token"] if self.grant_type == "refresh_token" else ["username", "password"]
        if not all(getattr(self, name) for name in needed):
            raise ValueError(f"grant_type={self.grant_type} needs {' and '.join(needed)}")
        return self


class AccessToken(BaseModel):
    """What to send with each request, and for how long."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["eyJraWQiOiIxIn0"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token, no secret
    expires_in: int = Field(description="Seconds that the access token is good for.", examples=[3600])


class TokenResponse(AccessToken):
    """An OAuth 2 token response (RFC 6749, 5.1)."""

    refresh_token: str | SkipJsonSchema[None] = Field(
        None,
        description="Good for 30 days of new access tokens. Not there in the answer to one: keep yours.",
        examples=["eyJjdHkiOiJKV1QifQ"],
    )


@router.post(
    "/token",
    operation_id="createToken",
    summary="Sign in, for programs",
    response_model_exclude_none=True,
    responses=responses(
        errors.InvalidCredentials, errors.SessionEnded, errors.AccountNotConfirmed, errors.TooManyRequests
    ),
)
def create_token(grant: Annotated[TokenRequest, Form()], userpool: UserPoolDep) -> TokenResponse:
    """Exchange your e-mail address (as `username`) and password for tokens, or a refresh token for a new access token.

    `grant_type=password&username=ada@example.com&password=…`, an hour later `grant_type=refresh_token&refresh_token=…`.
    """
    if grant.grant_type == "refresh_token":
        return TokenResponse(**asdict(userpool.refresh(grant.refresh_token)))
    return TokenResponse(**asdict(userpool.sign_in(grant.username, grant.password)))


class RevocationRequest(BaseModel, extra="forbid", strict=True):
    """What shall no longer be good."""

    refresh_token: str = Field(min_length=1, max_length=8192, examples=["eyJjdHkiOiJKV1QifQ"])


@router.post(
    "/revoke",
    operation_id="revokeToken",
    summary="Sign out, for programs",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.TooManyRequests),
)
def revoke_token(revocation: RevocationRequest, userpool: UserPoolDep) -> None:
    """End a refresh token; one that has ended already is as good. Access tokens of it end within the hour."""
    userpool.revoke(revocation.refresh_token)


class LoginRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address and password."""

    email: str = Field(min_length=1, max_length=128, examples=["ada@example.com"])
    password: str = Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])


SessionCookie = Annotated[
    str,
    Cookie(
        alias=SESSION_COOKIE,
        description="Set by POST /auth/session; pages cannot read it.",
        examples=["eyJjdHkiOiJKV1QifQ"],
    ),
]


@router.post(
    "/session",
    operation_id="createSession",
    summary="Sign in, for browsers",
    responses=responses(
        errors.InvalidCredentials, errors.AccountNotConfirmed, errors.CsrfHeaderMissing, errors.TooManyRequests
    )
    | {200: {"headers": SET_COOKIE}},
    **FROM_OUR_PAGE,
)
def create_session(login: LoginRequest, userpool: UserPoolDep, request: Request, response: Response) -> AccessToken:
    """Exchange your e-mail address and password for an access token, and a cookie with which to renew it for 30 days.

    The cookie holds the refresh token. Scripts cannot read it, and browsers send it to these routes alone.
    """
    tokens = userpool.sign_in(login.email, login.password)
    # The server's word on the scheme, no header of the client's: API Gateway itself says it to Mangum, and uvicorn
    # believes only a proxy on its own machine.
    response.set_cookie(
        SESSION_COOKIE,
        tokens.refresh_token,
        max_age=SESSION_SECONDS,
        path=SESSION_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return AccessToken(access_token=tokens.access_token, expires_in=tokens.expires_in)


@router.post(
    "/session/refresh",
    operation_id="refreshSession",
    summary="Renew the access token, for browsers",
    responses=responses(errors.SessionEnded, errors.CsrfHeaderMissing, errors.TooManyRequests),
    **FROM_OUR_PAGE,
)
def refresh_session(userpool: UserPoolDep, session: SessionCookie = "") -> AccessToken:
    """Exchange the cookie for a new access token. Without a session, the answer is 401 and the cookie is cleared."""
    return AccessToken(**asdict(userpool.refresh(session)))


@router.delete(
    "/session",
    operation_id="deleteSession",
    summary="Sign out, for browsers",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.CsrfHeaderMissing, errors.TooManyRequests) | {204: {"headers": SET_COOKIE}},
    **FROM_OUR_PAGE,
)
def delete_session(userpool: UserPoolDep, response: Response, session: SessionCookie = "") -> None:
    """End the session: its refresh token is revoked and the cookie cleared. Without a session, nothing happens."""
    userpool.revoke(session)
    clear_session(response)
