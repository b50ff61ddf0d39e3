"""What the first page requests at once. On AWS, each request needs a function, and new accounts have ten."""

from urllib.parse import urlsplit

from playwright.sync_api import Request, Response, expect

from tests.browser.conftest import Visitor

MAX_API_REQUESTS = 2
MAX_REQUESTS = 5  # with the files of the page, which CloudFront keeps after their first use
STORED = "/objects/"  # on AWS, the bucket answers these requests


def test_first_page_sends_few_requests_at_once(ada: Visitor) -> None:
    running: set[Request] = set()
    moments: list[tuple[Request, ...]] = []

    def begin(request: Request) -> None:
        if not find_path(request).startswith(STORED):
            running.add(request)
            moments.append(tuple(running))

    def end(response: Response) -> None:  # its function has ended, although the body may still arrive
        running.discard(response.request)

    ada.tab.on("request", begin)
    ada.tab.on("response", end)
    ada.fill("a.jpg", "b.jpg", dog=1)

    ada.go("/")
    expect(ada.tile("a.jpg")).to_be_visible()
    ada.tab.wait_for_load_state("networkidle")

    api_requests = [[each for each in moment if not find_path(each).startswith("/assets/")] for moment in moments]
    assert len(api_requests) > 2 * MAX_API_REQUESTS
    assert max(map(len, api_requests)) <= MAX_API_REQUESTS
    assert max(map(len, moments)) <= MAX_REQUESTS


def find_path(request: Request) -> str:
    return urlsplit(request.url).path
