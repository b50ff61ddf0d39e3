"""API keys on both stores."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from app.adapters.aws.api_keys import DynamoApiKeys
from app.adapters.local.account_rows import delete_account, insert_account
from app.adapters.local.stores import LocalStores
from app.domain.api_keys import ApiKey, Scope, StoredKey
from app.domain.errors import InvalidToken, KeyNotFound, StorageFull
from app.domain.ids import new_id
from app.domain.owner_tokens import RowAddress
from app.domain.ports import ApiKeys
from tests.support.services import Services
from tests.support.stored_data import ON_AWS

CREATED = datetime(2026, 1, 31, 12, 0, 0, 123, tzinfo=UTC)
OWNER, OTHER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e11"
ON_LOCAL = pytest.mark.parametrize("backend", ["local"])


@pytest.fixture
def keys(api_keys: ApiKeys, services: Services) -> ApiKeys:
    """The store, and on one machine the accounts of both owners."""
    if isinstance(services.stores, LocalStores):
        with services.stores.database.write() as connection:
            for owner in (OWNER, OTHER):
                insert_account(connection, f"{owner}@example.com", "", "", "", owner)
    return api_keys


@pytest.fixture
def phone(keys: ApiKeys) -> StoredKey:
    stored = StoredKey(
        ApiKey(new_id(), "Phone", (Scope.READ, Scope.UPLOAD), CREATED, CREATED + timedelta(days=1)), "a" * 64
    )
    keys.add(OWNER, stored)
    return stored


def test_added_keys_are_listed_and_found_only_for_their_owner(keys: ApiKeys, phone: StoredKey) -> None:
    endless = StoredKey(ApiKey(new_id(), "Laptop", (Scope.EDIT,), CREATED), "b" * 64)
    keys.add(OWNER, endless)

    assert keys.list(OWNER) == [phone.key, endless.key]
    assert keys.list(OTHER) == []
    assert keys.find(RowAddress(OWNER, phone.key.id)) == phone
    assert keys.find(RowAddress(OTHER, phone.key.id)) is None
    assert keys.find(RowAddress(OWNER, new_id())) is None


def test_last_use_is_the_latest_day(keys: ApiKeys, phone: StoredKey) -> None:
    address = RowAddress(OWNER, phone.key.id)

    for day in (4, 5, 5, 3):
        keys.record_use(address, date(2026, 2, day))

    assert keys.find(address) == replace(phone, key=replace(phone.key, last_used=date(2026, 2, 5)))


def test_revoked_key_is_not_found_and_not_written_again(keys: ApiKeys, phone: StoredKey) -> None:
    address = RowAddress(OWNER, phone.key.id)
    with pytest.raises(KeyNotFound):
        keys.delete(OTHER, phone.key.id)

    keys.delete(OWNER, phone.key.id)
    keys.record_use(address, date(2026, 2, 1))

    assert (keys.find(address), keys.list(OWNER)) == (None, [])
    with pytest.raises(KeyNotFound):
        keys.delete(OWNER, phone.key.id)


def test_delete_all_ends_the_keys_of_one_owner(keys: ApiKeys, phone: StoredKey) -> None:
    keys.add(OTHER, phone)

    keys.delete_all(OWNER)

    assert (keys.list(OWNER), keys.list(OTHER)) == ([], [phone.key])


@ON_LOCAL
def test_keys_end_with_their_account(keys: ApiKeys, phone: StoredKey, services: Services) -> None:
    assert isinstance(services.stores, LocalStores)
    with services.stores.database.write() as connection:
        delete_account(connection, OWNER)

    assert keys.find(RowAddress(OWNER, phone.key.id)) is None
    with pytest.raises(InvalidToken):
        keys.add(OWNER, phone)


@ON_LOCAL
def test_use_on_a_full_disk_is_not_recorded(
    keys: ApiKeys, phone: StoredKey, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(services.stores, LocalStores)
    with monkeypatch.context() as patch:
        patch.setattr(services.stores.database, "write", _raise_storage_full)
        keys.record_use(RowAddress(OWNER, phone.key.id), date(2026, 2, 1))

    assert keys.list(OWNER) == [phone.key]


def _raise_storage_full(**_: object) -> None:
    raise StorageFull


@ON_AWS
def test_use_is_not_recorded_while_writes_fail(
    keys: DynamoApiKeys, phone: StoredKey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(keys, "_update", _raise_connection_error)
        keys.record_use(RowAddress(OWNER, phone.key.id), date(2026, 2, 1))

    assert keys.list(OWNER) == [phone.key]
    assert "was not recorded" in caplog.text


def _raise_connection_error(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")
