"""Photos per screen, and the layout shift, of the library in Chromium. The numbers are in docs/comparison.md.

python -m tests.bench.screens
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Page, ViewportSize

from tests.bench.scroll import PHOTOS, SCREENS, run_library, visit_page, wait_for_pictures
from tests.browser.chromium import stop

VIEWPORTS: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
WATCH: Final = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
COUNT: Final = """() => [...document.querySelectorAll(".tile")].filter((tile) => {
  const box = tile.getBoundingClientRect();
  const isShown = (x, y) => tile.contains(document.elementFromPoint(x, y));
  return isShown(box.left + 3, box.top + 3) && isShown(box.right - 3, box.bottom - 3);
}).length"""
"""Count the tiles that are completely on the screen, with no bar above them."""


def measure(page: Page) -> tuple[int, int, float]:
    """Return the photos on the first screen, those with the smallest pictures, and the shift of the layout."""
    wait_for_pictures(page)
    first = int(page.evaluate(COUNT))
    for _ in range(SCREENS):
        page.mouse.wheel(0, page.evaluate("innerHeight"))
        page.wait_for_load_state("networkidle")
    shift = float(page.evaluate("shift"))
    page.evaluate("scrollTo(0, 0)")
    smaller = page.locator(".density button").nth(1)
    while smaller.get_attribute("aria-disabled") != "true":
        smaller.click()
    page.wait_for_load_state("networkidle")
    return first, int(page.evaluate(COUNT)), shift


def main() -> None:
    """Print the numbers for each size of the screen."""
    try:
        with TemporaryDirectory(prefix="pixtag-") as name, run_library(Path(name), PHOTOS) as (instance, session):
            for device, viewport in VIEWPORTS.items():
                with visit_page(instance, session, viewport=viewport, script=WATCH) as page:
                    first, most, shift = measure(page)
                    print(f"{device}: {first} photos, {most} with the smallest pictures, layout shift {shift:.3f}")
    finally:
        stop()


if __name__ == "__main__":
    main()
