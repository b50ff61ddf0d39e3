"""The web UI of a PixTag on a small disk, which another program fills."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from app.adapters.local.disk import EDIT_RESERVE_BYTES, UPLOAD_RESERVE_BYTES
from infra.local.pixtag import PixTag, run_pixtag
from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes
from tests.support.small_disk import MIB, filled, small_disk

SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
REFUSED_MS = 10_000  # as in static/src/library/storage-monitor.ts


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of 100 MiB, which other programs can fill."""
    with small_disk(tmp_path_factory.mktemp("small") / "disk", 100 * MIB) as folder:
        yield folder


@pytest.fixture(scope="module")
def pixtag(disk: Path) -> Iterator[PixTag]:
    """PixTag whose data folder is on `disk`. Each test frees the space that it fills."""
    with run_pixtag(disk / "data", log=disk.with_name("pixtag.log")) as pixtag:
        yield pixtag


def notice(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("status").filter(has_text="The disk of this PixTag is")


def test_notice_appears_after_a_refused_upload_and_disappears_with_space(ada: Visitor, disk: Path) -> None:
    ada.expected = {507}
    ada.page.clock.install()
    with filled(disk, UPLOAD_RESERVE_BYTES - 4 * MIB):
        ada.upload(SIGN)
        expect(notice(ada)).to_contain_text("almost full. You can't upload photos.")
        expect(ada.page.get_by_role("region", name="Uploads")).to_contain_text("The disk of this PixTag is full")
    ada.page.clock.fast_forward(REFUSED_MS)

    expect(notice(ada)).to_have_count(0)
    ada.page.get_by_role("button", name="Try again: sign.png").click()
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()


def test_library_on_a_full_disk_can_be_read_and_deleted_but_not_edited(ada: Visitor, disk: Path) -> None:
    ada.expected = {507}
    page = ada.page
    page.clock.install()
    ada.upload(SIGN, CLOCK)
    ada.tile("sign.png: stop sign 1").wait_for()
    ada.tile("clock.png: clock 1").wait_for()
    with filled(disk, EDIT_RESERVE_BYTES - 4 * MIB):
        ada.go("/alerts")
        expect(notice(ada)).to_contain_text("You can view and delete photos, but not upload or edit them.")
        page.get_by_role("link", name="Library", exact=True).click()
        ada.tile("clock.png: clock 1").click()
        expect(page.get_by_role("img", name="clock.png").first).to_be_visible()
        page.keyboard.press("Delete")
        expect(ada.tile("clock.png: clock 1")).to_have_count(0)
        ada.go("/trash")
        expect(ada.tile("clock.png: clock 1")).to_be_visible()
    page.clock.fast_forward(REFUSED_MS)

    expect(notice(ada)).to_have_count(0)


def test_notice_says_that_nothing_can_be_stored_while_a_folder_is_missing(ada: Visitor, disk: Path) -> None:
    ada.expected = {503}
    read_only = ada.page.get_by_role("status").filter(has_text="PixTag can't write to its disk.")
    folder = disk / "data" / "objects" / "tmp"
    away = folder.rename(folder.with_name("away"))

    ada.upload(SIGN)
    expect(read_only).to_be_visible()

    away.rename(folder)
    expect(read_only).to_have_count(0, timeout=30_000)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible(timeout=60_000)


@all_sizes
def test_notice_and_free_space_are_accessible(visit: Visit, disk: Path, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    with filled(disk, EDIT_RESERVE_BYTES - 4 * MIB):
        visitor.go("/account")
        expect(visitor.page.get_by_role("region", name="Usage")).to_contain_text("MB free on the disk of this PixTag")
        expect(notice(visitor)).to_be_visible()
        visitor.check("full-disk-account")
        visitor.go("/")
        expect(notice(visitor)).to_be_visible()
        visitor.check("full-disk-library")
