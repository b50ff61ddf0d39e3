"""Tests of what a new person meets first: the empty library, the sample photos, the help."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor, all_sizes

SAMPLES = {
    "coffee.jpg": "cup 1",
    "photographer.jpg": "person 1",
    "main-street.jpg": "clock 2, stop sign 2",
    "crossing-evening.jpg": "stop sign 3",
}


def test_sample_photos_are_uploaded_and_tagged(ada: Visitor) -> None:
    ada.page.get_by_role("button", name="Try with 12 sample photos").click()

    expect(ada.page.get_by_label("Uploads")).to_contain_text("12 photos added")
    for name, tags in SAMPLES.items():
        expect(ada.tile(f"{name}: {tags}")).to_be_visible()
    ada.check("samples")


def test_search_help_runs_examples_and_leads_to_shortcuts(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("button", name="Search help").click()
    help_text = page.get_by_role("dialog", name="Search help")
    expect(help_text.get_by_role("listitem")).to_have_count(7)
    for example in help_text.get_by_role("listitem").locator("code").all_inner_texts():
        with page.expect_response("**/search?*") as response:
            page.get_by_role("dialog", name="Search help").get_by_text(example, exact=True).click()
        assert response.value.status == 200
        expect(help_text).to_be_hidden()
        page.get_by_role("button", name="Search help").click()

    help_text.get_by_role("button", name="Keyboard shortcuts").click()

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_shortcuts_list_is_complete_and_has_columns(ada: Visitor) -> None:
    ada.page.get_by_role("button", name="Shortcuts").click()
    dialog = ada.page.get_by_role("dialog", name="Keyboard shortcuts")

    headings = dialog.get_by_role("heading", level=3)
    expect(headings).to_have_text(["Everywhere", "Library", "Photo", "Search", "Review", "Dates at the side"])
    lefts = headings.evaluate_all("(all) => new Set(all.map((each) => each.getBoundingClientRect().left)).size")
    assert lefts == 3
    for keys in ("Show boxes", "Zoom in", "Select all loaded photos", "Move between photos"):
        expect(dialog.get_by_text(keys)).to_be_visible()


@all_sizes
def test_first_steps_are_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    expect(visitor.page.get_by_role("heading", name="3. Search")).to_be_visible()
    visitor.check("first-steps")
    visitor.page.get_by_role("button", name="Search help").click()
    visitor.check("search-help")
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    visitor.check("shortcuts-columns")
