"""Any call to AWS fails once during `pixtag doctor --repair`. The repeated repair has the same outcome."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.albums import Album
from app.domain.ids import Rendition, new_id
from app.services.doctor import object_check
from tests.robustness.faults import SITES, Calls, faults
from tests.robustness.torture import cases
from tests.robustness.world import FAILURES
from tests.support.aws import MotoStores, dynamodb_client, mock_aws, s3_client, sqs_client
from tests.support.breakage import OLD_SECONDS, ROW_KINDS, MotoBreaker
from tests.support.doctor import check
from tests.support.fakes import Clock, FakeDetector
from tests.support.libraries import Library, make_library
from tests.support.sampling import rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.client import BaseClient

STRIDE = rounds(997, 5)  # of the pairs of a call and a fault
ALBUMS = [Album(new_id(), title, datetime(2026, 1, 31, tzinfo=UTC)) for title in ("Summer", "Winter")]
STRAY_ID = "01jd8xk3v5m0z8q4n2c7r9t1wy"


@contextmanager
def broken_library(photo: bytes) -> Iterator[tuple[Library, "Sequence[BaseClient]"]]:
    """Yield a library on AWS in which something of each kind is wrong, and the clients with which PixTag calls AWS."""
    with mock_aws(), make_library("aws", Path(), FakeDetector({"dog": 1})) as library:
        owner, breaker = library.add_account(), MotoBreaker()
        library.add_photo(owner, photo)
        library.services.library.trash(owner, library.add_photo(owner, photo + b"2").id)
        library.receive(owner, photo + b"waits")
        for album in ALBUMS:
            library.services.albums.put(owner, album)
        library.services.library.change_album(owner, next(library.services.images.list_ids(owner)), ALBUMS[0].id)
        breaker.lose_album(0)
        breaker.lose_title(1)
        for number, kind in enumerate(ROW_KINDS):
            getattr(breaker, kind)(number)
        breaker.lose_object(0, Rendition.PREVIEW)
        breaker.put_object(owner, STRAY_ID, Rendition.ORIGINAL, photo + b"3")
        stores = library.stores
        assert isinstance(stores, MotoStores)
        yield library, [dynamodb_client(), s3_client(), sqs_client(), stores.cognito]


def outcome(library: Library) -> dict[str, Any]:
    """Return what the owner sees after the repair."""
    library.stored.check()
    owner = library.find_owner()
    return {
        "images": [(image.name, image.tags) for image in library.list_images(owner)],
        "albums": [album.title for album in library.services.albums.list(owner)],
        "objects": {key.partition("/")[0]: data for key, data in library.list_objects(owner).items()},
    }


def run_without_fault(photo: bytes) -> tuple[Calls, dict[str, Any]]:
    calls = Calls()
    with broken_library(photo) as (library, clients):
        with calls.watch(clients):
            assert check(library, repair=True).progress.is_clean
        return calls, outcome(library)


@pytest.mark.timeout(0)
def test_repair_with_a_fault_at_any_call_has_the_same_outcome_when_it_is_repeated(
    photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_check, "time", Clock(OLD_SECONDS))
    made, expected = run_without_fault(photo)
    pairs = [(number, fault) for number, call in enumerate(made.made) for fault in faults(call)]

    for number, fault in pairs[::STRIDE]:
        cases.append(1)
        calls = Calls(number, fault)
        with broken_library(photo) as (library, clients):
            with calls.watch(clients):
                with suppress(*FAILURES):
                    check(library, repair=True)
                check(library, repair=True)
            assert calls.failed
            assert all(finding.is_note for finding in check(library, verify=True).findings)
            assert outcome(library) == expected, f"{fault} at call {number}, {made.made[number]}"

    modules = {"row_checks.py", "row_snapshots.py", "total_checks.py"}
    assert {site for site in SITES if site.module in modules or site.call == "get_queue_attributes"} <= made.sites
