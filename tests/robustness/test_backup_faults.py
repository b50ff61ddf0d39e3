"""Any call to AWS fails once during a restore. The repeated restore has the same outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from app.domain.errors import TooManyRequests, Unavailable
from app.domain.query import parse
from tests.robustness.faults import SITES, Calls, faults
from tests.robustness.torture import cases
from tests.support.aws import MotoStores, dynamodb_client, mock_aws, s3_client, sns_client
from tests.support.fakes import FakeDetector
from tests.support.libraries import EMAIL, Library, make_library
from tests.support.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.client import BaseClient

FAILURES = (BotoCoreError, ClientError, TooManyRequests, Unavailable)
STRIDE = 47  # of the pairs of a call and a fault, in `make test`


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, photo: bytes) -> bytes:
    """A backup of a library on one machine with a photo in the library, one in the trash and one that waits."""
    with make_library("local", tmp_path_factory.mktemp("source") / "data", FakeDetector({"dog": 1})) as library:
        owner = library.add_account()
        library.add_photo(owner, photo)
        library.services.library.trash(owner, library.add_photo(owner, photo + b"2").id)
        library.receive(owner, photo + b"3")
        library.services.subscriptions.add(owner, parse("dog"))
        library.services.mail.subscribe(owner, EMAIL)
        return library.backup()


@contextmanager
def empty_library() -> Iterator[tuple[Library, "Sequence[BaseClient]"]]:
    """Yield an empty library on AWS, and the clients with which PixTag calls AWS."""
    with mock_aws(), make_library("aws", Path(), FakeDetector()) as library:
        stores = library.stores
        assert isinstance(stores, MotoStores)
        assert stores.backups.find_restore() is None
        yield library, [dynamodb_client(), s3_client(), sns_client(), stores.cognito]


def outcome(library: Library) -> dict[str, Any]:
    """Return what the owner sees after the restore."""
    library.stored.check()
    owner = library.find_owner()
    return {
        "images": library.list_images(owner),
        "objects": library.list_objects(owner),
        "subscriptions": library.services.subscriptions.list(owner),
        "mail": library.services.mail.state(owner),
        "accounts": [account.email for account in library.stores.backups.list_accounts()],
        "unfinished": library.stores.backups.find_restore(),
    }


def run_without_fault(backup: bytes) -> tuple[Calls, dict[str, Any]]:
    calls = Calls()
    with empty_library() as (library, clients):
        with calls.watch(clients):
            library.restore(backup)
        return calls, outcome(library)


@pytest.mark.timeout(0)
def test_restore_with_a_fault_at_any_call_has_the_same_outcome_when_it_is_repeated(backup: bytes) -> None:
    made, expected = run_without_fault(backup)
    pairs = [(number, fault) for number, call in enumerate(made.made) for fault in faults(call)]

    for number, fault in sample(pairs, STRIDE):
        cases.append(1)
        calls = Calls(number, fault)
        with empty_library() as (library, clients):
            with calls.watch(clients):
                restore_until_it_succeeds(library, backup)
            assert calls.failed
            assert outcome(library) == expected, f"{fault} at call {number}, {made.made[number]}"


def restore_until_it_succeeds(library: Library, backup: bytes) -> None:
    """Restore, and once more after an error. If the last response was lost, the restore is already complete."""
    try:
        library.restore(backup)
    except FAILURES:
        is_complete = library.stores.backups.list_accounts() and not library.stores.backups.find_restore()
        if not is_complete:  # pragma: no branch - the sample may contain no lost response of the last call
            library.restore(backup)


def test_restore_reaches_every_call_site_of_backups(backup: bytes) -> None:
    made, _ = run_without_fault(backup)

    assert {site for site in SITES if site.module == "backups.py"} - made.sites == set()
