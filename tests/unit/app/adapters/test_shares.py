"""Shares on both stores."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from app.adapters.aws.shares import DynamoShares
from app.adapters.local.account_rows import delete_account, insert_account
from app.adapters.local.stores import LocalStores
from app.domain.errors import InvalidToken, ShareNotFound, StorageFull, TooManyRequests
from app.domain.ids import new_id
from app.domain.owner_tokens import RowAddress
from app.domain.ports import Quotas, Shares
from app.domain.shares import Share, ShareKind, StoredShare
from tests.support.services import Services
from tests.support.stored_data import ON_AWS

CREATED = datetime(2026, 1, 31, 12, 0, 0, 123, tzinfo=UTC)
OWNER, OTHER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e11"
ON_LOCAL = pytest.mark.parametrize("backend", ["local"])


def make_share(kind: ShareKind = ShareKind.ALBUM, image_count: int = 0) -> StoredShare:
    share = Share(
        id=new_id(),
        title="At the sea",
        kind=kind,
        source="" if image_count else "album",
        image_count=image_count,
        created_at=CREATED,
        expires_at=CREATED + timedelta(days=30) if image_count else None,
        has_password=bool(image_count),
        originals=bool(image_count),
    )
    return StoredShare(share, "a" * 64, b"s" * 32, "$argon2id$" if image_count else "")


@pytest.fixture
def shares(shares: Shares, services: Services) -> Shares:
    """The store, and on one machine the accounts of both owners."""
    if isinstance(services.stores, LocalStores):
        with services.stores.database.write() as connection:
            for owner in (OWNER, OTHER):
                insert_account(connection, f"{owner}@example.com", "", "", "", owner)
    return shares


def test_added_shares_are_listed_and_found_only_for_their_owner(shares: Shares) -> None:
    ids = [new_id(), new_id()]
    album, photos = make_share(), make_share(ShareKind.IMAGES, 2)
    shares.add(OWNER, album)
    shares.add(OWNER, photos, ids)

    newest_first = sorted((album.share, photos.share), key=lambda share: share.id, reverse=True)
    assert shares.list(OWNER) == newest_first
    assert shares.list(OTHER) == []
    assert [shares.find(RowAddress(OWNER, each.share.id)) for each in (album, photos)] == [album, photos]
    assert shares.find(RowAddress(OTHER, album.share.id)) is None
    assert shares.list_images(RowAddress(OWNER, photos.share.id)) == ids
    assert shares.list_images(RowAddress(OWNER, album.share.id)) == []
    assert shares.list_images(RowAddress(OTHER, photos.share.id)) == []


def test_views_are_counted_with_the_last_day(shares: Shares) -> None:
    stored = make_share()
    shares.add(OWNER, stored)
    address = RowAddress(OWNER, stored.share.id)

    for day in (4, 4, 5):
        shares.record_view(address, date(2026, 2, day))

    viewed = replace(stored.share, views=3, last_viewed=date(2026, 2, 5))
    assert (shares.find(address), shares.list(OWNER)) == (replace(stored, share=viewed), [viewed])


def test_deleted_share_is_not_found_and_not_written_again(shares: Shares) -> None:
    stored = make_share(ShareKind.IMAGES, 1)
    shares.add(OWNER, stored, [new_id()])
    address = RowAddress(OWNER, stored.share.id)
    with pytest.raises(ShareNotFound):
        shares.delete(OTHER, stored.share.id)

    shares.delete(OWNER, stored.share.id)
    shares.record_view(address, date(2026, 2, 1))

    assert (shares.find(address), shares.list(OWNER), [*shares.list_images(address)]) == (None, [], [])
    with pytest.raises(ShareNotFound):
        shares.delete(OWNER, stored.share.id)


def test_delete_all_ends_the_shares_of_one_owner(shares: Shares) -> None:
    stored = make_share(ShareKind.IMAGES, 1)
    for owner in (OWNER, OTHER):
        shares.add(owner, stored, [new_id()])

    shares.delete_all(OWNER)

    assert (shares.list(OWNER), shares.list(OTHER)) == ([], [stored.share])
    assert [len(shares.list_images(RowAddress(owner, stored.share.id))) for owner in (OWNER, OTHER)] == [0, 1]


@ON_LOCAL
def test_shares_end_with_their_account(shares: Shares, services: Services) -> None:
    assert isinstance(services.stores, LocalStores)
    stored = make_share()
    shares.add(OWNER, stored)
    with services.stores.database.write() as connection:
        delete_account(connection, OWNER)

    assert shares.find(RowAddress(OWNER, stored.share.id)) is None
    with pytest.raises(InvalidToken):
        shares.add(OWNER, stored)


@ON_LOCAL
def test_view_on_a_full_disk_is_not_counted(
    shares: Shares, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(services.stores, LocalStores)
    stored = make_share()
    shares.add(OWNER, stored)
    with monkeypatch.context() as patch:
        patch.setattr(services.stores.database, "write", _raise_storage_full)
        shares.record_view(RowAddress(OWNER, stored.share.id), date(2026, 2, 1))

    assert shares.list(OWNER) == [stored.share]


def _raise_storage_full(**_: object) -> None:
    raise StorageFull


@ON_AWS
def test_view_is_not_counted_while_writes_fail(
    shares: DynamoShares, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored = make_share()
    shares.add(OWNER, stored)
    with monkeypatch.context() as patch:
        patch.setattr(shares, "_update", _raise_connection_error)
        shares.record_view(RowAddress(OWNER, stored.share.id), date(2026, 2, 1))

    assert shares.list(OWNER) == [stored.share]
    assert "was not counted" in caplog.text


def _raise_connection_error(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")


def test_wrong_passwords_are_limited_per_share(quotas: Quotas, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_010.0
    monkeypatch.setattr("time.time", lambda: now)
    for _ in range(10):
        quotas.count_attempt(OWNER, "first")

    with pytest.raises(TooManyRequests) as refused:
        quotas.count_attempt(OWNER, "first")
    quotas.count_attempt(OWNER, "second")
    quotas.count_attempt(OTHER, "first")

    assert refused.value.retry_after == 890
    now += 890
    quotas.count_attempt(OWNER, "first")


def test_forgiven_attempt_does_not_count(quotas: Quotas) -> None:
    quotas.forgive_attempt(OWNER, "first")
    for _ in range(10):
        quotas.count_attempt(OWNER, "first")

    quotas.forgive_attempt(OWNER, "first")
    quotas.count_attempt(OWNER, "first")

    with pytest.raises(TooManyRequests):
        quotas.count_attempt(OWNER, "first")
