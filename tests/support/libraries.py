"""Complete libraries on AWS and on one machine, with accounts, for tests of backups."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.adapters.local.stores import LocalStores
from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.ports import Stores
from app.domain.uploads import Upload
from app.services.backups.archive import verify
from app.services.backups.create import BackupWriter, Summary
from app.services.backups.restore import Restore
from tests.support.aws import MotoData, MotoStores, connect_aws, make_resources
from tests.support.fakes import FakeDetector
from tests.support.services import Services, connect_local
from tests.support.stored_data import LocalData, StoredData

EMAIL: Final = "ada@example.com"
PASSWORD: Final = "correct horse battery staple"
NAMES: Final = {"given_name": "Ada", "family_name": "Lovelace"}


@dataclass(frozen=True)
class Library:
    """PixTag with its accounts, on AWS or on one machine."""

    services: Services
    stored: StoredData

    @property
    def stores(self) -> Stores:
        return self.services.stores

    def add_account(self, email: str = EMAIL) -> str:
        """Add a confirmed account, and return its owner."""
        if isinstance(self.stores, LocalStores):
            self.stores.account_admin.add(email, PASSWORD, **NAMES)
        else:
            assert isinstance(self.stores, MotoStores)
            self.stores.accounts.register(email, PASSWORD, **NAMES)
            self.stores.cognito.admin_confirm_sign_up(UserPoolId=self.stores.pool_id, Username=email)
        return self.find_owner(email)

    def find_owner(self, email: str = EMAIL) -> str:
        """Return the owner of the account with this address."""
        return next(each.owner for each in self.stores.backups.list_accounts() if each.email == email)

    def receive(self, owner: str, data: bytes, name: str = "beach.jpg") -> Image:
        """Upload a photo that waits for the worker."""
        return self.services.ingest.receive(owner, Upload(data, "image/jpeg", name), max_bytes=10**6)

    def add_photo(self, owner: str, data: bytes, name: str = "beach.jpg") -> Image:
        """Upload a photo, and process it as the worker does."""
        image = self.services.ingest.ingest(owner, self.receive(owner, data, name).id)
        assert image
        return image

    def backup(self) -> bytes:
        """Return a backup that contains everything."""
        data, summary = self.write_backup()
        assert [*summary.lost, *summary.unreadable, *summary.altered, *summary.damaged, *summary.without_account] == []
        return data

    def write_backup(self) -> tuple[bytes, Summary]:
        """Return a backup and its summary."""
        file = io.BytesIO()
        summary = BackupWriter(self.stores, file, Path(tempfile.gettempdir())).write()
        return file.getvalue(), summary

    def restore(self, data: bytes) -> None:
        """Verify and restore a backup."""
        Restore(self.stores, verify(io.BytesIO(data))).run(io.BytesIO(data))

    def list_images(self, owner: str) -> list[Image]:
        """Return all images except tombstones, without the owner, oldest first."""
        images = [self.services.images.get_image(owner, each) for each in self.services.images.list_ids(owner)]
        return [replace(each, owner="") for each in sorted(images, key=lambda image: image.id)]

    def list_objects(self, owner: str) -> dict[str, bytes]:
        """Return the bytes of all objects, by rendition and image id."""
        objects = self.services.objects
        keys = [key for each in Rendition for key in objects.list_keys(each.key(owner, ""))]
        return {key.replace(f"/{owner}/", "/"): upload.data for key in keys if (upload := objects.find(key))}


@contextmanager
def make_library(backend: str, folder: Path, detector: FakeDetector) -> Iterator[Library]:
    """Yield an empty library of one machine, or of AWS, which moto must provide."""
    if backend == "aws":
        make_resources()
        yield Library(connect_aws(lambda: detector), MotoData())
        return
    folder.mkdir()
    with connect_local(folder, lambda: detector) as services:
        yield Library(services, LocalData(folder))
