import pytest
from playwright.sync_api import expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))


@pytest.fixture
def tagged(ada: Visitor) -> Visitor:
    """Ada on the tags screen: stop sign (2 photos, 3 objects) and clock (1 photo, 1 object)."""
    upload_tagged(ada)
    return ada


def upload_tagged(visitor: Visitor) -> None:
    visitor.upload(STREET, SIGN)
    expect(visitor.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    visitor.go("/labels")
    expect(visitor.page.get_by_text("2 tags, 4 objects")).to_be_visible()


def test_tags_are_sorted_by_frequency_and_link_to_photos(tagged: Visitor) -> None:
    lines = tagged.page.locator(".tag-card")
    expect(lines.nth(0)).to_contain_text("stop sign")
    expect(lines.nth(0)).to_contain_text("2 photos")
    expect(lines.nth(0)).to_contain_text("3 objects")
    expect(lines.nth(1)).to_contain_text("1 photo")
    covers = tagged.page.locator(".tag-cover img")
    expect(covers).to_have_count(2)
    assert covers.evaluate_all("(all) => Promise.all(all.map((each) => each.decode())).then(() => 'decoded')")

    tagged.page.get_by_label("Filter tags").fill("CLO")
    expect(lines).to_have_count(1)
    tagged.page.get_by_role("link", name="clock").click()

    expect(tagged.page).to_have_url(f"{tagged.instance.url}/?q=clock")
    expect(tagged.tile("street.png")).to_be_visible()
    expect(tagged.tile("sign.png")).to_have_count(0)


def test_tag_with_keyboard_only_is_renamed(tagged: Visitor) -> None:
    tagged.page.get_by_role("button", name="Rename clock").focus()
    tagged.page.keyboard.press("Enter")
    form = tagged.page.get_by_role("dialog", name="Rename clock")
    form.get_by_label("New name").press("Control+a")
    tagged.page.keyboard.type("Station clock")
    expect(form).to_contain_text("1 photo will change.")
    tagged.page.keyboard.press("Enter")

    expect(tagged.page.get_by_role("link", name="station clock")).to_be_visible()
    expect(tagged.page.get_by_role("link", name="clock", exact=True)).to_have_count(0)
    tagged.go("/")
    expect(tagged.tile("street.png: stop sign 2, station clock 1")).to_be_visible()


def test_tag_renamed_to_existing_one_is_merged(tagged: Visitor) -> None:
    tagged.page.get_by_role("button", name="Rename clock").click()
    form = tagged.page.get_by_role("dialog", name="Rename clock")
    form.get_by_label("New name").fill("stop sign")
    expect(form).to_contain_text("The tag stop sign exists on 2 photos.")
    expect(form).to_contain_text("their counts are added")

    form.get_by_role("button", name="Merge tags").click()

    expect(tagged.page.get_by_text("1 tag, 4 objects")).to_be_visible()
    tagged.go("/")
    expect(tagged.tile("street.png: stop sign 3")).to_be_visible()


def test_tag_renamed_to_invalid_name_shows_error_and_keeps_input(tagged: Visitor) -> None:
    tagged.expected = {422}
    tagged.page.get_by_role("button", name="Rename clock").click()
    form = tagged.page.get_by_role("dialog", name="Rename clock")

    form.get_by_label("New name").fill("a,b")

    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label("New name")).to_have_value("a,b")
    expect(form.get_by_role("button", name="Rename tag")).to_be_disabled()


def test_tags_of_other_account_are_hidden(tagged: Visitor, visit: Visit) -> None:
    other = visit()
    other.start()

    other.go("/labels")

    expect(other.page.get_by_role("heading", name="No tags yet")).to_be_visible()
    expect(tagged.page.get_by_role("link", name="clock")).to_be_visible()


@all_sizes
def test_tags_screen_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    upload_tagged(visitor)
    visitor.check("tags")
    visitor.page.get_by_role("button", name="Rename clock").click()
    visitor.page.get_by_label("New name").fill("stop sign")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("1 photo will change.")
    visitor.check("merge")
