"""The fixtures of the browser tests report every problem in the browser."""

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import TABLET, Visitor, wait_until

ERRORS = {
    "on the console": "console.error('on the console')",
    "not caught": "setTimeout(() => { throw new Error('not caught') })",
    "style-src": "document.head.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))",
    "TrustedScript": "try { document.body.setAttribute('onclick', 'run()') } catch {}",
    "connect-src": "fetch('https://elsewhere.example/').catch(() => {})",
    "img-src": "void Object.assign(new Image(), { src: 'https://elsewhere.example/a.png' })",
    "TrustedHTML": "try { document.body.innerHTML = '<b>text</b>' } catch {}",
    "404": "fetch('/no/such/page')",
}


def test_browser_error_is_a_complaint(ada: Visitor) -> None:
    for said, wrong in ERRORS.items():
        ada.page.evaluate(f"{{ {wrong} }}")

        wait_until(ada.page, lambda: said in " ".join(ada.problems), f"a problem says {said}")  # noqa: B023
        ada.problems.clear()


def test_request_to_other_host_is_a_complaint(ada: Visitor) -> None:
    with pytest.raises(Error):
        ada.page.goto("http://127.0.0.1:9/")

    assert "http://127.0.0.1:9/" in ada.problems[0]
    ada.problems.clear()


def test_inaccessible_page_is_a_complaint_in_each_scheme(ada: Visitor) -> None:
    ada.page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    ada.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    ada.page.evaluate("document.querySelector('main').style.width = '3000px'")

    ada.check("nameless")

    assert [problem.partition(": [")[0] for problem in ada.problems] == [
        "nameless at 768 px, light: button-name",
        "nameless at 768 px, dark: button-name",
        "nameless at 768 px scrolls sideways.",
    ]
    ada.problems.clear()
