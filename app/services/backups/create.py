"""Writes a backup of all libraries while people use them.

All rows are read first. On one machine, this takes seconds and one transaction. The objects are read afterwards. An
object never changes, but it may be deleted during the backup. Then the backup does not contain its image either.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from app import __version__
from app.domain.backups import FORMAT, BackupAccount, BackupInfo
from app.domain.errors import ImageNotFound, ObjectUnreadable, Unavailable, WrongSize
from app.domain.file_names import clean_file_name
from app.domain.ids import DERIVED, Rendition, new_id, parse_key
from app.domain.images import STORED, Image, ImageState
from app.domain.mail import EmailState
from app.domain.ports import Stores
from app.domain.uploads import Upload
from app.services.backups.account_records import dump_account, dump_placed
from app.services.backups.archive import OBJECTS, WAITING, Name
from app.services.backups.members import MemberWriter, Writable
from app.services.backups.records import dump_image, dump_info, dump_subscription, load_image

_RENDITIONS: Final = (Rendition.ORIGINAL, *sorted(DERIVED))


@dataclass(slots=True)
class Summary:
    """The content of a backup, and the photos that it lacks.

    Attributes:
        accounts: The number of accounts.
        images: The number of images.
        lost: The ids of images whose originals are missing, empty or too large. They are not in the backup.
        altered: The ids of images whose originals are not the bytes that were uploaded. They are in the backup.
        unreadable: The keys of uploads, originals and folders of uploads that are unreadable and not in the backup.
        without_account: The owners of photos without an account. Their photos are not in the backup.
    """

    accounts: int = 0
    images: int = 0
    lost: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    without_account: list[str] = field(default_factory=list)


class BackupWriter:
    """Writes one backup.

    Args:
        stores: The stores of the libraries.
        file: The backup.
        folder: The folder for temporary files, best on the disk of the backup. The disk of the library may be broken.
        report: Is called with the number of bytes of each original.
    """

    def __init__(
        self, stores: Stores, file: Writable, folder: Path, report: Callable[[int], None] = lambda _: None
    ) -> None:
        self._stores = stores
        self._file = MemberWriter(file, int(time.time()))
        self._folder = folder
        self._report = report
        self._summary = Summary()

    def write(self) -> Summary:
        """Write the complete backup."""
        with (
            tempfile.TemporaryFile(dir=self._folder) as rows,  # these files have no names, so nothing remains of them
            tempfile.TemporaryFile(dir=self._folder) as images,
            tempfile.TemporaryFile(dir=self._folder) as subscriptions,
            tempfile.TemporaryFile(dir=self._folder) as orders,
        ):
            with self._stores.backups.read_consistently():
                accounts = self._list_accounts()
                for account in accounts:
                    self._read_rows(account.owner, rows, subscriptions)
                    orders.writelines(self._read_album_orders(account))
            self._write_accounts(accounts)
            rows.seek(0)
            images.writelines(line for line in rows if self._write_objects(load_image(line)))
            for account in accounts:
                images.writelines(map(dump_image, self._write_unknown_uploads(account.owner)))
            self._add(Name.IMAGES, images)
            self._add(Name.SUBSCRIPTIONS, subscriptions)
            self._add(Name.ALBUM_ORDERS, orders)
        self._file.finish(Name.CHECKSUMS)
        self._summary.without_account = self._find_owners_without_account()
        return self._summary

    def _list_accounts(self) -> list[BackupAccount]:
        """Return the accounts that are not being deleted."""
        accounts = [
            replace(
                account,
                has_alerts=self._stores.mail.state(account.owner) is not EmailState.NONE,
                remove_positions=self._stores.preferences.get(account.owner).remove_positions,
                albums=tuple(self._stores.albums.list(account.owner)),
            )
            for account in self._stores.backups.list_accounts()
            if not self._stores.outbox.has_account_deletion(account.owner)
        ]
        self._summary.accounts = len(accounts)
        return accounts

    def _read_rows(self, owner: str, images: IO[bytes], subscriptions: IO[bytes]) -> None:
        for image_id in self._stores.images.list_ids(owner):
            image = self._stores.images.find_image(owner, image_id)
            if image and image.state is not ImageState.GONE:
                images.write(dump_image(image))
        for subscription in self._stores.subscriptions.list(owner):
            subscriptions.write(dump_subscription(owner, subscription))

    def _read_album_orders(self, account: BackupAccount) -> Iterator[bytes]:
        for album in account.albums:
            if placed := self._stores.albums.list_placed(account.owner, album.id):
                yield dump_placed(account.owner, album.id, placed)

    def _write_accounts(self, accounts: list[BackupAccount]) -> None:
        info = BackupInfo(FORMAT, new_id(), __version__, self._stores.backups.source, datetime.now(UTC))
        self._file.add(Name.INFO, dump_info(info))
        self._file.add(Name.ACCOUNTS, b"".join(map(dump_account, accounts)))

    def _find_owners_without_account(self) -> list[str]:
        """Return the owners of photos who have no account now, and whose account is not being deleted."""
        others = self._stores.objects.list_owners() - {each.owner for each in self._stores.backups.list_accounts()}
        return sorted(
            owner
            for owner in others
            if not self._stores.outbox.has_account_deletion(owner)
            and any(self._stores.objects.list_keys(Rendition.ORIGINAL.key(owner, "")))
        )

    def _write_objects(self, image: Image) -> bool:
        """Write the objects of an image. Return whether the image belongs into the backup."""
        key = image.owner, image.id
        objects = {} if image.state is ImageState.PENDING else {each: self._find(each, *key) for each in _RENDITIONS}
        if image.state in STORED:
            if None in objects.values() and self._is_purged(image):
                return False
            if objects[Rendition.ORIGINAL] is None:
                self._note_lost(image)
                return False
        if image.state in WAITING:
            objects[Rendition.INCOMING] = self._find_upload(image)
            if image.state is ImageState.PENDING and objects[Rendition.INCOMING] is None:
                return False
        for rendition, upload in objects.items():
            if upload:
                self._write_object(rendition, image, upload)
        self._report(image.size)
        self._summary.images += 1
        return True

    def _note_lost(self, image: Image) -> None:
        """Note an image whose original was not read, unless it is noted as unreadable."""
        if Rendition.ORIGINAL.key(image.owner, image.id) not in self._summary.unreadable:
            self._summary.lost.append(image.id)

    def _write_object(self, rendition: Rendition, image: Image, upload: Upload) -> None:
        digest = self._file.add(OBJECTS + rendition.key(image.owner, image.id), upload.data)
        if rendition is Rendition.ORIGINAL and image.state in STORED and digest != image.sha256:
            self._summary.altered.append(image.id)

    def _find(self, rendition: Rendition, owner: str, image_id: str) -> Upload | None:
        try:
            upload = self._stores.objects.find(rendition.key(owner, image_id))
        except WrongSize:
            return None
        except ObjectUnreadable:
            if rendition not in DERIVED:
                self._summary.unreadable.add(rendition.key(owner, image_id))
            return None
        return upload if upload and upload.data else None

    def _find_upload(self, image: Image) -> Upload | None:
        """Return the bytes of an image that was pending or failed when its row was read.

        If the worker has processed the upload since then, they are the original of this image, or of another image
        with the same bytes. If the image was deleted, return None.
        """
        if upload := self._find(Rendition.INCOMING, image.owner, image.id):
            return upload
        try:
            current = self._stores.images.get_image(image.owner, image.id)
        except ImageNotFound:
            return None
        return self._find(Rendition.ORIGINAL, image.owner, current.id) if current.state in STORED else None

    def _is_purged(self, image: Image) -> bool:
        current = self._stores.images.find_image(image.owner, image.id)
        return current is None or current.state is ImageState.GONE

    def _write_unknown_uploads(self, owner: str) -> Iterator[Image]:
        """Write the uploads that have no image. Yield an image for each, which the worker completes."""
        for key in self._list_uploads(owner):
            _, image_id = parse_key(key, Rendition.INCOMING) or ("", "")
            if self._stores.images.find_image(owner, image_id):
                continue
            if upload := self._find(Rendition.INCOMING, owner, image_id):
                image = Image(
                    owner=owner,
                    id=image_id,
                    state=ImageState.PENDING,
                    name=clean_file_name(upload.name),
                    media_type=upload.media_type,
                    size=len(upload.data),
                    file_time=upload.file_time,
                    version=1,
                )
                self._write_object(Rendition.INCOMING, image, upload)
                self._summary.images += 1
                yield image

    def _list_uploads(self, owner: str) -> list[str]:
        """Return the keys of the uploads of an owner. If the disk cannot read their folder, return none and note it."""
        folder = Rendition.INCOMING.key(owner, "")
        try:
            return list(self._stores.objects.list_keys(folder))
        except Unavailable:
            self._summary.unreadable.add(folder)
            return []

    def _add(self, name: str, file: IO[bytes]) -> None:
        size = file.tell()
        file.seek(0)
        self._file.add_file(name, file, size)
