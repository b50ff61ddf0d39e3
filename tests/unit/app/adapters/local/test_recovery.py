import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import wiring
from app.adapters.local import outbox as outbox_module
from app.adapters.local import recovery as recovery_module
from app.adapters.local.copies import read_version
from app.adapters.local.database import Database
from app.adapters.local.files import make_folder
from app.adapters.local.guard import LibraryGuard
from app.domain.api_keys import Scope
from app.domain.errors import DatabaseUnusable, ImageNotFound, StartFailed, StorageFull
from app.domain.ids import Rendition
from app.domain.images import ImageState
from app.domain.shares import ShareKind
from app.domain.uploads import Upload
from app.local_worker import process_next
from app.services.account_deletion import delete_account
from app.services.api_keys import issue_key
from app.services.shares import NewShare
from tests.support.fakes import Clock, FakeDetector
from tests.support.local_invariants import check_local_invariants
from tests.support.local_stores import use_local_stores
from tests.support.migrations import LATEST, STEPS, make_migrations

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores

DAY = 86_400
EMAIL = "ada@example.com"
PASSWORD = "a laptop holds no secrets"


@pytest.fixture
def stores(tmp_path: Path, detector: FakeDetector) -> Iterator["LocalStores"]:
    detector.sees = {"dog": 1}
    with use_local_stores(tmp_path / "data", detector) as stores:
        stores.folder.prepare()
        stores.account_admin.add(EMAIL, PASSWORD, given_name="Ada", family_name="Lovelace")
        yield stores


@pytest.fixture
def account(stores: "LocalStores") -> str:
    """The owner of the library."""
    return stores.account_admin.find_owner(EMAIL)


def upload(owner: str, data: bytes) -> str:
    """Upload a photo without processing it. Return the id of its image."""
    return wiring.ingest().receive(owner, Upload(data, "image/jpeg", "a.jpg"), max_bytes=10_000).id


def add_photo(owner: str, data: bytes) -> str:
    image_id = upload(owner, data)
    process_all()
    return image_id


def process_all() -> None:
    while process_next():
        pass


def make_copy(stores: "LocalStores") -> Path:
    assert stores.copies.make_nightly(stores.database)
    return stores.folder.list_copies()[0]


def damage(stores: "LocalStores") -> bytes:
    """Overwrite a part of the database. Return its damaged bytes."""
    stores.database.close()
    contents = bytearray(stores.folder.database.read_bytes())
    contents[4096 * 5 : 4096 * 8] = b"\xff" * 4096 * 3
    stores.folder.database.write_bytes(contents)
    return bytes(contents)


def list_names(stores: "LocalStores") -> list[str]:
    """Return the names in the data folder, without the files that every reader of the database creates."""
    return sorted(path.name for path in stores.folder.path.iterdir() if not path.name.endswith(("-shm", "-wal")))


def list_ids(stores: "LocalStores", owner: str, state: ImageState = ImageState.READY) -> set[str]:
    return {image.id for image in stores.images.list_images(owner, 100, states=frozenset({state})).images}


def test_recover_replaces_the_damaged_database_and_loses_no_photo(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    old, purged = add_photo(account, photo + b"old"), add_photo(account, photo + b"purged")
    pending = upload(account, photo + b"pending")
    stores.accounts.sign_in(EMAIL, PASSWORD)
    issue_key(stores.api_keys, account, name="Phone", scopes={Scope.READ}, expires_at=None)
    wiring.sharing().create(account, NewShare(ShareKind.IMAGES, image_ids=[old]))
    copy = make_copy(stores)
    process_all()
    new, waiting = add_photo(account, photo + b"new"), upload(account, photo + b"waiting")
    wiring.library().trash(account, purged)
    wiring.library().purge(account, purged)
    damaged = damage(stores)

    with pytest.raises(DatabaseUnusable) as error:
        stores.database.check()
    assert str(error.value) == (
        f"{stores.folder.database} is damaged. PixTag has not changed it. These are its copies, newest first:"
        f" {copy.name}. `pixtag recover` uses the newest intact copy, and `pixtag recover COPY` uses another one."
    )
    assert stores.folder.database.read_bytes() == damaged

    recovered = stores.recovery.recover()

    assert (recovered.copy, recovered.unknown, recovered.purged) == (copy, 2, 1)
    assert (recovered.damaged / "pixtag.db").read_bytes() == damaged
    assert recovered.damaged.stat().st_mode & 0o777 == 0o700
    assert stores.folder.database.stat().st_mode & 0o777 == 0o600
    assert copy.is_file()
    stores.folder.prepare()
    stores.database.check()
    process_all()
    assert list_ids(stores, account) == {old, pending, new, waiting}
    with pytest.raises(ImageNotFound):
        stores.images.get_image(account, purged)
    with stores.database.read() as connection:
        assert connection.execute("SELECT * FROM session").fetchall() == []
    assert (stores.api_keys.list(account), stores.shares.list(account)) == ([], [])
    stores.accounts.sign_in(EMAIL, PASSWORD)
    wiring.outbox_worker().process(account)
    stores.database.close()
    check_local_invariants(stores.folder.path)


def test_account_that_was_deleted_after_the_copy_stays_deleted_with_its_photos(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    add_photo(account, photo + b"old")
    make_copy(stores)
    add_photo(account, photo + b"new")
    delete = partial(stores.account_admin.delete, account)
    delete_account(account, stores.outbox, stores.api_keys, stores.shares, stores.mail, delete)
    damage(stores)

    stores.recovery.recover()

    assert stores.account_admin.list_accounts() == []
    process_all()
    for _ in range(3):  # the worker deletes images, objects and rows in several runs
        wiring.outbox_worker().process(account)
        with stores.database.write() as connection:
            connection.execute("UPDATE outbox SET due_at = 0")
    assert list(stores.objects.list_keys("")) == []
    assert list_ids(stores, account) == set()


def test_photo_that_was_restored_from_the_trash_after_the_copy_stays_for_30_days(
    stores: "LocalStores", account: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(outbox_module, "time", clock)

    def work() -> None:
        wiring.outbox_worker().process(account)

    image_id = add_photo(account, photo)
    wiring.library().trash(account, image_id)
    clock.run_for(29 * DAY, work)
    make_copy(stores)
    wiring.library().restore(account, image_id)
    damage(stores)
    stores.recovery.recover()

    clock.run_for(30 * DAY - 60, work)

    assert list_ids(stores, account, ImageState.TRASHED) == {image_id}
    wiring.library().restore(account, image_id)


def move(folder: Path, target: Path) -> None:
    """Move the contents of a folder."""
    make_folder(target)
    for path in folder.iterdir():
        path.rename(target / path.name)


def test_recover_without_any_original_is_refused_and_keeps_all_photos(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    """The disk of the originals is not mounted, so their folder is empty."""
    image_id = add_photo(account, photo)
    make_copy(stores)
    damaged = damage(stores)
    originals, disk = stores.folder.path / "objects" / "originals", stores.folder.path / "disk"
    move(originals, disk)

    with pytest.raises(StartFailed, match="does not contain the photos"):
        stores.recovery.recover()

    assert (stores.folder.database.read_bytes(), stores.folder.recovered.exists()) == (damaged, False)
    move(disk, originals)
    stores.recovery.recover()
    assert list_ids(stores, account) == {image_id}


def test_photo_whose_original_is_away_during_the_recovery_keeps_its_edits(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    add_photo(account, photo + b"other")
    image_id = add_photo(account, photo)
    wiring.library().rename_tag(account, image_id, "dog", "wolf")
    make_copy(stores)
    damage(stores)
    original, away = stores.folder.path / "objects" / "originals" / account / image_id, stores.folder.path / "away"
    original.rename(away)

    assert stores.recovery.recover().purged == 0

    work(stores, account)
    away.rename(original)
    work(stores, account)
    assert stores.images.get_image(account, image_id).tags == {"wolf": 1}


def test_photo_whose_files_are_all_away_during_the_recovery_is_added_when_they_are_back(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    other, image_id = add_photo(account, photo + b"other"), add_photo(account, photo)
    make_copy(stores)
    damage(stores)
    files, away = list(stores.folder.path.glob(f"objects/*/*/{image_id}")), stores.folder.path / "away"
    make_folder(away)
    for file in files:
        file.rename(away / file.parent.parent.name)

    assert stores.recovery.recover().purged == 1

    work(stores, account)
    assert list_ids(stores, account) == {other}
    for file in files:
        (away / file.parent.parent.name).rename(file)
    work(stores, account)
    assert list_ids(stores, account) == {other, image_id}
    stores.database.close()
    check_local_invariants(stores.folder.path)


def work(stores: "LocalStores", owner: str) -> None:
    """Do what the worker does after a start."""
    stores.objects.send_unknown()
    process_all()
    wiring.outbox_worker().process(owner)


def remove(stores: "LocalStores") -> None:
    stores.folder.database.unlink()


def empty(stores: "LocalStores") -> None:
    stores.folder.database.write_bytes(b"")


def truncate(stores: "LocalStores") -> None:
    os.truncate(stores.folder.database, stores.folder.database.stat().st_size // 2)


def cut_last_page(stores: "LocalStores") -> None:
    os.truncate(stores.folder.database, stores.folder.database.stat().st_size - 100)


def damage_header(stores: "LocalStores") -> None:
    with stores.folder.database.open("r+b") as file:
        file.write(b"\0" * 100)


def remove_tables(stores: "LocalStores") -> None:
    """Leave only the first page, as if all changes had been in the -wal file, which is lost."""
    stores.folder.database.unlink()
    with closing(sqlite3.connect(stores.folder.database)) as connection:
        connection.execute("PRAGMA journal_mode = wal")


def reset_version(stores: "LocalStores") -> None:
    with closing(sqlite3.connect(stores.folder.database)) as connection:
        connection.execute("PRAGMA user_version = 0")


def remove_mark(stores: "LocalStores") -> None:
    with closing(sqlite3.connect(stores.folder.database)) as connection:
        connection.execute("PRAGMA application_id = 0")


@pytest.mark.parametrize(
    "harm",
    [damage, remove, empty, truncate, cut_last_page, damage_header, remove_tables, reset_version, remove_mark],
    ids=lambda harm: harm.__name__,
)
def test_damaged_database_is_refused_unchanged_and_recovered(
    stores: "LocalStores", account: str, photo: bytes, harm: Callable[["LocalStores"], object]
) -> None:
    image_id = add_photo(account, photo)
    copy = make_copy(stores)
    stores.database.close()
    harm(stores)
    before = stores.folder.database.read_bytes() if stores.folder.database.exists() else None

    with pytest.raises(StartFailed, match=rf"newest first: {copy.name}\. `pixtag recover` uses"):
        start(stores)
    assert (stores.folder.database.read_bytes() if stores.folder.database.exists() else None) == before

    stores.recovery.recover()
    start(stores)
    assert list_ids(stores, account) == {image_id}


def start(stores: "LocalStores") -> None:
    """Check the library as at the start of a process."""
    stores.folder.prepare()
    with closing(Database(stores.folder.database, LibraryGuard(stores.folder, stores.copies))) as database:
        database.check()


def test_damaged_database_with_a_wal_file_keeps_both(stores: "LocalStores", account: str, photo: bytes) -> None:
    make_copy(stores)
    stores.database.close()  # the file of the database contains all changes so far
    with closing(sqlite3.connect(stores.folder.database)) as other:
        other.execute("SELECT * FROM image")
        add_photo(account, photo)
        stores.database.close()  # the other connection keeps the -wal file
        wal = stores.folder.path / "pixtag.db-wal"
        files = {path.name: path.read_bytes() for path in (stores.folder.database, wal)}
    size = 4 * 4096  # more pages than the -wal file replaces
    files["pixtag.db"] = files["pixtag.db"][:-size] + b"\xff" * size
    for name, data in files.items():
        (stores.folder.path / name).write_bytes(data)

    with pytest.raises(DatabaseUnusable, match="is damaged"):
        start(stores)
    assert {name: (stores.folder.path / name).read_bytes() for name in files} == files
    damaged = stores.recovery.recover().damaged

    assert {name: (damaged / name).read_bytes() for name in files} == files
    start(stores)


def test_missing_database_without_copies_says_how_to_rebuild(stores: "LocalStores", account: str, photo: bytes) -> None:
    add_photo(account, photo)
    stores.database.close()
    remove_tables(stores)

    with pytest.raises(
        DatabaseUnusable, match=r"is empty, but its library exists\. There are no copies .*pixtag rebuild`"
    ):
        start(stores)
    with pytest.raises(StartFailed, match="has no intact copy"):
        stores.recovery.recover()

    stores.folder.prepare(is_rebuild=True)
    with closing(Database(stores.folder.database, LibraryGuard(stores.folder, stores.copies))) as database:
        database.check()


def test_recover_uses_the_newest_intact_copy(stores: "LocalStores", account: str) -> None:
    copy = make_copy(stores)
    newer = copy.with_name("2999-01-31.db")
    newer.write_bytes(copy.read_bytes()[:10_000])
    (stores.folder.path / "objects" / "originals").mkdir(parents=True)
    damage(stores)

    assert stores.recovery.recover().copy == copy


def test_recover_of_an_intact_database_needs_the_name_of_a_copy(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    add_photo(account, photo + b"1")
    copy = make_copy(stores)
    newer = add_photo(account, photo + b"2")
    stores.database.close()

    with pytest.raises(StartFailed, match=r"is not damaged\. To go back to a copy nevertheless, name it"):
        stores.recovery.recover()
    with pytest.raises(StartFailed, match=r"There is no copy 2000-01-01\.db\."):
        stores.recovery.recover("2000-01-01.db")
    (copy.parent / "text.db").write_text("These are my photos.")
    with pytest.raises(StartFailed, match=r"text\.db is damaged, or it is not a copy"):
        stores.recovery.recover("text.db")
    assert newer in list_ids(stores, account)
    stores.database.close()

    assert stores.recovery.recover(str(copy)).unknown == 1

    process_all()
    assert newer in list_ids(stores, account)


def test_recover_of_a_copy_with_a_wal_file_includes_its_changes(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    """A recovery that was a mistake can be undone, although the last changes were in the -wal file."""
    image_id = add_photo(account, photo)
    mistaken = make_copy(stores)
    stores.database.close()
    with closing(sqlite3.connect(stores.folder.database)) as other:
        other.execute("SELECT * FROM image")
        stores.account_admin.add("bob@example.com", PASSWORD, given_name="Bob", family_name="")
        stores.database.close()  # the other connection keeps the -wal file
        files = {path.name: path.read_bytes() for path in stores.folder.path.glob("pixtag.db*")}
    for name, data in files.items():
        (stores.folder.path / name).write_bytes(data)
    assert len(files["pixtag.db-wal"]) > 0
    replaced = stores.recovery.recover(mistaken.name).damaged
    assert len(stores.account_admin.list_accounts()) == 1
    stores.database.close()

    stores.recovery.recover(str(replaced / "pixtag.db"))

    assert len(stores.account_admin.list_accounts()) == 2
    assert list_ids(stores, account) == {image_id}
    assert {path.name: path.read_bytes() for path in replaced.glob("pixtag.db*") if path.name in files} == files


def test_recover_from_the_database_itself_is_refused(stores: "LocalStores", account: str) -> None:
    copy = make_copy(stores)

    with pytest.raises(StartFailed, match=rf"is the database itself\. Name a copy: {copy.name}\."):
        stores.recovery.recover(str(stores.folder.database))

    stores.database.close()
    remove(stores)
    with pytest.raises(StartFailed, match="does not contain the photos"):
        stores.recovery.recover(str(copy))


def test_recover_whose_changes_cannot_be_moved_from_the_wal_file_changes_nothing(
    stores: "LocalStores", account: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photo(account, photo)
    make_copy(stores)
    damaged = damage(stores)
    before = list_names(stores)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "close", lambda _: None)
        with pytest.raises(StorageFull):
            stores.recovery.recover()

    assert (list_names(stores), stores.folder.database.read_bytes()) == (before, damaged)


def test_recover_without_an_intact_copy_names_the_other_ways(stores: "LocalStores", account: str) -> None:
    copy = make_copy(stores)
    copy.write_bytes(b"damaged" * 1_000)
    damage(stores)

    with pytest.raises(StartFailed) as error:
        stores.recovery.recover()

    assert str(error.value) == (
        f"{stores.folder.database} has no intact copy. Its copies: {copy.name}. If you have a backup, restore it into a"
        " new folder with `pixtag restore FILE --data FOLDER`. Otherwise, move pixtag.db and pixtag.db-wal to another"
        " folder, and run `pixtag rebuild`. It keeps the photos, but not the accounts and edits."
    )


def test_recover_upgrades_a_copy_of_an_earlier_version(
    stores: "LocalStores", account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stores.folder.path / "objects" / "originals").mkdir(parents=True)
    copy = make_copy(stores)
    damage(stores)
    migrations = make_migrations(tmp_path / "migrations")
    monkeypatch.setattr(Database.__init__, "__defaults__", (None, migrations))

    stores.recovery.recover()

    assert (read_version(stores.folder.database), read_version(copy)) == (LATEST + len(STEPS), LATEST)
    assert stores.folder.list_copies() == [copy]


def test_damaged_image_without_files_does_not_prevent_a_recovery(
    stores: "LocalStores", account: str, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    lost, purged, other = (add_photo(account, photo + name) for name in (b"lost", b"purged", b"other"))
    with stores.database.write() as connection:
        connection.execute("UPDATE image SET edits = '{\"dog\": []}' WHERE id = ?", (lost,))
    copy = make_copy(stores)
    for image_id in (lost, purged):
        stores.objects.delete(*(rendition.key(account, image_id) for rendition in Rendition))
    damage(stores)

    recovered = stores.recovery.recover()

    assert (recovered.copy, recovered.purged) == (copy, 1)
    assert list_ids(stores, account) == {lost, other}
    assert f"entry of image {lost} is damaged" in caplog.text


def test_recover_of_a_database_of_a_later_version_advises_this_version(stores: "LocalStores", account: str) -> None:
    make_copy(stores)
    stores.database.close()
    with closing(sqlite3.connect(stores.folder.database)) as connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute("PRAGMA wal_checkpoint")

    with pytest.raises(StartFailed, match=r"was written by a later version of PixTag\. .* `pixtag recover COPY`"):
        stores.recovery.recover()


def test_recover_with_a_copy_of_a_later_version_changes_nothing(stores: "LocalStores", account: str) -> None:
    (stores.folder.path / "objects" / "originals").mkdir(parents=True)
    copy = make_copy(stores)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA user_version = 999")
    damaged = damage(stores)
    before = list_names(stores)

    with pytest.raises(DatabaseUnusable, match="was written by a later version of PixTag"):
        stores.recovery.recover()

    assert (list_names(stores), stores.folder.database.read_bytes()) == (before, damaged)


def test_recover_of_a_database_that_cannot_be_read_changes_nothing(stores: "LocalStores", account: str) -> None:
    make_copy(stores)
    stores.database.close()
    (stores.folder.path / "pixtag.db-wal").mkdir()

    with pytest.raises(StartFailed, match=r"cannot be read .* Nothing was changed\."):
        stores.recovery.recover()

    assert not list(stores.folder.path.glob("damaged-*"))


def test_recover_without_the_folder_of_the_photos_changes_nothing(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    add_photo(account, photo)
    make_copy(stores)
    damaged = damage(stores)
    objects = stores.folder.path / "objects"
    objects.rename(stores.folder.path / "elsewhere")

    with pytest.raises(StartFailed, match="does not contain the photos"):
        stores.recovery.recover()

    assert stores.folder.database.read_bytes() == damaged
    assert not stores.folder.recovered.exists()


def test_recover_on_a_full_disk_changes_nothing(
    stores: "LocalStores", account: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photo(account, photo)
    make_copy(stores)
    damage(stores)
    before = list_names(stores)

    def fail(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", fail)
        with pytest.raises(StorageFull):
            stores.recovery.recover()
    assert list_names(stores) == before

    stores.recovery.recover()


def test_interrupted_recovery_whose_result_is_damaged_does_not_replace_the_database(
    stores: "LocalStores", account: str, photo: bytes
) -> None:
    add_photo(account, photo)
    copy = make_copy(stores)
    stores.database.close()
    before = stores.folder.database.read_bytes()
    stores.folder.recovered.write_bytes(copy.read_bytes()[:-5_000])

    with pytest.raises(StartFailed, match=r"pixtag\.db is not damaged"):
        stores.recovery.recover()

    assert stores.folder.database.read_bytes() == before
    start(stores)


def test_interrupted_recovery_is_completed(
    stores: "LocalStores", account: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = add_photo(account, photo)
    make_copy(stores)
    damaged = damage(stores)

    def interrupt(_folder: Path) -> None:
        if stores.folder.recovered.exists() and not stores.folder.database.exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recovery_module, "sync_folder", interrupt)
        with pytest.raises(KeyboardInterrupt):
            stores.recovery.recover()
    with pytest.raises(StartFailed, match="was interrupted"):
        start(stores)

    recovered = stores.recovery.recover()

    assert recovered.copy is None
    assert [path.read_bytes() for path in stores.folder.path.glob("damaged-*/pixtag.db")] == [damaged]
    start(stores)
    assert list_ids(stores, account) == {image_id}
