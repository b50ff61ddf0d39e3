"""Draws the icons of the installed web UI from `static/src/icon.svg`, with the browser of the tests.

Systems cut their own shape out of a maskable icon, so it fills the square, and its drawing stays in the inner 80 %.
Browsers keep the icons for a year, so a changed one needs a new name, here and in `manifest.webmanifest`.
"""

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.browser.chromium import share, stop

STATIC: Final = Path(__file__).parents[2] / "static"
ICON: Final = STATIC / "src" / "icon.svg"
ASSETS: Final = STATIC / "public" / "assets"
VERSION: Final = "v1"
SIZES: Final = (192, 512)
APPLE_SIZE: Final = 180
MASKABLE_VIEW: Final = 'viewBox="-4 -4 40 40"'  # the drawing of 32 units in the middle of 40
_VIEW: Final = re.compile(r'viewBox="[^"]+"')
_ROUND: Final = re.compile(r'<rect width="32" height="32" rx="8"')
_SQUARE: Final = '<rect x="-4" y="-4" width="40" height="40"'


def draw_all() -> None:
    """Write all icons."""
    icon = ICON.read_text()
    maskable = _ROUND.sub(_SQUARE, _VIEW.sub(MASKABLE_VIEW, icon))
    page = share().new_page()
    for size in SIZES:
        _draw(page, icon, size, f"icon-{size}")
        _draw(page, maskable, size, f"icon-maskable-{size}")
    _draw(page, maskable, APPLE_SIZE, "apple-touch-icon")
    stop()


def _draw(page: Page, svg: str, size: int, name: str) -> None:
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>* {{ margin: 0 }} svg {{ display: block; width: {size}px; height: {size}px }}</style>{svg}"
    )
    page.screenshot(path=ASSETS / f"{name}-{VERSION}.png", omit_background=True)


if __name__ == "__main__":
    draw_all()
