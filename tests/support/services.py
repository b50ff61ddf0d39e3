"""The stores and services of a test, as `app.wiring` connects them. `tests/support/aws.py` has the stores on moto."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from app.adapters.local.stores import LocalStores
from app.domain.passwords import Passwords
from app.domain.ports import (
    Albums,
    ApiKeys,
    Images,
    Mail,
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
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.mail_links import MailLinks
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from app.services.part_uploads import PartUploads
from app.services.queue_worker import QueueWorker
from app.services.shares import Sharing
from app.services.undo import Undo
from app.settings import LocalSettings
from detector import Detector

UI_URL: Final = "https://pixtag.example"


@dataclass(frozen=True)
class Services:
    """All stores and services. Each is created on first use."""

    stores: Stores
    get_detector: Callable[[], Detector]
    ui_url: str

    @cached_property
    def images(self) -> Images:
        return self.stores.images

    @cached_property
    def objects(self) -> Objects:
        return self.stores.objects

    @cached_property
    def outbox(self) -> Outbox:
        return self.stores.outbox

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return self.stores.subscriptions

    @cached_property
    def redetections(self) -> Redetections:
        return self.stores.redetections

    @cached_property
    def preferences(self) -> OwnerPreferences:
        return self.stores.preferences

    @cached_property
    def albums(self) -> Albums:
        return self.stores.albums

    @cached_property
    def api_keys(self) -> ApiKeys:
        return self.stores.api_keys

    @cached_property
    def shares(self) -> Shares:
        return self.stores.shares

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self.shares, self.albums, self.subscriptions, self.quotas, Passwords)

    @cached_property
    def operations(self) -> Operations:
        return self.stores.operations

    @cached_property
    def quotas(self) -> Quotas:
        return self.stores.quotas

    @cached_property
    def mail(self) -> Mail:
        return self.stores.mail

    @cached_property
    def queue(self) -> Queue:
        return self.stores.queue

    @cached_property
    def library(self) -> Library:
        return Library(self.images, self.objects, self.preferences)

    @cached_property
    def undo(self) -> Undo:
        return Undo(self.images, self.operations)

    @cached_property
    def ingest(self) -> Ingest:
        return Ingest(self.images, self.objects, self.library, self.quotas, self.get_detector)

    @cached_property
    def part_uploads(self) -> PartUploads:
        return PartUploads(self.images, self.objects, self.quotas)

    @cached_property
    def notifications(self) -> Notifications:
        return Notifications(
            outbox=self.outbox,
            images=self.images,
            subscriptions=self.subscriptions,
            mail=self.mail,
            links=MailLinks(self.subscriptions, self.ui_url),
            ui_url=self.ui_url,
        )

    @cached_property
    def outbox_worker(self) -> OutboxWorker:
        return OutboxWorker(
            outbox=self.outbox,
            images=self.images,
            library=self.library,
            notifications=self.notifications,
            mail=self.mail,
            redetections=self.redetections,
            preferences=self.preferences,
            queue=self.queue,
        )

    @cached_property
    def queue_worker(self) -> QueueWorker:
        return QueueWorker(ingest=self.ingest, redetections=self.redetections, outbox_worker=self.outbox_worker)


@contextmanager
def connect_local(folder: Path, get_detector: Callable[[], Detector]) -> Iterator[Services]:
    """Yield stores and services that keep all data in the folder."""
    settings = LocalSettings(data=folder, url=UI_URL)
    stores = LocalStores(settings)
    try:
        yield Services(stores, get_detector, settings.ui_url)
    finally:
        stores.database.close()
