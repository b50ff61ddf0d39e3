"""Creates, lists and revokes API keys."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.dependencies import AccountsDep, ApiKeysDep
from app.api.problems import responses
from app.api.request_times import ZonedTime
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.api_keys import Scope
from app.domain.ids import EXAMPLE_ID
from app.domain.subscriptions import MAX_TITLE, clean_title
from app.services.api_keys import issue_key

router = APIRouter(route_class=StrictRoute, prefix="/keys", tags=["keys"], responses=responses(errors.InvalidToken))

_EXAMPLE_KEY: Final = f"pixtag_1v8HqpqQFz3bVYbJpWwEtc{EXAMPLE_ID}_…"


class KeyRequest(BaseModel, extra="forbid", strict=True):
    """The name, the scopes and the end of a new key."""

    name: str = Field(
        min_length=1,
        max_length=MAX_TITLE,
        description="Where you use the key. Invisible characters are removed.",
        examples=["Phone"],
    )
    scopes: list[Annotated[Scope, Field(strict=False)]] = Field(
        min_length=1, max_length=len(Scope), description="What the key allows.", examples=[["read", "upload"]]
    )
    expires_at: ZonedTime | None = Field(
        None,
        description="When the key ends. By default, it works until you revoke it.",
        examples=["2027-01-31T16:20:00Z"],
    )


class KeyResponse(BaseModel):
    """An API key, without its secret."""

    id: str = Field(description="The id of the key.", examples=[EXAMPLE_ID])
    name: str = Field(description="The name that you chose.", examples=["Phone"])
    scopes: list[Scope] = Field(description="What the key allows.", examples=[["read", "upload"]])
    created_at: datetime = Field(description="When you created the key.", examples=["2026-01-31T16:20:00Z"])
    expires_at: datetime | None = Field(
        description="Null if the key does not end by itself. An expired key stays in the list.",
        examples=["2027-01-31T16:20:00Z"],
    )
    last_used: date | None = Field(
        description="The day (UTC) of the last request with the key. Null if there was none.", examples=["2026-02-01"]
    )


class NewKeyResponse(KeyResponse):
    """A new API key. Only this response contains its secret."""

    key: str = Field(description="Send it as `Authorization: Bearer pixtag_…`.", examples=[_EXAMPLE_KEY])


class KeyList(BaseModel):
    """Your API keys, oldest first."""

    keys: list[KeyResponse] = Field(description="The keys.")


@router.post(
    "",
    operation_id="createKey",
    summary="Create an API key",
    status_code=status.HTTP_201_CREATED,
    responses={**responses(errors.TooManyKeys, errors.TooManyRequests), 201: {"headers": LOCATION}},
    dependencies=EDIT,
)
def create_key(
    request: KeyRequest, user: CurrentUser, keys: ApiKeysDep, accounts: AccountsDep, response: Response
) -> NewKeyResponse:
    """Create a key for a program, so that the program does not need your password.

    The scopes are `read` (read and search), `upload` (add photos) and `edit` (everything else in the library). No scope
    includes another one. A key can never manage keys or your account. Store the key safely, because PixTag keeps only a
    hash of it. You can have up to 50 keys. A new password does not end them.
    """
    accounts.get_account(user.token)  # on AWS, this is the only check of whether the access token was revoked
    if not (name := clean_title(request.name)):
        raise errors.InvalidRequest("body/name", "A name needs a visible character.")
    if request.expires_at and request.expires_at <= datetime.now(UTC):
        raise errors.InvalidRequest("body/expires_at", "Choose a time in the future.")
    expires_at = request.expires_at and request.expires_at.astimezone(UTC)
    key, token = issue_key(keys, user.owner, name=name, scopes={*request.scopes}, expires_at=expires_at)
    response.headers["Location"] = f"/keys/{key.id}"
    return NewKeyResponse(**asdict(key), key=token)


@router.get("", operation_id="listKeys", summary="List API keys")
def list_keys(user: CurrentUser, keys: ApiKeysDep) -> KeyList:
    """Return your API keys without their secrets."""
    return KeyList(keys=[KeyResponse(**asdict(key)) for key in keys.list(user.owner)])


@router.delete(
    "/{key_id}",
    operation_id="deleteKey",
    summary="Revoke an API key",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.KeyNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def delete_key(key_id: str, user: CurrentUser, keys: ApiKeysDep) -> None:
    """Revoke a key. The next request with it is rejected. Links that it has received work until they expire."""
    keys.delete(user.owner, key_id)
