"""Backups that a test writes member by member, to change what `pixtag backup` would write, and cheap passphrases."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pyrage
import pytest

from app.domain.albums import Album
from app.domain.backups import FORMAT, BackupAccount, BackupInfo, Source
from app.domain.ids import DERIVED
from app.domain.images import Image, ImageState
from app.domain.query import parse
from app.domain.subscriptions import Choices, Frequency, Subscription, subscribe
from app.services.backups.account_records import dump_account, dump_placed
from app.services.backups.members import MemberWriter, read_members
from app.services.backups.records import dump_image, dump_info, dump_subscription
from tests.support.fakes import OTHER_OWNER, image

INFO: Final = BackupInfo(FORMAT, "01jd8xk3v5m0z8q4n2c7r9t1wy", "0.3.0", Source.LOCAL, datetime(2026, 1, 31, tzinfo=UTC))
ALBUM: Final = Album("01jd8xk3v5m0z8q4n2c7r9t1wz", "Summer 2019", datetime(2026, 1, 31, tzinfo=UTC))
ACCOUNT: Final = BackupAccount(
    OTHER_OWNER, "ada@example.com", "Ada", "Lovelace", datetime(2026, 1, 1, tzinfo=UTC), is_admin=True, albums=(ALBUM,)
)

Members = dict[str, bytes]


def make_photo(state: ImageState = ImageState.READY, data: bytes = b"photo", number: int = 0) -> Image:
    """Return an image with one dog, whose original contains `data`. Its id contains the number."""
    trashed_at = datetime(2026, 1, 15, tzinfo=UTC) if state is ImageState.TRASHED else None
    digest = "" if state is ImageState.PENDING else hashlib.sha256(data).hexdigest()
    made = image(OTHER_OWNER, state, dog=1)
    return replace(
        made, id=f"01jd8xk3v5m0z8q4n2c7{number:06}", version=2, sha256=digest, size=len(data), trashed_at=trashed_at
    )


def make_subscription() -> Subscription:
    """Return a saved search for dogs."""
    subscription, _ = subscribe([], parse("dog"), Choices("Dogs", pinned=True, digest=Frequency.WEEKLY))
    return subscription


def make_members(*photos: Image, subscriptions: Iterable[Subscription] = ()) -> Members:
    """Return the members of a backup of Ada's library, without the checksums. Objects contain `photo`."""
    return {
        "backup.json": dump_info(INFO),
        "accounts.jsonl": dump_account(ACCOUNT),
        **{
            f"objects/{rendition}/{photo.owner}/{photo.id}": b"photo"
            for photo in photos
            for rendition in (["incoming"] if photo.state is ImageState.PENDING else ["originals", *sorted(DERIVED)])
        },
        "images.jsonl": b"".join(map(dump_image, photos)),
        "subscriptions.jsonl": b"".join(dump_subscription(OTHER_OWNER, each) for each in subscriptions),
        "album-orders.jsonl": dump_placed(OTHER_OWNER, ALBUM.id, [photo.id for photo in photos]),
    }


def write_members(members: Members) -> bytes:
    """Return the archive with these members and their checksums."""
    file = io.BytesIO()
    writer = MemberWriter(file, 0)
    for name, data in members.items():
        writer.add(name, data)
    writer.finish("checksums.txt")
    return file.getvalue()


def extract(data: bytes, name: str) -> bytes:
    """Return a member of an archive."""
    return next(member.read_all(10**9) for member in read_members(io.BytesIO(data)) if member.name == name)


def use_cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Protect the keys of backups without scrypt, which takes a second or more. `test_encryption.py` uses it."""

    def encrypt(key: bytes, passphrase: str) -> bytes:
        return passphrase.encode() + b"\0" + key

    def decrypt(protected: bytes, passphrase: str) -> bytes:
        expected, _, key = protected.partition(b"\0")
        if passphrase.encode() != expected:
            raise pyrage.DecryptError("Decryption failed")
        return key

    monkeypatch.setattr(pyrage.passphrase, "encrypt", encrypt)
    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt)
