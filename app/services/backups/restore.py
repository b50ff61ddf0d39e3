"""Restores a verified backup. Every step can be interrupted and repeated."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from app.domain.backups import BackupError
from app.domain.errors import StartFailed
from app.domain.ids import DERIVED, Rendition
from app.domain.images import MAX_UPLOAD_BYTES, Image
from app.domain.ports import Stores
from app.domain.uploads import Upload
from app.services.backups.archive import (
    OBJECTS,
    Contents,
    Name,
    read_image_lines,
    read_placed_lines,
    read_subscription_lines,
)
from app.services.backups.members import Member, Readable, read_members

CHANGED: Final = "The backup has changed while it was restored. Run the command again with the unchanged file."
NOT_EMPTY: Final = (
    "This library already contains photos, so nothing was restored. Restore the backup into an empty library. On this"
    " machine, choose a new folder with --data."
)
OTHER_RESTORE: Final = (
    "The restore of another backup into this library is not finished. Run `pixtag restore` with that backup again, or"
    " restore this backup into an empty library."
)


def require_empty(stores: Stores) -> None:
    """Check that a library contains no photos, or only those of an unfinished restore.

    Raises:
        BackupError: it contains photos.
    """
    if stores.backups.find_restore():
        return
    keys = (key for rendition in Rendition for key in stores.objects.list_keys(f"{rendition}/"))
    images = (each for account in stores.backups.list_accounts() for each in stores.images.list_ids(account.owner))
    if any(keys) or any(images):
        raise BackupError(NOT_EMPTY)


def require_restored(stores: Stores) -> None:
    """Check that the last restore into this library is complete.

    Raises:
        StartFailed: it is not.
    """
    if stores.backups.find_restore():
        raise StartFailed(
            "The restore of a backup into this library is not finished. Continue it: run `pixtag restore FILE` with the"
            " same backup."
        )


class Restore:
    """Writes the contents of one backup to the stores.

    Args:
        stores: The stores.
        contents: What `verify` returned for the same file.
    """

    def __init__(self, stores: Stores, contents: Contents) -> None:
        self._stores = stores
        self._contents = contents
        self._owners: dict[str, str] = {}
        self._is_resumed = False

    def run(self, file: Readable) -> None:
        """Read the backup again, and restore it. If this was interrupted before, continue.

        Raises:
            BackupError: the library is not empty, or the file has changed since it was verified.
        """
        self._begin()
        backups = self._stores.backups
        self._owners = {owner: backups.put_account(account) for owner, account in self._contents.accounts.items()}
        for owner, account in self._contents.accounts.items():
            for album in account.albums:
                self._stores.albums.put(self._owners[owner], album)
        members = read_members(file)
        for member in members:
            if member.name == Name.IMAGES:
                self._restore_rows(member, members)
            elif member.name.startswith(OBJECTS):
                self._restore_object(member)
            else:
                self._require_unchanged(member)

    def _begin(self) -> None:
        unfinished = self._stores.backups.find_restore()
        if unfinished and unfinished != self._contents.info.id:
            raise BackupError(OTHER_RESTORE)
        require_empty(self._stores)
        self._is_resumed = bool(unfinished)
        self._stores.backups.begin_restore(self._contents.info.id)

    def _restore_object(self, member: Member) -> None:
        data = self._read(member)  # also checks that it was verified with this name
        _, rendition, owner, image_id = member.name.split("/")
        key, target = (owner, image_id), Rendition(rendition).key(self._owners[owner], image_id)
        if self._is_resumed and self._is_restored(target, member.digest):
            return
        if rendition in DERIVED:
            self._stores.objects.put_derived(target, data)
            return
        if rendition == Rendition.INCOMING:  # on AWS, the worker processes the upload at once
            self._restore_image(self._contents.waiting[key])
        file = self._contents.images[key]
        self._stores.objects.claim(target, Upload(data, file.media_type, file.name))

    def _is_restored(self, key: str, digest: bytes) -> bool:
        """Return whether an earlier attempt wrote this object. Delete an object with other bytes."""
        stored = self._stores.objects.find(key)
        if stored and hashlib.sha256(stored.data).digest() != digest:
            self._stores.objects.delete(key)
            return False
        return stored is not None

    def _restore_rows(self, images: Member, members: Iterator[Member]) -> None:
        """Write all rows, with which the restore is complete. Other members follow only for their digests."""
        with self._stores.backups.write_together():
            for image in read_image_lines(images):
                self._restore_image(image)
            self._require_unchanged(images)
            for member in members:
                if member.name == Name.SUBSCRIPTIONS:
                    self._restore_subscriptions(member)
                elif member.name == Name.ALBUM_ORDERS:
                    self._restore_album_orders(member)
                self._require_unchanged(member)
            for owner, account in self._contents.accounts.items():
                if account.remove_positions:
                    self._stores.preferences.choose(self._owners[owner], remove_positions=True)
                if account.has_alerts:
                    self._stores.mail.subscribe(self._owners[owner], account.email)
            self._stores.backups.finish_restore()

    def _restore_subscriptions(self, member: Member) -> None:
        for owner, subscription in read_subscription_lines(member):
            self._stores.subscriptions.put(self._find_owner(owner), subscription)

    def _restore_album_orders(self, member: Member) -> None:
        albums = {album.id: album for account in self._contents.accounts.values() for album in account.albums}
        for owner, album_id, placed in read_placed_lines(member):
            if album_id not in albums:
                raise BackupError(CHANGED)
            self._stores.albums.save(self._find_owner(owner), albums[album_id], albums[album_id], placed)

    def _restore_image(self, image: Image) -> None:
        owner = self._find_owner(image.owner)
        existing = {album.id for album in self._contents.accounts[image.owner].albums}
        albums = tuple(each for each in image.albums if each in existing)  # others were deleted before the backup
        self._stores.images.restore_image(replace(image, owner=owner, albums=albums))

    def _find_owner(self, owner: str) -> str:
        if owner not in self._owners:
            raise BackupError(CHANGED)
        return self._owners[owner]

    def _read(self, member: Member) -> bytes:
        data = member.read_all(MAX_UPLOAD_BYTES)
        self._require_unchanged(member)
        return data

    def _require_unchanged(self, member: Member) -> None:
        member.skip()
        if member.digest != self._contents.digests.get(member.name):
            raise BackupError(CHANGED)
