from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from app.adapters.local.images import SqliteImages
from app.domain.images import Image
from tests.browser.conftest import DRAWN, Visit, Visitor, all_sizes

PHOTOS = ("street.png", "sign.png", "clock.png")
MANY = 130


@pytest.fixture
def three(ada: Visitor) -> Visitor:
    """Ada with three photos of a dog."""
    ada.fill(*PHOTOS, dog=1)
    expect(ada.tile("clock.png: dog 1")).to_be_visible()
    return ada


def dialog(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


def undo_button(visitor: Visitor) -> Locator:
    """Return the button in the bar at the top."""
    return visitor.page.get_by_role("banner").get_by_role("button", name="Undo")


def edit_all(visitor: Visitor, action: str, fill: Callable[[Locator], object] = lambda form: None) -> None:
    """Select all photos, and apply an action of the toolbar to them."""
    visitor.page.evaluate(DRAWN)  # the keys work soon after the photos are shown
    visitor.page.keyboard.press("Control+a")
    visitor.choose(action)
    form = dialog(visitor, action)
    fill(form)
    form.locator("[type=submit]").click()
    expect(form).to_have_count(0)
    expect(visitor.page.get_by_role("toolbar", name="Selection")).to_have_count(0)


def add_beach(form: Locator) -> None:
    form.get_by_label("Tag 1", exact=True).fill("beach")


def rename_dog(form: Locator) -> None:
    form.get_by_label("Tag", exact=True).fill("dog")
    form.get_by_label("New name").fill("beach")


def change_behind_the_scenes(visitor: Visitor, image: Image) -> None:
    """Change a photo as another tab would, without a visible difference."""
    table = SqliteImages(visitor.accounts.database)
    current = table.get_image(image.owner, image.id)
    table.save(current, current)


def test_changes_are_undone_latest_first_by_message_keys_and_button(three: Visitor) -> None:
    edit_all(three, "Add tags", add_beach)
    edit_all(three, "Rename a tag", rename_dog)
    edit_all(three, "Change dates", lambda form: form.get_by_label("Date", exact=True).fill("2019-07-28"))
    expect(three.page.get_by_role("heading", name="28 July 2019")).to_be_visible()
    expect(three.tile("sign.png: beach 2")).to_be_visible()

    three.page.get_by_label("Messages").get_by_role("button", name="Undo").last.click()
    expect(three.page.get_by_role("heading", name="28 July 2019")).to_have_count(0)
    three.page.keyboard.press("Control+z")
    expect(three.tile("sign.png: beach 1, dog 1")).to_be_visible()
    undo_button(three).click()

    expect(three.tile("sign.png: dog 1")).to_be_visible()
    expect(undo_button(three)).to_have_count(0)
    three.page.reload()
    expect(three.tile("street.png: dog 1")).to_be_visible()
    expect(three.page.get_by_role("heading", name="28 July 2019")).to_have_count(0)


def test_photo_that_changed_since_is_listed_and_stays(ada: Visitor) -> None:
    _, sign, _ = ada.fill(*PHOTOS, dog=1)
    expect(ada.tile("clock.png: dog 1")).to_be_visible()
    edit_all(ada, "Add tags", add_beach)
    change_behind_the_scenes(ada, sign)

    undo_button(ada).press("Enter")

    result = dialog(ada, "Undo")
    expect(result).to_contain_text("2 photos restored.")
    expect(result).to_contain_text("1 photo was changed since then, and stays as it is:")
    result.get_by_role("link", name="sign.png").click()
    expect(dialog(ada, "sign.png")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.tile("street.png: dog 1")).to_be_visible()
    expect(ada.tile("sign.png: beach 1, dog 1")).to_be_visible()


def test_merge_of_tags_and_restored_photos_are_undone(three: Visitor) -> None:
    edit_all(three, "Add tags", add_beach)
    three.go("/labels")
    three.page.get_by_role("button", name="Rename beach").click()
    form = dialog(three, "Rename beach")
    form.get_by_label("New name").fill("dog")
    expect(form).to_contain_text("You can undo this for an hour.")
    form.get_by_role("button", name="Merge tags").click()
    expect(three.page.get_by_text("1 tag, 6 objects")).to_be_visible()
    three.page.keyboard.press("Control+z")
    expect(three.page.get_by_text("2 tags, 6 objects")).to_be_visible()

    three.go("/")
    expect(three.tile("sign.png: beach 1, dog 1")).to_be_visible()
    edit_all(three, "Move to trash")
    three.go("/trash")
    three.page.get_by_role("button", name="Restore all").click()
    dialog(three, "Restore photos").get_by_role("button", name="Restore").click()
    expect(three.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    three.page.keyboard.press("Control+z")
    expect(three.tile("sign.png")).to_be_visible()


def test_large_change_shows_the_progress_of_its_undo(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    expect(ada.tile(f"{MANY - 1}.jpg: dog 1")).to_be_visible()
    ada.page.evaluate(DRAWN)
    ada.page.keyboard.press("Control+a")
    ada.page.get_by_role("toolbar", name="Selection").get_by_role("button", name="Select the whole library").click()
    edit_all(ada, "Move to trash")
    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()

    undo_button(ada).click()

    expect(dialog(ada, "Undo").get_by_role("progressbar")).to_be_visible()
    expect(ada.page.get_by_label("Messages")).to_contain_text(f"{MANY} photos restored.")
    ada.page.reload()
    expect(ada.tile(f"{MANY - 1}.jpg: dog 1")).to_be_visible()


@all_sizes
def test_undo_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    _, sign, _ = visitor.fill(*PHOTOS, dog=1)
    expect(visitor.tile("clock.png: dog 1")).to_be_visible()
    edit_all(visitor, "Add tags", add_beach)
    visitor.check("undo-button")
    change_behind_the_scenes(visitor, sign)

    undo_button(visitor).click()

    expect(dialog(visitor, "Undo")).to_contain_text("stays as it is")
    visitor.check("undo-result")
