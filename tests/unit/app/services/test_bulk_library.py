from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.edits import TagChange
from app.domain.errors import ImageNotFound, InvalidState, Unavailable
from app.domain.ids import new_id
from app.domain.images import ImageState, make_tombstone
from app.domain.ports import Images, Objects, OwnerPreferences
from app.domain.tags import TagTotal
from app.services.bulk_library import BulkLibrary
from app.services.library import Library
from tests.support.fakes import image
from tests.support.stored_data import before_call

DOG = [TagChange("dog", 1)]

Open = Callable[..., BulkLibrary]


@pytest.fixture
def open_library(images: Images, objects: Objects, preferences: OwnerPreferences, owner: str) -> Open:
    """A function that returns the library of a request for these images."""
    return lambda *ids: BulkLibrary(images, objects, preferences, owner, ids)


def count_calls(images: Images, method: str, act: Callable[[], object]) -> int:
    calls: list[None] = []
    with before_call(images, method, lambda: calls.append(None)):
        act()
    return len(calls)


def test_change_of_many_images_reads_and_writes_them_together(
    images: Images, open_library: Open, owner: str, check_rows: Callable[[], None]
) -> None:
    ids = [images.save(image(owner, dog=1)).id for _ in range(5)]
    library, written = open_library(*ids), list[int]()

    def change() -> int:
        return count_calls(images, "save_all", lambda: [library.retag(owner, each, DOG) for each in ids])

    assert (count_calls(images, "save", lambda: written.append(change())), written) == (0, [1])
    assert images.count_tag(owner, "dog") == TagTotal("dog", 5, 10)
    check_rows()


def test_change_reports_each_image_as_the_library_does(images: Images, open_library: Open, owner: str) -> None:
    ready, trashed = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.TRASHED))
    without, unknown = images.save(image(owner)), new_id()
    library = open_library(ready.id, trashed.id, without.id, unknown)
    removal = [TagChange("dog", None, removes=True)]

    assert library.retag(owner, ready.id, removal)
    assert not library.retag(owner, without.id, removal)
    with pytest.raises(InvalidState):
        library.retag(owner, trashed.id, removal)
    with pytest.raises(ImageNotFound):
        library.retag(owner, unknown, removal)


def test_change_of_an_image_that_another_request_changes_first_is_made_on_its_own(
    images: Images, library: Library, open_library: Open, owner: str, check_rows: Callable[[], None]
) -> None:
    first, second = images.save(image(owner, dog=1)), images.save(image(owner, dog=1))
    bulk = open_library(first.id, second.id)

    with before_call(images, "save_all", lambda: library.retag(owner, first.id, DOG)):
        assert [bulk.retag(owner, each.id, DOG) for each in (first, second)] == [True, True]

    assert [images.get_image(owner, each.id).tags for each in (first, second)] == [{"dog": 3}, {"dog": 2}]
    check_rows()


def test_change_by_two_ids_of_an_image_is_made_twice(images: Images, open_library: Open, owner: str) -> None:
    ready = images.save(image(owner, dog=1))
    duplicate = images.save(replace(make_tombstone(image(owner)), duplicate_of=ready.id))
    library = open_library(duplicate.id, ready.id)

    assert [library.retag(owner, each, DOG) for each in (duplicate.id, ready.id)] == [True, True]
    assert images.get_image(owner, ready.id).tags == {"dog": 3}


def test_change_whose_outcome_is_unknown_raises_the_error_of_the_store(
    images: Images, open_library: Open, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = images.save(image(owner, dog=1))
    library = open_library(ready.id)
    monkeypatch.setattr(images, "save_all", lambda changes: {each.before.id: Unavailable() for each in changes})

    with pytest.raises(Unavailable):
        library.retag(owner, ready.id, DOG)


def test_failed_read_of_all_images_fails_the_first_change_only(images: Images, open_library: Open, owner: str) -> None:
    def fail() -> None:
        raise Unavailable

    first, second = images.save(image(owner, dog=1)), images.save(image(owner, dog=1))
    library = open_library(first.id, second.id)

    with before_call(images, "find_images", fail), pytest.raises(Unavailable):
        library.retag(owner, first.id, DOG)

    assert library.retag(owner, second.id, DOG)
