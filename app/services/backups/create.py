"""Writes a backup of all libraries while people use them.

All rows are read first. On one machine, this takes seconds and one transaction. The objects are read afterwards. An
object never changes, but it may be deleted during the backup. Then the backup does not contain its image either.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from app import __version__
from app.domain.backups import FORMAT, BackupAccount, BackupInfo
from app.domain.errors import ImageDamaged, ImageNotFound, ObjectUnreadable, Unavailable, WrongSize
from app.domain.file_names import clean_file_name
from app.domain.ids import DERIVED, Rendition, new_id, parse_key
from app.domain.images import STORED, Image, ImageState
from app.domain.ports import Stores
from app.domain.uploads import Upload
from app.services.backups.account_records import dump_account
from app.services.backups.archive import OBJECTS, WAITING, Name
from app.services.backups.members import MemberWriter, Writable
from app.services.backups.records import dump_image, dump_info, load_image
from app.services.backups.rows import DamagedRow, RowKind, RowReader

_RENDITIONS: Final = (Rendition.ORIGINAL, *sorted(DERIVED))


@dataclass(slots=True)
class Summary:
    """The content of a backup, and what it lacks.

    Attributes:
        accounts: The number of accounts.
        images: The number of images.
        lost: The ids of images whose originals are missing, empty or too large. They are not in the backup.
        altered: The ids of images whose originals are not the bytes that were uploaded. They are in the backup.
        unreadable: The keys of uploads, originals and folders of uploads that are unreadable and not in the backup.
        damaged: The rows that are damaged. The originals of images among them are in the backup as uploads.
        without_account: The owners of photos without an account. Their photos are not in the backup.
    """

    accounts: int = 0
    images: int = 0
    lost: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    damaged: list[DamagedRow] = field(default_factory=list)
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
        self._rows = RowReader(stores)
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
                accounts = self._rows.list_accounts()
                for account in accounts:
                    rows.writelines(self._rows.read_images(account.owner))
                    subscriptions.writelines(self._rows.read_subscriptions(account.owner))
                    orders.writelines(self._rows.read_album_orders(account))
            self._summary.accounts, self._summary.damaged = len(accounts), self._rows.damaged
            self._write_accounts(accounts)
            rows.seek(0)
            images.writelines(line for line in rows if self._write_objects(load_image(line)))
            images.writelines(map(dump_image, self._write_damaged_images()))
            for account in accounts:
                images.writelines(map(dump_image, self._write_unknown_files(account.owner)))
            self._add(Name.IMAGES, images)
            self._add(Name.SUBSCRIPTIONS, subscriptions)
            self._add(Name.ALBUM_ORDERS, orders)
        self._file.finish(Name.CHECKSUMS)
        self._summary.without_account = self._find_owners_without_account()
        return self._summary

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
                self._note_lost(*key)
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

    def _note_lost(self, owner: str, image_id: str) -> None:
        """Note an image whose original was not read, unless it is noted as unreadable."""
        if Rendition.ORIGINAL.key(owner, image_id) not in self._summary.unreadable:
            self._summary.lost.append(image_id)

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
        except (ImageDamaged, ImageNotFound):
            return None
        return self._find(Rendition.ORIGINAL, image.owner, current.id) if current.state in STORED else None

    def _is_purged(self, image: Image) -> bool:
        current = self._stores.images.find_image(image.owner, image.id)
        return current is None or current.state is ImageState.GONE

    def _write_damaged_images(self) -> Iterator[Image]:
        """Write the originals of images whose rows are damaged. Yield an image for each, which the worker completes."""
        for owner, image_id in self._rows.damaged_images:
            if image := self._write_as_upload(owner, image_id, Rendition.ORIGINAL, Rendition.INCOMING):
                self._summary.damaged.append(DamagedRow(RowKind.IMAGE, image_id))
                yield image
            else:
                self._note_lost(owner, image_id)

    def _write_unknown_files(self, owner: str) -> Iterator[Image]:
        """Write the originals and uploads that have no image. Yield an image for each, which the worker completes."""
        written = set[str]()
        for rendition in (Rendition.ORIGINAL, Rendition.INCOMING):
            for key in self._list_keys(owner, rendition):
                _, image_id = parse_key(key, rendition) or ("", "")
                if image_id in written or (owner, image_id) in self._rows.images or self._has_row(owner, image_id):
                    continue
                if image := self._write_as_upload(owner, image_id, rendition):
                    written.add(image_id)
                    if rendition is Rendition.ORIGINAL:
                        self._summary.damaged.append(DamagedRow(RowKind.MISSING_IMAGE, image_id))
                    yield image

    def _write_as_upload(self, owner: str, image_id: str, *renditions: Rendition) -> Image | None:
        """Write the first of these objects that exists as an upload. Return an image that waits for the worker."""
        uploads = (self._find(each, owner, image_id) for each in renditions)
        upload = next(filter(None, uploads), None)
        if upload is None:
            return None
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
        return image

    def _has_row(self, owner: str, image_id: str) -> bool:
        """Return whether there is an intact image or tombstone. It was added after all rows were read."""
        try:
            return self._stores.images.find_image(owner, image_id) is not None
        except ImageDamaged:  # its damaged state prevented that it was listed
            return False

    def _list_keys(self, owner: str, rendition: Rendition) -> list[str]:
        """Return the keys of objects of an owner. If the disk cannot read their folder, return none and note it."""
        folder = rendition.key(owner, "")
        try:
            return list(self._stores.objects.list_keys(folder))
        except Unavailable:
            self._summary.unreadable.add(folder)
            return []

    def _add(self, name: str, file: IO[bytes]) -> None:
        size = file.tell()
        file.seek(0)
        self._file.add_file(name, file, size)
