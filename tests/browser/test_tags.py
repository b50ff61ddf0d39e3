import pytest
from playwright.sync_api import expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, for_everybody

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))


@pytest.fixture
def tagged(ada: Visitor) -> Visitor:
    """Ada at her tags: stop sign (2 photographs, 3 objects) and clock (1, 1)."""
    upload_tagged(ada)
    return ada


def upload_tagged(visitor: Visitor) -> None:
    visitor.upload(STREET, SIGN)
    expect(visitor.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(visitor.tile("sign.png: stop sign 1")).to_be_visible()
    visitor.go("/labels")
    expect(visitor.page.get_by_text("2 tags, 4 objects")).to_be_visible()


def test_tags_stand_by_frequency_and_lead_to_their_photographs(tagged: Visitor) -> None:
    lines = tagged.page.locator(".tag-line")
    expect(lines.nth(0)).to_contain_text("stop sign")
    expect(lines.nth(0)).to_contain_text("2 photographs")
    expect(lines.nth(0)).to_contain_text("3 objects")
    expect(lines.nth(1)).to_contain_text("1 photograph")

    tagged.page.get_by_label("Filter the tags").fill("CLO")
    expect(lines).to_have_count(1)
    tagged.page.get_by_role("link", name="clock").click()

    expect(tagged.page).to_have_url(f"{tagged.cloud.api_url}/?q=clock")
    expect(tagged.tile("street.png")).to_be_visible()
    expect(tagged.tile("sign.png")).to_have_count(0)


def test_a_tag_is_renamed_by_keyboard_alone(tagged: Visitor) -> None:
    tagged.page.get_by_role("button", name="Rename clock").focus()
    tagged.page.keyboard.press("Enter")
    form = tagged.page.get_by_role("dialog", name="Rename clock")
    form.get_by_label("New name").press("Control+a")
    tagged.page.keyboard.type("Station clock")
    expect(form).to_contain_text("1 photograph changes.")
    tagged.page.keyboard.press("Enter")

    expect(tagged.page.get_by_role("link", name="station clock")).to_be_visible()
    expect(tagged.page.get_by_role("link", name="clock", exact=True)).to_have_count(0)
    tagged.go("/")
    expect(tagged.tile("street.png: stop sign 2, station clock 1")).to_be_visible()


def test_merging_says_that_counts_add_up(tagged: Visitor) -> None:
    tagged.page.get_by_role("button", name="Rename clock").click()
    form = tagged.page.get_by_role("dialog", name="Rename clock")
    form.get_by_label("New name").fill("stop sign")
    expect(form).to_contain_text("There is a tag stop sign on 2 photographs already.")
    expect(form).to_contain_text("their counts add up")

    form.get_by_role("button", name="Merge").click()

    expect(tagged.page.get_by_text("1 tag, 4 objects")).to_be_visible()
    tagged.go("/")
    expect(tagged.tile("street.png: stop sign 3")).to_be_visible()


def test_a_name_that_no_tag_can_have_is_refused_and_stays(tagged: Visitor) -> None:
    tagged.expected = {422}
    tagged.page.get_by_role("button", name="Rename clock").click()
    form = tagged.page.get_by_role("dialog", name="Rename clock")

    form.get_by_label("New name").fill("a,b")

    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label("New name")).to_have_value("a,b")
    expect(form.get_by_role("button", name="Rename")).to_be_disabled()


def test_nobody_sees_somebody_elses_tags(tagged: Visitor, visit: Visit) -> None:
    other = visit()
    other.arrive()

    other.go("/labels")

    expect(other.page.get_by_role("heading", name="No tags yet")).to_be_visible()
    expect(tagged.page.get_by_role("link", name="clock")).to_be_visible()


@for_everybody
def test_tags_are_for_everybody(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.arrive()
    upload_tagged(visitor)
    visitor.look("tags")
    visitor.page.get_by_role("button", name="Rename clock").click()
    visitor.page.get_by_label("New name").fill("stop sign")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("1 photograph changes.")
    visitor.look("merge")
