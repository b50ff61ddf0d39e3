"""Chromium for the tests. All browser tests of a process share one, because a launch takes half a second."""

import shutil
from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, Playwright, sync_playwright

QUIET = ("background-networking", "component-update", "sync", "quic", "dev-shm-usage")

_running = ExitStack()
_playwrights: list[Playwright] = []  # at most one, because a process can't run two
_shared: list[Browser] = []


def launch(*arguments: str, **options: Any) -> Browser:
    """Launch Chromium's headless shell, which has the same engine and takes a third less CPU. `stop` closes it."""
    program = shutil.which("chromium-headless-shell")
    assert program, "The browser tests need Chromium. Install it with: make test"
    if not _playwrights:
        _playwrights.append(_running.enter_context(sync_playwright()))
    browser = _playwrights[0].chromium.launch(
        executable_path=program,
        chromium_sandbox=False,
        args=[*(f"--disable-{name}" for name in QUIET), "--no-first-run", *arguments],
        **options,
    )
    _running.callback(browser.close)
    return browser


def share() -> Browser:
    """Return the browser of this process. The first call launches it."""
    if not _shared:
        _shared.append(launch())
    return _shared[0]


def stop() -> None:
    """Close all browsers. Playwright's event loop would disturb the loops of other tests."""
    _shared.clear()
    _playwrights.clear()
    _running.close()
