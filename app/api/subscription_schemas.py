"""Defines the schemas of saved searches, and converts saved searches to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from app.api.schemas import MailboxPage, PreviewLinks, link_previews
from app.api.suggestion_schemas import Suggestion
from app.domain.ids import EXAMPLE_ID
from app.domain.images import ImageState
from app.domain.mail import EmailState
from app.domain.ports import Images, Objects
from app.domain.query import MAX_TEXT
from app.domain.subscriptions import MAX_TITLE, ChoiceChanges, Choices, Frequency, Subscription, clean_title

_NAME = "The name. If it is empty, PixTag shows the query."
_PINNED = "Whether the side bar shows the saved search."
_EMAIL = "Whether you get e-mails about new matches."
_PAUSED = "Whether new matches wait. The first e-mail after the pause contains them."
_DIGEST = (
    "When you get e-mails: `at-once`, or at 06:00 UTC, every day or on Mondays. All new matches that are due at the"
    " same time are in one e-mail."
)


class Cover(PreviewLinks):
    """The newest image that matches."""

    id: str = Field(description="The id of the image.", examples=[EXAMPLE_ID])


class SubscriptionResponse(BaseModel):
    """A saved search, its number of matching images, and its cover."""

    id: str = Field(description="The id of the saved search.", examples=["5f2b0c1d9e8a7b6c5d4e3f2a1b"])
    query: str = Field(description="The query.", examples=["dog>=2"])
    name: str = Field(description=_NAME, examples=["Dogs together"])
    pinned: bool = Field(description=_PINNED, examples=[True])
    email: bool = Field(description=_EMAIL, examples=[True])
    paused: bool = Field(description=_PAUSED, examples=[False])
    digest: Frequency = Field(description=_DIGEST, examples=["daily"])
    created_at: datetime = Field(description="When you saved the search.", examples=["2026-01-31T16:20:00Z"])
    matched: int | None = Field(
        description="The number of your images that match. It may lag by a minute. Null until it is known, a minute or"
        " two after you save the search.",
        examples=[12],
    )
    cover: Cover | None = Field(
        description="The newest image that matches. Null if there is none, or until it is known."
    )
    fault: str = Field(
        description="Why the query is no longer valid. Otherwise empty. Such a search matches nothing. Delete it.",
        examples=[""],
    )


class EmailStatus(BaseModel):
    """Whether you receive e-mails."""

    email: EmailState = Field(
        description="If this is `pending`, open the link in the confirmation e-mail.", examples=["pending"]
    )


class SubscriptionList(BaseModel):
    """Your saved searches, oldest first, and whether you receive e-mails."""

    email: EmailState = Field(
        description="If this is `pending`, open the link in the confirmation e-mail. If it is `none`, save a search to"
        " get e-mails. On one machine, no confirmation is needed.",
        examples=["confirmed"],
    )
    mailbox: MailboxPage
    subscriptions: list[SubscriptionResponse] = Field(description="The saved searches.")


class SubscriptionRequest(BaseModel, extra="forbid", strict=True):
    """The search to save."""

    query: str = Field(max_length=MAX_TEXT, description="The query to save.", examples=["dog>=2"])
    name: str = Field(default="", max_length=MAX_TITLE, description=_NAME, examples=["Dogs together"])
    pinned: bool = Field(default=False, description=_PINNED, examples=[True])
    email: bool = Field(default=True, description=_EMAIL, examples=[True])
    paused: bool = Field(default=False, description=_PAUSED, examples=[False])
    digest: Frequency = Field(default=Frequency.AT_ONCE, description=_DIGEST, examples=["daily"], strict=False)
    dry_run: bool = Field(default=False, description="Save nothing. Return the suggestions.", examples=[False])


class SubscriptionChange(
    BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "Dogs together", "pinned": True}]}
):
    """The fields to change. Those that are omitted or null do not change."""

    name: str | None = Field(default=None, max_length=MAX_TITLE, description=_NAME, examples=["Dogs together"])
    pinned: bool | None = Field(default=None, description=_PINNED, examples=[True])
    email: bool | None = Field(default=None, description=_EMAIL, examples=[True])
    paused: bool | None = Field(default=None, description=_PAUSED, examples=[False])
    digest: Frequency | None = Field(default=None, description=_DIGEST, examples=["daily"], strict=False)


class NewSubscription(SubscriptionResponse):
    """A saved search, and other queries that you may mean."""

    suggestions: list[Suggestion] = Field(
        description="Up to five other queries, if the query names a tag that no image has. The search is saved as"
        " requested."
    )


def to_choices(request: SubscriptionRequest, *, default_name: str = "") -> Choices:
    """Return the choices in a request. An empty name is replaced with the default one."""
    title = clean_title(request.name) or clean_title(default_name)
    return Choices(title, request.pinned, request.email, request.paused, request.digest)


def to_changes(change: SubscriptionChange) -> ChoiceChanges:
    """Return the changed choices in a request."""
    changes = ChoiceChanges()
    if change.name is not None:
        changes["title"] = clean_title(change.name)
    if change.pinned is not None:
        changes["pinned"] = change.pinned
    if change.email is not None:
        changes["email"] = change.email
    if change.paused is not None:
        changes["paused"] = change.paused
    if change.digest is not None:
        changes["digest"] = change.digest
    return changes


def find_covers(
    owner: str, subscriptions: Sequence[Subscription], images: Images, objects: Objects
) -> dict[str, dict[str, str]]:
    """Return links to the covers that are ready, by the id of the image."""
    found = images.find_images(owner, [each.cover for each in subscriptions if each.cover])
    links = {image.id: link_previews(image, objects) for image in found if image.state is ImageState.READY}
    return {image_id: each for image_id, each in links.items() if each}


def to_subscription(subscription: Subscription, covers: Mapping[str, Mapping[str, str]]) -> SubscriptionResponse:
    """Return the response with a saved search."""
    links = covers.get(subscription.cover or "")
    return SubscriptionResponse(
        id=subscription.id,
        query=subscription.text,
        name=subscription.choices.title,
        pinned=subscription.choices.pinned,
        email=subscription.choices.email,
        paused=subscription.choices.paused,
        digest=subscription.choices.digest,
        created_at=subscription.created_at,
        matched=subscription.matched,
        cover=Cover(id=subscription.cover, **links) if links and subscription.cover else None,
        fault=subscription.fault,
    )
