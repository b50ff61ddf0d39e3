"""The library by capture time: its days, the jump to a month, both orders, and edits of dates."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, expect

from app.adapters.local.images import SqliteImages
from app.domain.ids import min_id_at
from app.domain.images import Image
from detector.metadata.values import CaptureTime, TimeSource
from tests.browser.conftest import DRAWN, PHONE, Visit, Visitor, all_sizes, wait_until
from tests.browser.touch import hold, lift
from tests.support.fakes import image

MONTHS = 240
MATCHES = 510  # more than a timeline counts
NEWEST = datetime(2019, 12, 5, 10)  # noqa: DTZ001 - the clock of the place


def month_before(time: datetime, months: int) -> datetime:
    """Return the same time a number of months earlier."""
    number = time.year * 12 + time.month - 1 - months
    return time.replace(year=number // 12, month=number % 12 + 1)


def fill(visitor: Visitor, *times: CaptureTime | None) -> list[Image]:
    """Add photos without files that were taken at these times, and were uploaded in the opposite order."""
    visitor.expected = {404}
    owner = visitor.accounts.admin.find_owner(visitor.email)
    table = SqliteImages(visitor.accounts.database)
    now = datetime.now(UTC)
    images = [
        replace(
            image(owner),
            id=min_id_at(now - timedelta(minutes=len(times) - number))[:-1] + "1",
            name=f"{number}.jpg" if time is None else f"{time.local:%Y-%m-%d}.jpg",
            width=400,
            height=300,
            taken=time,
        )
        for number, time in enumerate(times)
    ]
    with visitor.accounts.database.write():
        for each in images:
            table.save(each)
    visitor.show_changes()
    return images


def fill_years(visitor: Visitor) -> None:
    """Add a photo of each month of 20 years."""
    fill(visitor, *(CaptureTime(month_before(NEWEST, number), TimeSource.EXIF) for number in range(MONTHS)))
    expect(visitor.tile("2019-12-05.jpg")).to_be_visible()


def scrubber(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("slider", name="Date")


def heading(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("heading", name=name)


def top_of(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box
    return box["y"]


def test_scrubber_with_pointer_and_keys_jumps_to_months_and_loads_both_directions(ada: Visitor) -> None:
    fill_years(ada)
    slider = scrubber(ada)
    expect(slider).to_have_attribute("aria-valuetext", "December 2019, 1 photo")
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"]

    ada.page.mouse.move(x, y + 5)
    ada.page.mouse.down()
    ada.page.mouse.move(x, y + box["height"] / 2, steps=4)
    expect(slider).to_contain_text("December 2009")
    ada.page.mouse.up()

    middle = ada.tile("2009-12-05.jpg")
    expect(middle).to_be_visible()
    expect(ada.page.locator(".tile")).not_to_have_count(0)
    expect(slider).to_have_attribute("aria-valuetext", "December 2009, 1 photo")
    before = top_of(middle)
    ada.page.mouse.move(600, 400)
    ada.page.mouse.wheel(0, -400)
    expect(ada.tile("2010-01-05.jpg")).to_be_in_viewport(ratio=1)
    wait_until(ada.page, lambda: abs(top_of(middle) - before - 400) <= 2, "the page is scrolled by 400 px")

    slider.focus()
    ada.page.keyboard.press("PageDown")
    expect(ada.tile("2009-01-05.jpg")).to_be_visible()
    ada.page.keyboard.press("End")
    expect(ada.tile("2000-01-05.jpg")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "January 2000, 1 photo")
    ada.page.get_by_role("link", name="Library", exact=True).click()
    expect(ada.tile("2019-12-05.jpg")).to_be_visible()
    expect(ada.page.get_by_text("Date taken")).to_be_in_viewport()


def test_home_key_shows_first_photo_when_first_page_is_not_loaded(ada: Visitor) -> None:
    fill_years(ada)
    scrubber(ada).focus()
    ada.page.keyboard.press("End")
    last = ada.tile("2000-01-05.jpg")
    expect(last).to_be_in_viewport()
    last.focus()

    ada.page.keyboard.press("Home")

    expect(ada.tile("2019-12-05.jpg")).to_be_in_viewport()


def test_scrubber_of_many_matches_says_where_the_counted_photos_end(ada: Visitor) -> None:
    fill(ada, *(CaptureTime(month_before(NEWEST, number // 100), TimeSource.EXIF) for number in range(MATCHES)))
    ada.go("/?q=!dog")

    scrubber(ada).press("End")

    expect(scrubber(ada)).to_have_attribute("aria-valuetext", re.compile(r"^August 2019 and older, 100\+ photos"))


def test_library_in_order_of_uploads_is_remembered(ada: Visitor) -> None:
    fill_years(ada)

    ada.page.get_by_text("Date added").click()
    expect(heading(ada, "Today").or_(heading(ada, "Yesterday")).first).to_be_visible()
    expect(ada.tile("2000-01-05.jpg")).to_be_visible()
    expect(scrubber(ada)).to_have_count(0)
    ada.page.reload()

    expect(ada.tile("2000-01-05.jpg")).to_be_visible()
    ada.page.get_by_text("Date taken").click()
    expect(ada.tile("2019-12-05.jpg")).to_be_visible()


def test_headings_are_days_months_and_words_for_unusable_dates(ada: Visitor) -> None:
    fill(
        ada,
        None,
        CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True),  # noqa: DTZ001
        *(CaptureTime(datetime(2018, 5, day, 12), TimeSource.EXIF) for day in (1, 9)),  # noqa: DTZ001
        CaptureTime(datetime(2106, 2, 7, 6, 28, 15), TimeSource.EXIF, plausible=False),  # noqa: DTZ001
    )

    expect(ada.page.get_by_role("heading", level=2)).to_have_text(
        [
            "No date: added today, 1 photo",
            "Sun 28 July 2019, 1 photo",
            "May 2018, 2 photos",
            "Dates that can't be right, 1 photo",
        ]
    )


def test_headings_of_scrolled_list_are_above_their_photos_and_stay_below_bar(ada: Visitor) -> None:
    fill_years(ada)

    scrubber(ada).press("PageDown")

    photo = ada.tile("2018-12-05.jpg")
    expect(photo).to_be_visible()
    photo_top = top_of(photo)
    assert top_of(heading(ada, "Wed 5 December 2018")) < photo_top < top_of(heading(ada, "Mon 5 November 2018"))
    bar_bottom = top_of(heading(ada, "Wed 5 December 2018"))
    ada.page.mouse.move(600, 400)
    ada.page.mouse.wheel(0, 60)
    wait_until(ada.page, lambda: abs(photo_top - top_of(photo) - 60) <= 2, "the page is scrolled by 60 px")
    assert abs(top_of(heading(ada, "Wed 5 December 2018")) - bar_bottom) <= 2


def test_printed_list_has_headings_above_their_photos(ada: Visitor) -> None:
    fill(ada, *(CaptureTime(month_before(NEWEST, number // 3), TimeSource.EXIF) for number in range(9)))

    ada.page.emulate_media(media="print")

    parts = ada.page.locator(".grid-heading, .tile").evaluate_all(
        """all => all.map((each) => {
            const { top, bottom } = each.getBoundingClientRect();
            return [each.classList.contains("grid-heading"), top, bottom];
        })"""
    )
    assert [is_heading for is_heading, _, _ in parts] == [True, False, False, False] * 3
    for (is_heading, _, above), (is_next_heading, top, _) in itertools.pairwise(parts):
        assert above <= top or not (is_heading or is_next_heading)


def test_date_in_panel_when_changed_moves_photo_until_reset_or_undone(ada: Visitor) -> None:
    fill(ada, CaptureTime(NEWEST, TimeSource.NAME), CaptureTime(month_before(NEWEST, 1), TimeSource.EXIF))
    ada.tile("2019-12-05.jpg").click()
    panel = ada.page.get_by_role("complementary", name="Photo details")
    dialog = ada.page.get_by_role("dialog", name="Change date")

    panel.get_by_role("button", name="Change date").click()
    expect(dialog).to_contain_text("5 Dec 2019, 10:00, from the file name")
    dialog.get_by_label("Date").fill("1825-01-01")
    expect(dialog).to_contain_text("between 1826 and tomorrow")
    expect(dialog.get_by_role("button", name="Save date")).to_be_disabled()
    dialog.get_by_label("Date").fill("2001-02-03")
    dialog.get_by_label("Time").fill("")
    ada.page.keyboard.press("Enter")

    expect(panel).to_contain_text("3 Feb 2001")
    expect(panel).to_contain_text("set by you")
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("heading", level=2)).to_have_text(
        ["Tue 5 November 2019, 1 photo", "Sat 3 February 2001, 1 photo"]
    )
    ada.tile("2019-12-05.jpg").click()
    panel.get_by_role("button", name="Change date").click()
    dialog.get_by_role("button", name="Use the date of the file").click()

    expect(panel).to_contain_text("5 Dec 2019")
    expect(panel).to_contain_text("from the file name")  # it has no other date, because it has no file
    undo = ada.page.get_by_role("button", name="Undo").last
    undo.click()
    expect(panel).to_contain_text("3 Feb 2001")
    expect(panel).to_contain_text("set by you")
    undo.click()
    expect(panel).to_contain_text("5 Dec 2019")
    expect(panel).to_contain_text("from the file name")


def test_dates_of_selection_are_shifted_after_preview(ada: Visitor) -> None:
    fill(
        ada,
        CaptureTime(NEWEST, TimeSource.EXIF),
        CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True),  # noqa: DTZ001
    )
    expect(ada.tile("2019-12-05.jpg")).to_be_visible()
    ada.page.evaluate(DRAWN)  # the keys work soon after the photos are shown
    ada.page.keyboard.press("Control+a")

    ada.page.get_by_role("button", name="Change dates").click()
    dialog = ada.page.get_by_role("dialog", name="Change dates")
    dialog.get_by_text("Shift").click()
    dialog.get_by_label("Direction").select_option("Earlier")
    dialog.get_by_label("Days").fill("1")
    dialog.get_by_label("Hours").fill("11")
    preview = dialog.get_by_role("region", name="Preview")
    expect(preview.get_by_role("listitem").first).to_contain_text("5 Dec 2019, 10:00 →becomes 3 Dec 2019, 23:00")
    expect(preview.get_by_role("listitem").last).to_contain_text("Shift it by whole days only.")
    expect(dialog).to_contain_text("1 photo will change.")
    dialog.get_by_role("button", name="Change dates").click()

    expect(dialog).to_contain_text("1 photo changed, 1 failed")
    dialog.get_by_role("button", name="Close").last.click()
    expect(ada.page.get_by_role("heading", level=2)).to_have_text(
        ["Tue 3 December 2019, 1 photo", "Sun 28 July 2019, 1 photo"]
    )
    ada.page.get_by_role("button", name="Change dates").click()
    dialog.get_by_text("From files").click()
    expect(preview.get_by_role("listitem")).to_contain_text(["3 Dec 2019, 23:00 →becomes 5 Dec 2019"])
    dialog.get_by_role("button", name="Change dates").click()
    expect(ada.page.get_by_role("heading", level=2)).to_have_text(
        ["Thu 5 December 2019, 1 photo", "Sun 28 July 2019, 1 photo"]
    )


def test_photos_of_this_day_lead_to_their_days(ada: Visitor) -> None:
    today = datetime.now().replace(hour=12, microsecond=0)  # noqa: DTZ005 - the clock of the browser
    years = [today - timedelta(days=days) for days in (365 * 4 + 1, 365 * 8 + 2)]
    fill(ada, *(CaptureTime(time, TimeSource.EXIF) for time in (*years, years[0] - timedelta(days=3))))

    memories = ada.page.get_by_role("region", name="On this day")
    expect(memories.get_by_role("link")).to_have_text(["4 years ago", "8 years ago"])
    memories.get_by_role("link", name="8 years ago").click()

    expect(ada.page.locator(".search-count")).to_have_text("1 photo")
    expect(ada.page.get_by_label("Search photos")).to_have_value(f"taken:{years[1]:%Y-%m-%d}")


def select(visitor: Visitor, name: str, size: tuple[int, int]) -> None:
    """Select the first photo: with a long press on a phone, which shows no check marks before."""
    check = visitor.page.get_by_role("checkbox", name=f"Select {name}")
    if size != PHONE:
        check.click()
        return
    expect(visitor.tile(name)).to_be_in_viewport()
    tile = visitor.tile(name).bounding_box()
    assert tile
    touch = visitor.page.context.new_cdp_session(visitor.page)
    hold(touch, tile["x"] + tile["width"] / 2, tile["y"] + tile["height"] / 2)
    expect(check).to_be_checked()
    lift(touch)


@all_sizes
def test_screens_with_dates_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    fill_years(visitor)
    scrubber(visitor).focus()
    visitor.page.keyboard.press("PageDown")
    expect(visitor.tile("2018-12-05.jpg")).to_be_in_viewport()
    visitor.check("scrubber")
    visitor.tile("2018-12-05.jpg").click()
    if size == PHONE:
        visitor.page.get_by_role("button", name="Show details").click()
    visitor.page.get_by_role("button", name="Change date").click()
    expect(visitor.page.get_by_label("Time")).to_be_visible()
    visitor.check("date")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("dialog", name="Change date")).to_have_count(0)
    visitor.page.keyboard.press("Escape")
    select(visitor, "2018-12-05.jpg", size)
    visitor.choose("Change dates")
    visitor.page.get_by_text("Shift", exact=True).click()
    visitor.page.get_by_label("Days").fill("2")
    expect(visitor.page.get_by_role("region", name="Preview")).to_be_visible()
    visitor.check("dates")
