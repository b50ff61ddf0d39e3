"""Signs programs in and out with tokens, as OAuth 2 says (RFC 6749, RFC 7009)."""

import re
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Form, Request, Response, status
from pydantic import BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api.account_schemas import MAX_REFRESH_TOKEN, AccessToken
from app.api.dependencies import AccountsDep
from app.api.oauth import OAuthRoute, require_one_authentication
from app.api.oauth import responses as oauth_responses
from app.domain import errors
from app.domain.api_keys import PREFIX, Scope

MAX_IGNORED: Final = 256  # characters of a field that OAuth clients may send and PixTag ignores
SCOPES: Final = frozenset(Scope)
SCOPE_PATTERN: Final = r"^([!#-\[\]-~]+( [!#-\[\]-~]+)*)?$"  # RFC 6749, section 3.3

_ACCESS_TOKEN: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

router = APIRouter(route_class=OAuthRoute, prefix="/auth", tags=["accounts"])

VisibleText = Annotated[str, Field(max_length=MAX_REFRESH_TOKEN, pattern="^[!-~]*$")]


class ClientFields(BaseModel):
    """The fields with which a client names itself. It can use `Authorization: Basic` instead. Others are ignored."""

    client_id: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. PixTag has only one client.", examples=[""]
    )
    client_secret: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. The client has no secret.", examples=[""]
    )


class TokenRequest(ClientFields):
    """An OAuth 2 token request (RFC 6749, sections 4.3.2 and 6).

    Send either `username` and `password` or `refresh_token`. Unknown fields are ignored.
    """

    grant_type: Literal["password", "refresh_token"] = Field(
        description="`password` to sign in, or `refresh_token` to renew the access token.", examples=["password"]
    )
    username: str = Field("", max_length=128, description="Your e-mail address.", examples=["ada@example.com"])
    password: str = Field(
        "",
        max_length=256,
        description="Your password.",
        examples=["correct horse battery staple 1"],
        json_schema_extra={"format": "password"},
    )
    refresh_token: VisibleText = Field("", description="The refresh token that renews the access token.", examples=[""])
    scope: str = Field(
        "",
        max_length=MAX_IGNORED,
        pattern=SCOPE_PATTERN,
        description="Ignored. A token gives access to your whole library.",
        examples=[""],
    )

    @model_validator(mode="after")
    def _require_fields_of_grant(self) -> Self:
        required = ["refresh_token"] if self.grant_type == "refresh_token" else ["username", "password"]
        if not all(getattr(self, name) for name in required):
            raise ValueError(f"grant_type={self.grant_type} requires {' and '.join(required)}.")
        return self


class TokenResponse(AccessToken):
    """An OAuth 2 token response (RFC 6749, section 5.1)."""

    refresh_token: str | SkipJsonSchema[None] = Field(
        None,
        description="Renews the access token until 30 days after you signed in. If present, use it from now on. Omitted"
        " if you sent a refresh token that stays valid.",
        examples=["eyJjdHkiOiJKV1QifQ"],
    )
    scope: str | SkipJsonSchema[None] = Field(
        None,
        description="What the token allows, if you requested another `scope`. It allows more than an API key can.",
        examples=["edit read upload"],
    )


@router.post(
    "/token",
    operation_id="createToken",
    summary="Sign in from a program",
    response_model_exclude_none=True,
    responses=oauth_responses(
        {"invalid_grant", "invalid_request", "invalid_scope", "unsupported_grant_type"}, errors.InvalidClient
    ),
)
def create_token(form: Annotated[TokenRequest, Form()], request: Request, accounts: AccountsDep) -> TokenResponse:
    """Sign in with your e-mail address and password, or renew your access token with a refresh token.

    To sign in, send `grant_type=password&username=ada@example.com&password=…`. The access token expires after an hour.
    To renew it, send `grant_type=refresh_token&refresh_token=…`. If the response contains a new refresh token, use it
    from now on. The old token works for another minute. If it is used later, your session ends.

    Errors also have the members of OAuth 2: `error` is `invalid_grant` if the password or the refresh token is wrong.
    """
    require_one_authentication(request, form.client_secret)
    if form.grant_type == "refresh_token":
        tokens: Any = accounts.refresh(form.refresh_token)
    else:
        tokens = accounts.sign_in(form.username, form.password)
    is_other_scope = form.scope and set(form.scope.split(" ")) != SCOPES
    return TokenResponse(**asdict(tokens), scope=" ".join(sorted(SCOPES)) if is_other_scope else None)


class RevocationRequest(ClientFields):
    """An OAuth 2 revocation request (RFC 7009, section 2.1). Unknown fields are ignored."""

    token: VisibleText = Field(min_length=1, description="The refresh token.", examples=["eyJjdHkiOiJKV1QifQ"])
    token_type_hint: str = Field(
        "", max_length=MAX_IGNORED, description="Ignored. PixTag recognizes refresh tokens.", examples=["refresh_token"]
    )


@router.post(
    "/revoke",
    operation_id="revokeToken",
    summary="Sign out from a program",
    response_class=Response,
    responses={
        **oauth_responses({"invalid_request", "unsupported_token_type"}, errors.InvalidClient),
        status.HTTP_200_OK: {"description": "The token is revoked, or it was not valid."},
    },
)
def revoke_token(form: Annotated[RevocationRequest, Form()], request: Request, accounts: AccountsDep) -> Response:
    """Revoke a refresh token. Its access tokens expire within an hour. A repeated request succeeds too."""
    require_one_authentication(request, form.client_secret)
    if form.token.startswith(PREFIX) or _ACCESS_TOKEN.fullmatch(form.token):
        raise errors.UnsupportedToken
    accounts.revoke(form.token)
    return Response()
