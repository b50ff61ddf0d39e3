"""What the first page requests at once. On AWS, most requests need a function, and new accounts have ten."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, Response, expect

from tests.browser.conftest import Visit, Visitor

MAX_FUNCTIONS = 2
MAX_REQUESTS = 5  # with the files of the page, which need a function if a stack has no CloudFront
ASSETS = "/assets/"  # CloudFront has these files from a bucket
STORED = "/objects/"  # on AWS, the bucket of photos answers these requests
SERVICE_WORKER = "/service-worker.js"
INSTALLED = "navigator.serviceWorker.ready.then(() => {})"


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    """A signed-in visitor with a new browser, which installs the service worker too."""
    visitor = visit(service_workers="allow")
    visitor.start()
    return visitor


def test_first_page_needs_at_most_two_functions_at_once(ada: Visitor) -> None:
    running: set[Request] = set()
    moments: list[list[str]] = []

    def begin(request: Request) -> None:
        is_kept = request.service_worker and find_path(request).startswith(ASSETS)  # the browser has these files now
        if not is_kept and not find_path(request).startswith(STORED):
            running.add(request)
            moments.append([find_path(each) for each in running])

    def end(response: Response) -> None:  # its function has ended, although the body may still arrive
        running.discard(response.request)

    ada.tab.context.on("request", begin)
    ada.tab.context.on("response", end)
    ada.fill("a.jpg", "b.jpg", dog=1)

    ada.go("/")
    expect(ada.tile("a.jpg")).to_be_visible()
    ada.tab.evaluate(INSTALLED)
    ada.tab.wait_for_load_state("networkidle")

    functions = [[path for path in moment if not path.startswith(ASSETS)] for moment in moments]
    assert any(SERVICE_WORKER in moment for moment in functions)
    assert len(functions) > 2 * MAX_FUNCTIONS
    assert max(map(len, functions)) <= MAX_FUNCTIONS
    assert max(map(len, moments)) <= MAX_REQUESTS


def find_path(request: Request) -> str:
    return urlsplit(request.url).path
