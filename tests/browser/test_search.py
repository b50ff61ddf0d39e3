import pytest
from playwright.sync_api import Locator, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
BLANK = ("blank.png", scene())


@pytest.fixture
def library(ada: Visitor) -> Visitor:
    """Ada with four photos: two stop signs and a clock, one stop sign, one clock, and no objects."""
    fill(ada)
    return ada


def fill(visitor: Visitor) -> None:
    visitor.upload(STREET, SIGN, CLOCK, BLANK)
    for name in ("street.png: stop sign 2, clock 1", "sign.png: stop sign 1", "clock.png: clock 1"):
        expect(visitor.tile(name)).to_be_visible()
    expect(visitor.tile("blank.png: no tags")).to_be_visible()
    visitor.page.get_by_label("Uploads").get_by_role("button", name="Close").click()


def box(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("combobox", name="Search photos")


def option(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("option", name=name)


def chips(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("list", name="Search terms")


def count(visitor: Visitor) -> Locator:
    return visitor.page.locator(".search-count")


def test_search_box_while_typing_suggests_tags_with_numbers(library: Visitor) -> None:
    box(library).fill("st")
    expect(option(library, "stop sign 2 photos")).to_be_visible()
    library.screenshot("search-suggestions")

    option(library, "stop sign").click()

    expect(count(library)).to_have_text("2 photos")
    expect(library.page).to_have_url(f"{library.instance.url}/?q=stop%20sign")
    expect(library.page.get_by_role("listbox")).to_be_hidden()


def test_search_with_keyboard_only_finds_photos(library: Visitor) -> None:
    press = library.page.keyboard.press
    press("/")
    expect(option(library, "clock 2 photos")).to_be_visible()
    library.page.keyboard.type("sto")
    expect(option(library, "clock")).to_have_count(0)
    press("ArrowDown")
    expect(option(library, "stop sign")).to_have_attribute("aria-selected", "true")
    press("Tab")
    expect(box(library)).to_have_value("stop sign")
    library.page.keyboard.type(">=2, !bird|")
    expect(option(library, "clock")).to_be_visible()
    press("ArrowUp")
    press("Enter")

    expect(library.page).to_have_url(f"{library.instance.url}/?q=stop%20sign%3E%3D2%2C%20!bird%7Cstop%20sign")
    expect(count(library)).to_have_text("1 photo")
    press("/")
    expect(library.page.get_by_role("listbox")).to_be_visible()
    press("Escape")
    expect(library.page.get_by_role("listbox")).to_be_hidden()
    press("Escape")
    expect(box(library)).not_to_be_focused()


def test_chips_change_counts_negate_and_remove_terms(library: Visitor) -> None:
    library.go("/?q=stop%20sign")
    expect(count(library)).to_have_text("2 photos")

    chips(library).get_by_role("button", name="Increase count of stop sign").click()
    expect(count(library)).to_have_text("1 photo")
    expect(box(library)).to_have_value("stop sign>=2")
    chips(library).get_by_role("button", name="stop sign", exact=True).click()
    library.screenshot("search-chip-menu")
    library.page.get_by_label("at most").check()
    expect(box(library)).to_have_value("stop sign<=2")
    expect(count(library)).to_have_text("4 photos")
    library.page.get_by_label("Exclude this tag").check()
    expect(box(library)).to_have_value("!stop sign<=2")
    expect(library.page.get_by_role("heading", name="No matching photos")).to_be_visible()
    library.page.go_back()
    expect(count(library)).to_have_text("4 photos")
    library.page.go_forward()
    expect(box(library)).to_have_value("!stop sign<=2")

    chips(library).get_by_role("button", name="Remove stop sign from the search").click()

    expect(chips(library)).to_have_count(0)
    expect(library.page.locator(".tile")).to_have_count(4)


def test_only_certain_leaves_out_photos_with_uncertain_objects(ada: Visitor) -> None:
    ada.fill("sure.jpg", dog=2)
    ada.fill("unsure.jpg", confidence=0.2, dog=2)
    ada.go("/?q=dog%3E%3D2%2C%20!cat")
    expect(count(ada)).to_have_text("2 photos")
    switch = ada.page.locator(".only-certain").get_by_role("checkbox", name="Only certain counts")

    switch.check()

    expect(box(ada)).to_have_value("dog>=2!, !cat!")
    expect(count(ada)).to_have_text("1 photo")
    expect(ada.tile("sure.jpg: dog 2")).to_be_visible()
    expect(ada.page).to_have_url(f"{ada.instance.url}/?q=dog%3E%3D2!%2C%20!cat!")
    ada.screenshot("search-only-certain")
    chips(ada).get_by_role("button", name="not certain cat").click()
    chips(ada).get_by_role("checkbox", name="Only certain counts").last.uncheck()
    expect(box(ada)).to_have_value("dog>=2!, !cat")
    expect(switch).not_to_be_checked()
    switch.check()
    switch.uncheck()
    expect(box(ada)).to_have_value("dog>=2, !cat")
    expect(count(ada)).to_have_text("2 photos")


def test_chips_add_and_or_terms(library: Visitor) -> None:
    library.go("/?q=stop%20sign>=2,%20untagged")
    expect(library.page.get_by_role("heading", name="No matching photos")).to_be_visible()
    chips(library).get_by_role("button", name="Remove untagged from the search").click()
    expect(count(library)).to_have_text("1 photo")
    expect(chips(library).get_by_role("button", name="And")).to_be_focused()

    chips(library).get_by_role("button", name="stop sign", exact=True).click()
    library.page.get_by_role("button", name="Or another tag").click()
    option(library, "clock").click()
    expect(box(library)).to_have_value("stop sign>=2|clock")
    expect(count(library)).to_have_text("2 photos")

    chips(library).get_by_role("button", name="And").click()
    option(library, "taken:").click()
    expect(count(library)).to_have_text("2 photos")
    chips(library).get_by_role("button", name="taken", exact=False).first.click()
    chips(library).get_by_label("To", exact=True).fill("")
    chips(library).get_by_label("From", exact=True).fill("2019-07-01")
    expect(chips(library).get_by_label("From", exact=True)).to_have_value("2019-07-01")
    library.page.keyboard.press("Enter")
    expect(box(library)).to_have_value("stop sign>=2|clock, taken>=2019-07")
    expect(chips(library)).to_contain_text("taken from Jul 2019")
    expect(count(library)).to_have_text("2 photos")


def test_search_without_results_offers_less_strict_searches(library: Visitor) -> None:
    library.go("/?q=stop%20sign>=3,%20clock")

    expect(library.page.get_by_role("button", name="stop sign (at least 3) 0 photos")).to_be_visible()
    expect(library.page.get_by_role("button", name="stop sign, clock 1 photo")).to_be_visible()
    library.screenshot("search-nothing")
    library.page.get_by_role("button", name="clock 2 photos", exact=True).click()

    expect(count(library)).to_have_text("2 photos")
    expect(box(library)).to_have_value("clock")


def test_sentence_and_mistake_are_answered_with_one_click(library: Visitor) -> None:
    library.expected = {422}
    box(library).fill("two stopsigns on a street")
    box(library).press("Enter")
    offer = library.page.get_by_role("button", name="stop sign (at least 2) without “street” 1 photo")
    expect(offer).to_be_visible()
    library.screenshot("search-suggested")
    offer.click()
    expect(box(library)).to_have_value("stop sign>=2")
    expect(count(library)).to_have_text("1 photo")

    box(library).fill("watches|stop sign")
    box(library).press("Enter")
    expect(count(library)).to_have_text("2 photos")
    library.page.get_by_role("button", name="clock or stop sign: 2+ photos").click()
    expect(count(library)).to_have_text("3 photos")

    box(library).fill("clock OR stop sign")
    box(library).press("Enter")
    library.page.get_by_role("button", name="Search for clock|stop sign").click()
    expect(box(library)).to_have_value("clock|stop sign")
    expect(count(library)).to_have_text("3 photos")


def test_search_without_results_and_useful_offers_shows_notice(library: Visitor) -> None:
    library.go("/?q=zebra,%20giraffe")

    expect(library.page.get_by_text("No tag has a similar name.")).to_be_visible()
    expect(library.page.get_by_label("Suggested searches")).to_have_count(0)

    library.go("/?q=taken:1999")

    expect(library.page.get_by_text("No photo matches taken:1999.", exact=True)).to_be_visible()


def test_invalid_search_marks_error_and_keeps_text(ada: Visitor) -> None:
    ada.expected = {422}

    box(ada).fill("clock, dog>>1")
    box(ada).press("Enter")

    expect(ada.page.get_by_role("alert")).to_contain_text("at character")
    expect(ada.page.locator("mark")).to_have_text(">")
    expect(box(ada)).to_have_value("clock, dog>>1")
    ada.screenshot("search-misread")
    ada.page.get_by_role("button", name="Edit search").click()
    expect(box(ada)).to_be_focused()
    assert box(ada).evaluate("(input) => input.selectionStart") == len("clock, dog")


@all_sizes
def test_search_screens_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    fill(visitor)
    box(visitor).focus()
    expect(option(visitor, "untagged")).to_be_visible()
    visitor.check("suggestions")
    visitor.go("/?q=stop%20sign>=2|clock,%20!bird,%20taken:2019..,%20added>=2026")
    expect(count(visitor)).to_have_text("2 photos")
    visitor.check("chips")
    chips(visitor).get_by_role("button", name="bird", exact=False).first.click()
    visitor.check("chip-menu")
    visitor.page.keyboard.press("Escape")
    chips(visitor).get_by_role("button", name="taken from 2019").click()
    visitor.check("period-menu")
    visitor.go("/?q=stop%20sign>=3,%20untagged")
    expect(visitor.page.get_by_role("button", name="no tags 1 photo")).to_be_visible()
    visitor.check("loosen")
    visitor.go("/?q=two%20stopsigns%20on%20a%20street")
    expect(visitor.page.get_by_label("Suggested searches")).to_be_visible()
    visitor.check("suggested")
    visitor.go("/?q=watch|stop%20sign")
    expect(visitor.page.get_by_text("Did you mean:")).to_be_visible()
    visitor.check("suggested-beside-results")
    visitor.expected = {422}
    visitor.go("/?q=stop%20sign%20AND%20(clock%20OR%20bird)")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.check("misread")
