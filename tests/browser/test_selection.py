from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Route, expect

from infra.local.scenes import scene
from tests.browser.conftest import Visit, Visitor, all_sizes, wait_until
from tests.support.sampling import sample

STREET = ("street.png", scene(stop_signs=2, clocks=1))
SIGN = ("sign.png", scene(stop_signs=1))
CLOCK = ("clock.png", scene(clocks=1))
MANY = 230


@pytest.fixture
def three(ada: Visitor) -> Visitor:
    """Ada with three photos, from newest to oldest: clock.png, sign.png, street.png."""
    add_three(ada)
    return ada


def add_three(visitor: Visitor) -> None:
    for (name, data), tags in ((STREET, "stop sign 2, clock 1"), (SIGN, "stop sign 1"), (CLOCK, "clock 1")):
        visitor.upload((name, data))
        expect(visitor.tile(f"{name}: {tags}")).to_be_visible()


def check(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("checkbox", name=f"Select {name}")


def rectangle(visitor: Visitor) -> Locator:
    return visitor.page.locator(".selection-rectangle")


def bar(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("toolbar", name="Selection")


def dialog(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("dialog", name=name)


@contextmanager
def edit(visitor: Visitor, name: str) -> Iterator[Locator]:
    """Open the dialog of an edit. After the context, the edit is confirmed."""
    bar(visitor).get_by_role("button", name=name).click()
    yield dialog(visitor, name)
    dialog(visitor, name).locator("[type=submit]").click()
    expect(dialog(visitor, name)).to_have_count(0)


def test_selection_by_check_mark_click_and_range_is_cleared_by_escape(three: Visitor) -> None:
    three.tile("clock.png").hover()
    check(three, "clock.png").click()
    expect(bar(three)).to_contain_text("1 selected")

    three.tile("sign.png").click()
    expect(bar(three)).to_contain_text("2 selected")
    three.tile("sign.png").click()
    expect(bar(three)).to_contain_text("1 selected")
    three.tile("clock.png").click()
    expect(bar(three)).to_have_count(0)
    three.tile("clock.png").click(modifiers=["Shift"])
    three.tile("street.png").click(modifiers=["Shift"])
    expect(bar(three)).to_contain_text("3 selected")
    three.page.keyboard.press("Escape")

    expect(bar(three)).to_have_count(0)
    three.tile("sign.png").click()
    expect(dialog(three, "sign.png")).to_be_visible()


def drag(visitor: Visitor, start: Locator, end: Locator) -> None:
    """Drag from one photo to another, and keep the button pressed."""
    first, last = start.bounding_box(), end.bounding_box()
    assert first
    assert last
    visitor.page.mouse.move(first["x"] + 30, first["y"] + 100)
    visitor.page.mouse.down()
    visitor.page.mouse.move(last["x"] + 30, last["y"] + 100, steps=5)


def release_button(visitor: Visitor) -> None:
    visitor.page.mouse.up()


def cancel_pointer(visitor: Visitor) -> None:
    visitor.page.evaluate("dispatchEvent(new PointerEvent('pointercancel'))")


def leave_window(visitor: Visitor) -> None:
    visitor.page.evaluate("dispatchEvent(new Event('blur'))")


def release_button_outside(visitor: Visitor) -> None:
    """Move back into the window after a release that the browser did not report."""
    visitor.page.evaluate("dispatchEvent(new PointerEvent('pointermove', { buttons: 0, clientX: 800, clientY: 890 }))")


def scroll_position(visitor: Visitor) -> int:
    return int(visitor.page.evaluate("scrollY"))


def wait_until_scrolled(visitor: Visitor, beyond: int) -> None:
    wait_until(visitor.page, lambda: scroll_position(visitor) > beyond, f"the page is scrolled beyond {beyond} px")


def wait_frames(visitor: Visitor) -> None:
    """Wait for ten frames, in which a drag that has not ended would change the page."""
    visitor.page.evaluate(
        "new Promise((done) => { let n = 10; (function next() { n-- ? requestAnimationFrame(next) : done() })() })"
    )


def test_drag_around_photos_selects_them(three: Visitor) -> None:
    drag(three, three.tile("clock.png"), three.tile("sign.png"))
    three.screenshot("rectangle")
    three.page.mouse.up()

    expect(bar(three)).to_contain_text("2 selected")
    expect(check(three, "street.png")).not_to_be_checked()
    expect(three.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("end", sample([release_button, cancel_pointer, leave_window, release_button_outside], 4))
def test_drag_when_pointer_is_lost_ends(ada: Visitor, end: Callable[[Visitor], None]) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    drag(ada, ada.tile(f"{MANY - 1}.jpg"), ada.tile(f"{MANY - 2}.jpg"))
    ada.page.mouse.move(800, 890)  # near the lower edge, where the page scrolls
    wait_until_scrolled(ada, 50)

    end(ada)

    expect(rectangle(ada)).to_have_count(0)
    position, size = scroll_position(ada), bar(ada).inner_text()
    wait_frames(ada)
    assert scroll_position(ada) == position
    ada.page.mouse.wheel(0, 600)
    wait_until_scrolled(ada, position)
    wait_frames(ada)
    assert bar(ada).inner_text() == size
    ada.page.keyboard.press("Escape")
    wait_frames(ada)
    expect(bar(ada)).to_have_count(0)
    expect(rectangle(ada)).to_have_count(0)


def test_drag_when_screen_is_left_ends(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    drag(ada, ada.tile(f"{MANY - 1}.jpg"), ada.tile(f"{MANY - 2}.jpg"))
    ada.page.mouse.move(800, 890)
    wait_until_scrolled(ada, 50)

    ada.page.keyboard.press("t")
    expect(ada.page.get_by_role("heading", name="Tags")).to_be_visible()
    ada.page.keyboard.press("l")
    expect(ada.tile(f"{MANY - 1}.jpg")).to_be_visible()

    wait_frames(ada)
    assert scroll_position(ada) == 0
    expect(bar(ada)).to_have_count(0)
    expect(rectangle(ada)).to_have_count(0)


def test_selected_photos_get_tags_added_removed_and_renamed(three: Visitor) -> None:
    check(three, "clock.png").click()
    check(three, "sign.png").click()
    with edit(three, "Add tags") as form:
        expect(form.get_by_label("Tag 1", exact=True)).to_be_focused()
        three.page.keyboard.type("Holiday")
        form.get_by_label("Count of tag 1").fill("2")
        expect(form.get_by_text("2 photos will change.")).to_be_visible()
    expect(three.tile("clock.png: holiday 2, clock 1")).to_be_visible()
    expect(bar(three)).to_have_count(0)

    three.page.keyboard.press("Control+a")
    with edit(three, "Rename a tag") as form:
        form.get_by_label("Tag", exact=True).fill("clock")
        form.get_by_label("New name").fill("holiday")
        expect(form.get_by_text("2 photos will change.")).to_be_visible()
    expect(three.page.get_by_label("Messages")).to_contain_text("2 photos changed, 1 unchanged")
    three.page.keyboard.press("Control+a")
    with edit(three, "Remove tags") as form:
        form.get_by_label("Tag 1", exact=True).fill("stop sign")
        expect(form.get_by_text("2 photos will change.")).to_be_visible()

    three.page.reload()
    expect(three.tile("clock.png: holiday 3")).to_be_visible()
    expect(three.tile("sign.png: holiday 2")).to_be_visible()
    expect(three.tile("street.png: holiday 1")).to_be_visible()


def test_selected_photos_moved_to_trash_are_restored_by_undo(three: Visitor) -> None:
    check(three, "clock.png").click()
    check(three, "sign.png").click()

    with edit(three, "Move to trash") as form:
        expect(form.get_by_text("2 photos will move to the trash.")).to_be_visible()

    expect(three.tile("clock.png")).to_have_count(0)
    three.page.get_by_label("Messages").get_by_role("button", name="Undo").click()
    expect(three.tile("clock.png: clock 1")).to_be_visible()
    expect(three.page.get_by_label("Messages")).to_contain_text("2 photos restored")
    three.page.reload()
    expect(three.tile("sign.png: stop sign 1")).to_be_visible()


def test_selection_of_all_results_includes_unloaded_photos(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    ada.go("/?q=dog")
    check(ada, f"{MANY - 1}.jpg").click()

    bar(ada).get_by_role("button", name="Select all results").click()
    expect(bar(ada)).to_contain_text(f"{MANY} selected · all results")
    with edit(ada, "Add tags") as form:
        form.get_by_label("Tag 1", exact=True).fill("pet")
        expect(form.get_by_text(f"{MANY} photos will change.")).to_be_visible()

    expect(ada.page.get_by_label("Messages")).to_contain_text(f"{MANY} photos changed")
    ada.go("/?q=pet, dog")
    check(ada, f"{MANY - 1}.jpg").click()
    bar(ada).get_by_role("button", name="Select all results").click()
    expect(bar(ada)).to_contain_text(f"{MANY} selected")


def test_bulk_change_when_stopped_keeps_finished_batches(ada: Visitor) -> None:
    ada.fill(*(f"{number:03}.jpg" for number in range(MANY)), dog=1)
    check(ada, f"{MANY - 1}.jpg").click()
    bar(ada).get_by_role("button", name="Select the whole library").click()
    expect(bar(ada)).to_contain_text(f"{MANY} selected")
    bar(ada).get_by_role("button", name="Move to trash").click()
    expect(dialog(ada, "Move to trash")).to_contain_text(f"{MANY} photos will move")

    batches: list[Route] = []
    ada.page.route("**/images/trash", lambda route: batches.append(route))  # noqa: PLW0108 - Playwright marks its handlers

    dialog(ada, "Move to trash").locator("[type=submit]").click()
    dialog(ada, "Move to trash").get_by_role("button", name="Stop").click()
    wait_until(ada.page, lambda: batches, "the first batch is sent")
    batches.pop().continue_()

    expect(dialog(ada, "Move to trash").get_by_role("alert")).to_contain_text("Stopped.")
    expect(dialog(ada, "Move to trash")).to_contain_text("100 photos moved to the trash")


def test_bulk_change_with_failures_shows_reasons(three: Visitor) -> None:
    check(three, "clock.png").click()
    with edit(three, "Add tags") as form:
        form.get_by_label("Tag 1", exact=True).fill("holiday")
        form.get_by_label("Count of tag 1").fill("999")
        expect(form.get_by_text("1 photo will change.")).to_be_visible()
    three.page.keyboard.press("Control+a")
    bar(three).get_by_role("button", name="Add tags").click()
    form = dialog(three, "Add tags")
    form.get_by_label("Tag 1", exact=True).fill("holiday")
    expect(form.get_by_text("2 photos will change.")).to_be_visible()

    form.locator("[type=submit]").click()

    expect(form).to_contain_text("2 photos changed, 1 failed")
    expect(form).to_contain_text("at most 999 each")


def test_selection_with_keyboard_only_is_moved_to_trash(three: Visitor) -> None:
    press = three.page.keyboard.press
    three.tile("clock.png").focus()
    press("x")
    press("ArrowRight")
    expect(three.tile("sign.png")).to_be_focused()
    press("Shift+X")
    expect(bar(three)).to_contain_text("2 selected")

    press("Delete")
    expect(dialog(three, "Move to trash")).to_contain_text("2 photos will move")
    three.page.get_by_role("button", name="Cancel").focus()
    press("Tab")
    press("Enter")

    expect(three.tile("clock.png")).to_have_count(0)
    expect(three.tile("street.png")).to_be_visible()
    press("?")
    expect(dialog(three, "Keyboard shortcuts")).to_contain_text("Select focused photoX")
    expect(dialog(three, "Keyboard shortcuts")).to_contain_text("Select up to focused photoShiftX")


def test_selection_of_whole_library_keeps_other_accounts(three: Visitor, visit: Visit) -> None:
    other = visit()
    other.start()
    other.upload(SIGN)
    expect(other.tile("sign.png: stop sign 1")).to_be_visible()

    three.page.keyboard.press("Control+a")
    bar(three).get_by_role("button", name="Select the whole library").click()
    expect(bar(three)).to_contain_text("3 selected")
    with edit(three, "Move to trash") as form:
        expect(form.get_by_text("3 photos will move to the trash.")).to_be_visible()

    expect(three.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    other.page.reload()
    expect(other.tile("sign.png: stop sign 1")).to_be_visible()


@all_sizes
def test_selection_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    add_three(visitor)
    visitor.tile("clock.png").focus()
    visitor.page.keyboard.press("x")  # on touch screens, there are no check marks before the first selection
    check(visitor, "street.png").click()
    visitor.check("selection")
    visitor.choose("Add tags")
    form = dialog(visitor, "Add tags")
    form.get_by_label("Tag 1", exact=True).fill("holiday")
    expect(form.get_by_text("2 photos will change.")).to_be_visible()
    visitor.check("add-tags")
    form.get_by_role("button", name="Cancel").click()
    bar(visitor).get_by_role("button", name="Move to trash").click()
    expect(dialog(visitor, "Move to trash")).to_contain_text("2 photos will move")
    visitor.check("to-trash")
