"""Creates, lists and deletes shares. `shared_pages.py` shows them to visitors."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field, JsonValue, model_validator

from app.api.album_schemas import ImageId
from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.dependencies import AccountsDep, SharesDep, SharingDep, UiUrlDep
from app.api.problems import responses
from app.api.request_times import ZonedTime
from app.api.request_validation import StrictRoute
from app.api.schemas import LOCATION
from app.domain import errors
from app.domain.ids import EXAMPLE_ID
from app.domain.shares import MAX_IMAGES, MAX_PASSWORD, MAX_TITLE, MIN_PASSWORD, Share, ShareKind
from app.domain.subscriptions import clean_title
from app.services.shares import NewShare

router = APIRouter(route_class=StrictRoute, prefix="/shares", tags=["shares"], responses=responses(errors.InvalidToken))

_EXAMPLE_SEARCH: Final = "5f2b0c1d9e8a7b6c5d4e3f2a1b"
_EXAMPLES: Final[list[JsonValue]] = [{"album": EXAMPLE_ID, "expires_at": "2027-01-31T16:20:00Z"}]

SharedIds = Annotated[
    list[ImageId],
    Field(min_length=1, max_length=MAX_IMAGES),
]


class ShareRequest(BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": _EXAMPLES}):
    """What to share, and how. Send exactly one of `images`, `album` and `subscription`."""

    images: SharedIds | None = Field(
        None,
        description="1 to 500 different ids of images, in the order of the page. Ids of no image are ignored.",
        examples=[[EXAMPLE_ID]],
    )
    album: str | None = Field(None, max_length=64, description="The id of an album.", examples=[EXAMPLE_ID])
    subscription: str | None = Field(
        None, max_length=64, description="The id of a saved search.", examples=[_EXAMPLE_SEARCH]
    )
    title: str = Field(
        "",
        max_length=MAX_TITLE,
        description="The title of the page. By default, that of the album or of the saved search. Visitors see it.",
        examples=["Summer 2019"],
    )
    expires_at: ZonedTime | None = Field(
        None,
        description="When the link ends. By default, it works until you delete the share.",
        examples=["2027-01-31T16:20:00Z"],
    )
    password: str | None = Field(
        None,
        min_length=MIN_PASSWORD,
        max_length=MAX_PASSWORD,
        description="Visitors must enter it. PixTag keeps only a hash of it.",
        examples=["three blue boats"],
    )
    originals: bool = Field(
        default=False, description="Whether visitors can download the originals. Their metadata is removed."
    )

    @model_validator(mode="after")
    def _require_one_source(self) -> Self:
        if sum(each is not None for each in (self.images, self.album, self.subscription)) != 1:
            raise ValueError("Send exactly one of images, album and subscription.")
        if self.images and len(set(self.images)) < len(self.images):
            raise ValueError("Send each id only once.")
        return self

    def to_new_share(self) -> NewShare:
        """Return what to share."""
        kinds = {ShareKind.ALBUM: self.album, ShareKind.SUBSCRIPTION: self.subscription}
        kind, source = next(((kind, each) for kind, each in kinds.items() if each is not None), (ShareKind.IMAGES, ""))
        return NewShare(
            kind=kind,
            source=source,
            image_ids=self.images or (),
            title=clean_title(self.title),
            expires_at=self.expires_at and self.expires_at.astimezone(UTC),
            password=self.password,
            originals=self.originals,
        )


class ShareResponse(BaseModel):
    """A share, without its link and its password."""

    id: str = Field(description="The id of the share.", examples=[EXAMPLE_ID])
    title: str = Field(description="Empty if the page has the title “Photos”.", examples=["Summer 2019"])
    kind: ShareKind = Field(description="Whether single images, an album or a saved search is shared.")
    album: str | None = Field(description="The id of the album. Null for other kinds.", examples=[EXAMPLE_ID])
    subscription: str | None = Field(
        description="The id of the saved search. Null for other kinds.", examples=[_EXAMPLE_SEARCH]
    )
    images: int | None = Field(description="The number of single images. Null for other kinds.", examples=[12])
    created_at: datetime = Field(description="When you created the share.", examples=["2026-01-31T16:20:00Z"])
    expires_at: datetime | None = Field(
        description="Null if the link does not end by itself. An expired share stays in the list.",
        examples=["2027-01-31T16:20:00Z"],
    )
    has_password: bool = Field(description="Whether visitors need a password.", examples=[False])
    originals: bool = Field(description="Whether visitors can download the originals.")
    views: int = Field(description="How often visitors have opened the page.", examples=[7])
    last_viewed: date | None = Field(
        description="The day (UTC) of the last view. Null if there was none.", examples=["2026-02-01"]
    )


class NewShareResponse(ShareResponse):
    """A new share. Only this response contains its link."""

    url: str = Field(description="The link for visitors.", examples=["https://…/s/…"])


class ShareList(BaseModel):
    """Your shares, newest first."""

    shares: list[ShareResponse] = Field(description="The shares.")


@router.post(
    "",
    operation_id="createShare",
    summary="Create a share",
    status_code=status.HTTP_201_CREATED,
    responses={
        **responses(errors.AlbumNotFound, errors.SubscriptionNotFound, errors.TooManyRequests, errors.TooManyShares),
        201: {"headers": LOCATION},
    },
    dependencies=EDIT,
)
def create_share(
    request: ShareRequest,
    user: CurrentUser,
    sharing: SharingDep,
    accounts: AccountsDep,
    url: UiUrlDep,
    response: Response,
) -> NewShareResponse:
    """Create a link with which everyone who has it sees photos of your library, without an account.

    Share up to 500 single images, an album, or a saved search. Visitors always see the current images of an album or a
    saved search. Images with the tag `private` are never shared. Visitors see no tags, dates, places and file names.
    You can have up to 100 shares.
    """
    accounts.get_account(user.token)  # on AWS, this is the only check of whether the access token was revoked
    if request.expires_at and request.expires_at <= datetime.now(UTC):
        raise errors.InvalidRequest("body/expires_at", "Choose a time in the future.")
    share, token = sharing.create(user.owner, request.to_new_share())
    response.headers["Location"] = f"/shares/{share.id}"
    return NewShareResponse(**_to_fields(share), url=f"{url}/s/{token}")


@router.get("", operation_id="listShares", summary="List shares")
def list_shares(user: CurrentUser, shares: SharesDep) -> ShareList:
    """Return your shares, with the numbers of their views."""
    return ShareList(shares=[ShareResponse(**_to_fields(share)) for share in shares.list(user.owner)])


@router.delete(
    "/{share_id}",
    operation_id="deleteShare",
    summary="Delete a share",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.ShareNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def delete_share(share_id: str, user: CurrentUser, shares: SharesDep) -> None:
    """End a share. The next request with its link is rejected.

    Visitors who have its page open can load its pictures for up to an hour.
    """
    shares.delete(user.owner, share_id)


def _to_fields(share: Share) -> dict[str, Any]:
    is_album, is_search = share.kind is ShareKind.ALBUM, share.kind is ShareKind.SUBSCRIPTION
    return {
        "id": share.id,
        "title": share.title,
        "kind": share.kind,
        "album": share.source if is_album else None,
        "subscription": share.source if is_search else None,
        "images": share.image_count if share.kind is ShareKind.IMAGES else None,
        "created_at": share.created_at,
        "expires_at": share.expires_at,
        "has_password": share.has_password,
        "originals": share.originals,
        "views": share.views,
        "last_viewed": share.last_viewed,
    }
