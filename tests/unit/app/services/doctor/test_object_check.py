import hashlib
from dataclasses import replace

import pytest

from app.domain.ids import DERIVED, Rendition, new_id
from app.domain.images import Image, ImageState, make_tombstone
from app.domain.messages import Message
from app.domain.uploads import Upload
from app.services.doctor import object_check
from app.services.doctor.findings import Finding
from tests.support.breakage import Breaker
from tests.support.doctor import Check, check
from tests.support.fakes import Clock
from tests.support.fakes import image as make
from tests.support.libraries import Library
from tests.support.stored_data import ON_AWS, before_call, unreadable


def test_check_of_an_intact_library_finds_nothing(
    library: Library, owner: str, photo: bytes, later: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_check, "BATCH", 2)
    for number in range(3):
        library.add_photo(owner, photo + bytes([number]))
    trashed = library.add_photo(owner, photo + b"trashed")
    library.services.library.trash(owner, trashed.id)
    library.add_photo(owner, b"not a photo")
    waiting = library.receive(owner, photo + b"waits")
    library.stores.queue.send([Message(owner, waiting.id).to_json()])  # moto's bucket sends no notification
    library.services.ingest.offer(owner, name="a.png", media_type="image/png", size=1)

    result = check(library, verify=True)

    assert [finding for finding in result.findings if not finding.is_note] == []
    assert (result.progress.libraries, result.progress.photos) == (1, 7)
    assert result.advanced > result.measured > 4 * len(photo)


@pytest.mark.parametrize("rendition", [Rendition.PREVIEW, Rendition.THUMBNAIL])
def test_missing_preview_or_thumbnail_is_made_again(
    library: Library, owner: str, ready: Image, breaker: Breaker, rendition: Rendition
) -> None:
    objects = library.list_objects(owner)
    breaker.lose_object(0, rendition)
    name = rendition.removesuffix("s").replace("-", " ")

    assert check(library).texts == [f"The {name} of the photo beach.jpg ({ready.id}) is missing or damaged."]
    [finding] = check(library, repair=True).findings

    assert finding.is_repaired
    assert library.list_objects(owner) == objects
    assert check(library).findings == []


def test_empty_preview_and_thumbnails_are_made_together(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    objects = library.list_objects(owner)
    for rendition in DERIVED:
        breaker.put_object(owner, ready.id, rendition, b"")

    result = check(library, repair=True)

    assert [finding.is_repaired for finding in result.findings] == [True, True, True]
    assert library.list_objects(owner) == objects


def test_damaged_preview_is_found_when_its_bytes_are_read(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    objects = library.list_objects(owner)
    breaker.put_object(owner, ready.id, Rendition.PREVIEW, objects[f"previews/{ready.id}"][:-9])
    assert check(library).findings == []

    [finding] = check(library, repair=True, verify=True).findings

    assert finding.is_repaired
    assert library.list_objects(owner) == objects


def test_unreadable_original_is_reported_and_the_check_continues(
    library: Library, owner: str, ready: Image, photo: bytes
) -> None:
    library.add_photo(owner, photo + b"2")

    with unreadable(library.services.objects, Rendition.ORIGINAL.key(owner, ready.id)):
        result = check(library, repair=True, verify=True)

    assert result.texts == [f"The file of the original of the photo beach.jpg ({ready.id}) cannot be read."]
    assert result.progress.photos == 2


def test_unreadable_preview_is_replaced(library: Library, owner: str, ready: Image) -> None:
    with unreadable(library.services.objects, Rendition.PREVIEW.key(owner, ready.id)):
        [finding] = check(library, repair=True, verify=True).findings

    assert finding.text == f"The preview of the photo beach.jpg ({ready.id}) is missing or damaged."
    assert finding.is_repaired


def test_missing_preview_of_an_unreadable_original_is_not_repaired(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_object(0, Rendition.PREVIEW)

    with unreadable(library.services.objects, Rendition.ORIGINAL.key(owner, ready.id)):
        [finding] = check(library, repair=True).findings

    assert finding.advice.startswith(f"PixTag cannot read the file objects/originals/{owner}/{ready.id}: Input/output")


def purge(library: Library, image: Image) -> None:
    """Purge a ready image. Later calls have no effect."""
    current = library.services.images.find_image(image.owner, image.id)
    if current and current.state is ImageState.READY:
        library.services.library.trash(image.owner, image.id)
        library.services.library.purge(image.owner, image.id)


def test_preview_of_a_photo_that_is_purged_meanwhile_is_deleted(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_object(0, Rendition.PREVIEW)

    with before_call(library.services.objects, "put_derived", lambda: purge(library, ready)):
        check(library, repair=True)

    assert library.list_objects(owner) == {}


def test_large_thumbnails_that_earlier_versions_did_not_make_are_one_note_until_the_repair(
    library: Library, owner: str, ready: Image, photo: bytes, breaker: Breaker
) -> None:
    library.add_photo(owner, photo + b"2")
    for _ in range(2):
        breaker.lose_object(0, Rendition.LARGE_THUMBNAIL)
    text = "Large thumbnails that PixTag 0.4 and earlier versions did not make: 2."

    first, second, last = check(library, verify=True), check(library, repair=True), check(library)

    advice = "Nothing is lost. `pixtag doctor --repair` makes them."
    assert first.findings == [Finding(owner, text, advice=advice, is_note=True)]
    assert first.progress.is_clean
    assert second.findings == [Finding(owner, text, is_repaired=True)]
    assert (second.progress.found, second.progress.is_clean) == (1, True)
    assert last.findings == []
    library.stored.check()


def test_large_thumbnail_that_cannot_be_made_is_a_difference(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_object(0, Rendition.LARGE_THUMBNAIL)
    breaker.lose_object(0, Rendition.ORIGINAL)

    original, thumbnail = check(library, repair=True).findings

    assert original.text == f"The original of the photo beach.jpg ({ready.id}) is missing."
    assert thumbnail.text == f"The large thumbnail of the photo beach.jpg ({ready.id}) is missing."
    assert (thumbnail.is_repaired, thumbnail.is_earlier) == (False, False)


def test_missing_original_is_reported_with_name_address_and_id(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_object(0, Rendition.ORIGINAL)
    breaker.lose_object(0, Rendition.PREVIEW)

    original, preview = check(library, repair=True, verify=True).findings

    assert original.text == f"The original of the photo beach.jpg ({ready.id}) is missing."
    assert original.advice == "Upload the same file again, restore it from a backup, or delete the photo in PixTag."
    assert (original.owner, original.is_repaired) == (owner, False)
    assert preview.advice == "They can be made only from the original as it was uploaded."
    assert library.services.images.get_image(owner, ready.id) == ready


def test_altered_original_is_reported_and_kept(library: Library, owner: str, ready: Image, breaker: Breaker) -> None:
    original = library.list_objects(owner)[f"originals/{ready.id}"]
    breaker.put_object(owner, ready.id, Rendition.ORIGINAL, original + b"!")
    assert check(library, repair=True).texts == [
        f"The original of the photo beach.jpg ({ready.id}) has another size than the upload."
    ]
    breaker.put_object(owner, ready.id, Rendition.ORIGINAL, original[:-1] + b"!")
    breaker.lose_object(0, Rendition.PREVIEW)
    assert check(library).texts == [f"The preview of the photo beach.jpg ({ready.id}) is missing or damaged."]

    preview, altered = check(library, repair=True, verify=True).findings

    assert altered.text == f"The original of the photo beach.jpg ({ready.id}) is not the file that was uploaded."
    assert not preview.is_repaired
    assert library.list_objects(owner)[f"originals/{ready.id}"] == original[:-1] + b"!"


def test_preview_of_an_unreadable_original_is_not_repaired(library: Library, owner: str, breaker: Breaker) -> None:
    page = b"<html>"
    image = replace(make(owner), sha256=hashlib.sha256(page).hexdigest(), size=len(page))
    library.services.images.save(image)
    breaker.put_object(owner, image.id, Rendition.ORIGINAL, page)
    for rendition in (Rendition.LARGE_THUMBNAIL, Rendition.THUMBNAIL):
        breaker.put_object(owner, image.id, rendition, page)

    [finding] = check(library, repair=True).findings

    assert not finding.is_repaired
    assert finding.advice.startswith("This is not a JPEG")


def test_repair_without_effect_is_no_repair(
    library: Library, owner: str, ready: Image, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker.lose_object(0, Rendition.PREVIEW)
    monkeypatch.setattr(library.services.objects, "put_derived", lambda *_: None)

    [finding] = check(library, repair=True).findings

    assert not finding.is_repaired


def test_photo_without_an_image_returns_to_the_library(
    library: Library, owner: str, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    image_id = new_id()
    breaker.put_object(owner, image_id, Rendition.ORIGINAL, photo)

    assert check(library).texts == [f"The files of the photo {image_id} are stored, but it is not in the library."]
    assert check(library, repair=True).progress.is_clean

    assert library.services.images.get_image(owner, image_id).state is ImageState.READY
    library.stored.check()


def test_new_objects_without_an_image_are_no_fault(library: Library, owner: str, photo: bytes) -> None:
    library.services.objects.claim(Rendition.ORIGINAL.key(owner, new_id()), Upload(photo, "image/jpeg", "a.jpg"))

    assert check(library).findings == []


@ON_AWS
def test_objects_with_other_keys_are_ignored(library: Library, owner: str, breaker: Breaker, later: Clock) -> None:
    breaker.put_object(owner, "notes.txt", Rendition.ORIGINAL, b"text")

    assert check(library).findings == []


def test_unknown_copy_of_a_photo_is_removed(
    library: Library, owner: str, ready: Image, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    objects = library.list_objects(owner)
    image_id = new_id()
    breaker.put_object(owner, image_id, Rendition.ORIGINAL, photo)

    assert check(library, repair=True).progress.is_clean

    assert library.list_objects(owner) == objects
    assert library.services.images.get_image(owner, image_id) == ready


def test_unknown_copy_of_a_photo_restores_its_missing_original(
    library: Library, owner: str, ready: Image, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    objects = library.list_objects(owner)
    breaker.lose_object(0, Rendition.ORIGINAL)
    breaker.put_object(owner, new_id(), Rendition.ORIGINAL, photo)

    check(library, repair=True)

    assert library.list_objects(owner) == objects
    assert check(library).findings == []


def test_unknown_copy_of_a_photo_with_an_altered_original_is_kept(
    library: Library, owner: str, ready: Image, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    breaker.put_object(owner, ready.id, Rendition.ORIGINAL, photo[:-1] + b"!")
    image_id = new_id()
    breaker.put_object(owner, image_id, Rendition.INCOMING, photo)

    [finding] = check(library, repair=True).findings

    assert finding.advice == f"It has the bytes that the photo {ready.id} had before its original was changed."
    assert library.list_objects(owner)[f"incoming/{image_id}"] == photo


def test_preview_without_an_original_and_a_row_is_reported_and_kept(
    library: Library, owner: str, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    image_id = new_id()
    breaker.put_object(owner, image_id, Rendition.PREVIEW, photo)

    [finding] = check(library, repair=True).findings

    assert finding.text.startswith(f"A preview or thumbnail of the photo {image_id} is stored")
    assert not finding.is_repaired
    assert library.list_objects(owner) == {f"previews/{image_id}": photo}


def test_upload_without_a_message_gets_one(
    library: Library, owner: str, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    image = library.receive(owner, photo)
    breaker.lose_messages()

    [finding] = check(library, repair=True).findings

    assert finding.text == f"The upload of the photo beach.jpg ({image.id}) has no message for the worker."
    assert finding.is_repaired
    assert all(finding.is_note for finding in check(library).findings)


@ON_AWS
def test_upload_is_only_noted_while_other_messages_wait(
    library: Library, owner: str, photo: bytes, later: Clock
) -> None:
    image = library.receive(owner, photo)
    library.stores.queue.send(["{}"])

    result = check(library, repair=True)

    [finding] = result.findings
    assert finding.text.startswith(f"The upload of the photo beach.jpg ({image.id}) waits. It is not known whether")
    assert finding.is_note
    assert result.progress.is_clean


def test_objects_of_a_purged_photo_are_deleted_unless_the_worker_will_do_so(
    library: Library, owner: str, ready: Image, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    library.services.library.trash(owner, ready.id)
    library.services.library.purge(owner, ready.id)
    breaker.put_object(owner, ready.id, Rendition.ORIGINAL, photo)
    breaker.lose_messages()
    assert check(library).findings == []
    breaker.lose_outbox()

    assert check(library).texts == [f"The files of the photo {ready.id} remain, although it was deleted permanently."]
    assert check(library, repair=True).progress.is_clean

    assert library.list_objects(owner) == {}


def test_photo_that_is_purged_during_the_check_has_no_fault(library: Library, owner: str, ready: Image) -> None:
    with before_call(library.stores.objects, "list_entries", lambda: purge(library, ready)):
        assert check(library).findings == []


def test_photo_whose_state_changes_between_two_looks_has_no_fault(
    library: Library, owner: str, photo: bytes, breaker: Breaker, later: Clock
) -> None:
    image = library.receive(owner, photo)
    breaker.lose_messages()

    def bury() -> None:
        library.services.images.save(make_tombstone(image), image)
        breaker.lose_outbox()  # the worker would remove the objects

    with before_call(library.stores.row_checks, "list_busy", bury):
        assert check(library).findings == []


def test_account_that_is_deleted_during_the_check_has_no_faults(
    library: Library, owner: str, ready: Image, breaker: Breaker
) -> None:
    breaker.lose_object(0, Rendition.PREVIEW)
    result = Check()

    result.run(library.services, repair=True, act=lambda _: library.services.outbox.put_account_deletion(owner))

    assert result.findings == []
