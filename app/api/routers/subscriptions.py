"""Lists, adds, changes and deletes saved searches."""

from functools import partial

from fastapi import APIRouter, Depends, Response, status

from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.dependencies import (
    AccountsDep,
    AlbumsDep,
    ImagesDep,
    MailboxPageDep,
    MailDep,
    ObjectsDep,
    QuotasDep,
    SubscriptionsDep,
)
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.subscription_schemas import (
    EmailStatus,
    NewSubscription,
    SubscriptionChange,
    SubscriptionList,
    SubscriptionRequest,
    SubscriptionResponse,
    find_covers,
    to_changes,
    to_choices,
    to_subscription,
)
from app.api.suggestion_schemas import to_suggestions
from app.domain import errors
from app.domain.mail import EmailState
from app.domain.query import has_unknown_album, parse, resolve_albums
from app.domain.quotas import Rate
from app.domain.subscriptions import subscribe as add_to
from app.services.suggestions import suggest_for_alert

router = APIRouter(
    route_class=StrictRoute, prefix="/subscriptions", tags=["subscriptions"], responses=responses(errors.InvalidToken)
)


@router.get("", operation_id="listSubscriptions", summary="List your saved searches")
def list_subscriptions(
    user: CurrentUser,
    subscriptions: SubscriptionsDep,
    mail: MailDep,
    images: ImagesDep,
    objects: ObjectsDep,
    mailbox: MailboxPageDep,
) -> SubscriptionList:
    """Return your saved searches, their numbers of matching images, and their covers."""
    found = subscriptions.list(user.owner)
    covers = find_covers(user.owner, found, images, objects)
    return SubscriptionList(
        email=mail.state(user.owner),
        mailbox=mailbox,
        subscriptions=[to_subscription(each, covers) for each in found],
    )


@router.post(
    "",
    operation_id="subscribe",
    summary="Save a search",
    status_code=status.HTTP_201_CREATED,
    responses=responses(errors.AlbumNotFound, errors.InvalidQuery, errors.TooManySubscriptions, errors.TooManyRequests),
    dependencies=EDIT,
)
def subscribe(
    request: SubscriptionRequest,
    user: CurrentUser,
    subscriptions: SubscriptionsDep,
    mail: MailDep,
    accounts: AccountsDep,
    images: ImagesDep,
    objects: ObjectsDep,
    albums: AlbumsDep,
    response: Response,
) -> NewSubscription:
    """Save a search. You get an e-mail when a new or changed image starts to match the query, unless `email` is false.

    E-mails go only to your account's address, at most once per minute. On AWS, your first saved search sends
    a confirmation e-mail. If you have already saved the query, the response contains the existing saved search, which
    does not change.

    With `dry_run`, nothing is saved, and the status is 200. If the query names a tag that no image has, `suggestions`
    contains other queries, as in the response to a search. The saved query contains the id of an album instead of its
    title, so that it still finds the images after the title has changed. Without a `name`, its name is then the query
    with the title.
    """
    written = parse(request.query, allows_texts=False)
    query = resolve_albums(written, partial(albums.find_titles, user.owner))
    if has_unknown_album(query):
        raise errors.AlbumNotFound
    account = accounts.get_account(user.token)
    suggestions = to_suggestions(suggest_for_alert(images, user.owner, request.query, query))
    choices = to_choices(request, default_name="" if query == written else str(written))
    if request.dry_run:
        response.status_code = status.HTTP_200_OK
        subscription, _ = add_to(subscriptions.list(user.owner), query, choices)
    else:
        subscription = subscriptions.add(user.owner, query, choices)
        if subscription.choices.email:
            mail.subscribe(user.owner, account.email)
        response.headers["Location"] = f"/subscriptions/{subscription.id}"
    found = to_subscription(subscription, find_covers(user.owner, [subscription], images, objects))
    return NewSubscription(**dict(found), suggestions=suggestions)


@router.post(
    "/confirmation",
    operation_id="sendConfirmation",
    summary="Send the confirmation e-mail again",
    responses=responses(errors.TooManyRequests),
    dependencies=EDIT,
)
def send_confirmation(user: CurrentUser, mail: MailDep, accounts: AccountsDep, quotas: QuotasDep) -> EmailStatus:
    """Send the confirmation e-mail again, at most once per minute. Nothing is sent if your address is confirmed.

    On one machine, no confirmation is needed.
    """
    if (state := mail.state(user.owner)) is not EmailState.CONFIRMED:
        quotas.count(user.owner, Rate.CONFIRMATIONS)
        state = mail.subscribe(user.owner, accounts.get_account(user.token).email, again=True)
    return EmailStatus(email=state)


@router.get(
    "/{subscription_id}",
    operation_id="getSubscription",
    summary="Get a saved search",
    responses=responses(errors.SubscriptionNotFound),
)
def get_subscription(
    subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep, images: ImagesDep, objects: ObjectsDep
) -> SubscriptionResponse:
    """Return a saved search, its number of matching images, and its cover."""
    found = subscriptions.get(user.owner, subscription_id)
    return to_subscription(found, find_covers(user.owner, [found], images, objects))


@router.patch(
    "/{subscription_id}",
    operation_id="changeSubscription",
    summary="Change a saved search",
    responses=responses(errors.SubscriptionNotFound, errors.TooManyRequests),
    dependencies=EDIT,
)
def change_subscription(
    subscription_id: str,
    change: SubscriptionChange,
    user: CurrentUser,
    subscriptions: SubscriptionsDep,
    mail: MailDep,
    accounts: AccountsDep,
    images: ImagesDep,
    objects: ObjectsDep,
) -> SubscriptionResponse:
    """Rename, pin or pause a saved search, or change its e-mails. Fields that you omit do not change.

    The query cannot change. Save another search instead.
    """
    found = subscriptions.change(user.owner, subscription_id, to_changes(change))
    if change.email:
        mail.subscribe(user.owner, accounts.get_account(user.token).email)
    return to_subscription(found, find_covers(user.owner, [found], images, objects))


@router.delete(
    "/{subscription_id}",
    operation_id="unsubscribe",
    summary="Delete a saved search",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.SubscriptionNotFound, errors.TooManyRequests),
    dependencies=[Depends(limit_edits)],
)
def unsubscribe(subscription_id: str, user: CurrentUser, subscriptions: SubscriptionsDep) -> None:
    """Delete a saved search. You no longer get e-mails about images that match its query."""
    subscriptions.remove(user.owner, subscription_id)
