"""What the first page requests at once. On AWS, each request needs a function, and new accounts have ten."""

from urllib.parse import urlsplit

from playwright.sync_api import Request, Response, expect

from tests.browser.conftest import Visitor

MAX_AT_ONCE = 2
FILES = ("/assets/", "/objects/")


def test_first_page_sends_at_most_two_requests_to_the_api_at_once(ada: Visitor) -> None:
    running: set[Request] = set()
    counts: list[int] = []

    def begin(request: Request) -> None:
        if not urlsplit(request.url).path.startswith(FILES):
            running.add(request)
            counts.append(len(running))

    def end(response: Response) -> None:  # its function has ended, although the body may still arrive
        running.discard(response.request)

    ada.tab.on("request", begin)
    ada.tab.on("response", end)
    ada.fill("a.jpg", "b.jpg", dog=1)

    ada.go("/")
    expect(ada.tile("a.jpg")).to_be_visible()
    ada.tab.wait_for_load_state("networkidle")

    assert len(counts) > 2 * MAX_AT_ONCE
    assert max(counts) <= MAX_AT_ONCE
