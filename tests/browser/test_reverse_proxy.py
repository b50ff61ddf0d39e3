"""The web UI behind an nginx that compresses responses, and so changes their entity tags to weak ones."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, Response, expect

from infra.local.program import HOST
from infra.local.scenes import scene
from tests.browser.chromium import launch
from tests.support.nginx import EMAIL, NAME, PASSWORD, Proxy, run_behind_nginx


@pytest.fixture
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with run_behind_nginx(tmp_path_factory.mktemp("nginx")) as proxy:
        proxy.add_account()
        yield proxy


@pytest.fixture
def page(proxy: Proxy) -> Iterator[Page]:
    """A tab at the public address, which the browser finds on this machine."""
    browser = launch(f"--host-resolver-rules=MAP {NAME} {HOST}")
    with browser.new_context(base_url=proxy.url, ignore_https_errors=True, locale="en-GB") as context:
        page = context.new_page()
        page.goto("/sign-in")
        yield page


def test_changes_with_weak_tags_are_accepted(page: Page, proxy: Proxy) -> None:
    changes: list[Response] = []
    page.on("response", lambda response: changes.append(response) if "/detections/" in response.url else None)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    photo: FilePayload = {"name": "street.png", "mimeType": "image/png", "buffer": scene(stop_signs=2, clocks=1)}
    page.locator("input[type=file]").first.set_input_files([photo])
    page.get_by_role("link", name="street.png: stop sign 2, clock 1").click()
    boxes = page.get_by_role("group", name="Boxes").get_by_role("button")
    expect(boxes).to_have_count(3)

    for remaining in (2, 1):
        page.get_by_role("button", name="Remove box stop sign").first.click()
        expect(boxes).to_have_count(remaining)

    assert [response.status for response in changes] == [200, 200]
    for response in changes:
        assert response.request.headers["if-match"].startswith('W/"')
        assert response.headers["content-encoding"] == "gzip"
