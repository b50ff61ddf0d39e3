"""Subscriptions: be told by e-mail of images that are added, or changed so that they match."""

from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from app.adapters.aws.subscriptions import Subscription
from app.adapters.aws.table import Table
from app.adapters.aws.topics import EmailState
from app.api.auth import CurrentUser, limit_edits
from app.api.dependencies import SettingsDep, SubscriptionsDep, TableDep, TopicsDep, UserPoolDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.query import MAX_TEXT, Query, parse

LOOK_BACK: Final = timedelta(days=30)
MAX_COUNTED: Final = 100

router = APIRouter(
    route_class=StrictRoute, prefix="/subscriptions", tags=["subscriptions"], responses=responses(errors.InvalidToken)
)


class SubscriptionResponse(BaseModel):
    """A query, and how much it would have brought."""

    id: str = Field(examples=["5f2b0c1d9e8a7b6c5d4e3f2a1b"])
    query: str = Field(examples=["dog>=2"])
    created_at: datetime = Field(description="When you subscribed to it.", examples=["2026-01-31T16:20:00Z"])
    matched: int = Field(description="How many images of the last 30 days match.", examples=[12])
    matched_more: bool = Field(description="Whether there are more than were counted.")


class SubscriptionList(BaseModel):
    """Your subscriptions, oldest first, and whether mail reaches you."""

    email: EmailState = Field(description="`none`: subscribe (again), and confirm the mail that SNS sends you.")
    mailbox: str | None = Field(
        description="Where mail is shown on a laptop, which sends none; null on AWS.", examples=[None]
    )
    subscriptions: list[SubscriptionResponse]


class SubscriptionRequest(BaseModel, extra="forbid", strict=True):
    """What you want to be told of: a tag, or any query."""

    query: str = Field(max_length=MAX_TEXT, examples=["dog>=2"])


@router.get("", operation_id="listSubscriptions", summary="List your subscriptions")
def list_subscriptions(
    user: CurrentUser, subscriptions: SubscriptionsDep, topics: TopicsDep, table: TableDep, settings: SettingsDep
) -> SubscriptionList:
    """Your subscriptions, each with how many images of the last 30 days it would have told you of."""
    found = [_answer(table, user.owner, one) for one in subscriptions.list(user.owner)]
    mailbox = f"{settings.mailbox_url}/mailbox" if settings.mailbox_url else None
    return SubscriptionList(email=topics.state(user.owner), mailbox=mailbox, subscriptions=found)


@router.post(
    "",
    operation_id="subscribe",
    summary="Subscribe to a tag or a query",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.InvalidQuery, errors.TooManySubscriptions, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def subscribe(
    request: SubscriptionRequest,
    user: CurrentUser,
    subscriptions: SubscriptionsDep,
    topics: TopicsDep,
    userpool: UserPoolDep,
    table: TableDep,
    response: Response,
) -> SubscriptionResponse:
    """Get an e-mail, at most one a minute, when an image is added that matches, or changed so that it matches now.

    Mail goes to your own address only. The first time, SNS asks that address to confirm. Subscribing twice is one
    subscription.
    """
    subscription = subscriptions.add(user.owner, parse(request.query))
    topics.subscribe(user.owner, userpool.get_account(user.token).email)
    response.headers["Location"] = f"/subscriptions/{subscription.id}"
    return _answer(table, user.owner, subscription)


@router.get(
    "/{subscription_id}",
    operation_id="getSubscription",
    summary="Read a subscription",
    responses=responses(errors.SubscriptionNotFound),
)
def get_subscription(
    subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep, table: TableDep
) -> SubscriptionResponse:
    """One subscription."""
    return _answer(table, user.owner, subscriptions.get(user.owner, subscription_id))


@router.delete(
    "/{subscription_id}",
    operation_id="unsubscribe",
    summary="End a subscription",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.SubscriptionNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def unsubscribe(subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep) -> None:
    """Be told of these images no longer."""
    subscriptions.remove(user.owner, subscription_id)


def _answer(table: Table, owner: str, subscription: Subscription) -> SubscriptionResponse:
    recent = (datetime.now(UTC) - LOOK_BACK).date()
    query = subscription.query
    after = max(recent, query.after) if query.after else recent
    page = table.search(owner, Query(query.clauses, after, query.before, query.untagged), MAX_COUNTED + 1)
    return SubscriptionResponse(
        id=subscription.id,
        query=str(query),
        created_at=subscription.created_at,
        matched=min(len(page.images), MAX_COUNTED),
        matched_more=page.cursor is not None,
    )
