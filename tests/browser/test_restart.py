"""The web UI while PixTag restarts on the same port."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from infra.local.pixtag import PixTag, run_pixtag
from infra.local.scenes import scene
from tests.browser.conftest import Visitor

PHOTOS = 20
SIGN = scene(stop_signs=1)


@pytest.fixture
def pixtag(tmp_path: Path) -> Iterator[PixTag]:
    with run_pixtag(tmp_path / "data") as pixtag:
        yield pixtag


def test_uploads_continue_after_restart(ada: Visitor, pixtag: PixTag) -> None:
    panel = ada.page.get_by_role("region", name="Uploads")
    ada.upload(*[(f"{number}.png", SIGN + bytes([number])) for number in range(PHOTOS)])
    expect(panel.get_by_text("Detecting").first).to_be_visible()

    pixtag.program.kill()
    expect(panel).to_contain_text("Can't reach PixTag. Uploads continue when it's back.")
    with run_again(pixtag):
        # A file whose response was lost may be found to be a duplicate.
        expect(panel.get_by_role("status")).to_have_text(re.compile(r"\d+ photos added(, \d duplicates?)?"))
        expect(ada.page.locator(".tile:not([data-state=pending])")).to_have_count(PHOTOS)
        expect(ada.page.locator(".tile")).to_have_count(PHOTOS)

    forget_lost_connections(ada)


def test_person_stays_signed_in_during_restart(ada: Visitor, pixtag: PixTag) -> None:
    ada.page.get_by_role("link", name="Tags", exact=True).click()
    expect(ada.page.get_by_role("heading", name="No tags yet")).to_be_visible()

    pixtag.program.kill()
    ada.page.get_by_role("link", name="Trash", exact=True).click()
    expect(ada.page.get_by_role("alert")).to_be_visible()
    with run_again(pixtag):
        # The page tries again by itself. A click on "Try again" could find the button gone.
        expect(ada.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
        ada.page.reload()
        expect(ada.page.get_by_role("heading", name="The trash is empty")).to_be_visible()

    forget_lost_connections(ada)


@contextmanager
def run_again(pixtag: PixTag) -> Iterator[None]:
    """Run a killed PixTag again on the same port for the duration of a `with` block."""
    port = pixtag.url.rpartition(":")[2]
    with run_pixtag(pixtag.data, "--port", port, log=pixtag.data.with_name("again.log")):
        yield


def forget_lost_connections(visitor: Visitor) -> None:
    """Forget the errors that the browser has logged about the killed PixTag."""
    visitor.problems[:] = [problem for problem in visitor.problems if "ERR_" not in problem]
