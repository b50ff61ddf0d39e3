"""Backups of libraries with damaged rows, on both stores."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.albums import Album, add_to_album
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState
from app.domain.query import parse
from app.domain.subscriptions import Choices
from app.domain.uploads import Upload
from app.services.backups.archive import Contents, verify
from app.services.backups.rows import DamagedRow, RowKind
from tests.support.backups import ACCOUNT
from tests.support.damaged_values import INVALID_TEXT, MISSING, ItemDamage, LocalDamage, RowDamage
from tests.support.libraries import Library

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def damage(source: Library, backend: str, tmp_path: Path) -> RowDamage:
    return LocalDamage(tmp_path / "source") if backend == "local" else ItemDamage(source.find_owner)


def back_up(library: Library) -> tuple[Contents, list[DamagedRow]]:
    data, summary = library.write_backup()
    assert (summary.lost, summary.unreadable, summary.altered) == ([], set(), [])
    return verify(io.BytesIO(data)), summary.damaged


def add_copies(library: Library, image: Image, number: int) -> list[str]:
    """Add images with their own bytes, and return their ids."""
    owner, ids = image.owner, [new_id() for _ in range(number)]
    for each in ids:
        upload = Upload(each.encode(), "image/jpeg", "beach.jpg")
        library.services.objects.claim(Rendition.ORIGINAL.key(owner, each), upload)
        library.services.images.save(replace(image, id=each, sha256=upload.sha256, size=len(upload.data)))
    return ids


def test_backup_with_any_damaged_value_of_an_image_has_every_original(
    source: Library, photo: bytes, damage: RowDamage
) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    damages = damage.list_damages("image")
    ids = add_copies(source, image, len(damages))
    for image_id, (field, value) in zip(ids, damages, strict=True):
        damage.damage("image", image_id, field, value)

    contents, damaged = back_up(source)

    assert {image_id for _, image_id in contents.images} == {image.id, *ids}
    assert {each.id for each in damaged} == {image_id for _, image_id in contents.waiting}
    assert len(damaged) > len(ids) / 4


@pytest.mark.parametrize(
    "state", [ImageState.READY, ImageState.TRASHED, ImageState.FAILED, ImageState.PENDING], ids=str
)
def test_backup_with_a_damaged_image_restores_its_original_as_an_upload(
    source: Library, target: Library, photo: bytes, damage: RowDamage, state: ImageState
) -> None:
    owner = source.add_account()
    kept = source.add_photo(owner, photo)
    image = source.receive(owner, photo + b"2", "sunset.jpg")
    if state is not ImageState.PENDING:
        source.services.ingest.ingest(owner, image.id)
    if state is ImageState.TRASHED:
        source.services.library.trash(owner, image.id)
    if state is ImageState.FAILED:
        source.services.library.change(owner, image.id, lambda each: replace(each, state=state, reason="Too dark."))
    damage.damage("image", image.id, "version", 0)

    data, summary = source.write_backup()
    target.restore(data)

    assert summary.damaged == [DamagedRow(RowKind.IMAGE, image.id)]
    restored = target.find_owner()
    target.services.ingest.ingest(restored, image.id)
    assert {(each.id, each.name, each.state) for each in target.list_images(restored)} == {
        (kept.id, "beach.jpg", ImageState.READY),
        (image.id, "sunset.jpg", ImageState.READY),
    }
    target.stored.check()


def test_backup_names_a_damaged_image_without_its_original(source: Library, photo: bytes, damage: RowDamage) -> None:
    owner = source.add_account()
    image, other = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    damage.damage("image", image.id, "sha256", "?")
    source.services.objects.delete(Rendition.ORIGINAL.key(owner, image.id))

    data, summary = source.write_backup()

    assert (summary.lost, summary.damaged) == ([image.id], [])
    assert list(verify(io.BytesIO(data)).images) == [(owner, other.id)]


@pytest.mark.parametrize("backend", ["aws"])  # a unique index prevents this on one machine
def test_backup_with_two_images_of_equal_digests_has_one_of_them_as_an_upload(
    source: Library, photo: bytes, damage: RowDamage
) -> None:
    owner = source.add_account()
    image, other = source.add_photo(owner, photo), source.add_photo(owner, photo + b"2")
    damage.damage("image", other.id, "sha256", image.sha256)

    contents, damaged = back_up(source)

    assert damaged == [DamagedRow(RowKind.IMAGE, other.id)]
    assert list(contents.waiting) == [(owner, other.id)]


def test_backup_contains_an_original_without_an_image(source: Library, photo: bytes) -> None:
    owner, image_id = source.add_account(), new_id()
    source.services.objects.claim(Rendition.ORIGINAL.key(owner, image_id), Upload(photo, "image/png", "beach.png"))
    source.services.objects.claim(Rendition.INCOMING.key(owner, image_id), Upload(photo, "image/png", "beach.png"))

    contents, damaged = back_up(source)

    assert damaged == [DamagedRow(RowKind.MISSING_IMAGE, image_id)]
    assert list(contents.waiting) == [(owner, image_id)]


def test_backup_with_any_damaged_value_of_an_album_contains_the_other_albums_and_all_photos(
    source: Library, photo: bytes, damage: RowDamage
) -> None:
    owner = source.add_account()
    albums = source.services.stores.albums
    albums.put(owner, kept := Album(new_id(), "kept", NOON))
    damages = damage.list_damages("album")
    ids = [new_id() for _ in damages]
    for album_id, (field, value) in zip(ids, damages, strict=True):
        albums.put(owner, Album(album_id, f"album {album_id[-8:]}", NOON))
        damage.damage("album", album_id, field, value)
    image = source.add_photo(owner, photo)
    source.services.images.save(add_to_album(image, kept.id), image)

    contents, damaged = back_up(source)

    assert kept in contents.accounts[owner].albums
    assert {each.kind for each in damaged} == {RowKind.ALBUM}
    assert len(contents.accounts[owner].albums) + len(damaged) == 1 + len(ids)
    assert list(contents.images) == [(owner, image.id)]


def test_backup_with_a_damaged_album_order_contains_the_album(source: Library, photo: bytes, damage: RowDamage) -> None:
    owner = source.add_account()
    image = source.add_photo(owner, photo)
    made = [Album(new_id(), title, NOON) for title in ("beach", "snow")]
    for each in made:
        source.stores.albums.put(owner, each)
        source.stores.albums.save(owner, each, each, [image.id])
    damage.damage("album_order", made[0].id, "images", INVALID_TEXT)

    contents, damaged = back_up(source)

    assert damaged == [DamagedRow(RowKind.ALBUM_ORDER, made[0].id)]
    assert len(contents.accounts[owner].albums) == 2


def test_backup_with_two_albums_of_equal_titles_restores_the_first(
    source: Library, target: Library, damage: RowDamage
) -> None:
    owner = source.add_account()
    first, second = (Album(new_id(), title, NOON) for title in ("beach", "snow"))
    for each in (first, second):
        source.stores.albums.put(owner, each)
    damage.damage("album", second.id, "title", "BEACH")

    data, summary = source.write_backup()
    target.restore(data)

    assert summary.damaged == [DamagedRow(RowKind.ALBUM, second.id)]
    assert target.stores.albums.list(target.find_owner()) == [first]


def test_backup_with_any_damaged_value_of_a_saved_search_contains_the_others(
    source: Library, target: Library, damage: RowDamage
) -> None:
    owner = source.add_account()
    subscriptions = source.services.subscriptions
    subscriptions.add(owner, parse("kept"), Choices("Kept"))
    damages = damage.list_damages("subscription")
    for number, (field, value) in enumerate(damages):
        added = subscriptions.add(owner, parse(f"dog{number}"), Choices("Dogs"))
        damage.damage("subscription", added.id, field, value)

    data, summary = source.write_backup()
    target.restore(data)

    restored = target.services.subscriptions.list(target.find_owner())
    assert "kept" in {each.text for each in restored}
    assert {each.kind for each in summary.damaged} == {RowKind.SUBSCRIPTION}
    assert len(restored) + len(summary.damaged) == 1 + len(damages)


def test_backup_with_damaged_preferences_keeps_positions(source: Library, photo: bytes, damage: RowDamage) -> None:
    owner = source.add_account()
    source.stores.preferences.choose(owner, remove_positions=True)
    image = source.add_photo(owner, photo)
    damage.damage("preference", owner, "removal", INVALID_TEXT if isinstance(damage, LocalDamage) else MISSING)

    contents, damaged = back_up(source)

    assert damaged == [DamagedRow(RowKind.PREFERENCES, owner)]
    assert not contents.accounts[owner].remove_positions
    assert list(contents.images) == [(owner, image.id)]


@pytest.mark.parametrize("backend", ["local"])  # on AWS, Cognito keeps the accounts
def test_backup_with_damaged_accounts_contains_what_a_restore_accepts(
    source: Library, target: Library, photo: bytes, damage: RowDamage
) -> None:
    damages: list[tuple[str, object, RowKind]] = [
        ("address", "", RowKind.ADDRESS),
        ("address", "Ada@example.com", RowKind.ADDRESS),
        ("address", INVALID_TEXT, RowKind.ADDRESS),
        ("created_at", 2**62, RowKind.ACCOUNT),
        ("given_name", "A" * 5_000, RowKind.ACCOUNT),
        ("password_hash", "A" * 5_000, RowKind.ACCOUNT),
    ]
    expected = []
    for number, (field, value, kind) in enumerate(damages):
        account = replace(ACCOUNT, owner=str(UUID(int=number)), email=f"{number}@example.com")
        source.add_photo(source.stores.backups.put_account(account), photo)
        damage.damage("account", account.owner, field, value)
        expected.append(DamagedRow(kind, account.owner))

    data, summary = source.write_backup()
    target.restore(data)

    assert sorted(summary.damaged, key=lambda row: row.id) == expected
    accounts = target.stores.backups.list_accounts()
    assert {each.email for each in accounts} == {f"{number}@example.com" for number in (3, 4, 5)}
    assert all([*target.services.images.list_ids(each.owner)] for each in accounts)


@pytest.mark.parametrize("backend", ["local"])
def test_backup_with_names_of_invalid_bytes_is_complete(source: Library, photo: bytes, damage: RowDamage) -> None:
    owner = source.add_account()
    source.add_photo(owner, photo)
    source.stores.mail.subscribe(owner, "ada@example.com")
    damage.damage("account", owner, "given_name", INVALID_TEXT)
    damage.damage("subscriber", owner, "address", INVALID_TEXT)

    contents, damaged = back_up(source)

    assert damaged == []
    assert contents.accounts[owner].given_name == "a\N{REPLACEMENT CHARACTER}"
    assert contents.accounts[owner].has_alerts


def test_backup_with_damaged_numbers_of_saved_searches_is_complete(source: Library, damage: RowDamage) -> None:
    owner = source.add_account()
    source.services.subscriptions.add(owner, parse("dog"))
    source.services.subscriptions.save_alerts(owner, source.services.subscriptions.get_alerts(owner))
    damage.damage("profile", owner, "alerts", "?")

    assert back_up(source)[1] == []
