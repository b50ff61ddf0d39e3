"""The documentation of the API at /docs, whose requests people send with "Try it out"."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Download, Locator

from app.adapters.local.images import SqliteImages
from app.domain.images import ImageState
from infra.local.scenes import scene
from tests.browser.conftest import PASSWORD, Visitor, wait_until
from tests.support.sampling import TORTURE

TITLE = "Sommer in Köln"


def open_docs(visitor: Visitor) -> None:
    """Open the documentation, and sign in as its introduction says."""
    visitor.go("/docs")
    page = visitor.page
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container").filter(has=page.get_by_role("heading", name="accessToken"))
    form.get_by_label("username:").fill(visitor.email)
    form.get_by_label("password:").fill(PASSWORD)
    form.locator(".auth-btn-wrapper .authorize").click()
    form.get_by_text("Logout").wait_for()
    form.locator(".btn-done").click()


@contextmanager
def try_out(visitor: Visitor, operation: str) -> Iterator[Locator]:
    """Open the form of an operation, such as `albums-createAlbum`, and execute it at the end of the context."""
    block = visitor.page.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    yield block
    block.get_by_role("button", name="Execute").click()
    block.locator(".live-responses-table").wait_for()


def read_response(block: Locator) -> tuple[str, str]:
    """Return the status and the body of the response."""
    table = block.locator(".live-responses-table")
    body = table.locator(".microlight")
    return table.locator(".response-col_status").last.inner_text(), body.first.inner_text() if body.count() else ""


def is_ready(visitor: Visitor, image_id: str) -> bool:
    """Return whether PixTag has processed an image."""
    images = SqliteImages(visitor.accounts.database)
    return images.get_image(visitor.accounts.admin.find_owner(visitor.email), image_id).state is ImageState.READY


def download(visitor: Visitor, block: Locator) -> bytes:
    """Save the file of the response as the link in the documentation does."""
    with visitor.page.expect_download() as event:
        block.get_by_role("link", name="Download file").click()
    file: Download = event.value
    return Path(file.path()).read_bytes()


def test_each_kind_of_operation_works_in_the_documentation(ada: Visitor) -> None:
    open_docs(ada)
    picture = scene(stop_signs=1)

    with try_out(ada, "uploads-uploadImage") as form:
        form.locator("input[type=file]").set_input_files(
            {"name": "street.png", "mimeType": "image/png", "buffer": picture}
        )
    status, text = read_response(form)
    image_id = json.loads(text)["id"]
    assert status == "202"
    wait_until(ada.page, lambda: is_ready(ada, image_id), "the photo is ready")

    with try_out(ada, "images-getOriginal") as form:
        form.get_by_placeholder("image_id").fill(image_id)
    assert read_response(form)[0] == "200"
    assert download(ada, form) == picture

    with try_out(ada, "albums-createAlbum") as form:
        form.locator("textarea").fill(f'{{"title": "{TITLE}"}}')
    assert read_response(form)[0] == "201"
    assert TITLE in read_response(form)[1]

    if TORTURE:  # the page takes seconds for each operation
        check_other_operations(ada, image_id)


def check_other_operations(ada: Visitor, image_id: str) -> None:
    """Export, search, move to the trash, and delete the account."""
    with try_out(ada, "export-exportCsv") as form:
        pass
    assert download(ada, form).decode().splitlines()[1].startswith(f"{image_id},street.png,")

    with try_out(ada, "search-search") as form:
        form.get_by_placeholder("q").fill("stop sign")
    assert json.loads(read_response(form)[1])["images"][0]["id"] == image_id

    with try_out(ada, "images-trashImage") as form:
        form.get_by_placeholder("image_id").fill(image_id)
    assert read_response(form)[0] == "204"

    ada.expected = {401}
    with try_out(ada, "accounts-deleteMe") as form:
        form.get_by_placeholder("confirm").fill(ada.email)
    assert read_response(form)[0] == "202"
