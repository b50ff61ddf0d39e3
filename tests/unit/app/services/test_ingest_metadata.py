from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import detector.metadata.file_names
import detector.metadata.reader
from app.domain.capture_times import format_capture_time
from app.domain.dates import parse_date, reset_date, set_date
from app.domain.edits import TagChange
from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.ports import Images, Objects
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from detector.metadata.values import CaptureTime, Metadata, TimeSource
from tests.support.fakes import PHOTO_METADATA, FakeDetector
from tests.support.uploads import MAX_BYTES, make_upload, search

IN_NAME = CaptureTime(datetime(2020, 2, 29), TimeSource.NAME, date_only=True)  # noqa: DTZ001 - a local time

Reader = Callable[[Metadata], None]


@pytest.fixture
def set_metadata(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Return a function that sets the metadata of all photos. Every name with a digit contains the date `IN_NAME`."""
    current = [PHOTO_METADATA]
    monkeypatch.setattr(detector.metadata.reader, "read_metadata", lambda data: current[0])
    monkeypatch.setattr(
        detector.metadata.file_names,
        "parse_file_name_time",
        lambda name: IN_NAME if any(map(str.isdigit, name)) else None,
    )
    return lambda metadata: current.__setitem__(0, metadata)


@pytest.fixture
def add(ingest: Ingest, owner: str, photo: bytes) -> Callable[[str], Image]:
    """Return a function that adds the photo with a file name."""

    def add(name: str) -> Image:
        pending = ingest.receive(owner, Upload(photo, "image/jpeg", name), max_bytes=MAX_BYTES)
        ready = ingest.ingest(owner, pending.id)
        assert ready
        return ready

    return add


def test_ingest_stores_the_metadata_and_its_keywords_as_tags(
    add: Callable[[str], Image],
    images: Images,
    owner: str,
    detector: FakeDetector,
    set_metadata: Reader,
    check_consistency: Callable[[], None],
) -> None:
    detector.sees = {"dog": 2}
    set_metadata(PHOTO_METADATA)

    ready = add("IMG_20200229.jpg")

    assert images.get_image(owner, ready.id) == ready
    assert (ready.metadata, ready.taken) == (PHOTO_METADATA, PHOTO_METADATA.taken)
    assert ready.tags == {"dog": 2, "tokyo": 1, "night blue": 1}
    assert search(images, owner, "night blue, dog>=2") == [ready.id]
    check_consistency()


@pytest.mark.parametrize(("year", "is_plausible"), [(1825, False), (1826, True), (2106, False)])
def test_ingest_judges_the_capture_time(
    add: Callable[[str], Image],
    images: Images,
    ingest: Ingest,
    owner: str,
    set_metadata: Reader,
    year: int,
    *,
    is_plausible: bool,
) -> None:
    taken = CaptureTime(datetime(year, 2, 7, 6, 28, 15), TimeSource.EXIF)  # noqa: DTZ001 - a local time
    set_metadata(Metadata(taken=taken))

    ready = add("a.jpg")

    assert ready.taken == replace(taken, plausible=is_plausible)
    assert images.get_image(owner, ready.id) == ready
    assert ingest.redetect(owner, ready.id).taken == ready.taken
    assert search(images, owner, f"taken:{year}") == ([ready.id] if is_plausible else [])


def test_redetection_keeps_the_date_of_a_person(
    add: Callable[[str], Image], images: Images, ingest: Ingest, library: Library, owner: str, set_metadata: Reader
) -> None:
    set_metadata(PHOTO_METADATA)
    ready = add("IMG_20200229.jpg")
    now = datetime.now(UTC)
    library.change_date(owner, ready.id, lambda image: set_date(image, parse_date("2018-01-01"), now))

    redetected = ingest.redetect(owner, ready.id)

    assert redetected.taken == images.get_image(owner, ready.id).taken == parse_date("2018-01-01")
    reset, _ = library.change_date(owner, ready.id, lambda image: reset_date(image, now))
    assert reset.taken == PHOTO_METADATA.taken


def test_ingest_of_photo_without_date_uses_the_time_of_the_file(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, set_metadata: Reader
) -> None:
    set_metadata(Metadata())
    modified_at = datetime.fromisoformat("2019-07-28T01:03:00.123+09:00")
    pending, _ = ingest.offer(
        owner, name="IMG_20200229.jpg", media_type="image/jpeg", size=len(photo), file_time=modified_at
    )
    objects.claim(Rendition.INCOMING.key(owner, pending.id), make_upload(photo))

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready.taken
    assert (format_capture_time(ready.taken), ready.taken.source) == ("2019-07-28T01:03:00+09:00", "file")
    redetected = ingest.redetect(owner, ready.id)
    assert images.get_image(owner, ready.id).taken == redetected.taken == ready.taken


@pytest.mark.parametrize(("name", "source"), [("IMG_20200229.jpg", TimeSource.NAME), ("beach.jpg", TimeSource.UPLOAD)])
def test_ingest_of_photo_without_date_uses_the_next_source(
    add: Callable[[str], Image], set_metadata: Reader, name: str, source: TimeSource
) -> None:
    set_metadata(Metadata(title="no date"))

    ready = add(name)

    assert ready.capture_time.source is source
    assert ready.taken == (IN_NAME if source is TimeSource.NAME else None)


def test_redetect_reads_the_metadata_again_and_keeps_removed_keywords_removed(
    add: Callable[[str], Image],
    ingest: Ingest,
    library: Library,
    owner: str,
    set_metadata: Reader,
    check_consistency: Callable[[], None],
) -> None:
    set_metadata(Metadata(keywords=("Tokyo", "Night")))
    ready = add("beach.jpg")
    library.retag(owner, ready.id, [TagChange("tokyo", None, removes=True)])
    set_metadata(replace(PHOTO_METADATA, keywords=("Tokyo", "Sea")))

    redetected = ingest.redetect(owner, ready.id)

    assert redetected.tags == {"sea": 1}
    assert (redetected.metadata.title, redetected.taken) == ("Tower", PHOTO_METADATA.taken)
    check_consistency()


SIDECAR = Metadata(
    taken=CaptureTime(datetime(2018, 1, 1), TimeSource.SIDECAR),  # noqa: DTZ001 - a local time
    title="Tower",
    keywords=("Ann",),
)


@pytest.fixture
def imported(ingest: Ingest, objects: Objects, owner: str, photo: bytes, set_metadata: Reader) -> Image:
    """A photo whose file has metadata, uploaded with a sidecar."""
    set_metadata(PHOTO_METADATA)
    pending, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=len(photo), sidecar=SIDECAR)
    objects.claim(Rendition.INCOMING.key(owner, pending.id), make_upload(photo))
    ready = ingest.ingest(owner, pending.id)
    assert ready
    return ready


def test_ingest_completes_the_metadata_with_the_sidecar(
    imported: Image, images: Images, owner: str, check_consistency: Callable[[], None]
) -> None:
    assert images.get_image(owner, imported.id) == imported
    assert (imported.taken, imported.metadata.taken) == (SIDECAR.taken, PHOTO_METADATA.taken)
    assert (imported.metadata.title, imported.metadata.camera) == ("Tower", PHOTO_METADATA.camera)
    assert imported.keyword_tags == ["ann", "tokyo", "night blue"]
    assert search(images, owner, "ann, tokyo, taken:2018") == [imported.id]
    check_consistency()


def test_redetection_and_repeated_ingest_keep_the_sidecar(imported: Image, ingest: Ingest, owner: str) -> None:
    redetected = ingest.redetect(owner, imported.id)
    again = ingest.ingest(owner, imported.id)

    assert again == redetected == replace(imported, version=redetected.version)


def test_retry_of_a_failed_photo_keeps_the_sidecar(
    ingest: Ingest, images: Images, objects: Objects, owner: str, photo: bytes, set_metadata: Reader
) -> None:
    set_metadata(PHOTO_METADATA)
    pending, _ = ingest.offer(owner, name="a.jpg", media_type="image/jpeg", size=len(photo), sidecar=SIDECAR)
    objects.claim(Rendition.INCOMING.key(owner, pending.id), make_upload(photo))
    assert ingest.give_up(owner, pending.id)

    retried = ingest.redetect(owner, pending.id)

    assert (retried.state, retried.metadata.title, retried.taken) == ("ready", "Tower", SIDECAR.taken)


@pytest.mark.parametrize("sends_hash", [True, False])
def test_image_with_the_same_bytes_receives_the_sidecar(
    add: Callable[[str], Image],
    ingest: Ingest,
    images: Images,
    objects: Objects,
    library: Library,
    owner: str,
    photo: bytes,
    set_metadata: Reader,
    check_consistency: Callable[[], None],
    sends_hash: bool,  # noqa: FBT001
) -> None:
    set_metadata(PHOTO_METADATA)
    known = add("a.jpg")
    library.trash(owner, known.id)

    if sends_hash:
        ingest.duplicates.find_known(owner, known.sha256, SIDECAR)
    else:
        pending, _ = ingest.offer(owner, name="b.jpg", media_type="image/jpeg", size=len(photo), sidecar=SIDECAR)
        objects.claim(Rendition.INCOMING.key(owner, pending.id), make_upload(photo))
        ingest.ingest(owner, pending.id)

    current = images.get_image(owner, known.id)
    assert (current.state, current.metadata.title, current.taken) == ("ready", "Tower", SIDECAR.taken)
    assert "ann" in current.tags
    check_consistency()
