"""How the embedded object store writes, deletes and repairs files. `../test_objects.py` has the contract."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.adapters.local import expiry, object_folder, object_sweep, signatures
from app.adapters.local.address import use_address
from app.adapters.local.clock import watch_clock
from app.adapters.local.database import Database
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES, WORKER_RESERVE_BYTES
from app.adapters.local.files import UnfinishedFile, sync_folder
from app.adapters.local.images import SqliteImages
from app.adapters.local.object_folder import ObjectFolder
from app.adapters.local.object_rows import INCOMING_SECONDS
from app.adapters.local.objects import FileObjects, ReceivedUpload
from app.adapters.local.outbox import insert_outbox_row
from app.adapters.local.queue import SqliteQueue
from app.adapters.local.quotas import SqliteQuotas
from app.domain.errors import (
    FolderUnreadable,
    FormExpired,
    InvalidLink,
    ObjectNotFound,
    ObjectUnreadable,
    StartFailed,
    StorageFull,
    Unavailable,
    WrongSize,
)
from app.domain.ids import Rendition, min_id_at, new_id
from app.domain.images import MAX_UPLOAD_BYTES, Image, ImageState
from app.domain.messages import Message
from app.domain.outbox import make_account_deletion
from app.domain.quotas import DAY_SECONDS
from app.domain.shares import COPY_DAYS
from app.domain.uploads import Upload
from tests.support.fakes import NOON, Clock
from tests.support.local_objects import (
    ID,
    INCOMING,
    ORIGINAL,
    OTHER,
    OWNER,
    PREVIEW,
    THUMBNAIL,
    list_files,
    open_objects,
    read_messages,
)
from tests.support.new_database import open_database

UPLOAD = Upload(b"bytes", "image/png", "Große Düne 🏖.png")
MESSAGE = Message(OWNER, ID).to_json()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileObjects]:
    with open_objects(tmp_path) as objects:
        yield objects


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (signatures, object_sweep):
        monkeypatch.setattr(module, "time", clock)
    return clock


def receive(store: FileObjects, *chunks: bytes, key: str = INCOMING) -> None:
    """Upload a file in parts with a form."""
    fields = store.upload_form(key, UPLOAD.media_type, UPLOAD.name, sum(map(len, chunks))).fields
    with store.open_form(fields) as file:
        for chunk in chunks:
            file.write(chunk)
        file.store()


def add_image(database: Database, state: ImageState, name: str = "beach.gif") -> None:
    """Insert the image of the test's objects."""
    SqliteImages(database).save(Image(owner=OWNER, id=ID, state=state, name=name, media_type="image/gif", size=5))


def test_links_and_forms_begin_with_the_address_of_the_client(store: FileObjects) -> None:
    with use_address("https://photos.example.org"):
        assert store.origin == "https://photos.example.org"
        assert store.link(THUMBNAIL).startswith(f"https://photos.example.org/objects/{THUMBNAIL}?expires=")
        assert store.upload_form(INCOMING, "image/png", "a.png", 1).url == "https://photos.example.org/objects"


def test_find_key_ignores_the_address(store: FileObjects) -> None:
    assert store.find_key(f"https://photos.example.org/objects/{ORIGINAL}?expires=1#x") == ORIGINAL


def test_received_file_is_found_and_announced(store: FileObjects, database: Database, tmp_path: Path) -> None:
    receive(store, b"by", b"tes")

    assert store.find(INCOMING) == UPLOAD
    assert read_messages(database) == [MESSAGE]
    assert list_files(tmp_path) == [INCOMING]


def test_form_used_twice_replaces_the_file_and_announces_it_again(store: FileObjects, database: Database) -> None:
    receive(store, b"first")
    receive(store, UPLOAD.data)

    assert store.find(INCOMING) == UPLOAD
    assert read_messages(database) == [MESSAGE, MESSAGE]


def test_claim_of_incoming_key_announces_it_once(store: FileObjects, database: Database) -> None:
    for _ in range(2):
        store.claim(INCOMING, UPLOAD)
    store.claim(ORIGINAL, UPLOAD)

    assert read_messages(database) == [MESSAGE]


def test_original_is_a_second_name_of_the_same_incoming_file(store: FileObjects, tmp_path: Path) -> None:
    receive(store, UPLOAD.data)

    assert store.claim(ORIGINAL, UPLOAD)

    incoming, original = tmp_path / "objects" / INCOMING, tmp_path / "objects" / ORIGINAL
    assert original.samefile(incoming)
    receive(store, b"other")
    assert not original.samefile(incoming)
    assert store.find(ORIGINAL) == UPLOAD
    assert list_files(tmp_path) == [INCOMING, ORIGINAL]


@pytest.mark.parametrize("data", [b"", b"bytez", b"bytes longer", bytes(2**18) + b"x"])
def test_original_with_other_bytes_is_a_file_of_its_own(store: FileObjects, tmp_path: Path, data: bytes) -> None:
    store.claim(INCOMING, Upload(bytes(2**18) + b"y" if len(data) > 2**18 else b"bytes", "image/png", "a"))

    assert store.claim(ORIGINAL, Upload(data, "image/png", "b"))

    assert store.find(ORIGINAL) == Upload(data, "image/png", "b")
    assert list_files(tmp_path) == [INCOMING, ORIGINAL]


def test_original_on_a_disk_without_links_is_a_file_of_its_own(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    store.claim(INCOMING, UPLOAD)
    monkeypatch.setattr(Path, "hardlink_to", fail)

    assert store.claim(ORIGINAL, UPLOAD)
    assert not (tmp_path / "objects" / ORIGINAL).samefile(tmp_path / "objects" / INCOMING)


def test_received_file_outside_its_context_is_deleted(store: FileObjects, tmp_path: Path) -> None:
    with store.open_form(store.upload_form(INCOMING, "image/png", "a", 5).fields) as file:
        file.write(b"bytes")
        assert len(list_files(tmp_path)) == 1

    assert list_files(tmp_path) == []


def test_received_file_of_the_largest_size_is_stored(store: FileObjects) -> None:
    chunk = bytes(2**20)

    receive(store, *[chunk] * (MAX_UPLOAD_BYTES // len(chunk)))

    assert store.find(INCOMING) == Upload(bytes(MAX_UPLOAD_BYTES), UPLOAD.media_type, UPLOAD.name)


@pytest.mark.parametrize("chunks", [[], [b""], [b"1234"], [b"12345", b"6"]], ids=["none", "empty", "small", "large"])
def test_received_file_of_wrong_size_is_not_stored(
    store: FileObjects, database: Database, tmp_path: Path, chunks: list[bytes]
) -> None:
    fields = store.upload_form(INCOMING, "image/png", "a", 5).fields

    def send() -> None:
        with store.open_form(fields) as file:
            for chunk in chunks:
                file.write(chunk)
            file.store()

    with pytest.raises(WrongSize, match=r"5.* the size that you declared\. Request another form with POST /uploads"):
        send()

    assert list_files(tmp_path) == []
    assert read_messages(database) == []


@pytest.mark.parametrize(
    ("state", "expected"), [(ImageState.PENDING, 10), (ImageState.READY, 15), (ImageState.FAILED, 15), (None, 15)]
)
def test_file_of_a_form_that_was_posted_before_counts_again(
    store: FileObjects, database: Database, state: ImageState | None, expected: int
) -> None:
    store.claim(ORIGINAL, UPLOAD)  # the originals are not missing
    if state:
        add_image(database, state)

    for _ in range(3):
        receive(store, b"bytes")
    store.delete(INCOMING)

    assert SqliteQuotas(database).received(OWNER) == expected


def test_claimed_files_are_not_counted_again(store: FileObjects, database: Database) -> None:
    for _ in range(2):
        store.claim(INCOMING, UPLOAD)

    assert SqliteQuotas(database).received(OWNER) == 0


def test_find_of_too_large_file_raises_wrong_size(store: FileObjects, tmp_path: Path) -> None:
    store.claim(INCOMING, UPLOAD)
    os.truncate(tmp_path / "objects" / INCOMING, MAX_UPLOAD_BYTES + 1)

    with pytest.raises(WrongSize, match="larger than 200 MiB"):
        store.find(INCOMING)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "originals",
        "../pixtag.db",
        f"../objects/{ORIGINAL}",
        f"/{ORIGINAL}",
        f"{ORIGINAL}/",
        f"{ORIGINAL}\n",
        f"{ORIGINAL}\0",
        f"tmp/{OWNER}/{ID}",
        f"originals/../{OWNER}/{ID}",
        f"originals/{OWNER}/..",
        f"originals/{OWNER}/{ID.upper()}",
        f"originals/{'.' * 36}/{ID}",
    ],
)
def test_text_that_is_no_key_never_becomes_a_path(store: FileObjects, tmp_path: Path, key: str) -> None:
    uses: list[Callable[[], object]] = [
        lambda: store.find(key),
        lambda: store.claim(key, UPLOAD),
        lambda: store.put_derived(key, b"jpeg"),
        lambda: store.delete(key),
        lambda: receive(store, b"bytes", key=key),
        lambda: store.open_link(key, sign(store, key)),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="not the key of an object"):
            use()

    assert list_files(tmp_path) == []


def sign(store: FileObjects, key: str, download: str | None = None) -> list[tuple[str, str]]:
    """Return the parameters of a valid link."""
    return parse_qsl(urlsplit(store.link(key, download=download)).query)


def test_open_link_returns_the_file_with_its_headers(store: FileObjects) -> None:
    store.claim(ORIGINAL, UPLOAD)

    file = store.open_link(ORIGINAL, sign(store, ORIGINAL, "a b.png"))

    with file.file:
        assert file.file.read() == b"bytes"
    assert (file.size, file.media_type, file.is_immutable) == (5, "image/png", False)
    assert file.disposition == "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"


def test_open_link_of_thumbnail_is_inline_and_immutable(store: FileObjects) -> None:
    store.put_derived(THUMBNAIL, b"jpeg")

    file = store.open_link(THUMBNAIL, sign(store, THUMBNAIL))

    file.file.close()
    assert (file.disposition, file.media_type, file.is_immutable) == ("inline", "image/jpeg", True)


def test_open_link_never_returns_a_type_that_is_not_a_photo(store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(b"<script>", "text/html", "a.html"))

    file = store.open_link(ORIGINAL, sign(store, ORIGINAL))

    file.file.close()
    assert file.media_type == "application/octet-stream"


def test_open_link_of_deleted_object_raises_object_not_found(store: FileObjects) -> None:
    store.put_derived(THUMBNAIL, b"jpeg")
    parameters = sign(store, THUMBNAIL)
    store.delete(THUMBNAIL)

    with pytest.raises(ObjectNotFound):
        store.open_link(THUMBNAIL, parameters)


def test_etag_changes_when_the_file_is_replaced(store: FileObjects) -> None:
    tags = set()
    for data in (b"one", b"two"):
        store.put_derived(THUMBNAIL, data)
        file = store.open_link(THUMBNAIL, sign(store, THUMBNAIL))
        file.file.close()
        tags.add(file.etag)

    assert len(tags) == 2


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[FileObjects]:
    """The same objects, as another process opens them."""
    with open_objects(tmp_path) as objects:
        yield objects


def test_secret_is_the_same_in_all_processes_of_an_installation(store: FileObjects, other_process: FileObjects) -> None:
    store.put_derived(THUMBNAIL, b"jpeg")

    other_process.open_link(THUMBNAIL, sign(store, THUMBNAIL)).file.close()


def test_secret_that_another_process_creates_at_the_same_time_is_used(
    store: FileObjects, other_process: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Database.read
    raced: list[bool] = []

    @contextmanager
    def read_and_lose(self: Database) -> Iterator[sqlite3.Connection]:
        with read(self) as connection:
            yield connection
        if not raced:
            raced.append(True)
            store.link(ORIGINAL)

    monkeypatch.setattr(Database, "read", read_and_lose)

    assert other_process.link(THUMBNAIL) == store.link(THUMBNAIL)


def test_link_of_another_installation_is_rejected(store: FileObjects, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    with open_objects(tmp_path / "other") as other, pytest.raises(InvalidLink):
        store.open_link(THUMBNAIL, sign(other, THUMBNAIL))


def unmount(folder: Path) -> None:
    (folder / "objects").rename(folder / "unmounted")


def unmount_and_keep_the_mount_point(folder: Path) -> None:
    unmount(folder)
    (folder / "objects").mkdir()


def move_originals(folder: Path) -> None:
    (folder / "objects" / ORIGINAL).rename(folder / "moved")


@pytest.mark.parametrize("lose", [unmount, unmount_and_keep_the_mount_point, move_originals])
@pytest.mark.parametrize("state", [ImageState.READY, ImageState.TRASHED])
def test_nothing_is_stored_while_the_photos_of_the_database_are_missing(
    database: Database, tmp_path: Path, state: ImageState, lose: Callable[[Path], None]
) -> None:
    add_image(database, state)
    folder = tmp_path / "objects" / "originals" / OWNER
    folder.mkdir(parents=True)
    (folder / ID).write_bytes(b"photo")
    lose(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    with open_objects(tmp_path) as store:
        with pytest.raises(StartFailed, match=r"objects does not contain the photos.*Mount their disk"):
            store.remove_unfinished()
        with pytest.raises(Unavailable):
            store.claim(INCOMING, UPLOAD)

    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("state", [ImageState.PENDING, ImageState.GONE])
def test_library_without_complete_photos_needs_no_originals(
    database: Database, store: FileObjects, state: ImageState
) -> None:
    add_image(database, state)

    store.remove_unfinished()

    assert store.claim(INCOMING, UPLOAD)


@pytest.mark.parametrize("value", [b"0123", b"\xff" * 64, b"g" * 64])
def test_damaged_secret_is_replaced(tmp_path: Path, database: Database, value: bytes) -> None:
    with open_objects(tmp_path) as store:
        old = sign(store, ORIGINAL)
    with database.write() as connection:
        connection.execute("UPDATE setting SET value = CAST(? AS TEXT) WHERE name = ?", (value, signatures.SECRET))

    with open_objects(tmp_path) as store:
        store.claim(ORIGINAL, UPLOAD)
        store.open_link(ORIGINAL, sign(store, ORIGINAL)).file.close()
        with pytest.raises(InvalidLink):
            store.open_link(ORIGINAL, old)


def test_form_expires_after_five_minutes(store: FileObjects, clock: Clock) -> None:
    fields = store.upload_form(INCOMING, "image/png", "a", 5).fields
    clock.ahead = 290  # the test itself takes time
    with store.open_form(fields):
        pass

    clock.ahead = 300
    with pytest.raises(FormExpired):
        store.open_form(fields)


class Events(list[str]):
    """Records the calls that make a write durable, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        super().__init__()
        fsync, replace, unlink, write = os.fsync, Path.replace, Path.unlink, Database.write

        def describe(path: Path) -> str:
            name = str(path.relative_to(folder))
            return "file" if name.startswith("tmp/") else name

        def record_fsync(descriptor: int) -> None:
            self.append(f"fsync {describe(Path(f'/proc/self/fd/{descriptor}').readlink())}")
            fsync(descriptor)

        def record_replace(path: Path, target: Path) -> Path:
            self.append("rename")
            return replace(path, target)

        def record_unlink(path: Path, *, missing_ok: bool = False) -> None:
            self.append("unlink")
            unlink(path, missing_ok=missing_ok)

        @contextmanager
        def record_write(database: Database, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
            with write(database, durable=durable) as connection:
                self.append("begin")
                changes = connection.total_changes
                yield connection
                changed = connection.total_changes > changes
            self.append("commit" if durable and changed else "end")

        monkeypatch.setattr(os, "fsync", record_fsync)
        monkeypatch.setattr(Path, "replace", record_replace)
        monkeypatch.setattr(Path, "unlink", record_unlink)
        monkeypatch.setattr(Database, "write", record_write)


WRITES: dict[str, tuple[Callable[[FileObjects], object], list[str]]] = {
    "form": (lambda store: receive(store, b"bytes"), ["begin", "rename", "commit", f"fsync incoming/{OWNER}"]),
    "claim of an upload": (
        lambda store: store.claim(INCOMING, UPLOAD),
        ["begin", "rename", "commit", f"fsync incoming/{OWNER}"],
    ),
    "claim": (lambda store: store.claim(ORIGINAL, UPLOAD), ["begin", "rename", "end", f"fsync originals/{OWNER}"]),
    "preview": (lambda store: store.put_derived(PREVIEW, b""), ["begin", "rename", "end", f"fsync previews/{OWNER}"]),
}


@pytest.mark.parametrize("name", WRITES)
def test_write_is_on_the_disk_before_it_returns(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write, expected = WRITES[name]
    for rendition in ("incoming", "originals", "previews"):
        (tmp_path / "objects" / rendition / OWNER).mkdir(parents=True)
    store.claim(f"originals/{OTHER}/{ID}", UPLOAD)
    store.link(ORIGINAL)  # creates the secret
    events = Events(monkeypatch, tmp_path / "objects")

    write(store)

    assert events == ["fsync file", *expected]


def test_first_write_makes_its_folders_durable(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.link(THUMBNAIL)
    events = Events(monkeypatch, tmp_path)

    store.put_derived(THUMBNAIL, b"jpeg")

    synced = [event.removeprefix("fsync ") for event in events if event.startswith("fsync")]
    assert synced[:6] == [".", *["objects"] * 5]
    assert synced[-2:] == ["objects/thumbnails", f"objects/thumbnails/{OWNER}"]


def test_thumbnail_with_the_bytes_of_the_preview_takes_no_space(store: FileObjects, tmp_path: Path) -> None:
    for key in (PREVIEW, THUMBNAIL, PREVIEW, THUMBNAIL):
        store.put_derived(key, b"jpeg")

    preview, thumbnail = tmp_path / "objects" / PREVIEW, tmp_path / "objects" / THUMBNAIL
    assert preview.samefile(thumbnail)
    assert list_files(tmp_path) == [PREVIEW, THUMBNAIL]  # and no temporary name

    store.put_derived(PREVIEW, b"other")

    assert (preview.read_bytes(), thumbnail.read_bytes()) == (b"other", b"jpeg")


def test_delete_is_on_the_disk_before_it_returns(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.claim(ORIGINAL, UPLOAD)
    store.put_derived(PREVIEW, b"jpeg")
    store.put_derived(f"previews/{OWNER}/{ID[:-1]}a", b"jpeg")
    events = Events(monkeypatch, tmp_path / "objects")

    store.delete(ORIGINAL, PREVIEW, THUMBNAIL)

    assert events == ["begin", "unlink", "unlink", "unlink", "commit", "fsync originals", f"fsync previews/{OWNER}"]
    assert list_files(tmp_path) == [f"previews/{OWNER}/{ID[:-1]}a"]


def test_delete_removes_the_metadata_and_the_empty_folder(
    store: FileObjects, database: Database, tmp_path: Path
) -> None:
    store.claim(INCOMING, UPLOAD)
    store.claim(ORIGINAL, UPLOAD)

    store.delete(INCOMING, ORIGINAL, PREVIEW)

    with database.read() as connection:
        assert connection.execute("SELECT * FROM object").fetchall() == []
    assert not (tmp_path / "objects/originals" / OWNER).exists()
    assert (tmp_path / "objects/incoming" / OWNER).exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("name", WRITES)
def test_write_to_full_disk_raises_storage_full_and_leaves_nothing(
    store: FileObjects, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    store.claim(f"originals/{OTHER}/{ID}", UPLOAD)
    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(StorageFull):
        WRITES[name][0](store)

    assert list_files(tmp_path) == [f"originals/{OTHER}/{ID}"]
    assert read_messages(database) == []


@pytest.mark.parametrize(
    ("free_bytes", "can_upload", "can_process"),
    [
        (UPLOAD_RESERVE_BYTES, True, True),
        (UPLOAD_RESERVE_BYTES - 1, False, True),
        (WORKER_RESERVE_BYTES, False, True),
        (WORKER_RESERVE_BYTES - 1, False, False),
    ],
)
def test_uploads_end_before_the_disk_is_full_and_the_worker_later(
    store: FileObjects, monkeypatch: pytest.MonkeyPatch, free_bytes: int, *, can_upload: bool, can_process: bool
) -> None:
    form = store.upload_form(INCOMING, "image/jpeg", "a.jpg", 5).fields
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free_bytes))
    writes: dict[Callable[[], object], bool] = {
        lambda: store.upload_form(INCOMING, "image/jpeg", "a.jpg", 5): can_upload,
        lambda: store.open_form(form).__exit__(None, None, None): can_upload,
        lambda: store.claim(INCOMING, UPLOAD): can_upload,
        lambda: store.claim(ORIGINAL, UPLOAD): can_process,
        lambda: store.put_derived(PREVIEW, b"preview"): can_process,
        lambda: store.delete(PREVIEW): True,
    }

    for write, is_possible in writes.items():
        with nullcontext() if is_possible else pytest.raises(StorageFull):
            write()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("incoming/owner", "the folder objects/incoming in its data folder"),
        ("tmp", "the folder objects/tmp in its data folder"),
        ("other", "its data folder"),
    ],
)
def test_failure_names_the_folder_and_no_path_of_the_machine(
    store: FileObjects, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    def fail(_folder: ObjectFolder, _reserve: int) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"/srv/objects/data/objects/{folder}/file")

    monkeypatch.setattr(ObjectFolder, "require_space", fail)

    with pytest.raises(Unavailable, match=f"^PixTag cannot use {name}: Permission denied"):
        store.claim(ORIGINAL, UPLOAD)


def test_write_to_read_only_disk_raises_unavailable(
    store: FileObjects, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def fail(path: Path, mode: int = 0o777) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "mkdir", fail)

    with pytest.raises(Unavailable) as failure:
        store.claim(ORIGINAL, UPLOAD)

    assert caplog.messages == [str(failure.value)]
    assert str(failure.value) == (
        "PixTag cannot write to its data folder: Read-only file system. Nothing was lost. The person who runs PixTag"
        " must check the disk and the permissions of its folders."
    )
    assert str(tmp_path) not in caplog.text


def test_file_larger_than_the_system_allows_leaves_nothing(store: FileObjects, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    store.claim(f"originals/{OTHER}/{ID}", UPLOAD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
    try:
        with pytest.raises(StorageFull):
            receive(store, *[bytes(2**18)] * 8)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list_files(tmp_path) == [f"originals/{OTHER}/{ID}"]


@pytest.fixture
def failing_commit(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A database whose next commit fails because the disk is full. Afterwards, the list is empty."""
    failures: list[object] = [StorageFull()]
    write = Database.write

    @contextmanager
    def fail_once(database: Database, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        with write(database, durable=durable) as connection:
            yield connection
            if failures and connection.total_changes:
                raise failures.pop()  # type: ignore[misc]

    monkeypatch.setattr(Database, "write", fail_once)
    return failures


def test_upload_whose_commit_fails_leaves_nothing(
    store: FileObjects, database: Database, tmp_path: Path, failing_commit: list[object]
) -> None:
    with pytest.raises(StorageFull):
        store.claim(INCOMING, UPLOAD)

    assert (failing_commit, list_files(tmp_path), read_messages(database)) == ([], [], [])
    assert store.claim(INCOMING, UPLOAD)


def test_upload_whose_commit_fails_does_not_delete_a_later_upload(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_commit: list[object]
) -> None:
    is_at = UnfinishedFile.is_at

    def replace_first(file: UnfinishedFile, path: Path) -> bool:
        path.unlink()
        path.write_bytes(b"later")  # often with the same inode number
        os.utime(path, (0, 0))
        return is_at(file, path)

    monkeypatch.setattr(UnfinishedFile, "is_at", replace_first)

    with pytest.raises(StorageFull):
        store.claim(INCOMING, UPLOAD)

    assert (tmp_path / "objects" / INCOMING).read_bytes() == b"later"


def test_upload_whose_commit_fails_may_be_deleted_already(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_commit: list[object]
) -> None:
    is_at = UnfinishedFile.is_at

    def delete_first(file: UnfinishedFile, path: Path) -> bool:
        path.unlink()
        return is_at(file, path)

    monkeypatch.setattr(UnfinishedFile, "is_at", delete_first)

    with pytest.raises(StorageFull):
        store.claim(INCOMING, UPLOAD)

    assert list_files(tmp_path) == []


def test_original_whose_commit_fails_is_found_by_the_next_attempt(
    store: FileObjects, failing_commit: list[object]
) -> None:
    with pytest.raises(StorageFull):
        store.claim(ORIGINAL, UPLOAD)

    assert not store.claim(ORIGINAL, UPLOAD)
    assert store.find(ORIGINAL) == Upload(b"bytes", "application/octet-stream", "")


def test_upload_that_replaced_a_file_stays_if_the_commit_fails(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    receive(store, b"first")
    request.getfixturevalue("failing_commit")

    with pytest.raises(StorageFull):
        receive(store, b"second")

    assert list_files(tmp_path) == [INCOMING]


def test_metadata_of_interrupted_claim_are_those_of_the_upload(store: FileObjects, database: Database) -> None:
    store.claim(INCOMING, UPLOAD)
    store.claim(ORIGINAL, UPLOAD)
    with database.write() as connection:
        connection.execute("DELETE FROM object WHERE key = ?", (ORIGINAL,))

    assert store.find(ORIGINAL) == UPLOAD


def test_metadata_of_interrupted_upload_are_those_of_the_image(store: FileObjects, database: Database) -> None:
    store.claim(INCOMING, UPLOAD)
    add_image(database, ImageState.PENDING)
    with database.write() as connection:
        connection.execute("DELETE FROM object")

    assert store.find(INCOMING) == Upload(b"bytes", "image/gif", "beach.gif")


def test_delete_while_another_thread_removes_the_folder_succeeds(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"originals/{OWNER}/{ID[:-1]}z"
    store.claim(ORIGINAL, UPLOAD)
    store.claim(other, UPLOAD)
    synced: list[Path] = []

    def delete_last(folder: Path) -> None:
        if not synced:
            synced.append(folder)
            store.delete(other)
        sync_folder(folder)

    monkeypatch.setattr(object_folder, "sync_folder", delete_last)
    store.delete(ORIGINAL)

    assert synced == [tmp_path / "objects" / "originals" / OWNER]
    assert list_files(tmp_path) == []


def lose_messages(database: Database) -> None:
    """Delete what a crash between the move of a file and the commit would leave out."""
    with database.write() as connection:
        connection.execute("DELETE FROM message")


def test_sweep_announces_an_upload_that_lost_its_message_once(store: FileObjects, database: Database) -> None:
    store.claim(INCOMING, UPLOAD)
    lose_messages(database)

    assert store.sweep(0) == 1
    assert store.sweep(0) == 0
    assert read_messages(database) == [MESSAGE]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ImageState.PENDING, 1),
        (ImageState.FAILED, 0),
        (ImageState.READY, 1),
        (ImageState.GONE, 1),
    ],
)
def test_sweep_leaves_the_upload_of_a_failed_image(
    store: FileObjects, database: Database, state: ImageState, expected: int
) -> None:
    store.claim(INCOMING, UPLOAD)
    lose_messages(database)
    add_image(database, state)

    assert store.sweep(0) == expected


@pytest.mark.parametrize(("ahead", "expected"), [(0, 0), (59, 0), (61, 1), (-3_600, 1)])
def test_sweep_waits_a_minute_unless_the_clock_was_set_back(
    store: FileObjects, database: Database, clock: Clock, ahead: int, expected: int
) -> None:
    store.claim(INCOMING, UPLOAD)
    lose_messages(database)
    clock.ahead = ahead

    assert store.sweep() == expected
    assert store.find(INCOMING) == UPLOAD


def test_sweep_without_objects_does_nothing(store: FileObjects, database: Database) -> None:
    assert store.sweep(0) == 0
    assert read_messages(database) == []


def test_sweep_ignores_an_upload_that_is_deleted_meanwhile(
    store: FileObjects, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.claim(INCOMING, UPLOAD)
    lose_messages(database)
    write = Database.write

    @contextmanager
    def write_too_late(database: Database, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        (tmp_path / "objects" / INCOMING).unlink(missing_ok=True)
        with write(database, durable=durable) as connection:
            yield connection

    monkeypatch.setattr(Database, "write", write_too_late)

    assert store.sweep(0) == 0
    assert read_messages(database) == []


def test_sweep_deletes_uploads_after_15_days(
    store: FileObjects, database: Database, clock: Clock, tmp_path: Path
) -> None:
    store.claim(INCOMING, UPLOAD)
    store.claim(ORIGINAL, UPLOAD)
    add_image(database, ImageState.FAILED)
    with database.write() as connection:
        connection.execute("UPDATE message SET dead = 1")
    clock.run_for(INCOMING_SECONDS - 60, store.sweep)
    assert list_files(tmp_path) == [INCOMING, ORIGINAL]

    clock.run_for(120, store.sweep)
    assert list_files(tmp_path) == [ORIGINAL]


def test_sweep_deletes_copies_of_shared_originals_after_7_days(
    store: FileObjects, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.claim(ORIGINAL, UPLOAD)
    copies = [Rendition.SHARED_ORIGINAL.key(OWNER, new_id()) for _ in range(3)]
    monkeypatch.setattr(object_sweep, "MAX_DELETED", 2)
    for key in copies:
        store.put_copy(key, b"copy", "image/png")
    clock.ahead = COPY_DAYS * DAY_SECONDS - 60
    store.sweep()
    assert list_files(tmp_path) == sorted([ORIGINAL, *copies])

    clock.ahead += 120
    store.sweep()

    assert list_files(tmp_path) == [ORIGINAL]


@pytest.mark.parametrize("lose", [lambda _: None, lose_messages])
def test_sweep_keeps_old_uploads_that_the_worker_has_not_processed(
    store: FileObjects, database: Database, clock: Clock, lose: Callable[[Database], None]
) -> None:
    store.claim(INCOMING, UPLOAD)
    lose(database)
    clock.ahead = 2 * INCOMING_SECONDS

    store.sweep(0)  # PixTag starts again after a month

    assert store.find(INCOMING) == UPLOAD
    assert read_messages(database) == [MESSAGE]


@pytest.mark.parametrize("is_received", [True, False])
def test_pending_image_lives_as_long_as_its_upload(
    store: FileObjects, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, is_received: bool
) -> None:
    """PixTag can be stopped for days before the worker processes an upload."""
    monkeypatch.setattr(expiry, "time", clock)
    images = SqliteImages(database)
    image_id = min_id_at(datetime.fromtimestamp(clock.time(), UTC))
    image = images.save(Image(owner=OWNER, id=image_id, state=ImageState.PENDING, name="", media_type="", size=5))
    if is_received:
        receive(store, UPLOAD.data, key=Rendition.INCOMING.key(OWNER, image_id))
    clock.run_for(86_400 - 60, images.expire)
    assert images.find_image(OWNER, image_id) == image

    clock.run_for(120, images.expire)
    assert images.find_image(OWNER, image_id) == (image if is_received else None)
    clock.run_for(INCOMING_SECONDS, images.expire)
    assert images.find_image(OWNER, image_id) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [(ImageState.PENDING, (1, 0)), (ImageState.FAILED, (0, 1)), (ImageState.READY, (0, 1)), (None, (0, 1))],
)
def test_sweep_replaces_the_dead_letter_of_an_image_that_could_not_be_marked_as_failed(
    store: FileObjects, database: Database, state: ImageState | None, expected: tuple[int, int]
) -> None:
    store.claim(INCOMING, UPLOAD)
    if state:
        add_image(database, state)
    with database.write() as connection:
        connection.execute("UPDATE message SET dead = 1, receives = 5")

    store.sweep(0)

    queue = SqliteQueue(database)
    assert (queue.count(), queue.count_dead()) == expected


def test_sweep_deletes_metadata_without_a_file(store: FileObjects, database: Database, tmp_path: Path) -> None:
    store.claim(INCOMING, UPLOAD)
    store.claim(f"incoming/{OTHER}/{ID}", UPLOAD)
    (tmp_path / "objects" / INCOMING).unlink()

    store.sweep()

    with database.read() as connection:
        assert [row["key"] for row in connection.execute("SELECT key FROM object")] == [f"incoming/{OTHER}/{ID}"]


def test_sweep_keeps_metadata_of_an_upload_that_arrives_meanwhile(
    store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.claim(INCOMING, UPLOAD)
    path, aside = tmp_path / "objects" / INCOMING, tmp_path / "aside"
    path.rename(aside)
    write = Database.write

    @contextmanager
    def write_late(database: Database, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        aside.rename(path)
        with write(database, durable=durable) as connection:
            yield connection

    monkeypatch.setattr(Database, "write", write_late)
    store.sweep()

    assert store.find(INCOMING) == UPLOAD


def test_remove_unfinished_leaves_a_folder_that_is_not_from_pixtag(store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, UPLOAD)
    (tmp_path / "objects" / "tmp" / "folder").mkdir()

    store.remove_unfinished()

    assert (tmp_path / "objects" / "tmp" / "folder").is_dir()


def test_remove_unfinished_deletes_only_temporary_files(store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, UPLOAD)
    (tmp_path / "objects/tmp/unfinished").write_bytes(b"half")

    store.remove_unfinished()

    assert list_files(tmp_path) == [ORIGINAL]


def test_list_keys_ignores_files_that_are_no_objects(store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, UPLOAD)
    (tmp_path / "objects/originals/.DS_Store").write_bytes(b"")
    (tmp_path / "objects/originals" / OWNER / "notes.txt").write_bytes(b"")

    assert list(store.list_keys("")) == [ORIGINAL]


def test_received_upload_is_closed_after_its_context(store: FileObjects) -> None:
    with store.open_form(store.upload_form(INCOMING, "image/png", "a", 5).fields) as file:
        assert isinstance(file, ReceivedUpload)

    with pytest.raises(ValueError, match="closed file"):
        file.write(b"x")


def test_originals_of_an_account_that_is_being_deleted_get_no_message(
    store: FileObjects, database: Database, tmp_path: Path
) -> None:
    store.claim(ORIGINAL, UPLOAD)
    with database.write() as connection:
        insert_outbox_row(connection, make_account_deletion(OWNER, 0))

    assert (store.send_unknown(), read_messages(database)) == (0, [])


@pytest.mark.parametrize(
    ("state", "at_start", "after_recovery"), [("failed", 0, 1), ("pending", 0, 1), ("trashed", 0, 0), ("gone", 0, 0)]
)
def test_originals_of_unprocessed_images_get_a_message_only_after_a_recovery(
    store: FileObjects, database: Database, tmp_path: Path, state: str, at_start: int, after_recovery: int
) -> None:
    store.claim(ORIGINAL, UPLOAD)
    SqliteImages(database).save(
        Image(owner=OWNER, id=ID, state=ImageState(state), name="a.jpg", media_type="image/jpeg", size=5)
    )
    sweep = object_sweep.ObjectSweep(object_folder.ObjectFolder(tmp_path / "objects", database), database)

    assert (store.send_unknown(), sweep.send_unknown(is_copy=True)) == (at_start, after_recovery)
    assert sweep.send_unknown(is_copy=True) == 0


def test_trash_waits_again_after_photos_were_unknown(store: FileObjects, database: Database) -> None:
    """The database is older than its photos. Photos in its trash may have been restored."""
    with database.write() as connection:
        watch_clock(connection, NOON)
    store.claim(ORIGINAL, UPLOAD)

    store.send_unknown()

    with database.write() as connection:
        assert watch_clock(connection, NOON + 86_400) == 0


def test_find_of_a_file_that_cannot_be_read_names_it(store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, UPLOAD)
    (tmp_path / "objects" / PREVIEW).mkdir(parents=True)

    for find in (store.find, lambda key: store.find_equal(key, UPLOAD.data)):
        with pytest.raises(ObjectUnreadable, match=f"cannot read the file objects/{PREVIEW}: Is a directory"):
            find(PREVIEW)
    assert not store.is_intact(PREVIEW, 5, UPLOAD.sha256)
    assert store.find(ORIGINAL) == UPLOAD


def test_find_of_an_object_that_is_a_fifo_does_not_wait(store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, UPLOAD)
    (tmp_path / "objects" / ORIGINAL).unlink()
    os.mkfifo(tmp_path / "objects" / ORIGINAL)

    with pytest.raises(ObjectUnreadable, match=f"cannot read the file objects/{ORIGINAL}: It is not a regular file"):
        store.find(ORIGINAL)
    assert not store.is_intact(ORIGINAL, 5, UPLOAD.sha256)


def test_find_without_free_file_descriptors_raises_unavailable(
    store: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: ObjectFolder, key: str) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), key)

    monkeypatch.setattr(ObjectFolder, "find", fail)

    with pytest.raises(Unavailable):
        store.find(ORIGINAL)


@pytest.mark.parametrize(
    ("folder", "error", "text"),
    [
        (f"originals/{OWNER}/", FolderUnreadable, rf"the folder objects/originals/{OWNER} in its data folder: Input"),
        ("originals/", Unavailable, "the folder objects/originals in its data folder: Input"),
    ],
    ids=["owner", "rendition"],
)
def test_list_keys_names_the_folder_that_cannot_be_read(
    store: FileObjects, monkeypatch: pytest.MonkeyPatch, folder: str, error: type[Unavailable], text: str
) -> None:
    store.claim(ORIGINAL, UPLOAD)
    list_folder = os.listdir

    def fail_or_list(path: Path) -> list[str]:
        if str(path).endswith(f"objects/{folder}".rstrip("/")):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return list_folder(path)

    monkeypatch.setattr(os, "listdir", fail_or_list)

    with pytest.raises(error, match=text):
        list(store.list_keys(Rendition.ORIGINAL.key(OWNER, "")))
