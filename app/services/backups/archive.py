"""Reads and verifies a backup.

The members of a backup, in this order:

- `backup.json`: what wrote it, when and in which format
- `accounts.jsonl`: the accounts, one per line
- `objects/{rendition}/{owner}/{id}`: the files of images, and the uploads that wait for the worker
- `images.jsonl`, `subscriptions.jsonl`: the rows, one per line
- `album-orders.jsonl`: the images that people placed in albums, one line per album
- `checksums.txt`: the SHA-256 digests of all other members
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from app.domain.backups import BackupAccount, BackupError, BackupInfo
from app.domain.ids import Rendition, parse_key
from app.domain.images import MAX_UPLOAD_BYTES, STORED, Image, ImageState
from app.domain.subscriptions import MAX_SUBSCRIPTIONS, Subscription
from app.services.backups.account_records import ORDERS_SINCE, load_account, load_placed
from app.services.backups.members import DAMAGED, NO_BACKUP, Member, Readable, read_members
from app.services.backups.records import (
    MAX_INFO_BYTES,
    MAX_LINE_BYTES,
    load_image,
    load_info,
    load_subscription,
)

OBJECTS: Final = "objects/"
WAITING: Final = frozenset({ImageState.PENDING, ImageState.FAILED})  # images whose uploads the worker may process


class Name(StrEnum):
    """The names of the members that are not objects."""

    INFO = "backup.json"
    ACCOUNTS = "accounts.jsonl"
    IMAGES = "images.jsonl"
    SUBSCRIPTIONS = "subscriptions.jsonl"
    ALBUM_ORDERS = "album-orders.jsonl"  # not in earlier formats
    CHECKSUMS = "checksums.txt"


_ORDER: Final = (
    Name.INFO,
    Name.ACCOUNTS,
    OBJECTS,
    Name.IMAGES,
    Name.SUBSCRIPTIONS,
    Name.ALBUM_ORDERS,
    Name.CHECKSUMS,
)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """The properties of a photo that a restore needs before it reads the image: its media type and its name."""

    media_type: str
    name: str


@dataclass(slots=True)
class Contents:
    """The content of a verified backup. Its size does not depend on the bytes of the photos.

    Attributes:
        info: Describes the backup.
        accounts: The accounts by owner.
        digests: The SHA-256 digest of each member, in their order.
        images: The images by owner and id.
        waiting: The complete images whose uploads wait for the worker.
        object_bytes: The bytes of all objects.
    """

    info: BackupInfo
    accounts: dict[str, BackupAccount] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    images: dict[tuple[str, str], ImageFile] = field(default_factory=dict)
    waiting: dict[tuple[str, str], Image] = field(default_factory=dict)
    object_bytes: int = 0


def read_image_lines(member: Member) -> Iterator[Image]:
    """Yield the images in `images.jsonl`."""
    return map(load_image, member.read_lines(MAX_LINE_BYTES))


def read_subscription_lines(member: Member) -> Iterator[tuple[str, Subscription]]:
    """Yield the owners and subscriptions in `subscriptions.jsonl`."""
    return map(load_subscription, member.read_lines(MAX_LINE_BYTES))


def read_placed_lines(member: Member) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield the owners, the ids of albums and the ids of the placed images in `album-orders.jsonl`."""
    return map(load_placed, member.read_lines(MAX_LINE_BYTES))


def verify(file: Readable) -> Contents:
    """Read a complete backup and check it.

    Raises:
        BackupError: the file is not a backup, is damaged or cut, or has a later format.
    """
    members = read_members(file)
    first = _read_first(members)
    contents = Contents(load_info(first.read_all(MAX_INFO_BYTES)))
    _Verification(contents, first).read(members)
    return contents


def read_info(file: Readable) -> BackupInfo:
    """Read only the description of a backup, which comes first.

    Raises:
        BackupError: the file is not a backup, or has a later format.
    """
    return load_info(_read_first(read_members(file)).read_all(MAX_INFO_BYTES))


def _read_first(members: Iterator[Member]) -> Member:
    try:
        first = next(members, None)
    except BackupError as error:
        raise BackupError(NO_BACKUP) from error
    if first is None or first.name != Name.INFO or first.size > MAX_INFO_BYTES:
        raise BackupError(NO_BACKUP)
    return first


class _Verification:
    """The state of a verification after `backup.json`."""

    def __init__(self, contents: Contents, first: Member) -> None:
        self._contents = contents
        self._owners: dict[str, BackupAccount] = contents.accounts
        self._hashes: set[tuple[str, str]] = set()
        self._subscriptions: dict[str, set[str]] = {}
        self._readers: dict[str, Callable[[Member], None]] = {
            Name.ACCOUNTS: self._read_accounts,
            Name.IMAGES: self._read_images,
            Name.SUBSCRIPTIONS: self._read_subscriptions,
            Name.ALBUM_ORDERS: self._read_album_orders,
            Name.CHECKSUMS: self._read_checksums,
        }
        contents.digests[first.name] = first.digest

    def read(self, members: Iterator[Member]) -> None:
        """Read the other members, and check that none is missing."""
        position = 0
        for member in members:
            kind = OBJECTS if member.name.startswith(OBJECTS) else member.name
            _require(kind in _ORDER[position:] and member.name not in self._contents.digests)
            position = _ORDER.index(kind)
            self._readers.get(member.name, self._read_object)(member)
            self._contents.digests[member.name] = member.digest
        has_orders = self._contents.info.format >= ORDERS_SINCE
        _require({*Name} - self._contents.digests.keys() <= (set() if has_orders else {Name.ALBUM_ORDERS}))
        self._require_images()

    def _read_accounts(self, member: Member) -> None:
        for account in map(load_account, member.read_lines(MAX_LINE_BYTES)):
            _require(account.owner not in self._owners and account.email == account.email.lower())
            self._owners[account.owner] = account
        _require(len({account.email for account in self._owners.values()}) == len(self._owners))

    def _read_object(self, member: Member) -> None:
        key = parse_key(member.name.removeprefix(OBJECTS), *Rendition)
        _require(key is not None and key[0] in self._owners and 0 < member.size <= MAX_UPLOAD_BYTES)
        self._contents.object_bytes += member.size
        member.read_all(MAX_UPLOAD_BYTES)

    def _read_images(self, member: Member) -> None:
        for image in read_image_lines(member):
            key, content = (image.owner, image.id), (image.owner, image.sha256)
            _require(image.owner in self._owners and key not in self._contents.images)
            if image.state in STORED:
                _require(content not in self._hashes)
                self._hashes.add(content)
            self._require_objects(image)
            self._contents.images[key] = ImageFile(image.media_type, image.name)

    def _read_subscriptions(self, member: Member) -> None:
        for owner, subscription in read_subscription_lines(member):
            ids = self._subscriptions.setdefault(owner, set())
            _require(owner in self._owners and subscription.id not in ids and len(ids) < MAX_SUBSCRIPTIONS)
            ids.add(subscription.id)

    def _read_album_orders(self, member: Member) -> None:
        albums = {(owner, album.id) for owner, account in self._owners.items() for album in account.albums}
        for owner, album_id, _ in read_placed_lines(member):
            _require((owner, album_id) in albums)
            albums.remove((owner, album_id))

    def _read_checksums(self, member: Member) -> None:
        expected = (f"{digest.hex()}  {name}".encode() for name, digest in self._contents.digests.items())
        _require(all(a == b for a, b in zip_longest(member.read_lines(MAX_LINE_BYTES), expected)))

    def _require_objects(self, image: Image) -> None:
        """Require the object without which the image would be lost."""
        key = image.owner, image.id
        if OBJECTS + Rendition.INCOMING.key(*key) in self._contents.digests:
            _require(image.state in WAITING)
            self._contents.waiting[key] = image
        elif image.state is not ImageState.FAILED:
            _require(image.state in STORED and OBJECTS + Rendition.ORIGINAL.key(*key) in self._contents.digests)

    def _require_images(self) -> None:
        """Require that each object belongs to an image."""
        names = (name.removeprefix(OBJECTS) for name in self._contents.digests if name.startswith(OBJECTS))
        _require(all(parse_key(name, *Rendition) in self._contents.images for name in names))


def _require(condition: bool) -> None:  # noqa: FBT001 - like an assertion
    if not condition:
        raise BackupError(DAMAGED)
