"""Lists, adds and deletes subscriptions to queries."""

from datetime import datetime

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.dependencies import AccountsDep, ImagesDep, MailboxPageDep, MailDep, SubscriptionsDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import MailboxPage
from app.api.suggestion_schemas import Suggestion, to_suggestions
from app.domain import errors
from app.domain.mail import EmailState
from app.domain.query import MAX_TEXT, parse
from app.domain.subscriptions import Subscription
from app.domain.subscriptions import subscribe as add_to
from app.services.suggestions import suggest_for_alert

router = APIRouter(
    route_class=StrictRoute, prefix="/subscriptions", tags=["subscriptions"], responses=responses(errors.InvalidToken)
)


class SubscriptionResponse(BaseModel):
    """A subscription and its number of matching images."""

    id: str = Field(examples=["5f2b0c1d9e8a7b6c5d4e3f2a1b"])
    query: str = Field(examples=["dog>=2"])
    created_at: datetime = Field(description="When you subscribed.", examples=["2026-01-31T16:20:00Z"])
    matched: int | None = Field(
        description="The number of your images that match. It may lag by a minute. Null until it is known, a minute or"
        " two after you subscribe.",
        examples=[12],
    )


class SubscriptionList(BaseModel):
    """Your subscriptions, oldest first, and whether you receive e-mails."""

    email: EmailState = Field(
        description="If this is `pending`, open the link in the confirmation e-mail. If it is `none`, subscribe to get"
        " e-mails. On one machine, no confirmation is needed."
    )
    mailbox: MailboxPage
    subscriptions: list[SubscriptionResponse]


class SubscriptionRequest(BaseModel, extra="forbid", strict=True):
    """The query to subscribe to."""

    query: str = Field(max_length=MAX_TEXT, examples=["dog>=2"])
    dry_run: bool = Field(default=False, description="Do not subscribe. Return the suggestions.")


class NewSubscription(SubscriptionResponse):
    """A subscription, and other queries that you may mean."""

    suggestions: list[Suggestion] = Field(
        description="Up to five other queries, if the query names a tag that no image has. The subscription is saved"
        " as requested."
    )


@router.get("", operation_id="listSubscriptions", summary="List your subscriptions")
def list_subscriptions(
    user: CurrentUser, subscriptions: SubscriptionsDep, mail: MailDep, mailbox: MailboxPageDep
) -> SubscriptionList:
    """Return your subscriptions and their numbers of matching images."""
    return SubscriptionList(
        email=mail.state(user.owner),
        mailbox=mailbox,
        subscriptions=list(map(_to_response, subscriptions.list(user.owner))),
    )


@router.post(
    "",
    operation_id="subscribe",
    summary="Subscribe to a query",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.InvalidQuery, errors.TooManySubscriptions, errors.TooManyRequests),
    dependencies=EDIT,
)
def subscribe(
    request: SubscriptionRequest,
    user: CurrentUser,
    subscriptions: SubscriptionsDep,
    mail: MailDep,
    accounts: AccountsDep,
    images: ImagesDep,
    response: Response,
) -> NewSubscription:
    """Subscribe to a query. You get an e-mail when a new or changed image starts to match the query.

    E-mails go only to your account's address, at most once per minute. On AWS, your first subscription sends
    a confirmation e-mail. If you already subscribe to the query, the response contains the existing subscription.

    With `dry_run`, nothing is saved, and the status is 200. If the query names a tag that no image has, `suggestions`
    contains other queries, as in the response to a search.
    """
    query, account = parse(request.query, allows_texts=False), accounts.get_account(user.token)
    suggestions = to_suggestions(suggest_for_alert(images, user.owner, request.query, query))
    if request.dry_run:
        response.status_code = status.HTTP_200_OK
        subscription, _ = add_to(subscriptions.list(user.owner), query)
    else:
        subscription = subscriptions.add(user.owner, query)
        mail.subscribe(user.owner, account.email)
        response.headers["Location"] = f"/subscriptions/{subscription.id}"
    return NewSubscription(**dict(_to_response(subscription)), suggestions=suggestions)


@router.get(
    "/{subscription_id}",
    operation_id="getSubscription",
    summary="Get a subscription",
    responses=responses(errors.SubscriptionNotFound),
)
def get_subscription(subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep) -> SubscriptionResponse:
    """Return a subscription and its number of matching images."""
    return _to_response(subscriptions.get(user.owner, subscription_id))


@router.delete(
    "/{subscription_id}",
    operation_id="unsubscribe",
    summary="Delete a subscription",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.SubscriptionNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def unsubscribe(subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep) -> None:
    """Delete a subscription. You no longer get e-mails about images that match its query."""
    subscriptions.remove(user.owner, subscription_id)


def _to_response(subscription: Subscription) -> SubscriptionResponse:
    return SubscriptionResponse(
        id=subscription.id,
        query=str(subscription.query),
        created_at=subscription.created_at,
        matched=subscription.matched,
    )
