"""Uploads in parts in a browser. The parts are small, so that no test moves a large file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Request, Route, expect

from infra.local.pixtag import PixTag, run_pixtag
from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, Visit, Visitor, all_sizes, wait_until
from tests.browser.small_parts import PART_BYTES
from tests.browser.test_upload import wait_until_saved
from tests.support.local_objects import list_files

STREET = ("street.png", scene(stop_signs=2, clocks=1))
NUMBERS = list(range(1, -(-len(STREET[1]) // PART_BYTES) + 1))
LINKS = "**/objects/incoming/**"


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PixTag]:
    with run_pixtag(tmp_path_factory.mktemp("parts") / "data", module="tests.browser.small_parts") as pixtag:
        yield pixtag


@pytest.fixture
def sent(ada: Visitor) -> list[int]:
    """The numbers of the parts that the browser has begun to send."""
    numbers: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PUT":
            numbers.append(number_of(request))

    ada.page.on("request", note)
    return numbers


def uploads(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Uploads")


def number_of(request: Request) -> int:
    return int(parse_qs(urlsplit(request.url).query)["part"][0])


def hold(visitor: Visitor, number: int) -> Callable[[], None]:
    """Keep the browser waiting for the response to a part. Return a function that waits until the part is sent."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if number_of(route.request) == number:
            held.append(route)
        else:
            route.continue_()

    def wait() -> None:
        wait_until(visitor.page, lambda: held, f"part {number} is sent")

    visitor.page.route(LINKS, handle)
    return wait


def delete_images(visitor: Visitor) -> None:
    """Delete all images of the visitor with the API."""
    token = visitor.accounts.sign_in(visitor.email, PASSWORD).access_token
    with httpx.Client(
        base_url=visitor.instance.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as client:
        for image in client.get("/images").raise_for_status().json()["images"]:
            client.delete(f"/images/{image['id']}").raise_for_status()


def list_parts(visitor: Visitor, pixtag: PixTag) -> list[str]:
    """Return the numbers of the stored parts of the visitor."""
    folder = f"parts/{visitor.accounts.admin.find_owner(visitor.email)}/"
    return [Path(path).name for path in list_files(pixtag.data) if path.startswith(folder)]


def interrupt(visitor: Visitor, number: int) -> None:
    """Upload the file, and reload the page while a part is sent."""
    wait = hold(visitor, number)
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    visitor.upload(STREET)
    wait()
    wait_until_saved(visitor, 1)
    visitor.page.reload()
    visitor.page.unroute_all(behavior="ignoreErrors")
    expect(uploads(visitor)).to_contain_text("street.png wasn't uploaded.")


def test_upload_interrupted_by_reloads_sends_each_part_until_it_arrives(ada: Visitor, sent: list[int]) -> None:
    with ada.page.expect_request("**/uploads") as created:
        interrupt(ada, 3)
    assert '"last_modified":"20' in (created.value.post_data or "")
    assert sent == [1, 2, 3]
    expect(ada.page.locator(".tile")).to_have_count(0)
    ada.screenshot("upload-in-parts-left-behind")

    wait = hold(ada, 4)
    uploads(ada).get_by_role("button", name="Upload now").click()
    wait()
    expect(uploads(ada)).to_contain_text(f"{round(100 * 3 * PART_BYTES / len(STREET[1]))}%")
    ada.page.reload()
    ada.page.unroute_all(behavior="ignoreErrors")
    uploads(ada).get_by_role("button", name="Upload now").click()

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    assert sent == [1, 2, 3, 3, *NUMBERS[3:4], *NUMBERS[3:]]
    ada.page.reload()
    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    expect(ada.page.locator(".tile")).to_have_count(1)
    expect(uploads(ada)).to_have_count(0)


def test_lost_part_is_sent_again(ada: Visitor, sent: list[int]) -> None:
    lost: list[int] = []

    def lose_second(route: Route) -> None:
        if number_of(route.request) == 2 and not lost:
            lost.append(2)
            route.abort()
        else:
            route.continue_()

    ada.page.route(LINKS, lose_second)
    ada.upload(STREET)

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    assert sent == [1, 2, 2, *NUMBERS[2:]]
    ada.problems[:] = [problem for problem in ada.problems if "ERR_FAILED" not in problem]


def test_upload_after_lost_connection_continues(ada: Visitor, sent: list[int]) -> None:
    wait = hold(ada, 2)
    ada.upload(STREET)
    wait()
    with ada.offline():
        ada.page.unroute_all(behavior="ignoreErrors")
        expect(uploads(ada)).to_contain_text("You're offline. Uploads continue when you're back online.")

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    assert sent.count(1) == 1
    ada.problems[:] = [problem for problem in ada.problems if "ERR_" not in problem]


def test_upload_that_was_removed_on_the_server_begins_again(ada: Visitor, sent: list[int]) -> None:
    ada.expected = {404}
    interrupt(ada, 3)
    delete_images(ada)

    uploads(ada).get_by_role("button", name="Upload now").click()

    expect(ada.tile("street.png: stop sign 2, clock 1")).to_be_visible()
    assert sent[3:] == NUMBERS


def test_cancelled_upload_leaves_no_parts(ada: Visitor, pixtag: PixTag) -> None:
    wait = hold(ada, 3)
    ada.upload(STREET)
    wait()
    assert list_parts(ada, pixtag) == ["1", "2"]

    with ada.page.expect_response(lambda response: response.request.method == "DELETE"):
        uploads(ada).get_by_role("button", name="Cancel street.png").click()

    expect(uploads(ada)).to_have_count(0)
    ada.page.reload()
    ada.page.unroute_all(behavior="ignoreErrors")
    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    assert list_parts(ada, pixtag) == []


def test_dismissed_upload_leaves_no_parts(ada: Visitor, pixtag: PixTag) -> None:
    interrupt(ada, 3)

    with ada.page.expect_response(lambda response: response.request.method == "DELETE"):
        uploads(ada).get_by_role("button", name="Dismiss").click()

    ada.page.reload()
    expect(ada.page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    assert list_parts(ada, pixtag) == []


@all_sizes
def test_upload_in_parts_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit(size)
    visitor.start()
    wait = hold(visitor, 3)
    visitor.upload(STREET)
    wait()
    visitor.check("upload-in-parts")
    visitor.page.unroute_all(behavior="ignoreErrors")
