from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.adapters.aws import months
from app.domain.images import ImageState, ImageSummary
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.fakes import image


def make(year: int, month: int = 1, *, plausible: bool = True) -> ImageSummary:
    taken = CaptureTime(datetime(year, month, 28), TimeSource.EXIF, plausible=plausible)  # noqa: DTZ001 - a local time
    return replace(image("o"), taken=taken)


def test_names_of_all_months_are_short_and_distinct() -> None:
    images = [make(year, month) for year in range(1826, 2101) for month in range(1, 13)]
    names = [months.tag_month(each) for each in [*images, make(2019, plausible=False)]]

    assert len({*names, "pk", "sk"}) == len(names) + 2
    assert {len(name.encode()) for name in names} == {2}
    assert [*months.read_tag_months(dict.fromkeys(names, 1))] == [each.month for each in images] + [""]


@pytest.mark.parametrize(
    ("taken", "key"),
    [
        (make(2019, 7), ("2019", "m07")),
        (make(1826, 12), ("1826", "m12")),
        (make(2106, 2, plausible=False), ("0000", "m00")),
    ],
)
def test_usage_counts_an_image_in_its_year_and_month(taken: ImageSummary, key: tuple[str, str]) -> None:
    assert (months.usage_year(taken), months.usage_month(taken)) == key

    year, month = key
    row = {"pk": "U#o", "sk": f"USAGE#{year}#3", "images": 2, "bytes": 3, month: 1}
    assert months.read_usage_months(str(row["sk"]), row) == {taken.month: 1}


def test_image_in_the_trash_keeps_its_month() -> None:
    trashed = replace(make(2019, 7), state=ImageState.TRASHED, trashed_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert (months.usage_year(trashed), months.usage_month(trashed)) == ("2019", "m07")


def test_usage_of_version_0_5_has_no_months() -> None:
    assert months.read_usage_months("USAGE#3", {"sk": "USAGE#3", "images": 2, "bytes": 3}) == {}
