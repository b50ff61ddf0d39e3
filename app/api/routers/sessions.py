"""Signs browsers in and out with sessions. `tokens.py` does so for programs."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Cookie, Depends, Request, Response, status
from pydantic import BaseModel, Field

from app.api.account_schemas import MAX_REFRESH_TOKEN, AccessToken
from app.api.dependencies import AccountsDep, SettingsDep
from app.api.problems import SESSION_COOKIE, SESSION_PATH, clear_session, responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.accounts import Tokens
from app.settings import Settings

SESSION_SECONDS: Final = 30 * 24 * 3600  # must match RefreshTokenValidity in infra/aws/template.yaml
CSRF_HEADER: Final = "X-PixTag"


async def require_csrf_header(request: Request) -> None:
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


class LoginRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address and password."""

    email: str = Field(min_length=1, max_length=128, description="Your e-mail address.", examples=["ada@example.com"])
    password: str = Field(
        min_length=1, max_length=256, description="Your password.", examples=["correct horse battery staple 1"]
    )


SessionCookie = Annotated[
    str,
    Cookie(
        alias=SESSION_COOKIE,
        max_length=MAX_REFRESH_TOKEN,
        include_in_schema=False,  # the document has it as a security scheme
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
