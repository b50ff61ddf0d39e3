"""Lets the administrator of one machine see its disk and people, close registration, and delete accounts."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status
from pydantic import BaseModel, Field

from app import wiring
from app.api.account_schemas import NextStepResponse
from app.api.auth import EDIT, CurrentUser, limit_edits
from app.api.dependencies import (
    AccountsDep,
    AdministrationDep,
    ApiKeysDep,
    MailDep,
    OutboxDep,
    RegistrationRuleDep,
    SettingsDep,
    SharesDep,
    provide,
)
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.threads import in_thread
from app.domain import errors
from app.domain.disk import Disk
from app.domain.pages import MAX_CURSOR
from app.domain.ports import Administration
from app.domain.registration import RegistrationMode, RegistrationRule
from app.services.account_deletion import delete_account

EXAMPLE_OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


@in_thread
def require_administrator(
    user: CurrentUser, accounts: AccountsDep, administration: AdministrationDep
) -> Administration:
    """Return the administration, if the caller is the administrator.

    Raises:
        NoAdministration: PixTag runs on AWS.
        NotAdministrator: the caller is another person.
    """
    if not administration:
        raise errors.NoAdministration
    if not accounts.get_account(user.token).is_admin:
        raise errors.NotAdministrator
    return administration


AdministratorDep = Annotated[Administration, Depends(require_administrator)]

router = APIRouter(
    route_class=StrictRoute,
    prefix="/admin",
    tags=["administration"],
    responses=responses(errors.InvalidToken, errors.NoAdministration, errors.NotAdministrator, errors.TooManyRequests),
)


class StorageResponse(BaseModel):
    """The disk and what the libraries take of it."""

    total_bytes: int = Field(description="The size of the disk.", examples=[500_107_862_016])
    free_bytes: int = Field(description="The free space of the disk.", examples=[120_034_123_776])
    images: int = Field(
        description="The images of all people that are ready, failed or in the trash.", examples=[9_412]
    )
    bytes: int = Field(
        description="The total size of their originals. Previews, thumbnails and the database take more.",
        examples=[21_653_184_512],
    )
    accounts: int = Field(description="The number of accounts.", examples=[4])


@router.get("/storage", operation_id="getStorage", summary="Get the disk usage")
def get_storage(
    administration: AdministratorDep, disk: Annotated[Disk, Depends(provide(wiring.disk))]
) -> StorageResponse:
    """Return the size of the disk, its free space, and the number and size of all images.

    If the photos and the database are on two disks, the numbers are those of the disk with less free space.
    """
    usage = administration.sum_usage()
    return StorageResponse(
        total_bytes=disk.total_bytes,
        free_bytes=disk.free_bytes,
        images=usage.images,
        bytes=usage.bytes,
        accounts=administration.count_accounts(),
    )


class ListedAccountResponse(BaseModel):
    """An account and the size of its library."""

    id: str = Field(description="The id of the account and of its library.", examples=[EXAMPLE_OWNER])
    email: str = Field(description="The e-mail address of the account.", examples=["ada@example.com"])
    name: str = Field(description="The given name and the family name.", examples=["Ada Lovelace"])
    created_at: datetime = Field(description="When the account was created.", examples=["2026-01-31T16:20:00Z"])
    last_sign_in: date | None = Field(
        description="The day of the last sign-in (UTC). A session then lasts for up to 30 days.",
        examples=["2026-02-07"],
    )
    is_confirmed: bool = Field(description="Whether the person has confirmed the address.")
    is_admin: bool = Field(description="Whether this is the administrator.")
    images: int = Field(description="Images that are ready, failed or in the trash.", examples=[1_204])
    bytes: int = Field(description="The total size of the originals in bytes.", examples=[2_653_184_512])


class AccountsResponse(BaseModel):
    """A page of accounts."""

    accounts: list[ListedAccountResponse] = Field(description="The accounts of this page.")
    next: str | None = Field(
        description="Send it as `cursor` to get the next page. `null` on the last page.",
        examples=[f"1769876400:{EXAMPLE_OWNER}"],
    )


@router.get(
    "/accounts", operation_id="listAccounts", summary="List accounts", responses=responses(errors.InvalidCursor)
)
def list_accounts(
    administration: AdministratorDep,
    limit: Annotated[
        int, Query(ge=1, le=100, description="Maximum number of accounts in the response.", examples=[50])
    ] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=MAX_CURSOR,
            description="The value of `next` in the previous response.",
            examples=[f"1769876400:{EXAMPLE_OWNER}"],
        ),
    ] = None,
) -> AccountsResponse:
    """List the accounts of this machine, oldest first. Nobody sees the photos of other people.

    An account that nobody confirms is deleted after a week.
    """
    if cursor == "":
        raise errors.InvalidCursor
    found = administration.list_accounts(limit=limit + 1, after=cursor or "")
    page = found[:limit]
    return AccountsResponse(
        accounts=[
            ListedAccountResponse(
                id=account.owner,
                email=account.email,
                name=account.name,
                created_at=account.created_at,
                last_sign_in=account.last_sign_in,
                is_confirmed=account.is_confirmed,
                is_admin=account.is_admin,
                images=account.usage.images,
                bytes=account.usage.bytes,
            )
            for account in page
        ],
        next=page[-1].cursor if len(found) > limit else None,
    )


@router.delete(
    "/accounts/{account_id}",
    operation_id="deleteAccount",
    summary="Delete an account and its library",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(errors.AccountNotFound, errors.OwnAccount),
    dependencies=[Depends(limit_edits)],
)
def delete_listed_account(
    account_id: Annotated[str, Path(description="The `id` of the account.", examples=[EXAMPLE_OWNER])],
    confirm: Annotated[
        str,
        Query(
            max_length=128,
            description="The e-mail address of the account. This parameter prevents accidental deletion.",
            examples=["ada@example.com"],
        ),
    ],
    user: CurrentUser,
    administration: AdministratorDep,
    outbox: OutboxDep,
    keys: ApiKeysDep,
    shares: SharesDep,
    mail: MailDep,
) -> NextStepResponse:
    """Delete an account and its library permanently. Its sessions, API keys and share links end at once.

    PixTag removes the images, tags and subscriptions within minutes. Thousands of images take hours.
    """
    account = administration.get_account(account_id)
    if account.owner == user.owner:
        raise errors.OwnAccount
    if confirm.lower() != account.email:
        raise errors.InvalidRequest(
            "query/confirm", "This is not the e-mail address of the account. Nothing was deleted."
        )
    delete_account(account.owner, outbox, keys, shares, mail, lambda: administration.delete(account.owner))
    return NextStepResponse(
        detail="The account is deleted. Its library is being removed. This takes minutes, or hours for thousands of"
        " images."
    )


class RegistrationState(BaseModel):
    """Who may register without an invitation."""

    mode: RegistrationMode = Field(
        description="Who may register now: everyone (`open`), some addresses (`limited`), or nobody (`closed`)."
    )
    is_closed: bool = Field(description="Whether you have closed registration.")
    setting: RegistrationMode = Field(
        description="Who may register if you have not closed registration, by the setting `PIXTAG_REGISTRATION`."
    )


@router.get("/registration", operation_id="getRegistration", summary="Get who may register")
def get_registration(
    administration: AdministratorDep, settings: SettingsDep, rule: RegistrationRuleDep
) -> RegistrationState:
    """Return who may register. Registration is closed if you or the setting `PIXTAG_REGISTRATION` have closed it."""
    return RegistrationState(
        mode=rule.mode,
        is_closed=administration.is_registration_closed,
        setting=RegistrationRule.parse(settings.registration).mode,
    )


class RegistrationChange(BaseModel, extra="forbid", strict=True):
    """Whether to close registration."""

    is_closed: bool = Field(description="`false` lets the setting `PIXTAG_REGISTRATION` decide.")


@router.put("/registration", operation_id="setRegistration", summary="Close or open registration", dependencies=EDIT)
def set_registration(
    change: RegistrationChange, administration: AdministratorDep, settings: SettingsDep
) -> RegistrationState:
    """Close registration for everyone without an invitation, or let the setting `PIXTAG_REGISTRATION` decide again.

    The stricter one counts: a setting that closes registration cannot be opened here.
    """
    administration.close_registration(is_closed=change.is_closed)
    setting = RegistrationRule.parse(settings.registration).mode
    return RegistrationState(
        mode=RegistrationMode.CLOSED if change.is_closed else setting, is_closed=change.is_closed, setting=setting
    )
