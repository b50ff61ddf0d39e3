import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from app.domain.albums import Album
from app.domain.backups import BackupError
from app.domain.edits import TagChange
from app.domain.errors import StartFailed
from app.domain.ids import EXAMPLE_ID, Rendition
from app.domain.images import ImageState
from app.domain.mail import EmailState
from app.domain.outbox import TRASH_LIFE
from app.domain.query import parse
from app.domain.subscriptions import Choices
from app.domain.tags import TagTotal
from app.domain.uploads import Upload
from app.services.backups.archive import verify
from app.services.backups.restore import CHANGED, NOT_EMPTY, OTHER_RESTORE, Restore, require_restored
from tests.support.backups import ACCOUNT, INFO, make_members, make_photo, make_subscription, write_members
from tests.support.boxes import draw_in_library, relabel_in_library
from tests.support.fakes import OTHER_OWNER
from tests.support.injected_fault import InjectedFault, fail
from tests.support.libraries import EMAIL, Library
from tests.support.sampling import on_stores
from tests.support.stored_data import before_call

ALBUM = Album(EXAMPLE_ID, "Summer 2019", datetime(2026, 1, 31, tzinfo=UTC))
EMPTY_ALBUM = Album("01jd8xk3v5m0z8q4n2c7r9t1wz", "Winter", datetime(2026, 1, 31, tzinfo=UTC))
STEPS = [
    pytest.param(*step, id="-".join(map(str, step)))
    for step in (
        ("backups", "begin_restore", 0),
        ("backups", "put_account", 0),
        ("objects", "claim", 0),
        ("objects", "claim", 3),
        ("objects", "put_derived", 2),
        ("images", "restore_image", 0),
        ("images", "restore_image", 3),
        ("subscriptions", "put", 0),
        ("albums", "save", 0),
        ("mail", "subscribe", 0),
        ("backups", "finish_restore", 0),
    )
]


def fill(library: Library, photo: bytes) -> str:
    """Add images in every state, edits and a subscription to an account. Return its owner."""
    owner = library.add_account()
    services = library.services
    edited, trashed = library.add_photo(owner, photo, "edited.jpg"), library.add_photo(owner, photo + b"2")
    library.add_photo(owner, b"not a photo")
    library.receive(owner, photo + b"3", "waiting.jpg")
    services.library.retag(owner, edited.id, [TagChange("sea", 3)])
    relabel_in_library(services.library, owner, edited.id, 0, "cat")
    draw_in_library(services.library, owner, edited.id, "fox")
    services.albums.put(owner, ALBUM)
    services.albums.put(owner, EMPTY_ALBUM)
    services.albums.save(owner, ALBUM, ALBUM, placed=[trashed.id, edited.id])
    services.library.change_album(owner, edited.id, ALBUM.id)
    services.library.trash(owner, trashed.id)
    services.subscriptions.add(owner, parse("cat|dog>=2"), Choices("Pets", pinned=True, paused=True))
    services.mail.subscribe(owner, EMAIL)
    services.preferences.choose(owner, remove_positions=True)
    return owner


def test_restored_library_equals_the_source(source: Library, target: Library, photo: bytes) -> None:
    owner = fill(source, photo)

    target.restore(source.backup())

    restored = target.find_owner()
    assert target.list_images(restored) == source.list_images(owner)
    assert target.list_objects(restored) == source.list_objects(owner)
    assert target.services.subscriptions.list(restored) == source.services.subscriptions.list(owner)
    assert target.services.images.count_tags(restored) == [
        TagTotal("cat", 1, 1),
        TagTotal("dog", 1, 1),
        TagTotal("fox", 1, 1),
        TagTotal("sea", 1, 3),
    ]
    assert target.services.albums.list(restored) == [replace(ALBUM, version=2), EMPTY_ALBUM]
    placed = source.services.albums.list_placed(owner, ALBUM.id)
    assert list(target.services.albums.list_placed(restored, ALBUM.id)) == placed
    assert target.services.albums.count(restored) == {ALBUM.id: 1}
    assert target.services.quotas.usage(restored) == source.services.quotas.usage(owner)
    assert target.services.mail.state(restored) is not EmailState.NONE
    preferences = target.services.preferences.get(restored)
    assert (preferences.remove_positions, bool(preferences.removal)) == (True, True)
    assert target.stores.backups.find_restore() is None
    target.stored.check(with_objects=True)


def test_restored_library_works(source: Library, target: Library, photo: bytes) -> None:
    """Test edits, the purge of the trash, and the upload that was waiting."""
    fill(source, photo)

    target.restore(source.backup())

    owner = target.find_owner()
    ready, trashed, _, pending = target.list_images(owner)
    target.services.library.retag(owner, ready.id, [TagChange("sea", 5)])
    target.services.library.restore(owner, trashed.id)
    target.services.library.trash(owner, ready.id)
    target.services.library.purge(owner, ready.id)
    processed = target.services.ingest.ingest(owner, pending.id)
    assert processed
    assert (processed.state, processed.name) == (ImageState.READY, "waiting.jpg")
    target.stored.check()


def test_restore_keeps_the_date_of_the_purge(source: Library, target: Library, photo: bytes, backend: str) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    trashed_at = datetime.now(UTC) - TRASH_LIFE + timedelta(seconds=-1)
    source.services.images.save(replace(image, state=ImageState.TRASHED, trashed_at=trashed_at), image)

    target.restore(source.backup())

    restored = target.find_owner()
    [due] = target.services.outbox.list_due()
    assert due.since == int((trashed_at + TRASH_LIFE).timestamp())
    target.services.outbox_worker.process(restored)
    is_on_this_machine = backend == "aws"  # then the source is on AWS, and the clock of the target is not trusted yet
    assert len(target.list_images(restored)) == is_on_this_machine


def test_restore_announces_nothing(source: Library, target: Library, photo: bytes) -> None:
    fill(source, photo)

    target.restore(source.backup())

    target.services.outbox_worker.process(target.find_owner())
    assert target.stored.mails(target.find_owner()) == []


def test_restore_into_a_library_with_photos_changes_nothing(source: Library, target: Library, photo: bytes) -> None:
    fill(source, photo)
    owner = target.add_account("bob@example.com")
    target.add_photo(owner, photo)
    before = target.list_images(owner)

    with pytest.raises(BackupError, match=NOT_EMPTY):
        target.restore(source.backup())

    assert target.list_images(owner) == before
    assert [account.email for account in target.stores.backups.list_accounts()] == ["bob@example.com"]


def test_restore_into_a_library_with_a_failed_image_changes_nothing(source: Library, target: Library) -> None:
    owner = target.add_account("bob@example.com")
    target.services.objects.delete(Rendition.INCOMING.key(owner, target.add_photo(owner, b"not a photo").id))

    with pytest.raises(BackupError, match=NOT_EMPTY):
        target.restore(source.backup())


def test_restore_into_a_library_with_objects_of_an_unknown_owner_changes_nothing(
    source: Library, target: Library, photo: bytes
) -> None:
    target.services.objects.put_derived(Rendition.PREVIEW.key(OTHER_OWNER, "01jd8xk3v5m0z8q4n2c7r9t1wy"), photo)

    with pytest.raises(BackupError, match=NOT_EMPTY):
        target.restore(source.backup())


def test_restore_gives_photos_to_the_existing_account_with_the_address(
    source: Library, target: Library, photo: bytes
) -> None:
    source.add_photo(source.add_account(), photo)
    owner = target.add_account()

    target.restore(source.backup())

    assert len(target.list_images(owner)) == 1
    assert len(target.stores.backups.list_accounts()) == 1
    target.stored.check()


@on_stores("backend", ["store", "method", "number"], STEPS, stride=4)
def test_restore_that_is_interrupted_at_any_step_can_be_continued(
    source: Library, target: Library, photo: bytes, store: str, method: str, number: int
) -> None:
    owner = fill(source, photo)
    data, calls = source.backup(), count()

    def interrupt() -> None:
        if next(calls) == number:
            fail()

    with pytest.raises(InjectedFault), before_call(getattr(target.stores, store), method, interrupt):
        target.restore(data)

    if target.stores.backups.find_restore():
        with pytest.raises(StartFailed, match="Continue it: run `pixtag restore FILE`"):
            require_restored(target.stores)
    target.restore(data)
    require_restored(target.stores)
    restored = target.find_owner()
    assert target.list_images(restored) == source.list_images(owner)
    assert target.list_objects(restored) == source.list_objects(owner)
    target.stored.check()


def interrupt_restore(target: Library, data: bytes) -> None:
    """Restore objects, but no images."""
    with pytest.raises(InjectedFault), before_call(target.services.images, "restore_image", fail):
        target.restore(data)


def test_restore_of_another_backup_into_an_unfinished_restore_is_refused(
    source: Library, target: Library, photo: bytes
) -> None:
    source.add_photo(source.add_account(), photo)
    interrupt_restore(target, source.backup())

    with pytest.raises(BackupError, match=OTHER_RESTORE):
        target.restore(source.backup())


def test_continued_restore_replaces_altered_objects_only(source: Library, target: Library, photo: bytes) -> None:
    image = source.add_photo(source.add_account(), photo)
    data = source.backup()
    interrupt_restore(target, data)
    owner = target.find_owner()
    key = Rendition.ORIGINAL.key(owner, image.id)
    target.services.objects.delete(key)
    target.services.objects.claim(key, Upload(b"other bytes", "image/jpeg", "beach.jpg"))
    written: list[str] = []

    with (
        before_call(target.services.objects, "claim", lambda: written.append(key)),
        before_call(target.services.objects, "put_derived", fail),
    ):
        target.restore(data)

    assert written == [key]
    target.stored.check()


READY, PENDING = make_photo(number=1), make_photo(ImageState.PENDING, number=2)
MEMBERS = make_members(READY, PENDING, subscriptions=[make_subscription()])
OTHER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


FOREIGN = f"objects/originals/{OTHER}/{READY.id}"


@pytest.mark.parametrize(
    "changed",
    [
        MEMBERS | {f"objects/originals/{OTHER_OWNER}/{READY.id}": b"other"},
        {FOREIGN if "originals" in name else name: data for name, data in MEMBERS.items()},
        MEMBERS | {"accounts.jsonl": b""},
        MEMBERS | {"images.jsonl": MEMBERS["images.jsonl"].replace(b"beach", b"other")},
        MEMBERS | {"images.jsonl": MEMBERS["images.jsonl"].replace(OTHER_OWNER.encode(), OTHER.encode())},
        MEMBERS | {"subscriptions.jsonl": b""},
        MEMBERS | {"album-orders.jsonl": b""},
        MEMBERS
        | {"album-orders.jsonl": MEMBERS["album-orders.jsonl"].replace(ACCOUNT.albums[0].id.encode(), b"0" * 26)},
        MEMBERS | {"subscriptions.jsonl": MEMBERS["subscriptions.jsonl"].replace(OTHER_OWNER.encode(), OTHER.encode())},
    ],
)
def test_restore_of_a_file_that_changes_after_its_verification_is_not_finished(
    target: Library, changed: dict[str, bytes]
) -> None:
    contents = verify(io.BytesIO(write_members(MEMBERS)))

    with pytest.raises(BackupError, match=CHANGED):
        Restore(target.stores, contents).run(io.BytesIO(write_members(changed)))

    assert target.stores.backups.find_restore() == INFO.id
