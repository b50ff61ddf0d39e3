"""Signs callers in and out. Programs get tokens, and browsers get sessions."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response, status
from pydantic import BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api.dependencies import AccountsDep, SettingsDep
from app.api.problems import SESSION_COOKIE, SESSION_PATH, clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.accounts import Tokens
from app.settings import Settings

SESSION_SECONDS: Final = 30 * 24 * 3600  # must match RefreshTokenValidity in infra/aws/template.yaml
CSRF_HEADER: Final = "X-PixTag"
MAX_REFRESH_TOKEN: Final = 4_096  # browsers accept no longer cookie
MAX_IGNORED: Final = 256  # characters of a field that OAuth clients may send and PixTag ignores


def require_csrf_header(request: Request) -> None:
    """Reject a request without the header `X-PixTag: 1`. Browsers do not let other sites send this header.

    Raises:
        CsrfHeaderMissing: the header is missing or has another value.
    """
    if request.headers.get(CSRF_HEADER) != "1":
        raise errors.CsrfHeaderMissing


router = APIRouter(route_class=StrictRoute, prefix="/auth", tags=["accounts"])
SET_COOKIE: Final[dict[str, Any]] = {
    "Set-Cookie": {
        "description": "The session cookie. It is empty when the session ends.",
        "required": True,
        "schema": {
            "type": "string",
            "examples": [f"{SESSION_COOKIE}=eyJjdHkiOiJKV1QifQ; HttpOnly; Path={SESSION_PATH}"],
        },
    }
}
SET_NEW_COOKIE: Final[dict[str, Any]] = {
    "Set-Cookie": SET_COOKIE["Set-Cookie"]
    | {"description": "The new session cookie. Omitted if the existing cookie stays valid.", "required": False}
}
CSRF_PROTECTION: Final[dict[str, Any]] = {
    "dependencies": [Depends(require_csrf_header)],
    "openapi_extra": {
        "parameters": [
            {
                "name": CSRF_HEADER,
                "in": "header",
                "required": True,
                "description": "Always `1`. Other sites cannot send this header.",
                "schema": {"type": "string", "enum": ["1"], "examples": ["1"]},
            }
        ]
    },
}


RefreshToken = Annotated[str, Field(max_length=MAX_REFRESH_TOKEN, pattern="^[!-~]*$")]


class TokenRequest(BaseModel, extra="forbid"):
    """An OAuth 2 token request (RFC 6749, sections 4.3.2 and 6).

    Send either `username` and `password` or `refresh_token`.
    """

    grant_type: Literal["password", "refresh_token"]
    username: str = Field("", max_length=128, description="Your e-mail address.", examples=["ada@example.com"])
    password: str = Field(
        "", max_length=256, examples=["correct horse battery staple 1"], json_schema_extra={"format": "password"}
    )
    refresh_token: RefreshToken = Field("", examples=[""])
    scope: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. A token gives access to your whole library.", examples=[""]
    )
    client_id: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. PixTag has only one client.", examples=[""]
    )
    client_secret: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. The client has no secret.", examples=[""]
    )

    @model_validator(mode="after")
    def _require_fields_of_grant(self) -> Self:
        required = ["refresh_token"] if self.grant_type == "refresh_token" else ["username", "password"]
        if not all(getattr(self, name) for name in required):
            raise ValueError(f"grant_type={self.grant_type} requires {' and '.join(required)}.")
        return self


class AccessToken(BaseModel):
    """An access token and its lifetime."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["eyJraWQiOiIxIn0"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a token type, not a secret
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[3600])


class TokenResponse(AccessToken):
    """An OAuth 2 token response (RFC 6749, section 5.1)."""

    refresh_token: str | SkipJsonSchema[None] = Field(
        None,
        description="Renews the access token until 30 days after you signed in. If present, use it from now on. Omitted"
        " if you sent a refresh token that stays valid.",
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
def create_token(request: Annotated[TokenRequest, Form()], accounts: AccountsDep) -> TokenResponse:
    """Sign in with your e-mail address and password, or renew your access token with a refresh token.

    To sign in, send `grant_type=password&username=ada@example.com&password=…`. The access token expires after an hour.
    To renew it, send `grant_type=refresh_token&refresh_token=…`. If the response contains a new refresh token, use it
    from now on. The old token works for another minute. If it is used later, your session ends.
    """
    if request.grant_type == "refresh_token":
        return TokenResponse(**asdict(accounts.refresh(request.refresh_token)))
    return TokenResponse(**asdict(accounts.sign_in(request.username, request.password)))


class RevocationRequest(BaseModel, extra="forbid", strict=True):
    """The refresh token to revoke."""

    refresh_token: RefreshToken = Field(min_length=1, examples=["eyJjdHkiOiJKV1QifQ"])


@router.post(
    "/revoke",
    operation_id="revokeToken",
    summary="Sign out from a program",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.TooManyRequests),
)
def revoke_token(request: RevocationRequest, accounts: AccountsDep) -> None:
    """Revoke a refresh token. Its access tokens expire within an hour. A repeated request succeeds too."""
    accounts.revoke(request.refresh_token)


class LoginRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address and password."""

    email: str = Field(min_length=1, max_length=128, examples=["ada@example.com"])
    password: str = Field(min_length=1, max_length=256, examples=["correct horse battery staple 1"])


SessionCookie = Annotated[
    str,
    Cookie(
        alias=SESSION_COOKIE,
        max_length=MAX_REFRESH_TOKEN,
        description="The session cookie from POST /auth/session. Scripts cannot read it.",
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
def create_session(
    login: LoginRequest, accounts: AccountsDep, settings: SettingsDep, request: Request, response: Response
) -> AccessToken:
    """Sign in with your e-mail address and password. The response contains an access token and a session cookie.

    The session cookie renews the access token for 30 days. It contains the refresh token. Scripts cannot read the
    cookie. Browsers send the cookie only to the session operations.
    """
    tokens = accounts.sign_in(login.email, login.password)
    _set_session(response, tokens, request, settings)
    return AccessToken(access_token=tokens.access_token, expires_in=tokens.expires_in)


@router.post(
    "/session/refresh",
    operation_id="refreshSession",
    summary="Renew the access token of a browser",
    responses=responses(errors.SessionEnded, errors.CsrfHeaderMissing, errors.TooManyRequests)
    | {200: {"headers": SET_NEW_COOKIE}},
    **CSRF_PROTECTION,
)
def refresh_session(
    accounts: AccountsDep, settings: SettingsDep, request: Request, response: Response, session: SessionCookie = ""
) -> AccessToken:
    """Renew the access token with the session cookie. The response may replace the cookie.

    If the session has ended, the response is 401 and deletes the cookie.
    """
    token = accounts.refresh(session)
    if isinstance(token, Tokens):
        _set_session(response, token, request, settings)
    return AccessToken(access_token=token.access_token, expires_in=token.expires_in)


@router.delete(
    "/session",
    operation_id="deleteSession",
    summary="Sign out from a browser",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.CsrfHeaderMissing, errors.TooManyRequests) | {204: {"headers": SET_COOKIE}},
    **CSRF_PROTECTION,
)
def delete_session(accounts: AccountsDep, response: Response, session: SessionCookie = "") -> None:
    """Revoke the session's refresh token and delete the cookie. A request without a session succeeds too."""
    accounts.revoke(session)
    clear_session(response)


def _set_session(response: Response, tokens: Tokens, request: Request, settings: Settings) -> None:
    """Set the session cookie to the refresh token.

    A client cannot forge the scheme. API Gateway passes the scheme to Mangum, and uvicorn trusts only a proxy on the
    same machine. A proxy may not pass the scheme, so the address of the web UI counts too.
    """
    response.set_cookie(
        SESSION_COOKIE,
        tokens.refresh_token,
        max_age=SESSION_SECONDS,
        path=SESSION_PATH,
        secure=request.url.scheme == "https" or settings.ui_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )
