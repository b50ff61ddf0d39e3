"""Connects the stores of PixTag on one machine. Each is created on first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from app.domain.ports import Stores
from app.domain.quotas import Limits
from app.settings import LocalSettings

if TYPE_CHECKING:
    from app.adapters.local.account_admin import AccountAdmin
    from app.adapters.local.accounts import SqliteAccounts
    from app.adapters.local.albums import SqliteAlbums
    from app.adapters.local.api_keys import SqliteApiKeys
    from app.adapters.local.backups import LocalBackups
    from app.adapters.local.copies import Copies
    from app.adapters.local.database import Database
    from app.adapters.local.disk import LocalDisk
    from app.adapters.local.folder import DataFolder
    from app.adapters.local.images import SqliteImages
    from app.adapters.local.invitations import SqliteInvitations
    from app.adapters.local.mail import SqliteMail
    from app.adapters.local.objects import FileObjects
    from app.adapters.local.operations import SqliteOperations
    from app.adapters.local.outbox import SqliteOutbox
    from app.adapters.local.preferences import SqlitePreferences
    from app.adapters.local.queue import SqliteQueue
    from app.adapters.local.quotas import SqliteQuotas
    from app.adapters.local.recovery import Recovery
    from app.adapters.local.redetections import SqliteRedetections
    from app.adapters.local.row_checks import SqliteRowChecks
    from app.adapters.local.shares import SqliteShares
    from app.adapters.local.smtp import SmtpServer
    from app.adapters.local.subscriptions import SqliteSubscriptions
    from app.domain.accounts import TokenIssuer


class LocalStores(Stores):
    """The stores in one folder: a SQLite database, and a file for each object."""

    def __init__(self, settings: LocalSettings) -> None:
        self.settings = settings

    @cached_property
    def folder(self) -> "DataFolder":
        """The data folder and its locks."""
        from app.adapters.local.folder import DataFolder

        return DataFolder(self.settings.data)

    @cached_property
    def database(self) -> "Database":
        """The database that all SQLite adapters share."""
        from app.adapters.local.database import Database
        from app.adapters.local.guard import LibraryGuard

        return Database(self.folder.database, LibraryGuard(self.folder, self.copies))

    @cached_property
    def copies(self) -> "Copies":
        """The copies of the database."""
        from app.adapters.local.copies import Copies

        return Copies(self.folder)

    @property
    def recovery(self) -> "Recovery":
        """The recovery of the database from a copy."""
        from app.adapters.local.recovery import Recovery

        return Recovery(self.folder)

    @cached_property
    def disk(self) -> "LocalDisk":
        """The disk that contains the data folder."""
        from app.adapters.local.disk import LocalDisk

        return LocalDisk(self.folder.path, self.database)

    @cached_property
    @override
    def images(self) -> "SqliteImages":
        from app.adapters.local.images import SqliteImages

        return SqliteImages(self.database)

    @cached_property
    @override
    def objects(self) -> "FileObjects":
        from app.adapters.local.objects import FileObjects

        return FileObjects(self.settings.data / "objects", self.database)

    @property
    @override
    def object_server(self) -> "FileObjects":
        return self.objects

    @cached_property
    @override
    def queue(self) -> "SqliteQueue":
        from app.adapters.local.queue import SqliteQueue

        return SqliteQueue(self.database)

    @cached_property
    @override
    def accounts(self) -> "SqliteAccounts":
        from app.adapters.local.accounts import SqliteAccounts

        return SqliteAccounts(self.database, self.mail)

    @cached_property
    def account_admin(self) -> "AccountAdmin":
        """The accounts, for the person who runs PixTag."""
        from app.adapters.local.account_admin import AccountAdmin

        return AccountAdmin(self.database)

    @cached_property
    @override
    def invitations(self) -> "SqliteInvitations":
        from app.adapters.local.invitations import SqliteInvitations

        return SqliteInvitations(self.database)

    @cached_property
    @override
    def mail(self) -> "SqliteMail":
        from app.adapters.local.mail import SqliteMail

        return SqliteMail(self.database, self.smtp_server, self._read_picture)

    def _read_picture(self, key: str) -> bytes | None:
        thumbnail = self.objects.find(key)
        return thumbnail.data if thumbnail else None

    @property
    @override
    def mailbox(self) -> "SqliteMail | None":
        return self.mail if self.settings.mailbox_url else None

    @cached_property
    def smtp_server(self) -> "SmtpServer | None":
        """The SMTP server in the settings.

        Raises:
            InvalidSettings: the URL of the server is not valid.
        """
        if not (url := self.settings.smtp_url):
            return None
        from app.adapters.local.smtp import SmtpServer

        return SmtpServer.parse(url)

    @cached_property
    @override
    def outbox(self) -> "SqliteOutbox":
        from app.adapters.local.deletion_markers import DeletionMarkers
        from app.adapters.local.outbox import SqliteOutbox

        return SqliteOutbox(self.database, DeletionMarkers(self.settings.data))

    @cached_property
    @override
    def quotas(self) -> "SqliteQuotas":
        from app.adapters.local.quotas import SqliteQuotas

        return SqliteQuotas(self.database, Limits(bytes_per_day=self.settings.upload_gb_per_day * 10**9))

    @cached_property
    @override
    def subscriptions(self) -> "SqliteSubscriptions":
        from app.adapters.local.subscriptions import SqliteSubscriptions

        return SqliteSubscriptions(self.database)

    @cached_property
    @override
    def redetections(self) -> "SqliteRedetections":
        from app.adapters.local.redetections import SqliteRedetections

        return SqliteRedetections(self.database)

    @cached_property
    @override
    def preferences(self) -> "SqlitePreferences":
        from app.adapters.local.preferences import SqlitePreferences

        return SqlitePreferences(self.database)

    @cached_property
    @override
    def albums(self) -> "SqliteAlbums":
        from app.adapters.local.albums import SqliteAlbums

        return SqliteAlbums(self.database)

    @cached_property
    @override
    def api_keys(self) -> "SqliteApiKeys":
        from app.adapters.local.api_keys import SqliteApiKeys

        return SqliteApiKeys(self.database)

    @cached_property
    @override
    def shares(self) -> "SqliteShares":
        from app.adapters.local.shares import SqliteShares

        return SqliteShares(self.database)

    @cached_property
    @override
    def operations(self) -> "SqliteOperations":
        from app.adapters.local.operations import SqliteOperations

        return SqliteOperations(self.database)

    @cached_property
    @override
    def backups(self) -> "LocalBackups":
        from app.adapters.local.backups import LocalBackups

        return LocalBackups(self.settings.data, self.database)

    @cached_property
    @override
    def row_checks(self) -> "SqliteRowChecks":
        from app.adapters.local.row_checks import SqliteRowChecks

        return SqliteRowChecks(self.database)

    @cached_property
    @override
    def token_issuer(self) -> "TokenIssuer":
        return self.accounts.token_issuer
