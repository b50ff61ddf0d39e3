"""Creates the stores and services once per process.

`settings()` decides between the stores of AWS and those of one machine. Only their modules are imported, because the
other modules take memory and start time.
"""

import os
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from app.domain.accounts import TokenIssuer
from app.domain.disk import Disk
from app.domain.errors import OperationUnsupported, PixTagError, StartFailed, Unavailable
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
    Queue,
    Quotas,
    Redetections,
    Shares,
    Stores,
    Subscriptions,
)
from app.domain.quotas import AddressLimits
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.mail_links import MailLinks
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from app.services.queue_worker import QueueWorker
from app.settings import LocalSettings, Settings, read_settings
from detector import Detector

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores
    from app.domain.passwords import Passwords
    from app.services.part_uploads import PartUploads
    from app.services.shared_originals import SharedOriginals
    from app.services.shared_photos import SharedPhotos
    from app.services.shares import Sharing

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # imports are fast while Lambda starts a function, and slow in a request
    import app.adapters.aws.stores  # noqa: F401 - the import is the purpose

STORE_FAILURES: Final = (BotoCoreError, ClientError)  # the local stores raise only PixTag's own errors


def describe_store_failure(error: Exception) -> PixTagError:
    """Return the error that describes one of `STORE_FAILURES` to people."""
    from app.adapters.aws.failures import find_unsupported_operation

    operation = find_unsupported_operation(error)
    return OperationUnsupported(operation) if operation else Unavailable()


@cache
def settings() -> Settings:
    """Return the settings of this deployment.

    Raises:
        InvalidSettings: the environment variables are not valid.
    """
    return read_settings(os.environ)


@cache
def stores() -> Stores:
    """Return the stores that the settings name."""
    chosen = settings()
    if isinstance(chosen, LocalSettings):
        return local_stores()
    from app.adapters.aws.stores import AwsStores

    return AwsStores(chosen)


def find_local_settings() -> LocalSettings | None:
    """Return the settings of PixTag on one machine. On AWS, return None."""
    chosen = settings()
    return chosen if isinstance(chosen, LocalSettings) else None


def local_settings() -> LocalSettings:
    """Return the settings of PixTag on one machine.

    Raises:
        StartFailed: the settings are those of a deployment on AWS.
    """
    if not (chosen := find_local_settings()):
        raise StartFailed("The environment variables name stores on AWS. Unset them to use PixTag on this machine.")
    return chosen


@cache
def local_stores() -> "LocalStores":
    """Return the stores of one machine.

    Raises:
        StartFailed: the settings are those of a deployment on AWS.
    """
    from app.adapters.local.stores import LocalStores

    return LocalStores(local_settings())


def require_restored() -> None:
    """Check that the last restore into the library is complete.

    Raises:
        StartFailed: it is not.
    """
    from app.services.backups.restore import require_restored

    require_restored(stores())


def use_address(url: str) -> AbstractContextManager[None]:
    """Start the links of the stores of one machine with this URL until the context ends."""
    from app.adapters.local.address import use_address

    return use_address(url)


def images() -> Images:
    """Return the image store."""
    return stores().images


def objects() -> Objects:
    """Return the object store."""
    return stores().objects


def object_server() -> ObjectServer | None:
    """Return the server of the objects, or None if clients read and write the objects elsewhere."""
    return stores().object_server


def queue() -> Queue:
    """Return the queue."""
    return stores().queue


def accounts() -> Accounts:
    """Return the account store."""
    return stores().accounts


def invitations() -> Invitations:
    """Return the invitations to register."""
    return stores().invitations


def mail() -> Mail:
    """Return the mail service."""
    return stores().mail


def mailbox() -> Mailbox | None:
    """Return the e-mails that the mailbox page shows, or None if this deployment has none."""
    return stores().mailbox


def outbox() -> Outbox:
    """Return the outbox."""
    return stores().outbox


def quotas() -> Quotas:
    """Return the quotas."""
    return stores().quotas


def subscriptions() -> Subscriptions:
    """Return the subscriptions."""
    return stores().subscriptions


def redetections() -> Redetections:
    """Return the redetection jobs."""
    return stores().redetections


def preferences() -> OwnerPreferences:
    """Return what owners have chosen."""
    return stores().preferences


def albums() -> Albums:
    """Return the albums."""
    return stores().albums


def api_keys() -> ApiKeys:
    """Return the API keys."""
    return stores().api_keys


def shares() -> Shares:
    """Return the shares."""
    return stores().shares


def operations() -> Operations:
    """Return the operations that can be undone."""
    return stores().operations


def administration() -> Administration | None:
    """Return the administration of this machine. On AWS, return None."""
    return local_stores().account_admin if find_local_settings() else None


def disk() -> Disk | None:
    """Return the disk of this machine. On AWS, return None."""
    return local_stores().disk if find_local_settings() else None


def token_issuer() -> TokenIssuer:
    """Return the issuer of the access tokens."""
    return stores().token_issuer


@cache
def address_limits() -> AddressLimits:
    """Return the limits of clients without an access token. Each process counts their requests itself."""
    return AddressLimits()


@cache
def detector() -> Detector:
    """Return the model. Loading it takes time and memory."""
    from detector.yolo import Yolo

    return Yolo()


@cache
def share_passwords() -> "Passwords":
    """Return what hashes the passwords of shares. It is not that of accounts, so visitors do not delay sign-ins."""
    from app.domain.passwords import Passwords

    return Passwords()


@cache
def sharing() -> "Sharing":
    """Return the service that creates and opens shares."""
    from app.services.shares import Sharing

    return Sharing(shares(), albums(), subscriptions(), quotas(), share_passwords)


@cache
def shared_photos() -> "SharedPhotos":
    """Return the service that finds the photos of shares."""
    from app.services.shared_photos import SharedPhotos

    return SharedPhotos(shares(), albums(), subscriptions(), images())


@cache
def shared_originals() -> "SharedOriginals":
    """Return the service that makes copies of originals without metadata."""
    from app.services.shared_originals import SharedOriginals

    return SharedOriginals(images(), objects())


@cache
def library() -> Library:
    """Return the library service."""
    return Library(images(), objects(), preferences())


@cache
def ingest() -> Ingest:
    """Return the ingest service."""
    return Ingest(images(), objects(), library(), quotas(), detector)


@cache
def part_uploads() -> "PartUploads":
    """Return the service of uploads in parts."""
    from app.services.part_uploads import PartUploads

    return PartUploads(images(), objects(), quotas())


@cache
def mail_links() -> MailLinks:
    """Return the links in digests."""
    return MailLinks(subscriptions(), settings().ui_url)


@cache
def notifications() -> Notifications:
    """Return the notifications service."""
    return Notifications(
        outbox=outbox(),
        images=images(),
        subscriptions=subscriptions(),
        mail=mail(),
        links=mail_links(),
        ui_url=settings().ui_url,
    )


@cache
def outbox_worker() -> OutboxWorker:
    """Return the outbox worker."""
    return OutboxWorker(
        outbox=outbox(),
        images=images(),
        library=library(),
        notifications=notifications(),
        mail=mail(),
        redetections=redetections(),
        preferences=preferences(),
        queue=queue(),
    )


@cache
def queue_worker() -> QueueWorker:
    """Return the queue worker."""
    return QueueWorker(ingest=ingest(), redetections=redetections(), outbox_worker=outbox_worker())
