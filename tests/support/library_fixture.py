"""Makes the fixture of a library that this version of PixTag has written, for tests of upgrades.

    python -m tests.support.library_fixture tests/fixtures/library-VERSION.tar.gz

Run it with the last version before a change to the tables, and never again. The later versions must open the fixture.
"""

import hashlib
import sys
import tarfile
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app import wiring
from app.domain.albums import Album, AlbumOrder
from app.domain.api_keys import Scope
from app.domain.boxes import dismiss
from app.domain.edits import TagChange
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.query import parse
from app.domain.shares import ShareKind
from app.domain.uploads import Upload
from app.local_worker import process_next
from app.services.albums import change_album
from app.services.api_keys import issue_key
from app.services.shares import NewShare
from tests.support.fakes import FakeDetector
from tests.support.local_stores import use_local_stores

EMAIL: Final = "ada@example.com"
PASSWORD: Final = "a laptop holds no secrets"
ALBUM: Final = "Summer 2019"
KEY: Final = "Phone"
SHARE: Final = "For Charles"
NAMES: Final = ("beach.jpg", "street.jpg", "waiting.jpg")  # edited, in the trash, not processed yet


def make_photo(name: str) -> bytes:
    """Return a JPEG of 64 x 48 pixels, which differs for each name."""
    shade = hashlib.sha256(name.encode()).digest()[0]
    return cv2.imencode(".jpg", np.full((48, 64, 3), shade, np.uint8))[1].tobytes()


def make_library(folder: Path) -> None:
    """Make a library with an account, three photos, edits, an album, a subscription, an API key and a share."""
    detector = FakeDetector()
    detector.sees = {"dog": 2, "cat": 1}
    with use_local_stores(folder, detector) as stores:
        stores.folder.prepare()
        stores.account_admin.add(EMAIL, PASSWORD, given_name="Ada", family_name="Lovelace")
        owner = stores.account_admin.find_owner(EMAIL)
        stores.subscriptions.add(owner, parse("dog>=2"))
        stores.mail.subscribe(owner, EMAIL)
        issue_key(wiring.api_keys(), owner, name=KEY, scopes={Scope.READ}, expires_at=None)
        stores.accounts.sign_in(EMAIL, PASSWORD)
        beach, street = (_upload(owner, name) for name in NAMES[:2])
        while process_next():
            pass
        _edit(owner, beach)
        wiring.library().trash(owner, street.id)
        wiring.sharing().create(owner, NewShare(ShareKind.IMAGES, image_ids=[beach.id], title=SHARE, password=PASSWORD))
        _upload(owner, NAMES[2])


def _upload(owner: str, name: str) -> Image:
    return wiring.ingest().receive(owner, Upload(make_photo(name), "image/jpeg", name), max_bytes=10_000)


def _edit(owner: str, image: Image) -> None:
    """Add a tag, dismiss the cat, mark the image as a favourite and add it to an album in an order by hand."""
    library, images = wiring.library(), wiring.images()
    library.retag(owner, image.id, [TagChange("summer", 3)])
    cat = next(each for each in images.get_image(owner, image.id).corrected_detections if each.detection.label == "cat")
    library.change_boxes(owner, image.id, lambda each: dismiss(each, cat.id, datetime.now(UTC)))
    library.mark_favourite(owner, image.id, favourite=True)
    album = Album(new_id(), ALBUM, datetime.now(UTC))
    wiring.albums().put(owner, album)
    library.change_album(owner, image.id, album.id)
    change_album(wiring.albums(), owner, album.id, lambda each: replace(each, order=AlbumOrder.HAND), placed=[image.id])


def write_archive(folder: Path, file: Path) -> None:
    """Write a folder to a compressed archive. Names of users are left out."""

    def anonymize(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(file, "w:gz") as archive:
        archive.add(folder, "library", filter=anonymize)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        make_library(Path(temporary) / "library")
        write_archive(Path(temporary) / "library", Path(sys.argv[1]))
