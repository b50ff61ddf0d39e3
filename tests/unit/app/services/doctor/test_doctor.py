import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.api_keys import Scope
from app.domain.checks import Comparison, RowDifference
from app.domain.edits import TagChange
from app.domain.ids import Rendition, new_id
from app.domain.images import Image
from app.domain.query import parse
from app.domain.shares import ShareKind
from app.services.api_keys import issue_key
from app.services.doctor import object_check
from app.services.doctor.findings import Finding, Progress
from app.services.shares import NewShare
from tests.support.breakage import OLD_SECONDS, Breaker
from tests.support.doctor import Check, check
from tests.support.fakes import Clock, FakeDetector
from tests.support.libraries import Library
from tests.support.services import connect_local
from tests.support.stored_data import ON_AWS

ROUNDS = 20


def test_broken_rows_are_reported_and_repaired(library: Library, owner: str, ready: Image, breaker: Breaker) -> None:
    breaker.lose_index_row(0)

    assert check(library).findings == [Finding(owner, f"The tag index of the photo beach.jpg ({ready.id}) lacks dog.")]
    result = check(library, repair=True)

    assert [finding.is_repaired for finding in result.findings] == [True]
    assert (result.progress.found, result.progress.repaired, result.progress.is_clean) == (1, 1, True)
    library.stored.check()
    assert check(library).findings == []


@pytest.mark.parametrize("repair", [False, True])
def test_damaged_image_is_reported_and_its_photo_stays(
    library: Library,
    owner: str,
    ready: Image,
    breaker: Breaker,
    backend: str,
    clock: Clock,
    later: Clock,
    photo: bytes,
    repair: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    library.add_photo(owner, photo + b"other")
    library.services.subscriptions.add(owner, parse("dog"))
    clock.ahead += 3600
    library.services.outbox_worker.process(owner)
    breaker.lose_object(0, Rendition.PREVIEW)
    before = library.list_objects(owner)

    with breaker.damage(ready.id):
        findings = check(library, repair=repair).findings

    text = (
        f"The database entry of the photo {ready.id} is damaged. The totals, the usage and the numbers of matches of"
        " this library depend on it and were not compared."
    )
    assert [finding.text for finding in findings] == [text]
    assert (
        findings[0].advice
        == {
            "aws": "Restore the table to an earlier time.",
            "local": "Go back to a copy of the database with `pixtag recover COPY`.",
        }[backend]
    )
    assert library.list_objects(owner) == before
    assert [each.matched for each in library.services.subscriptions.list(owner)] == [2]


def test_rows_that_cannot_be_repaired_are_reported(
    library: Library, owner: str, ready: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = RowDifference("a", "A is wrong."), RowDifference("b", "B is wrong.")
    comparisons = iter([Comparison([first]), *[Comparison([first, second], ["the total of dog"])] * 3])
    monkeypatch.setattr(library.stores.row_checks, "compare", lambda *_: next(comparisons))
    monkeypatch.setattr(library.stores.row_checks, "repair", lambda _: None)

    result = check(library, repair=True)

    assert result.findings == [
        Finding(owner, "A is wrong."),
        Finding(owner, "B is wrong."),
        Finding(
            owner,
            "PixTag could not compare the total of dog, because it changed all the time.",
            advice="Run the command again later.",
            is_note=True,
        ),
    ]
    assert (result.progress.found, result.progress.is_clean) == (2, False)


@ON_AWS
def test_keys_and_shares_without_an_account_are_reported_and_ended(library: Library) -> None:
    """On one machine, the database deletes both together with the account."""
    stranger, keys, shares = str(uuid4()), library.services.api_keys, library.services.shares
    issue_key(keys, stranger, name="Phone", scopes={Scope.READ}, expires_at=None)
    for _ in range(2):
        library.services.sharing.create(stranger, NewShare(ShareKind.IMAGES, image_ids=[new_id()]))

    reported, left = check(library).findings, [*keys.list(stranger), *shares.list(stranger)]
    repaired = check(library, repair=True).findings

    texts = ["1 API key has no account.", "2 shares have no account."]
    assert reported == [Finding(stranger, text) for text in texts]
    assert repaired == [Finding(stranger, text, is_repaired=True) for text in texts]
    assert (len(left), keys.list(stranger), shares.list(stranger)) == (3, [], [])


def test_photos_without_an_account_are_reported(
    library: Library, owner: str, photo: bytes, breaker: Breaker, backend: str, later: Clock
) -> None:
    stranger, other = sorted([str(uuid4()), str(uuid4())])
    library.add_photo(stranger, photo)
    breaker.put_object(other, library.add_photo(owner, photo).id, Rendition.ORIGINAL, photo)

    findings = check(library).findings

    assert [each.owner for each in findings if each.text == "These photos have no account."] == [stranger, other]
    assert (f"--owner {stranger}" in findings[0].advice) is (backend == "local")


def test_owner_without_photos_and_account_is_no_fault(library: Library, owner: str, ready: Image) -> None:
    stranger = str(uuid4())
    pending = library.receive(stranger, b"x")
    library.services.library.trash(stranger, pending.id)

    assert check(library).findings == []


def test_accounts_that_are_being_deleted_are_left_out(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_index_row(0)
    library.services.outbox.put_account_deletion(owner)

    result = check(library, repair=True)

    assert (result.findings, result.progress.libraries) == ([], 0)


def test_rows_of_an_account_whose_deletion_begins_during_the_comparison_are_no_fault(
    library: Library, owner: str, ready: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare(*_: object) -> Comparison:
        library.services.outbox.put_account_deletion(owner)
        return Comparison([RowDifference("a", "A is wrong.")])

    monkeypatch.setattr(library.stores.row_checks, "compare", compare)

    assert check(library).findings == []


def test_interrupted_check_continues_at_any_step(
    library: Library, photo: bytes, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_check, "BATCH", 1)
    owners = [library.add_account(email) for email in ("a@example.com", "b@example.com")]
    for number, owner in enumerate(owners * 2):
        library.add_photo(owner, photo + bytes([number]))
    for _ in range(4):
        breaker.lose_object(0, Rendition.PREVIEW)
    complete = check(library)
    assert len(complete.findings) == len(complete.saved) - 4 == 4

    for progress in complete.saved:
        rest = Check(replace(progress))
        rest.run(library.services, repair=False)

        assert rest.progress == complete.progress
        assert rest.findings == complete.findings[progress.found :]
        assert rest.measured <= complete.measured


def test_finished_check_does_nothing_when_it_is_repeated(library: Library, owner: str, ready: Image) -> None:
    result = check(library)

    result.run(library.services, repair=False)

    assert result.progress == Progress(
        owner=owner, has_rows=True, image_id=ready.id, is_complete=True, libraries=1, photos=1
    )


def use_library(others: Library, owner: str, photo: bytes, objects: Path) -> None:
    """Upload, edit, trash, restore and purge photos. Their files are old soon after the upload."""
    services = others.services
    for number in range(ROUNDS):
        image = others.add_photo(owner, photo + bytes([number]))
        for path in objects.glob(f"*/{owner}/{image.id}"):
            os.utime(path, (time.time() - OLD_SECONDS,) * 2)
        services.library.retag(owner, image.id, [TagChange("cat", number % 3 + 1)])
        services.library.trash(owner, image.id)
        if number % 2:
            services.library.restore(owner, image.id)
        else:
            services.library.purge(owner, image.id)


@pytest.mark.parametrize("backend", ["local"])  # moto is no database: threads would see halves of its transactions
def test_library_that_people_use_has_no_differences(library: Library, owner: str, photo: bytes, tmp_path: Path) -> None:
    with connect_local(tmp_path / "library", lambda: FakeDetector({"dog": 2})) as services:
        others = Library(services, library.stored)
        with ThreadPoolExecutor(1) as executor:
            using = executor.submit(use_library, others, owner, photo, tmp_path / "library" / "objects")
            while not using.done():
                assert check(library, verify=True).texts == []
            using.result()

    assert check(library, repair=True, verify=True).progress.photos == ROUNDS // 2
    library.stored.check()
