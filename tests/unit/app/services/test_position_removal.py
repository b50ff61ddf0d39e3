import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

import detector.metadata.reader
from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.outbox import TRASH_LIFE
from app.domain.ports import Images, Objects, Outbox, OwnerPreferences
from app.domain.preferences import REMOVAL_DELAY_SECONDS
from app.domain.uploads import Upload
from app.services import outbox_worker as outbox_worker_module
from app.services.ingest import Ingest
from app.services.outbox_worker import OutboxWorker
from detector.metadata.values import Metadata
from tests.support.fakes import PHOTO_METADATA, Clock, image
from tests.support.uploads import MAX_BYTES

WITHOUT_POSITION = replace(PHOTO_METADATA, position=None)


@pytest.fixture
def located(images: Images, owner: str) -> list[Image]:
    """Three images with positions, one of them in the trash, and one without any metadata."""
    states = (ImageState.READY, ImageState.TRASHED, ImageState.READY)
    photos = [images.save(replace(image(owner, state, dog=1), metadata=PHOTO_METADATA)) for state in states]
    return [*photos, images.save(image(owner, dog=1))]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_worker_module, "REMOVAL_PAGE", 2)


def read_metadata(images: Images, photos: list[Image]) -> list[object]:
    return [images.get_image(photo.owner, photo.id).metadata for photo in photos]


@pytest.mark.parametrize("backend", ["aws", "local"])
def test_job_removes_the_positions_of_all_images(
    located: list[Image],
    images: Images,
    preferences: OwnerPreferences,
    outbox: Outbox,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    check_rows: Callable[[], None],
) -> None:
    preferences.choose(owner, remove_positions=True)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1

    outbox_worker.process(owner)

    assert read_metadata(images, located[:3]) == [WITHOUT_POSITION] * 3
    assert images.get_image(owner, located[3].id).version == 1  # it was not written
    assert preferences.get(owner).removal == ""
    assert outbox.lease(owner) == []
    check_rows()


@pytest.mark.parametrize("backend", ["aws", "local"])
def test_job_without_time_continues_with_the_next_page(
    located: list[Image],
    images: Images,
    preferences: OwnerPreferences,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
) -> None:
    preferences.choose(owner, remove_positions=True)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1
    answers = iter([True, True, False])

    outbox_worker.process(owner, lambda: next(answers, False))
    first = read_metadata(images, located).count(WITHOUT_POSITION)
    unfinished = preferences.get(owner)
    outbox_worker.process(owner)

    assert (first, unfinished.cursor is None, bool(unfinished.removal)) == (1, False, True)
    assert read_metadata(images, located[:3]) == [WITHOUT_POSITION] * 3
    assert preferences.get(owner).removal == ""


def test_job_of_an_owner_who_now_keeps_positions_changes_nothing(
    located: list[Image],
    images: Images,
    preferences: OwnerPreferences,
    outbox: Outbox,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
) -> None:
    preferences.choose(owner, remove_positions=True)
    preferences.choose(owner, remove_positions=False)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1

    outbox_worker.process(owner)

    assert read_metadata(images, located[:3]) == [PHOTO_METADATA] * 3
    assert outbox.lease(owner) == []


def test_job_ends_after_a_page_if_the_owner_now_keeps_positions(
    located: list[Image],
    images: Images,
    preferences: OwnerPreferences,
    outbox: Outbox,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
) -> None:
    preferences.choose(owner, remove_positions=True)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1
    questions = count()

    def has_time() -> bool:
        if next(questions) == 1:  # before the first page
            preferences.choose(owner, remove_positions=False)
        return True

    outbox_worker.process(owner, has_time)

    assert read_metadata(images, located).count(WITHOUT_POSITION) == 1
    assert outbox.lease(owner) == []


def test_job_does_not_extend_the_life_of_an_image_in_the_trash(
    images: Images,
    preferences: OwnerPreferences,
    outbox: Outbox,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
) -> None:
    trashed_at = datetime.now(UTC) - TRASH_LIFE + timedelta(hours=1)
    trashed = replace(image(owner, ImageState.TRASHED), metadata=PHOTO_METADATA, trashed_at=trashed_at)
    changed = images.save(trashed)
    preferences.choose(owner, remove_positions=True)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1
    outbox_worker.process(owner)

    clock.ahead += 3_600

    assert (owner, changed.id, 2) in {(row.owner, row.image_id, row.version) for row in outbox.lease(owner)}


def test_job_skips_an_image_that_is_purged_meanwhile(
    located: list[Image],
    images: Images,
    preferences: OwnerPreferences,
    outbox_worker: OutboxWorker,
    owner: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    preferences.choose(owner, remove_positions=True)
    clock.ahead += REMOVAL_DELAY_SECONDS + 1
    find_images = images.find_images

    def purge_first(*arguments: object) -> list[Image]:
        found = find_images(*arguments)  # type: ignore[arg-type]  # passed on
        images.purge([photo for photo in found if photo.state is ImageState.TRASHED])
        return found

    monkeypatch.setattr(images, "find_images", purge_first)

    outbox_worker.process(owner)

    assert read_metadata(images, [located[0], located[2]]) == [WITHOUT_POSITION] * 2
    assert preferences.get(owner).removal == ""


@pytest.mark.parametrize("is_chosen", [True, False])
def test_ingest_and_redetection_apply_the_choice(
    images: Images,
    ingest: Ingest,
    preferences: OwnerPreferences,
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    is_chosen: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(detector.metadata.reader, "read_metadata", lambda data: PHOTO_METADATA)
    preferences.choose(owner, remove_positions=is_chosen)
    expected = WITHOUT_POSITION if is_chosen else PHOTO_METADATA
    pending = ingest.receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=MAX_BYTES)

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready.metadata == images.get_image(owner, ready.id).metadata == expected
    assert ingest.redetect(owner, ready.id).metadata == expected


@pytest.mark.parametrize("is_photo", [True, False])
def test_ingest_and_later_uploads_remove_the_position_of_the_sidecar(
    images: Images,
    objects: Objects,
    ingest: Ingest,
    preferences: OwnerPreferences,
    owner: str,
    photo: bytes,
    is_photo: bool,  # noqa: FBT001
) -> None:
    preferences.choose(owner, remove_positions=True)
    data = photo if is_photo else b"no photo"
    sidecar = Metadata(title="Tower", position=PHOTO_METADATA.position)
    pending, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=len(data), sidecar=sidecar)
    objects.claim(Rendition.INCOMING.key(owner, pending.id), Upload(data, "image/jpeg", "a.jpg"))

    image = ingest.ingest(owner, pending.id)
    ingest.duplicates.find_known(owner, hashlib.sha256(data).hexdigest(), sidecar)

    assert image
    stored = images.get_image(owner, pending.id)
    assert (image.sidecar, stored.sidecar) == (Metadata(title="Tower"), Metadata(title="Tower"))
    assert stored.metadata.position is None
