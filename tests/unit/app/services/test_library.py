from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from app.domain.edits import TagChange
from app.domain.errors import ImageChanged, ImageNotFound, InvalidState, TooManyTags
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState, make_tombstone
from app.domain.ports import Images, Objects
from app.services.ingest import Ingest
from app.services.library import MAX_ATTEMPTS, Library
from tests.support.injected_fault import fail
from tests.support.services import Services
from tests.support.stored_data import before_call
from tests.support.uploads import MAX_BYTES, IngestBytes, list_keys, make_upload, search


def test_trash_hides_the_image_and_keeps_its_objects(
    library: Library,
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    assert library.trash(owner, ready.id)

    assert search(images, owner, "dog") == []
    assert images.get_image(owner, ready.id).trashed_at
    assert objects.find(Rendition.ORIGINAL.key(owner, ready.id)) == make_upload(photo)
    check_consistency()


def test_trash_of_trashed_image_changes_nothing(library: Library, images: Images, owner: str, ready: Image) -> None:
    library.trash(owner, ready.id)
    trashed = images.get_image(owner, ready.id)

    assert not library.trash(owner, ready.id)
    assert images.get_image(owner, ready.id) == trashed


def test_trash_of_pending_image_purges_it(
    library: Library,
    ingest: Ingest,
    images: Images,
    objects: Objects,
    owner: str,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)

    assert library.trash(owner, pending.id)

    assert images.find_image(owner, pending.id) == replace(make_tombstone(pending), version=2)
    assert list_keys(objects) == []
    check_consistency()


def test_trash_of_failed_image_purges_it(
    library: Library,
    images: Images,
    objects: Objects,
    owner: str,
    ingest_bytes: IngestBytes,
    check_consistency: Callable[[], None],
) -> None:
    failed = ingest_bytes(b"<html>")

    assert library.trash(owner, failed.id)

    assert images.find_image(owner, failed.id) == replace(make_tombstone(failed), version=3)
    assert list_keys(objects) == []
    check_consistency()


def test_restore_of_trashed_image_makes_it_ready_again(
    library: Library, images: Images, owner: str, ready: Image, check_consistency: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)

    assert library.restore(owner, ready.id)

    assert images.get_image(owner, ready.id) == replace(ready, version=ready.version + 2)
    assert search(images, owner, "dog, person=2") == [ready.id]
    check_consistency()


def test_restore_of_ready_image_changes_nothing(library: Library, images: Images, owner: str, ready: Image) -> None:
    assert not library.restore(owner, ready.id)
    assert images.get_image(owner, ready.id) == ready


def test_purge_of_trashed_image_leaves_a_tombstone_and_no_object(
    library: Library, images: Images, objects: Objects, owner: str, ready: Image, check_consistency: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)

    library.purge(owner, ready.id)

    assert images.find_image(owner, ready.id) == replace(make_tombstone(ready), version=ready.version + 2)
    assert list_keys(objects) == []
    check_consistency()


def test_purge_whose_objects_cannot_be_deleted_succeeds(
    library: Library, images: Images, objects: Objects, owner: str, ready: Image
) -> None:
    library.trash(owner, ready.id)

    with before_call(objects, "delete", fail):
        library.purge(owner, ready.id)

    with pytest.raises(ImageNotFound):
        images.get_image(owner, ready.id)


def test_purge_of_ready_image_raises_invalid_state(library: Library, images: Images, owner: str, ready: Image) -> None:
    with pytest.raises(InvalidState):
        library.purge(owner, ready.id)

    assert images.get_image(owner, ready.id) == ready


def test_purge_of_outdated_version_raises_invalid_state(
    library: Library, images: Images, owner: str, ready: Image
) -> None:
    library.trash(owner, ready.id)
    trashed = images.get_image(owner, ready.id)

    with pytest.raises(InvalidState):
        library.purge(owner, ready.id, version=trashed.version - 1)

    assert images.get_image(owner, ready.id) == trashed
    library.purge(owner, ready.id, version=trashed.version)


def test_operations_on_purged_image_raise_image_not_found(library: Library, owner: str, ready: Image) -> None:
    library.trash(owner, ready.id)
    library.purge(owner, ready.id)

    for operation in (library.trash, library.restore, library.purge):
        with pytest.raises(ImageNotFound):
            operation(owner, ready.id)


def test_purge_all_removes_trashed_images_and_explains_the_others(
    library: Library,
    images: Images,
    objects: Objects,
    owner: str,
    ready: Image,
    ingest_bytes: IngestBytes,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    trashed, other = ingest_bytes(photo + b"1"), ingest_bytes(photo + b"2")
    twin = ingest_bytes(photo + b"1")
    for each in (trashed, other):
        library.trash(owner, each.id)
    ids = [ready.id, twin.id, trashed.id, other.id, new_id(), "no id", ""]

    errors = library.purge_all(owner, ids)

    not_found = str(ImageNotFound())
    expected = [str(InvalidState("ready")), "None", not_found, "None", not_found, not_found, not_found]
    assert {each: str(error) for each, error in errors.items()} == dict(zip(ids, expected, strict=True))
    assert [each.id for each in images.find_images(owner, ids) if each.state is not ImageState.GONE] == [ready.id]
    assert {key.rpartition("/")[2] for key in list_keys(objects)} == {ready.id}
    check_consistency()


def test_purge_all_of_nothing_changes_nothing(library: Library, owner: str) -> None:
    assert library.purge_all(owner, []) == {}


def test_purge_all_with_concurrent_changes_purges_what_is_still_in_the_trash(
    library: Library,
    images: Images,
    rival: Services,
    owner: str,
    ready: Image,
    ingest_bytes: IngestBytes,
    photo: bytes,
    check_consistency: Callable[[], None],
) -> None:
    other = ingest_bytes(photo + b"1")
    for each in (ready, other):
        library.trash(owner, each.id)

    def write_first() -> None:
        rival.library.restore(owner, ready.id)
        rival.library.restore(owner, other.id)
        rival.library.trash(owner, other.id)

    with before_call(images, "purge", write_first):
        errors = library.purge_all(owner, [ready.id, other.id])

    assert {each: str(error) for each, error in errors.items()} == {
        ready.id: str(InvalidState("ready")),
        other.id: "None",
    }
    check_consistency()


def test_purge_versions_purges_only_these_versions(
    library: Library, images: Images, owner: str, ready: Image, check_consistency: Callable[[], None]
) -> None:
    library.trash(owner, ready.id)
    trashed = images.get_image(owner, ready.id)

    library.purge_versions(owner, {(ready.id, ready.version), (new_id(), 1)})
    before = images.get_image(owner, ready.id)
    library.purge_versions(owner, {(ready.id, trashed.version), (ready.id, ready.version)})

    assert before == trashed
    assert images.find_images(owner, [ready.id])[0].state is ImageState.GONE
    check_consistency()


def test_retag_of_ready_image_changes_its_tags_and_index(
    library: Library, images: Images, owner: str, ready: Image, check_consistency: Callable[[], None]
) -> None:
    changes = [TagChange("person", 1, removes=True), TagChange("beach", 1)]

    assert library.retag(owner, ready.id, changes)

    assert images.get_image(owner, ready.id).tags == {"dog": 1, "person": 1, "beach": 1}
    assert search(images, owner, "beach, person=1") == [ready.id]
    check_consistency()


def test_retag_without_change_writes_nothing(library: Library, images: Images, owner: str, ready: Image) -> None:
    assert not library.retag(owner, ready.id, [TagChange("cat", None, removes=True)])

    assert images.get_image(owner, ready.id) == ready


@pytest.mark.parametrize(
    ("state", "change", "error"),
    [(ImageState.TRASHED, TagChange("dog", 1), InvalidState), (ImageState.READY, TagChange("dog", 999), TooManyTags)],
)
def test_retag_that_raises_changes_nothing(
    library: Library,
    images: Images,
    owner: str,
    ready: Image,
    state: ImageState,
    change: TagChange,
    error: type[Exception],
) -> None:
    image = images.save(replace(ready, state=state), ready)

    with pytest.raises(error):
        library.retag(owner, ready.id, [change])

    assert images.get_image(owner, ready.id) == image


def test_retag_with_concurrent_write_is_retried(
    library: Library,
    images: Images,
    rival: Services,
    owner: str,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    def write_first() -> None:
        with suppress(ImageChanged):
            rival.images.save(replace(ready, name="renamed.jpg"), ready)

    with before_call(images, "save", write_first):
        library.retag(owner, ready.id, [TagChange("cat", 1)])

    after = images.get_image(owner, ready.id)
    assert (after.name, after.tags["cat"], after.version) == ("renamed.jpg", 1, ready.version + 2)
    check_consistency()


def test_retag_with_concurrent_write_at_every_try_raises_image_changed(
    library: Library,
    images: Images,
    rival: Services,
    owner: str,
    ready: Image,
    check_consistency: Callable[[], None],
) -> None:
    def write_first() -> None:
        current = rival.images.get_image(owner, ready.id)
        rival.images.save(replace(current, name=f"{current.version}.jpg"), current)

    with before_call(images, "save", write_first), pytest.raises(ImageChanged):
        library.retag(owner, ready.id, [TagChange("cat", 1)])

    after = images.get_image(owner, ready.id)
    assert (after.tags, after.version) == (ready.tags, ready.version + MAX_ATTEMPTS)
    check_consistency()


@pytest.mark.parametrize(
    ("old", "new", "tags"),
    [
        ("dog", "hound", {"hound": 1, "person": 2}),
        ("dog", "person", {"person": 3}),
        ("dog", "dog", {"dog": 1, "person": 2}),
    ],
)
def test_rename_tag_replaces_the_tag(
    library: Library, images: Images, owner: str, ready: Image, old: str, new: str, tags: dict[str, int]
) -> None:
    changed = library.rename_tag(owner, ready.id, old, new)

    assert images.get_image(owner, ready.id).tags == tags
    assert changed is (old != new)


def test_rename_tag_of_image_without_the_tag_changes_nothing(
    library: Library, images: Images, owner: str, ready: Image
) -> None:
    assert not library.rename_tag(owner, ready.id, "cat", "tiger")

    assert images.get_image(owner, ready.id) == ready
