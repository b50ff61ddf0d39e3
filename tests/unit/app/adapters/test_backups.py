from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.backups import Backups, Source
from app.domain.errors import InvalidCredentials, PhotoExists
from app.domain.images import ImageState
from app.domain.ports import Images, Subscriptions
from tests.support.backups import ACCOUNT, make_photo, make_subscription
from tests.support.fakes import OTHER_OWNER, FakeDetector
from tests.support.libraries import EMAIL, PASSWORD, Library, make_library

BOB = replace(ACCOUNT, owner="3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10", email="bob@example.com", is_admin=False)


@pytest.fixture
def library(backend: str, aws: None, tmp_path: Path) -> Iterator[Library]:
    with make_library(backend, tmp_path / "library", FakeDetector()) as library:
        yield library


@pytest.fixture
def backups(library: Library) -> Backups:
    return library.stores.backups


def test_source_is_the_place_of_the_library(backups: Backups, backend: str, tmp_path: Path) -> None:
    expected = {"aws": (Source.AWS, None), "local": (Source.LOCAL, tmp_path / "library")}

    assert (backups.source, backups.folder) == expected[backend]


def test_list_accounts_returns_confirmed_accounts(library: Library, backups: Backups) -> None:
    owner = library.add_account()
    library.stores.accounts.register("eve@example.com", PASSWORD, given_name="Eve", family_name="E")

    [account] = backups.list_accounts()

    assert (account.owner, account.email, account.given_name, account.family_name) == (owner, EMAIL, "Ada", "Lovelace")
    assert abs((datetime.now(UTC) - account.created_at).total_seconds()) < 60


def test_put_account_creates_the_account_once(backups: Backups) -> None:
    owner = backups.put_account(ACCOUNT)

    assert backups.put_account(ACCOUNT) == owner
    assert backups.put_account(BOB) != owner
    accounts = {account.email: account for account in backups.list_accounts()}
    assert accounts.keys() == {ACCOUNT.email, BOB.email}
    assert (accounts[EMAIL].owner, accounts[EMAIL].given_name) == (owner, "Ada")


def test_put_account_does_not_change_a_confirmed_account(library: Library, backups: Backups) -> None:
    owner = library.add_account()

    assert backups.put_account(replace(ACCOUNT, given_name="Other")) == owner

    assert backups.list_accounts()[0].given_name == "Ada"
    assert library.stores.accounts.sign_in(EMAIL, PASSWORD).access_token


def test_put_account_takes_an_unconfirmed_account_from_the_person_who_registered_it(
    library: Library, backups: Backups
) -> None:
    library.stores.accounts.register(EMAIL, PASSWORD, given_name="Eve", family_name="E")

    owner = backups.put_account(ACCOUNT)

    assert [account.owner for account in backups.list_accounts()] == [owner]
    with pytest.raises(InvalidCredentials):
        library.stores.accounts.sign_in(EMAIL, PASSWORD)


def test_restore_is_unfinished_until_it_is_finished(backups: Backups) -> None:
    assert backups.find_restore() is None
    assert backups.find_finished_restore() is None

    backups.begin_restore("01jd8xk3v5m0z8q4n2c7r9t1wy")
    backups.begin_restore("01jd8xk3v5m0z8q4n2c7r9t1wy")
    assert backups.find_restore() == "01jd8xk3v5m0z8q4n2c7r9t1wy"

    assert backups.find_finished_restore() is None

    for _ in range(2):
        backups.finish_restore()
    assert backups.find_restore() is None
    assert backups.find_finished_restore() == "01jd8xk3v5m0z8q4n2c7r9t1wy"


def test_finished_restore_is_the_last_one(backups: Backups) -> None:
    for backup_id in ("01jd8xk3v5m0z8q4n2c7r9t1wy", "01jd8xk3v5m0z8q4n2c7r9t1wz"):
        backups.begin_restore(backup_id)
        backups.finish_restore()

    assert backups.find_finished_restore() == "01jd8xk3v5m0z8q4n2c7r9t1wz"


@pytest.fixture
def images(library: Library) -> Images:
    return library.services.images


@pytest.mark.parametrize("state", [ImageState.READY, ImageState.TRASHED, ImageState.FAILED, ImageState.PENDING])
def test_restore_image_writes_exactly_this_image(library: Library, images: Images, state: ImageState) -> None:
    photo = replace(make_photo(state), version=7, redetection="01jd8xk3v5m0z8q4n2c7r9t1wy")

    images.restore_image(photo)
    images.restore_image(replace(photo, name="other.jpg"))

    assert images.find_image(OTHER_OWNER, photo.id) == photo
    library.stored.check(with_objects=False)
    assert library.stored.list_leftovers(OTHER_OWNER).count("redetection") == 0


def test_restore_image_with_the_bytes_of_another_image_writes_nothing(library: Library, images: Images) -> None:
    photo, other = make_photo(number=1), make_photo(number=2)
    images.restore_image(photo)

    with pytest.raises(PhotoExists):
        images.restore_image(other)

    assert images.find_image(OTHER_OWNER, other.id) is None
    library.stored.check(with_objects=False)


def test_put_replaces_a_subscription(library: Library) -> None:
    subscriptions: Subscriptions = library.services.subscriptions
    subscription = make_subscription()

    for _ in range(2):
        subscriptions.put(OTHER_OWNER, subscription)

    assert subscriptions.list(OTHER_OWNER) == [subscription]
