"""Defines the FastAPI dependencies that routes share: the objects of `wiring`.

The worker imports `wiring` instead, so that it does not load FastAPI.
"""

import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from app import wiring
from app.domain.accounts import TokenIssuer
from app.domain.disk import Disk
from app.domain.object_server import ObjectServer
from app.domain.ports import (
    Accounts,
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
from app.domain.quotas import AddressLimits, Minute, Rate
from app.domain.registration import RegistrationRule
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.mail_links import MailLinks
from app.services.part_uploads import PartUploads
from app.services.registration import Registration
from app.services.shared_originals import SharedOriginals
from app.services.shared_photos import SharedPhotos
from app.services.shares import Sharing
from app.services.undo import Undo
from app.settings import LocalSettings, Settings

SettingsDep = Annotated[Settings, Depends(wiring.settings)]
ImagesDep = Annotated[Images, Depends(wiring.images)]
ObjectsDep = Annotated[Objects, Depends(wiring.objects)]
ObjectServerDep = Annotated[ObjectServer | None, Depends(wiring.object_server)]
TokenIssuerDep = Annotated[TokenIssuer, Depends(wiring.token_issuer)]
AccountsDep = Annotated[Accounts, Depends(wiring.accounts)]
SubscriptionsDep = Annotated[Subscriptions, Depends(wiring.subscriptions)]
OutboxDep = Annotated[Outbox, Depends(wiring.outbox)]
RedetectionsDep = Annotated[Redetections, Depends(wiring.redetections)]
PreferencesDep = Annotated[OwnerPreferences, Depends(wiring.preferences)]
AlbumsDep = Annotated[Albums, Depends(wiring.albums)]
ApiKeysDep = Annotated[ApiKeys, Depends(wiring.api_keys)]
SharesDep = Annotated[Shares, Depends(wiring.shares)]
OperationsDep = Annotated[Operations, Depends(wiring.operations)]
QuotasDep = Annotated[Quotas, Depends(wiring.quotas)]
AddressLimitsDep = Annotated[AddressLimits, Depends(wiring.address_limits)]
DiskDep = Annotated[Disk | None, Depends(wiring.disk)]
MailDep = Annotated[Mail, Depends(wiring.mail)]
MailboxDep = Annotated[Mailbox | None, Depends(wiring.mailbox)]
InvitationsDep = Annotated[Invitations, Depends(wiring.invitations)]
MailLinksDep = Annotated[MailLinks, Depends(wiring.mail_links)]
SharingDep = Annotated[Sharing, Depends(wiring.sharing)]
SharedPhotosDep = Annotated[SharedPhotos, Depends(wiring.shared_photos)]
SharedOriginalsDep = Annotated[SharedOriginals, Depends(wiring.shared_originals)]
LibraryDep = Annotated[Library, Depends(wiring.library)]
UndoDep = Annotated[Undo, Depends(wiring.undo)]
IngestDep = Annotated[Ingest, Depends(wiring.ingest)]
PartUploadsDep = Annotated[PartUploads, Depends(wiring.part_uploads)]


def registration(settings: SettingsDep, accounts: AccountsDep, invitations: InvitationsDep) -> Registration:
    """Return the registration of accounts with the rule in the settings."""
    return Registration(RegistrationRule.parse(settings.registration), accounts, invitations)


RegistrationDep = Annotated[Registration, Depends(registration)]


async def address_counter(request: Request, limits: AddressLimitsDep) -> Callable[[Rate], None]:
    """Return a function that counts a request of the client's address. It raises TooManyRequests above the limit."""
    address = request.client.host if request.client else ""
    return lambda rate: limits.count(address, rate, Minute.at(time.time()))


AddressCounter = Annotated[Callable[[Rate], None], Depends(address_counter)]


def mailbox_page(request: Request, settings: SettingsDep) -> str | None:
    """Return the URL of the page that shows e-mails, or None if PixTag sends e-mails.

    On one machine, the URL has the host and port of the request, because only the server knows its port.
    """
    if not settings.mailbox_url:
        return None
    address = request.base_url if isinstance(settings, LocalSettings) else f"{settings.mailbox_url}/"
    return f"{address}mailbox"


def ui_url(request: Request, settings: SettingsDep) -> str:
    """Return the address of the web UI. On one machine without a public URL, it is that of the request."""
    is_private = isinstance(settings, LocalSettings) and not settings.url
    return str(request.base_url).removesuffix("/") if is_private else settings.ui_url


UiUrlDep = Annotated[str, Depends(ui_url)]


MailboxPageDep = Annotated[str | None, Depends(mailbox_page)]


def require_space(disk: DiskDep) -> None:
    """Check that the disk of this machine has space for a change that frees none.

    Raises:
        StorageFull: it has not.
    """
    if disk:
        disk.require_space_for_edit()
