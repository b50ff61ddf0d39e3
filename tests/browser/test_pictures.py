"""The screenshots of README.md. `make screenshots` saves them in docs/."""

from importlib.resources import files
from io import BytesIO

from PIL import Image
from playwright.sync_api import expect

from infra.local.scenes import scene
from tests.browser.conftest import Visitor

PHOTOS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
)  # from scikit-image, in the public domain or CC0
DRAWN = ((2, 1), (1, 0), (3, 0), (0, 2), (1, 2), (2, 0), (0, 1), (1, 1))


def test_readme_screenshots_are_taken(ada: Visitor) -> None:
    page = ada.page
    page.emulate_media(reduced_motion="no-preference")
    drawn = [(f"street-{signs}-{clocks}.png", scene(stop_signs=signs, clocks=clocks)) for signs, clocks in DRAWN]
    data = files("skimage") / "data"
    ada.upload(*drawn[4:], *((name, (data / name).read_bytes()) for name in PHOTOS), *drawn[:4])
    for name, tags in {"coffee.png": "cup 1", "street-2-1.png": "stop sign 2, clock 1"}.items():
        expect(ada.tile(f"{name}: {tags}")).to_be_visible()
    expect(page.get_by_label("Uploads")).to_contain_text("12 photos added")
    expect(page.get_by_text("Detecting")).to_have_count(0)
    page.get_by_label("Uploads").get_by_role("button", name="Close").click()
    picture(ada, "library")  # now, because new photos show their tags only for a moment

    page.get_by_label("Search photos").fill("stop sign>=2, !cat")
    page.keyboard.press("Enter")
    expect(ada.tile("street-1-0.png")).to_have_count(0)
    expect(page.locator("main img")).to_have_count(3)
    show(ada, "search")

    ada.tile("street-2-1.png").click()
    expect(page.get_by_role("region", name="Similar photos")).to_contain_text("No similar photos.")
    page.keyboard.press("b")
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
    Image.open(BytesIO(visitor.page.screenshot())).save(visitor.shots / f"{name}.webp", quality=90, method=6)
