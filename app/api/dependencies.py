"""Defines the FastAPI dependencies that routes share: the objects of `wiring`.

The worker imports `wiring` instead, so that it does not load FastAPI.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request

from app import wiring
from app.api.threads import in_thread
from app.domain.accounts import TokenIssuer
from app.domain.disk import Disk
from app.domain.object_server import ObjectServer
from app.domain.ports import (
    Accounts,
    Administration,
    Albums,
    ApiKeys,
    Images,
    Invitations,
    Mail,
    Mailbox,
    Objects,
    Operations,
    Outbox,
    OwnerPreferences,
    Quotas,
    Redetections,
    Shares,
    Subscriptions,
)
from app.domain.quotas import Minute, Rate
from app.domain.registration import RegistrationMode, RegistrationRule
from app.services.address_change import AddressChange
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.mail_links import MailLinks
from app.services.part_uploads import PartUploads
from app.services.registration import Registration
from app.services.shared_originals import SharedOriginals
from app.services.shared_photos import SharedPhotos
from app.services.shares import Sharing
from app.settings import LocalSettings, Settings


@cache
def provide(create: Callable[[], Any]) -> Callable[[], Any]:
    """Return the dependency that calls a function of `wiring`.

    FastAPI would run a synchronous function in a thread, which takes longer than these functions. Only the first call
    of one creates clients or opens the database.
    """

    async def call() -> object:
        return create()

    return call


SettingsDep = Annotated[Settings, Depends(provide(wiring.settings))]
ImagesDep = Annotated[Images, Depends(provide(wiring.images))]
ObjectsDep = Annotated[Objects, Depends(provide(wiring.objects))]
ObjectServerDep = Annotated[ObjectServer | None, Depends(provide(wiring.object_server))]
TokenIssuerDep = Annotated[TokenIssuer, Depends(provide(wiring.token_issuer))]
AccountsDep = Annotated[Accounts, Depends(provide(wiring.accounts))]
SubscriptionsDep = Annotated[Subscriptions, Depends(provide(wiring.subscriptions))]
OutboxDep = Annotated[Outbox, Depends(provide(wiring.outbox))]
RedetectionsDep = Annotated[Redetections, Depends(provide(wiring.redetections))]
PreferencesDep = Annotated[OwnerPreferences, Depends(provide(wiring.preferences))]
AlbumsDep = Annotated[Albums, Depends(provide(wiring.albums))]
ApiKeysDep = Annotated[ApiKeys, Depends(provide(wiring.api_keys))]
SharesDep = Annotated[Shares, Depends(provide(wiring.shares))]
OperationsDep = Annotated[Operations, Depends(provide(wiring.operations))]
QuotasDep = Annotated[Quotas, Depends(provide(wiring.quotas))]
AdministrationDep = Annotated[Administration | None, Depends(provide(wiring.administration))]
DiskDep = Annotated[Disk | None, Depends(provide(wiring.disk))]
MailDep = Annotated[Mail, Depends(provide(wiring.mail))]
MailboxDep = Annotated[Mailbox | None, Depends(provide(wiring.mailbox))]
InvitationsDep = Annotated[Invitations, Depends(provide(wiring.invitations))]
MailLinksDep = Annotated[MailLinks, Depends(provide(wiring.mail_links))]
SharingDep = Annotated[Sharing, Depends(provide(wiring.sharing))]
SharedPhotosDep = Annotated[SharedPhotos, Depends(provide(wiring.shared_photos))]
SharedOriginalsDep = Annotated[SharedOriginals, Depends(provide(wiring.shared_originals))]
LibraryDep = Annotated[Library, Depends(provide(wiring.library))]
IngestDep = Annotated[Ingest, Depends(provide(wiring.ingest))]
PartUploadsDep = Annotated[PartUploads, Depends(provide(wiring.part_uploads))]


@in_thread
def registration_rule(settings: SettingsDep, administration: AdministrationDep) -> RegistrationRule:
    """Return the rule in the settings, unless the administrator has closed registration."""
    is_closed = administration is not None and administration.is_registration_closed
    return RegistrationRule.parse(RegistrationMode.CLOSED if is_closed else settings.registration)


RegistrationRuleDep = Annotated[RegistrationRule, Depends(registration_rule)]


async def registration(rule: RegistrationRuleDep, accounts: AccountsDep, invitations: InvitationsDep) -> Registration:
    """Return the registration of accounts."""
    return Registration(rule, accounts, invitations)


async def address_change(
    rule: RegistrationRuleDep, accounts: AccountsDep, mail: MailDep, subscriptions: SubscriptionsDep
) -> AddressChange:
    """Return the service that changes the addresses of accounts."""
    return AddressChange(rule, accounts, mail, subscriptions)


RegistrationDep = Annotated[Registration, Depends(registration)]
AddressChangeDep = Annotated[AddressChange, Depends(address_change)]


def count_for_address(request: Request, rate: Rate) -> None:
    """Count a request of the client's address.

    Raises:
        TooManyRequests: the address has reached the limit of such requests per minute.
    """
    address = request.client.host if request.client else ""
    wiring.address_limits().count(address, rate, Minute.at(time.time()))


async def mailbox_page(request: Request, settings: SettingsDep) -> str | None:
    """Return the URL of the page that shows e-mails, or None if PixTag sends e-mails.

    On one machine, the URL has the host and port of the request, because only the server knows its port.
    """
    if not settings.mailbox_url:
        return None
    address = request.base_url if isinstance(settings, LocalSettings) else f"{settings.mailbox_url}/"
    return f"{address}mailbox"


async def ui_url(request: Request, settings: SettingsDep) -> str:
    """Return the address of the web UI. On one machine without a public URL, it is that of the request."""
    is_private = isinstance(settings, LocalSettings) and not settings.url
    return str(request.base_url).removesuffix("/") if is_private else settings.ui_url


UiUrlDep = Annotated[str, Depends(ui_url)]


MailboxPageDep = Annotated[str | None, Depends(mailbox_page)]


@in_thread
def require_space(disk: DiskDep) -> None:
    """Check that the disk of this machine has space for a change that frees none.

    Raises:
        StorageFull: it has not.
    """
    if disk:
        disk.require_space_for_edit()
