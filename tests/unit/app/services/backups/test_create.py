import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.adapters.aws import objects as aws_objects
from app.adapters.local import objects as local_objects
from app.domain.errors import ImageChanged, Unavailable
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState, make_tombstone
from app.domain.query import parse
from app.domain.uploads import Upload
from app.services.account_deletion import delete_account
from app.services.backups.archive import Contents, verify
from app.services.backups.create import BackupWriter
from app.services.backups.records import load_image
from tests.support.backups import extract
from tests.support.fakes import OTHER_OWNER, FakeDetector
from tests.support.libraries import Library
from tests.support.services import connect_local
from tests.support.stored_data import before_call, unreadable


def back_up(library: Library) -> Contents:
    return verify(io.BytesIO(library.backup()))


def list_renditions(contents: Contents, image_id: str) -> list[str]:
    return [name.split("/")[1] for name in contents.digests if name.endswith(image_id)]


DEVELOPED = ["originals", "large-thumbnails", "previews", "thumbnails"]


def test_backup_of_an_empty_library_is_valid(source: Library) -> None:
    contents = back_up(source)

    assert contents.accounts == {}
    assert contents.images == {}
    assert contents.info.source == source.stores.backups.source


def test_backup_contains_images_in_every_state(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    ready, trashed = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    purged, failed = source.add_photo(owner, photo + b"3"), source.add_photo(owner, b"not a photo")
    pending = source.receive(owner, photo + b"4")
    duplicate = source.add_photo(owner, photo)
    for each in (trashed, purged):
        source.services.library.trash(owner, each.id)
    source.services.library.purge(owner, purged.id)

    contents = back_up(source)

    assert [image_id for _, image_id in contents.images] == [ready.id, trashed.id, failed.id, pending.id]
    assert list_renditions(contents, ready.id) == list_renditions(contents, trashed.id) == DEVELOPED
    assert list_renditions(contents, failed.id) == ["originals"]
    assert list_renditions(contents, pending.id) == ["incoming"]
    assert duplicate.state is ImageState.GONE


def test_backup_leaves_out_an_unfinished_upload_in_parts(source: Library) -> None:
    owner = source.add_account()
    source.services.part_uploads.offer(owner, name="a.png", media_type="image/png", size=60 * 2**20)

    assert back_up(source).images == {}


def test_backup_contains_an_upload_without_an_image(source: Library, photo: bytes) -> None:
    owner, image_id = source.add_account(), "01jd8xk3v5m0z8q4n2c7r9t1wy"
    source.services.objects.claim(
        Rendition.INCOMING.key(owner, image_id), Upload(photo, "image/png", "../Strand \N{BEACH WITH UMBRELLA}.png")
    )

    contents = back_up(source)

    waiting = contents.waiting[owner, image_id]
    assert (waiting.state, waiting.name, waiting.media_type) == (
        ImageState.PENDING,
        "Strand \N{BEACH WITH UMBRELLA}.png",
        "image/png",
    )


def test_backup_leaves_out_an_account_that_is_being_deleted(source: Library, photo: bytes) -> None:
    owner, other = source.add_account("bob@example.com"), source.add_account()
    source.add_photo(owner, photo)
    source.add_photo(other, photo)
    stores = source.stores
    delete_account(owner, stores.outbox, stores.api_keys, stores.shares, stores.mail, lambda: None)

    assert list(back_up(source).accounts) == [other]


def test_backup_leaves_out_an_unconfirmed_account(source: Library) -> None:
    source.stores.accounts.register("eve@example.com", "correct horse battery", given_name="E", family_name="V")

    assert back_up(source).accounts == {}


def test_backup_contains_alerts_names_and_preferences(source: Library) -> None:
    owner = source.add_account()
    source.stores.preferences.choose(owner, remove_positions=True)
    source.stores.mail.subscribe(owner, "ada@example.com")
    source.add_account("bob@example.com")

    ada, bob = sorted(back_up(source).accounts.values(), key=lambda account: account.email)

    assert (ada.email, ada.given_name, ada.family_name, ada.has_alerts) == ("ada@example.com", "Ada", "Lovelace", True)
    assert (bob.email, bob.has_alerts) == ("bob@example.com", False)
    assert (ada.remove_positions, bob.remove_positions) == (True, False)


def test_backup_reports_what_it_has_done(source: Library, photo: bytes, tmp_path: Path) -> None:
    owner = source.add_account()
    images = [source.add_photo(owner, photo + bytes([number])) for number in range(2)]
    sizes: list[int] = []

    BackupWriter(source.stores, io.BytesIO(), tmp_path, sizes.append).write()

    assert sizes == [image.size for image in images]


def before_objects(library: Library, act: Callable[[], object], rendition: Rendition) -> Callable[[], bytes]:
    """Return a function that writes a backup and acts once, before it reads the first object of this rendition."""
    acted: list[bool] = []

    def act_once() -> None:
        if not acted:
            acted.append(True)
            act()

    def run() -> bytes:
        find = library.services.objects.find

        def act_and_find(key: str) -> Upload | None:
            if key.startswith(f"{rendition}/"):
                act_once()
            return find(key)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(library.services.objects, "find", act_and_find)
            data = library.backup()
        assert acted
        return data

    return run


@pytest.mark.parametrize("rendition", [Rendition.ORIGINAL, Rendition.THUMBNAIL])
def test_backup_leaves_out_a_photo_that_is_purged_meanwhile(
    source: Library, photo: bytes, rendition: Rendition
) -> None:
    owner = source.add_account()
    image, other = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    source.services.library.trash(owner, image.id)

    data = before_objects(source, lambda: source.services.library.purge(owner, image.id), rendition)()

    assert list(verify(io.BytesIO(data)).images) == [(owner, other.id)]


def test_backup_contains_an_upload_that_is_processed_meanwhile(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.receive(owner, photo)

    data = before_objects(source, lambda: source.services.ingest.ingest(owner, image.id), Rendition.INCOMING)()

    contents = verify(io.BytesIO(data))
    assert list(contents.waiting) == [(owner, image.id)]
    assert list_renditions(contents, image.id) == ["incoming"]


def test_backup_contains_an_upload_that_is_found_to_be_known_meanwhile(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.receive(owner, photo)

    def add_same_photo() -> None:
        source.add_photo(owner, photo)
        source.services.ingest.ingest(owner, image.id)

    data = before_objects(source, add_same_photo, Rendition.INCOMING)()

    assert list(verify(io.BytesIO(data)).waiting) == [(owner, image.id)]


def test_backup_leaves_out_an_upload_that_is_deleted_meanwhile(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.receive(owner, photo)

    data = before_objects(source, lambda: source.services.library.trash(owner, image.id), Rendition.INCOMING)()

    assert verify(io.BytesIO(data)).images == {}


def test_backup_leaves_out_an_upload_that_fails_meanwhile_and_is_deleted(source: Library) -> None:
    owner = source.add_account()
    image = source.receive(owner, b"not a photo")

    def fail_and_lose_upload() -> None:
        source.services.ingest.ingest(owner, image.id)
        source.services.objects.delete(Rendition.INCOMING.key(owner, image.id))

    data = before_objects(source, fail_and_lose_upload, Rendition.INCOMING)()

    assert verify(io.BytesIO(data)).images == {}


@pytest.mark.parametrize("backend", ["local"])  # the rows of AWS have no common state
def test_backup_contains_no_change_that_was_made_while_rows_were_read(
    source: Library, photo: bytes, tmp_path: Path
) -> None:
    owners = [source.add_account(), source.add_account("bob@example.com")]
    images = [source.add_photo(owner, photo) for owner in owners]

    def act() -> None:
        with connect_local(tmp_path / "source", FakeDetector) as rival:
            for owner, image in zip(owners, images, strict=True):
                rival.subscriptions.add(owner, parse("dog"))
                rival.library.change(owner, image.id, lambda each: replace(each, reason="changed"))

    with before_call(source.services.subscriptions, "list", act):
        data = source.backup()

    restored = (load_image(line) for line in extract(data, "images.jsonl").splitlines())
    assert [image.reason for image in restored] == ["", ""]
    assert extract(data, "subscriptions.jsonl") == b""


@pytest.mark.parametrize("backend", ["aws"])
def test_backup_leaves_out_a_photo_that_is_purged_while_rows_are_read(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    with before_call(source.services.images, "find_image", partial(bury, source, image)):
        data = source.backup()

    assert verify(io.BytesIO(data)).images == {}


def bury(library: Library, image: Image) -> None:
    """Replace an image with a tombstone, but only once."""
    with suppress(ImageChanged):
        library.services.images.save(make_tombstone(image), image)


def test_backup_does_not_report_an_account_that_is_added_meanwhile(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)

    data = before_objects(
        source, lambda: source.add_photo(source.add_account("bob@example.com"), photo), Rendition.ORIGINAL
    )()

    assert list(verify(io.BytesIO(data)).images) == [(owner, image.id)]


def test_backup_reports_a_lost_original(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image, other = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    source.services.objects.delete(Rendition.ORIGINAL.key(owner, image.id))

    data, summary = source.write_backup()

    assert (summary.lost, summary.images) == ([image.id], 1)
    assert list(verify(io.BytesIO(data)).images) == [(owner, other.id)]


def test_backup_reports_an_altered_original_and_contains_it(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    key = Rendition.ORIGINAL.key(owner, image.id)
    source.services.objects.delete(key)
    source.services.objects.claim(key, Upload(b"other bytes", "image/jpeg", "beach.jpg"))

    data, summary = source.write_backup()

    assert summary.altered == [image.id]
    assert list(verify(io.BytesIO(data)).images) == [(owner, image.id)]


def test_backup_contains_a_photo_without_its_preview(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    source.services.objects.delete(Rendition.PREVIEW.key(owner, image.id))

    assert list_renditions(back_up(source), image.id) == ["originals", "large-thumbnails", "thumbnails"]


def test_backup_treats_an_original_that_is_too_large_as_lost(
    source: Library, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    for module in (local_objects, aws_objects):
        monkeypatch.setattr(module, "MAX_UPLOAD_BYTES", 10)

    assert source.write_backup()[1].lost == [image.id]


def test_backup_leaves_out_an_unknown_upload_that_is_deleted_meanwhile(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    key = Rendition.INCOMING.key(owner, "01jd8xk3v5m0z8q4n2c7r9t1wy")
    source.services.objects.claim(key, Upload(photo, "image/png", "beach.png"))

    data = before_objects(source, lambda: source.services.objects.delete(key), Rendition.INCOMING)()

    assert verify(io.BytesIO(data)).images == {}


def test_backup_reports_photos_without_an_account(source: Library, photo: bytes) -> None:
    source.add_photo(OTHER_OWNER, photo)

    data, summary = source.write_backup()

    assert summary.without_account == [OTHER_OWNER]
    assert verify(io.BytesIO(data)).images == {}


def test_backup_names_an_unreadable_original_and_contains_the_other_photos(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image, other = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    key = Rendition.ORIGINAL.key(owner, image.id)

    with unreadable(source.services.objects, key):
        data, summary = source.write_backup()

    assert (summary.lost, summary.unreadable) == ([], {key})
    assert list(verify(io.BytesIO(data)).images) == [(owner, other.id)]


def test_backup_contains_a_photo_whose_preview_is_unreadable(source: Library, photo: bytes) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)

    with unreadable(source.services.objects, Rendition.PREVIEW.key(owner, image.id)):
        data, summary = source.write_backup()

    assert (summary.lost, summary.unreadable) == ([], set())
    assert list_renditions(verify(io.BytesIO(data)), image.id) == ["originals", "large-thumbnails", "thumbnails"]


def test_backup_with_folders_that_cannot_be_listed_contains_all_other_files(
    source: Library, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = source.add_account(), source.add_account("grace@example.com")
    images = {(each, source.add_photo(each, photo).id) for each in (owner, other)}
    objects = source.services.objects
    list_keys = objects.list_keys

    def fail_or_list(prefix: str) -> Iterator[str]:
        if owner in prefix or prefix == f"{Rendition.ORIGINAL}/":
            raise Unavailable
        return list_keys(prefix)

    monkeypatch.setattr(objects, "list_keys", fail_or_list)

    data, summary = source.write_backup()

    assert (summary.lost, summary.unreadable) == ([], {f"incoming/{owner}/", f"originals/{owner}/"})
    assert {*verify(io.BytesIO(data)).images} == images
