from playwright.sync_api import Locator, expect

from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.query import parse
from app.domain.subscriptions import Choices
from infra.local.scenes import scene
from tests.browser.conftest import PHONE, Visit, Visitor, all_sizes

SIGN = ("sign.png", scene(stop_signs=1))


def side_bar(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("list", name="Saved searches", exact=True)


def alerts(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("list", name="Your saved searches")


def test_phone_offers_no_place_in_the_side_bar(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.start()
    visitor.fill("dog.jpg", dog=1)
    visitor.go("/?q=dog")
    visitor.page.get_by_role("button", name="Save search").click()
    visitor.go("/alerts")
    expect(alerts(visitor)).to_contain_text("dog")

    expect(visitor.page.get_by_label("Show in side bar: dog")).not_to_be_visible()


def test_search_is_saved_from_results_and_followed_in_the_side_bar(ada: Visitor) -> None:
    """One journey: save, open, count an upload, rename, pause, unpin, pin, remove, and undo."""
    page = ada.page
    ada.upload(SIGN)
    expect(ada.tile("sign.png: stop sign 1")).to_be_visible()
    ada.go("/?q=Stop%20sign")
    page.get_by_role("button", name="Save search").press("Enter")
    expect(page.get_by_role("link", name="Saved", exact=True).and_(page.locator("main a"))).to_be_focused()
    pinned = side_bar(ada).get_by_role("link")
    expect(pinned).to_have_accessible_name("stop sign, 1 photo")
    expect(pinned).to_have_attribute("aria-current", "true")
    expect(pinned.locator("img")).to_be_visible()

    page.get_by_role("link", name="Library", exact=True).click()
    expect(pinned).not_to_have_attribute("aria-current", "true")
    ada.upload(("signs.png", scene(stop_signs=2)))
    expect(pinned).to_have_accessible_name("stop sign, 2 photos")
    pinned.click()
    expect(ada.tile("signs.png: stop sign 2")).to_be_visible()

    page.get_by_role("link", name="Saved", exact=True).and_(page.locator("main a")).click()
    page.get_by_role("button", name="Rename stop sign").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Signs")
    page.keyboard.press("Enter")
    expect(pinned).to_have_accessible_name("Signs, 2 photos")
    expect(alerts(ada)).to_contain_text("2 photos match")
    expect(alerts(ada).locator(".tag-mark")).to_have_text("stop sign 1")
    page.get_by_label("E-mails about Signs").select_option("paused")
    pin = page.get_by_label("Show in side bar: Signs")
    pin.uncheck()
    expect(pinned).to_have_count(0)
    pin.check()
    expect(pinned).to_have_accessible_name("Signs, 2 photos")

    page.get_by_role("button", name="Remove Signs").click()
    expect(pinned).to_have_count(0)
    expect(page.get_by_role("heading", name="No saved searches yet")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(pinned).to_contain_text("Signs")  # its photos are counted again
    expect(page.get_by_label("E-mails about Signs")).to_have_value("paused")


def test_search_with_a_name_in_the_form_is_shown_by_its_name(ada: Visitor) -> None:
    ada.go("/alerts")
    ada.page.get_by_label("Name (optional)").fill("No cars")
    ada.page.get_by_label("Tag or search").fill("person>=2, !car")
    ada.page.get_by_role("button", name="Save search").click()

    expect(alerts(ada).get_by_role("link", name="No cars")).to_be_visible()
    expect(alerts(ada)).to_contain_text("person>=2, !car")
    expect(ada.page.get_by_label("Name (optional)")).to_have_value("")

    ada.page.get_by_label("Name (optional)").fill("Nobody drives")
    ada.page.get_by_label("Tag or search").fill("person >= 2, !car")
    ada.page.keyboard.press("Enter")

    expect(alerts(ada).get_by_role("link")).to_have_text(["Nobody drives"])


def test_search_for_words_is_not_offered_to_be_saved(ada: Visitor) -> None:
    ada.fill("street.jpg", dog=1)
    ada.go("/?q=text:street")
    expect(ada.page.get_by_text("1 photo", exact=True).first).to_be_visible()

    expect(ada.page.get_by_role("button", name="Save search")).to_have_count(0)


def pin_many(visitor: Visitor, count: int) -> None:
    """Save searches in the side bar. Their numbers are counted by the worker."""
    owner = visitor.accounts.admin.find_owner(visitor.email)
    subscriptions = SqliteSubscriptions(visitor.accounts.database)
    for number in range(1, count + 1):
        title = "" if number % 3 == 0 else f"Dogs together {number}, a long name of a search"
        subscriptions.add(owner, parse(f"dog>={number}"), Choices(title, pinned=True, email=number % 2 == 0))


@all_sizes
def test_side_bar_with_many_searches_scrolls_and_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    visitor.fill("dogs.jpg", dog=3)
    pin_many(visitor, 30)
    visitor.go("/?q=dog>=2")
    expect(visitor.page.get_by_text("Saved", exact=True).last).to_be_visible()
    links = side_bar(visitor).get_by_role("link")
    if size == PHONE:
        expect(links).to_have_count(0)
    else:
        expect(links).to_have_count(30)
        expect(links.last).not_to_be_in_viewport()
        links.last.focus()
        expect(links.last).to_be_in_viewport()
        assert visitor.page.evaluate("scrollY") == 0
        expect(visitor.page.get_by_role("button", name="Shortcuts")).to_be_in_viewport()
        links.first.focus()
    visitor.check("saved-in-side-bar")
    visitor.go("/alerts")
    expect(alerts(visitor).get_by_role("listitem")).to_have_count(30)
    visitor.check("saved-searches")
