"""The capture time and the metadata of a photo in the panel."""

from dataclasses import replace
from datetime import datetime

import pytest
from playwright.sync_api import Locator, expect

from app.adapters.local.images import SqliteImages
from detector.metadata.values import CaptureTime, Metadata, TimeSource
from tests.browser.conftest import PHONE, Visit, Visitor, all_sizes
from tests.support.fakes import PHOTO_METADATA
from tests.support.sampling import sample

DATE = CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True)  # noqa: DTZ001 - a local time


def open_photo(visitor: Visitor, taken: CaptureTime | None, metadata: Metadata = PHOTO_METADATA) -> Locator:
    """Add a photo of a dog without a file, open it, and return its panel."""
    visitor.start()
    (photo,) = visitor.fill("tower.jpg", dog=1)
    table = SqliteImages(visitor.accounts.database)
    before = table.get_image(photo.owner, photo.id)
    table.save(replace(before, taken=taken, metadata=metadata), before)
    visitor.go(f"/photos/{photo.id}")
    panel = visitor.page.get_by_role("complementary", name="Photo details")
    if visitor.page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
        visitor.page.get_by_role("button", name="Show details").tap()
    expect(panel.get_by_text("Added", exact=True)).to_be_visible()
    return panel


def fact(panel: Locator, name: str) -> Locator:
    return panel.locator("dl > div").filter(has=panel.page.get_by_role("term").get_by_text(name, exact=True))


@pytest.mark.parametrize("zone", sample(["America/Los_Angeles", "Pacific/Kiritimati"], 2))
def test_panel_in_any_time_zone_shows_the_clock_of_the_place(visit: Visit, zone: str) -> None:
    panel = open_photo(visit(timezone_id=zone), PHOTO_METADATA.taken)

    expect(fact(panel, "Taken")).to_have_text("Taken28 Jul 2019, 01:03 +09:00from the camera")


def test_panel_of_date_without_time_shows_the_same_day_everywhere(visit: Visit) -> None:
    panel = open_photo(visit(timezone_id="Pacific/Honolulu"), DATE)

    expect(fact(panel, "Taken")).to_have_text("Taken28 Jul 2019from the file name")


def test_panel_in_another_language_writes_dates_as_its_browser(visit: Visit) -> None:
    panel = open_photo(visit(locale="fr-FR"), PHOTO_METADATA.taken)

    expect(fact(panel, "Taken")).to_contain_text("28 juil. 2019, 01:03 +09:00")


def test_panel_of_photo_without_date_says_so(visit: Visit) -> None:
    panel = open_photo(visit(), None, Metadata())

    expect(fact(panel, "Taken")).to_have_text("TakenUnknownthe time of the upload is used")
    expect(panel.get_by_role("heading", name="In the file")).to_have_count(0)


@all_sizes
def test_panel_shows_the_metadata_without_a_request_to_others(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    panel = open_photo(visitor, PHOTO_METADATA.taken)

    expect(fact(panel, "Camera")).to_contain_text("FUJIFILM X-T4")
    expect(fact(panel, "Exposure")).to_contain_text("1/250 s · f/2.8 · ISO 200 · 35 mm (53 mm equivalent)")
    expect(fact(panel, "Keywords")).to_contain_text("Tokyo · Night, blue")
    expect(panel.get_by_role("img", name="4 of 5 stars")).to_be_visible()
    link = panel.get_by_role("link", name="Show in OpenStreetMap")
    expect(link).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=35.65858&mlon=139.74543#map=15/35.65858/139.74543"
    )
    expect(link).to_have_attribute("rel", "noreferrer")
    link.scroll_into_view_if_needed()
    visitor.check("metadata")


def test_keyword_that_is_removed_can_be_restored(visit: Visit) -> None:
    visitor = visit()
    panel = open_photo(visitor, None)
    tags = panel.get_by_role("region", name="Tags", exact=True)
    row = tags.locator("li").filter(has_text="night blue")
    expect(row).to_contain_text("keyword in the file")

    tags.get_by_role("button", name="Remove night blue").click()
    restore = tags.get_by_role("button", name="Restore night blue")
    expect(restore).to_be_visible()
    expect(tags).to_have_attribute("aria-busy", "false")
    visitor.page.reload()
    restore.click()

    expect(row).to_contain_text("set by you")
