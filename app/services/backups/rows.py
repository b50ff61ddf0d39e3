"""Reads the rows of libraries for a backup. Damaged rows, which a restore would reject, are noted and left out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from app.domain.albums import Album
from app.domain.backups import BackupAccount, BackupError
from app.domain.errors import DAMAGE, RowDamaged
from app.domain.ids import is_id
from app.domain.images import STORED, ImageState
from app.domain.mail import EmailState
from app.domain.ports import Stores
from app.services.backups.account_records import copy_album, dump_account, dump_placed, load_placed
from app.services.backups.members import DAMAGED
from app.services.backups.records import MAX_LINE_BYTES, dump_image, dump_subscription, load_image, load_subscription

# The values of an account without which it can still be restored. Its owner and its address have none.
_DEFAULTS: Final[dict[str, Any]] = {
    "given_name": "",
    "family_name": "",
    "created_at": datetime.fromtimestamp(0, UTC),
    "is_admin": False,
    "remove_positions": False,
    "password_hash": "",
}
_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"  # in an address that was not UTF-8


class RowKind(StrEnum):
    """The kinds of damaged rows, by what the backup lacks."""

    ACCOUNT = "account"  # the damaged values
    ADDRESS = "address"  # the account and its whole library
    ALBUM = "album"
    ALBUM_ORDER = "album order"
    PREFERENCES = "preferences"
    SUBSCRIPTION = "subscription"
    IMAGE = "image"  # everything but the original
    MISSING_IMAGE = "missing image"  # the same, but no row is listed


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A damaged row. Accounts and preferences have the id of their owner."""

    kind: RowKind
    id: str


class RowReader:
    """Reads the rows of all libraries once.

    Attributes:
        damaged: The damaged rows that are not images.
        damaged_images: The owners and ids of images whose rows are damaged.
        images: The owners and ids of all images, with the damaged ones.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.damaged: list[DamagedRow] = []
        self.damaged_images: list[tuple[str, str]] = []
        self.images: set[tuple[str, str]] = set()

    def list_accounts(self) -> list[BackupAccount]:
        """Return the accounts that are not being deleted."""
        accounts = [
            replace(
                account,
                has_alerts=self._stores.mail.state(account.owner) is not EmailState.NONE,
                remove_positions=self._removes_positions(account.owner),
                albums=tuple(self._list_albums(account.owner)),
            )
            for account in self._stores.backups.list_accounts()
            if not self._stores.outbox.has_account_deletion(account.owner)
        ]
        return [intact for account in accounts if (intact := self._repair(account))]

    def read_images(self, owner: str) -> Iterator[bytes]:
        """Yield the lines of the images of an owner, except tombstones."""
        hashes = set[str]()
        for image_id in self._stores.images.list_ids(owner):
            if not is_id(image_id):  # its key is damaged, so its original is a file without a row
                continue
            self.images.add((owner, image_id))
            try:
                image = self._stores.images.find_image(owner, image_id)
                if image is None or image.state is ImageState.GONE:
                    continue
                line = _check(dump_image(image), load_image)
                _require(image.id == image_id and image.sha256 not in hashes)
            except (BackupError, RowDamaged, *DAMAGE):
                self.damaged_images.append((owner, image_id))
                continue
            if image.state in STORED:
                hashes.add(image.sha256)
            yield line

    def read_subscriptions(self, owner: str) -> Iterator[bytes]:
        """Yield the lines of the subscriptions of an owner."""
        for subscription in self._stores.subscriptions.list(owner):
            try:
                yield _check(dump_subscription(owner, subscription), load_subscription)
            except (BackupError, *DAMAGE):
                self._note(RowKind.SUBSCRIPTION, subscription.id)
        for subscription_id in self._stores.subscriptions.list_damaged(owner):
            self._note(RowKind.SUBSCRIPTION, subscription_id)

    def read_album_orders(self, account: BackupAccount) -> Iterator[bytes]:
        """Yield the lines with the images that a person placed in albums."""
        for album in account.albums:
            try:
                placed = self._stores.albums.list_placed(account.owner, album.id)
                line = _check(dump_placed(account.owner, album.id, placed), load_placed) if placed else b""
            except (BackupError, *DAMAGE):
                self._note(RowKind.ALBUM_ORDER, album.id)
                continue
            yield line

    def _removes_positions(self, owner: str) -> bool:
        try:
            return self._stores.preferences.get(owner).remove_positions
        except RowDamaged:
            self._note(RowKind.PREFERENCES, owner)
            return False

    def _list_albums(self, owner: str) -> Iterator[Album]:
        keys = set[str]()
        for album in self._stores.albums.list(owner):
            try:
                copy = copy_album(album)
                _require(copy.key not in keys)  # of two albums with equal titles, one has a damaged title
            except (BackupError, *DAMAGE):
                self._note(RowKind.ALBUM, album.id)
                continue
            keys.add(copy.key)
            yield copy
        for album_id in self._stores.albums.list_damaged(owner):
            self._note(RowKind.ALBUM, album_id)

    def _repair(self, account: BackupAccount) -> BackupAccount | None:
        """Return the account without its damaged values, or None if its owner or its address is damaged."""
        try:
            dump_account(account)
            damaged = set[str]()
        except ValidationError as error:
            damaged = {str(each["loc"][0]) for each in error.errors()}
        if damaged - _DEFAULTS.keys() or account.email != account.email.lower() or _UNREADABLE in account.email:
            self._note(RowKind.ADDRESS, account.owner)
            return None
        if damaged:
            self._note(RowKind.ACCOUNT, account.owner)
        return replace(account, **{name: _DEFAULTS[name] for name in damaged})

    def _note(self, kind: RowKind, row_id: str) -> None:
        self.damaged.append(DamagedRow(kind, row_id))


def _check(line: bytes, load: Callable[[bytes], object]) -> bytes:
    """Return a line that a restore accepts.

    Raises:
        BackupError: a restore would reject it.
    """
    _require(len(line) <= MAX_LINE_BYTES)
    load(line)
    return line


def _require(condition: bool) -> None:  # noqa: FBT001 - like an assertion
    if not condition:
        raise BackupError(DAMAGED)
