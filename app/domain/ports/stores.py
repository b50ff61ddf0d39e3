"""Defines `Stores`, which has all stores of a deployment."""

from typing import Protocol

from app.domain.accounts import TokenIssuer
from app.domain.backups import Backups
from app.domain.checks import RowChecks
from app.domain.object_server import ObjectServer
from app.domain.ports.accounts import Accounts, Invitations
from app.domain.ports.albums import Albums
from app.domain.ports.api_keys import ApiKeys
from app.domain.ports.images import Images
from app.domain.ports.mail import Mail, Mailbox
from app.domain.ports.objects import Objects
from app.domain.ports.operations import Operations
from app.domain.ports.outbox import Outbox, Queue
from app.domain.ports.preferences import OwnerPreferences
from app.domain.ports.quotas import Quotas
from app.domain.ports.redetections import Redetections
from app.domain.ports.shares import Shares
from app.domain.ports.subscriptions import Subscriptions


class Stores(Protocol):
    """All stores of a deployment, and the issuer of its access tokens. Each is created on first use."""

    @property
    def images(self) -> Images:
        """The images."""

    @property
    def objects(self) -> Objects:
        """The images' objects."""

    @property
    def object_server(self) -> ObjectServer | None:
        """The server of the objects, or None if clients read and write the objects elsewhere."""

    @property
    def queue(self) -> Queue:
        """The worker's queue."""

    @property
    def accounts(self) -> Accounts:
        """The accounts."""

    @property
    def invitations(self) -> Invitations:
        """The invitations to register."""

    @property
    def mail(self) -> Mail:
        """The e-mails to owners."""

    @property
    def mailbox(self) -> Mailbox | None:
        """The e-mails that the mailbox page shows, or None if this deployment has none."""

    @property
    def outbox(self) -> Outbox:
        """The outbox."""

    @property
    def quotas(self) -> Quotas:
        """The quotas."""

    @property
    def subscriptions(self) -> Subscriptions:
        """The subscriptions."""

    @property
    def redetections(self) -> Redetections:
        """The redetection jobs."""

    @property
    def preferences(self) -> OwnerPreferences:
        """The preferences of owners."""

    @property
    def albums(self) -> Albums:
        """The albums."""

    @property
    def api_keys(self) -> ApiKeys:
        """The API keys."""

    @property
    def shares(self) -> Shares:
        """The shares."""

    @property
    def operations(self) -> Operations:
        """The operations that can be undone."""

    @property
    def backups(self) -> Backups:
        """What backups and restores need besides the other stores."""

    @property
    def row_checks(self) -> RowChecks:
        """What `pixtag doctor` needs besides the other stores."""

    @property
    def token_issuer(self) -> TokenIssuer:
        """The issuer of the access tokens."""
