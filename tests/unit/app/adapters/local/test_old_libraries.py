"""The libraries that earlier versions of PixTag have written open with this version, and nothing of them is missing."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import wiring
from app.adapters.local.copies import read_version
from app.adapters.local.database import Database
from app.domain.albums import AlbumOrder
from app.domain.api_keys import Scope
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.local_worker import process_next
from app.services.doctor.doctor import Doctor, Listener
from app.services.doctor.findings import Finding, Progress
from app.services.doctor.object_repair import ObjectRepair
from tests.support.fakes import FakeDetector
from tests.support.library_fixture import (
    ALBUM,
    EMAIL,
    KEY,
    NAMES,
    PASSWORD,
    SHARE,
    make_library,
    make_photo,
    write_archive,
)
from tests.support.local_invariants import check_local_invariants
from tests.support.local_stores import use_local_stores
from tests.support.migrations import LATEST, STEPS, make_migrations

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

FIXTURES = sorted((Path(__file__).parents[4] / "fixtures").glob("library-*.tar.gz"))
MAX_BYTES = 300_000


def get_name(path: Path) -> str:
    return path.name.removesuffix(".tar.gz")


def read_version_numbers(path: Path) -> list[int]:
    return [int(number) for number in get_name(path).removeprefix("library-").split(".")]


def since(version: str) -> pytest.MarkDecorator:
    """Run a test only with the libraries of this version and of later ones."""
    numbers = [int(number) for number in version.split(".")]
    fixtures = [path for path in FIXTURES if read_version_numbers(path) >= numbers]
    return pytest.mark.parametrize("stores", fixtures, ids=get_name, indirect=True)


@pytest.fixture(params=FIXTURES, ids=get_name)
def stores(request: pytest.FixtureRequest, tmp_path: Path, detector: FakeDetector) -> Iterator["LocalStores"]:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    with use_local_stores(tmp_path / "library", detector) as stores:
        yield stores


def test_fixtures_are_small() -> None:
    assert FIXTURES
    assert max(path.stat().st_size for path in FIXTURES) < MAX_BYTES


def check_library(stores: "LocalStores") -> None:
    """Assert that everything is there that `make_library` has written."""
    stores.folder.prepare()
    stores.database.check()
    (account,) = stores.account_admin.list_accounts()
    assert (account.email, account.name, account.is_admin) == (EMAIL, "Ada Lovelace", True)
    stores.accounts.sign_in(EMAIL, PASSWORD)
    images = {image.name: image for image in list_images(stores, account.owner)}
    assert {name: image.state for name, image in images.items()} == dict(
        zip(NAMES, (ImageState.READY, ImageState.TRASHED, ImageState.PENDING), strict=True)
    )
    beach, street, waiting = (images[name] for name in NAMES)
    assert (beach.tags, street.tags) == ({"dog": 2, "summer": 3}, {"dog": 2, "cat": 1})
    assert beach.edits.keys() == {"summer"}
    assert [correction.label for correction in beach.corrections] == [None]
    for name, image in images.items():
        rendition = Rendition.INCOMING if image is waiting else Rendition.ORIGINAL
        stored = stores.objects.find(rendition.key(account.owner, image.id))
        assert stored
        assert (stored.data, stored.name) == (make_photo(name), name)
    assert [str(each.query) for each in stores.subscriptions.list(account.owner)] == ["dog>=2"]
    assert len(stores.mail.list_mails(EMAIL)) == 1
    wiring.library().restore(account.owner, street.id)
    while process_next():
        pass
    assert stores.images.get_image(account.owner, waiting.id).state is ImageState.READY
    assert stores.images.count_tag(account.owner, "dog").images == 2
    make_missing_previews(stores)
    stores.database.close()
    check_local_invariants(stores.folder.path)


def make_missing_previews(stores: "LocalStores") -> None:
    """Make the previews that earlier versions did not make, as the changelog says."""
    doctor = Doctor(stores, ObjectRepair(stores, wiring.ingest), verify=False)
    findings: list[Finding] = []
    doctor.run(Progress(), Listener(findings.append, lambda _: None, lambda _: None))
    assert all(finding.is_repaired for finding in findings)


def list_images(stores: "LocalStores", owner: str) -> list[Image]:
    return [stores.images.get_image(owner, image_id) for image_id in stores.images.list_ids(owner)]


def test_library_of_an_earlier_version_is_complete(stores: "LocalStores") -> None:
    check_library(stores)


@since("0.8")
def test_library_of_an_earlier_version_keeps_albums_and_favourites(stores: "LocalStores") -> None:
    stores.folder.prepare()

    (account,) = stores.account_admin.list_accounts()
    (album,) = stores.albums.list(account.owner)
    assert album.title == ALBUM
    images = list_images(stores, account.owner)
    assert [image.name for image in images if image.is_in_album(album.id)] == ["beach.jpg"]
    assert [image.name for image in images if image.favourite] == ["beach.jpg"]


@since("0.9")
def test_library_of_an_earlier_version_keeps_api_keys_and_orders(stores: "LocalStores") -> None:
    stores.folder.prepare()

    (account,) = stores.account_admin.list_accounts()
    (key,) = stores.api_keys.list(account.owner)
    assert (key.name, key.scopes) == (KEY, (Scope.READ,))
    (album,) = stores.albums.list(account.owner)
    assert album.order is AlbumOrder.HAND
    (image_id,) = stores.albums.list_placed(account.owner, album.id)
    assert stores.images.get_image(account.owner, image_id).name == "beach.jpg"


@since("0.10")
def test_library_of_an_earlier_version_keeps_shares(stores: "LocalStores") -> None:
    stores.folder.prepare()

    (account,) = stores.account_admin.list_accounts()
    (share,) = stores.shares.list(account.owner)
    assert (share.title, share.has_password, share.image_count) == (SHARE, True, 1)


def test_library_of_an_earlier_version_is_complete_after_later_upgrades(
    stores: "LocalStores", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_version(stores.folder.database)
    monkeypatch.setattr(Database.__init__, "__defaults__", (None, make_migrations(tmp_path / "migrations")))

    check_library(stores)

    assert read_version(stores.folder.database) == LATEST + len(STEPS)
    (copy,) = stores.folder.list_copies()
    assert read_version(copy) == before


def test_library_of_this_version_is_complete(tmp_path: Path, detector: FakeDetector) -> None:
    """The next fixture is made like this one."""
    make_library(tmp_path / "source")
    write_archive(tmp_path / "source", tmp_path / "library.tar.gz")
    with tarfile.open(tmp_path / "library.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")

    with use_local_stores(tmp_path / "library", detector) as stores:
        check_library(stores)
