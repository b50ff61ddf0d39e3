"""The screenshots of README.md. `make screenshots` saves them in docs/."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor

SIZE = (1280, 800)
SAMPLES = Path(__file__).parents[2] / "static" / "src" / "samples"


def test_readme_screenshots_are_taken(visit: Visit) -> None:
    ada = visit(SIZE, device_scale_factor=2)
    ada.start()
    page = ada.page
    page.emulate_media(reduced_motion="no-preference")
    ada.upload(*((path.name, path.read_bytes()) for path in sorted(SAMPLES.glob("*.jpg"))))
    for name, tags in {"coffee.jpg": "cup 1", "main-street.jpg": "clock 2, stop sign 2"}.items():
        expect(ada.tile(f"{name}: {tags}")).to_be_visible()
    expect(page.get_by_label("Uploads")).to_contain_text("12 photos added")
    expect(page.get_by_text("Detecting")).to_have_count(0)
    page.get_by_label("Uploads").get_by_role("button", name="Close").click()
    picture(ada, "library")  # now, because new photos show their tags only for a moment

    page.get_by_label("Search photos").fill("stop sign>=2, !person")
    page.keyboard.press("Enter")
    expect(ada.tile("coffee.jpg")).to_have_count(0)
    expect(page.locator(".tile img")).to_have_count(4)
    show(ada, "search")

    ada.tile("main-street.jpg").click()
    expect(page.get_by_role("region", name="Similar photos")).to_contain_text("No similar photos.")
    show(ada, "lightbox")


def show(visitor: Visitor, name: str) -> None:
    """Save a screenshot of the page after all animations."""
    visitor.page.evaluate(
        "Promise.allSettled(document.getAnimations().map((animation) => animation.finished)).then(() => {})"
    )
    picture(visitor, name)


def picture(visitor: Visitor, name: str) -> None:
    """Save a screenshot of the page after all its photos are loaded."""
    visitor.page.evaluate("Promise.all([...document.images].map((picture) => picture.decode()))")
    # WebP is a fifth of the size of PNG and looks the same.
    Image.open(BytesIO(visitor.page.screenshot())).save(visitor.shots / f"{name}.webp", quality=80, method=6)
