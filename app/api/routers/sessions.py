"""Sign in and out: tokens for programs, and sessions for browsers. Scripts cannot read a session's refresh token."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response, status
from pydantic import BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api.dependencies import UserPoolDep
from app.api.problems import SESSION_COOKIE, SESSION_PATH, clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors

SESSION_SECONDS: Final = 30 * 24 * 3600  # RefreshTokenValidity in infra/aws/template.yaml
CSRF_HEADER: Final = "X-PixTag"


def require_csrf_header(request: Request) -> None:
    """Reject a request that another site could have sent. Browsers do not let other sites add this header."""
    if request.headers.get(CSRF_HEADER) != "1":
        raise errors.CsrfHeaderMissing


router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])
SET_COOKIE: Final[dict[str, Any]] = {
    "Set-Cookie": {
        "description": "The session. Empty when the session ends.",
        "required": True,
        "schema": {
            "type": "string",
            "examples": [f"{SESSION_COOKIE}=eyJjdHkiOiJKV1QifQ; HttpOnly; Path={SESSION_PATH}"],
        },
    }
}
CSRF_PROTECTION: Final[dict[str, Any]] = {
    "dependencies": [Depends(require_csrf_header)],
    "openapi_extra": {
        "parameters": [
            {
                "name": CSRF_HEADER,
                "in": "header",
                "required": True,
                "description": "Always `1`. Other sites cannot send it.",
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
    scope: str = Field("", description="Ignored: a token gives access to your whole library.", examples=[""])
    client_id: str = Field("", description="Ignored: PixTag has one client.", examples=[""])
    client_secret: str = Field("", description="Ignored: the client has no secret.", examples=[""])

    @model_validator(mode="after")
    def _require_fields_of_grant(self) -> Self:
        required = ["refresh_token"] if self.grant_type == "refresh_token" else ["username", "password"]
        if not all(getattr(self, name) for name in required):
            raise ValueError(f"grant_type={self.grant_type} needs {' and '.join(required)}.")
        return self


class AccessToken(BaseModel):
    """An access token and its lifetime."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["eyJraWQiOiIxIn0"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a token type, not a secret
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[3600])


class TokenResponse(AccessToken):
    """An OAuth 2 token response (RFC 6749, 5.1)."""

    refresh_token: str | SkipJsonSchema[None] = Field(
        None,
        description="Renews the access token for 30 days. Omitted if you sent a refresh token: keep using that one.",
        examples=["eyJjdHkiOiJKV1QifQ"],
    )


@router.post(
    "/token",
    operation_id="createToken",
    summary="Sign in from a program",
    response_model_exclude_none=True,
    responses=responses(
        errors.InvalidCredentials, errors.SessionEnded, errors.AccountNotConfirmed, errors.TooManyRequests
    ),
)
def create_token(request: Annotated[TokenRequest, Form()], user_pool: UserPoolDep) -> TokenResponse:
    """Exchange your e-mail address (as `username`) and password for tokens, or a refresh token for a new access token.

    First send `grant_type=password&username=ada@example.com&password=…`. An hour later, send
    `grant_type=refresh_token&refresh_token=…`.
    """
    if request.grant_type == "refresh_token":
        return TokenResponse(**asdict(user_pool.refresh(request.refresh_token)))
    return TokenResponse(**asdict(user_pool.sign_in(request.username, request.password)))


class RevocationRequest(BaseModel, extra="forbid", strict=True):
    """The refresh token to revoke."""

    refresh_token: str = Field(min_length=1, max_length=8192, examples=["eyJjdHkiOiJKV1QifQ"])


@router.post(
    "/revoke",
    operation_id="revokeToken",
    summary="Sign out from a program",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.TooManyRequests),
)
def revoke_token(request: RevocationRequest, user_pool: UserPoolDep) -> None:
    """Revoke a refresh token. Its access tokens expire within an hour. Revoking it again is not an error."""
    user_pool.revoke(request.refresh_token)


class LoginRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address and password."""

    email: str = Field(min_length=1, max_length=128, examples=["ada@example.com"])
    password: str = Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])


SessionCookie = Annotated[
    str,
    Cookie(
        alias=SESSION_COOKIE,
        description="Set by POST /auth/session. Scripts cannot read it.",
        examples=["eyJjdHkiOiJKV1QifQ"],
    ),
]


@router.post(
    "/session",
    operation_id="createSession",
    summary="Sign in from a browser",
    responses=responses(
        errors.InvalidCredentials, errors.AccountNotConfirmed, errors.CsrfHeaderMissing, errors.TooManyRequests
    )
    | {200: {"headers": SET_COOKIE}},
    **CSRF_PROTECTION,
)
def create_session(login: LoginRequest, user_pool: UserPoolDep, request: Request, response: Response) -> AccessToken:
    """Exchange your e-mail address and password for an access token, and a cookie that renews it for 30 days.

    The cookie contains the refresh token. Scripts cannot read it, and browsers send it only to the session operations.
    """
    tokens = user_pool.sign_in(login.email, login.password)
    # The scheme comes from the server and not from a header of the client: API Gateway passes it to Mangum, and uvicorn
    # trusts only a proxy on the same machine.
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
    summary="Renew the access token of a browser",
    responses=responses(errors.SessionEnded, errors.CsrfHeaderMissing, errors.TooManyRequests),
    **CSRF_PROTECTION,
)
def refresh_session(user_pool: UserPoolDep, session: SessionCookie = "") -> AccessToken:
    """Exchange the cookie for a new access token. Without a session, the response is 401 and deletes the cookie."""
    return AccessToken(**asdict(user_pool.refresh(session)))


@router.delete(
    "/session",
    operation_id="deleteSession",
    summary="Sign out from a browser",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.CsrfHeaderMissing, errors.TooManyRequests) | {204: {"headers": SET_COOKIE}},
    **CSRF_PROTECTION,
)
def delete_session(user_pool: UserPoolDep, response: Response, session: SessionCookie = "") -> None:
    """Revoke the refresh token of the session and delete the cookie. Without a session, nothing happens."""
    user_pool.revoke(session)
    clear_session(response)
