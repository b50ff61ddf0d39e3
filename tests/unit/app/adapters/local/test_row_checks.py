from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local import row_checks
from app.domain.checks import Comparison
from app.domain.edits import TagChange
from app.services.library import Library
from tests.support.breakage import LocalBreaker
from tests.support.fakes import FakeDetector
from tests.support.fakes import image as make
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.services import connect_local

EDITS = 100


def test_compare_and_repair_while_people_edit_find_and_change_nothing(tmp_path: Path, owner: str) -> None:
    with connect_local(tmp_path, FakeDetector) as services, connect_local(tmp_path, FakeDetector) as others:
        saved = [services.images.save(make(owner, dog=1)) for _ in range(5)]
        rows = services.stores.row_checks

        def edit(library: Library) -> None:
            for number in range(EDITS):
                library.retag(owner, saved[number % 5].id, [TagChange("cat", None, number % 3 == 0)])

        with ThreadPoolExecutor(1) as executor:
            editing = executor.submit(edit, others.library)
            while not editing.done():
                assert rows.compare(owner, lambda _: None) == Comparison()
                rows.repair(owner)
        editing.result()
        assert rows.compare(owner, lambda _: None) == Comparison()
    check_local_invariants(tmp_path, with_objects=False)


def test_repair_of_many_images_takes_several_transactions(
    tmp_path: Path, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_checks, "_REPAIRED", 2)
    monkeypatch.setattr(row_checks, "_PAGE", 2)
    with connect_local(tmp_path, FakeDetector) as services:
        saved = [services.images.save(make(owner, dog=1)) for _ in range(5)]
        rows, breaker = services.stores.row_checks, LocalBreaker(tmp_path)
        for _ in saved:
            breaker.lose_index_row(0)
        breaker.alter_total(0)  # the triggers of the index could not change it

        rows.repair(owner)

        assert [image.id for image in rows.read_images(owner)] == sorted(image.id for image in saved)
        assert services.images.count_tag(owner, "dog").images == len(saved)
    check_local_invariants(tmp_path, with_objects=False)


def test_repair_skips_an_image_that_is_damaged_after_the_comparison(
    tmp_path: Path, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_local(tmp_path, FakeDetector) as services:
        saved = services.images.save(make(owner, dog=1))
        rows, breaker = services.stores.row_checks, LocalBreaker(tmp_path)
        breaker.alter_index_row(0)
        comparison = rows.compare(owner, lambda _: None)
        monkeypatch.setattr(rows, "compare", lambda *_: comparison)

        with breaker.damage(saved.id):
            rows.repair(owner)

        monkeypatch.undo()
        assert rows.compare(owner, lambda _: None).differences[0].image_id == saved.id
        rows.repair(owner)
    check_local_invariants(tmp_path, with_objects=False)


@pytest.mark.parametrize("tags", ["[1]", '{"dog": "1"}', '{"dog"'])
def test_damaged_tags_are_computed_again(tmp_path: Path, owner: str, tags: str) -> None:
    with connect_local(tmp_path, FakeDetector) as services:
        saved, rows = services.images.save(make(owner, dog=1)), services.stores.row_checks
        with closing(connect(tmp_path)) as connection, connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("UPDATE image SET tags = ?", (tags,))

        assert [each.image_id for each in rows.compare(owner, lambda _: None).differences] == [saved.id]
        rows.repair(owner)

        assert services.images.list_images(owner, 1).images[0].tags == {"dog": 1}
    check_local_invariants(tmp_path, with_objects=False)


def test_wrong_texts_are_found_and_written_again(tmp_path: Path, owner: str) -> None:
    with connect_local(tmp_path, FakeDetector) as services:
        saved, rows = services.images.save(make(owner)), services.stores.row_checks
        with closing(connect(tmp_path)) as connection, connection:
            connection.execute("UPDATE image SET texts = 'other'")

        (difference,) = rows.compare(owner, lambda _: None).differences
        rows.repair(owner)

        assert (
            difference.text
            == f"The row of the photo beach.jpg ({saved.id}) has other texts than its name and metadata."
        )
    check_local_invariants(tmp_path, with_objects=False)
