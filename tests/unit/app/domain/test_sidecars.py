from datetime import UTC, datetime, timedelta

import pytest

from app.domain.dates import choose_time, reset_date, set_date
from app.domain.metadata import NO_METADATA
from app.domain.sidecars import add_sidecar, clean_sidecar, receive_sidecar
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource
from tests.support.domain_images import make_image

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NIGHT = datetime(2019, 7, 28, 1, 3)  # noqa: DTZ001 - a local time
HOUR = timedelta(hours=1)
EXIF = CaptureTime(NIGHT, TimeSource.EXIF)
EXIF_IN_TOKYO = CaptureTime(NIGHT, TimeSource.EXIF, 9 * HOUR)
FILE = Metadata(
    taken=EXIF, camera_model="X-T4", title="IMG", description="", rating=2, keywords=("Tokyo", "night"), iso=200
)


def given(local: datetime, offset: timedelta | None = timedelta(), *, date_only: bool = False) -> CaptureTime:
    return CaptureTime(local, TimeSource.SIDECAR, offset, date_only=date_only)


def test_add_sidecar_prefers_its_values_and_joins_the_keywords() -> None:
    sidecar = Metadata(
        taken=given(NIGHT), title="Tower", rating=0, keywords=("Ann", "TOKYO"), position=Position(35.6, 139.7)
    )

    assert add_sidecar(FILE, sidecar) == Metadata(
        taken=EXIF,
        camera_model="X-T4",
        iso=200,
        title="Tower",
        rating=0,
        keywords=("Ann", "TOKYO", "night"),
        position=Position(35.6, 139.7),
    )


def test_add_sidecar_without_values_changes_nothing() -> None:
    assert add_sidecar(FILE, NO_METADATA) == FILE


def test_clean_sidecar_cleans_like_the_metadata_of_files() -> None:
    sidecar = Metadata(
        title=" A\n\x00B", description="One\r\ntwo\x07 ", keywords=("a", "A", " ", "b" * 101), position=Position(0, 0)
    )

    assert clean_sidecar(sidecar) == Metadata(title="A", description="One\ntwo", keywords=("a", "b" * 100))


def test_clean_sidecar_keeps_places_on_the_equator() -> None:
    sidecar = Metadata(position=Position(0, 6.5, 3.0))

    assert clean_sidecar(sidecar) == sidecar


@pytest.mark.parametrize(
    ("photo", "sidecar", "expected"),
    [
        (EXIF, given(NIGHT - 9 * HOUR), EXIF),
        (EXIF, given(NIGHT + 12 * HOUR), EXIF),
        (EXIF, given(NIGHT - timedelta(hours=5, minutes=45, seconds=2)), EXIF),
        (EXIF_IN_TOKYO, given(NIGHT - 9 * HOUR), EXIF_IN_TOKYO),
        (EXIF, given(NIGHT + timedelta(minutes=5)), given(NIGHT + timedelta(minutes=5))),
        (EXIF, given(NIGHT - timedelta(seconds=3)), given(NIGHT - timedelta(seconds=3))),
        (EXIF, given(NIGHT - timedelta(hours=14, minutes=15)), given(NIGHT - timedelta(hours=14, minutes=15))),
        (EXIF, given(NIGHT + timedelta(hours=12, minutes=15)), given(NIGHT + timedelta(hours=12, minutes=15))),
        (EXIF_IN_TOKYO, given(NIGHT - 8 * HOUR), given(NIGHT - 8 * HOUR)),
        (EXIF, given(NIGHT - HOUR, None), given(NIGHT - HOUR, None)),
        (EXIF, given(NIGHT, 2 * HOUR), given(NIGHT, 2 * HOUR)),
        (EXIF, given(NIGHT, date_only=True), given(NIGHT, date_only=True)),
        (CaptureTime(NIGHT, TimeSource.XMP, date_only=True), given(NIGHT), given(NIGHT)),
        (None, given(NIGHT), given(NIGHT)),
        (EXIF, None, EXIF),
    ],
)
def test_choose_time_takes_the_sidecar_unless_it_repeats_the_photo_in_utc(
    photo: CaptureTime | None, sidecar: CaptureTime | None, expected: CaptureTime
) -> None:
    image = make_image(metadata=Metadata(taken=photo), sidecar=Metadata(taken=sidecar))

    assert choose_time(image, NOW) == expected


def test_reset_date_returns_to_the_sidecar() -> None:
    image = make_image(metadata=Metadata(taken=EXIF), sidecar=Metadata(taken=given(NIGHT, None)))
    by_hand = set_date(image, EXIF, NOW)

    assert by_hand.taken
    assert by_hand.taken.source is TimeSource.PERSON
    assert reset_date(by_hand, NOW).taken == given(NIGHT, None)


def test_receive_sidecar_adds_to_an_earlier_one() -> None:
    image = receive_sidecar(
        make_image(metadata=FILE, taken=EXIF), Metadata(title="Tower", taken=given(NIGHT, None)), NOW
    )

    after = receive_sidecar(image, Metadata(title="Radio tower", keywords=("Ann",)), NOW)

    assert after.sidecar == Metadata(title="Radio tower", keywords=("Ann",), taken=given(NIGHT, None))
    assert (after.metadata.title, after.keyword_tags, after.taken) == (
        "Radio tower",
        ["ann", "tokyo", "night"],
        given(NIGHT, None),
    )
    assert receive_sidecar(after, Metadata(keywords=("Ann",)), NOW) == after


def test_receive_sidecar_without_values_returns_the_same_image() -> None:
    image = make_image(metadata=FILE)

    assert receive_sidecar(image, NO_METADATA, NOW) is image
