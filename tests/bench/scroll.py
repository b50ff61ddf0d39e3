"""Benchmark of scrolling in the web UI: frame times against a static page, and memory in a large library.

The static page shows the same thumbnails at the same places, and has no script. Both pages are scrolled in turn, each
time in a new browser context. The browser draws in software.
"""

import html
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
from playwright.sync_api import CDPSession, Page, ViewportSize

from app.adapters.local.stores import LocalStores
from app.api.problems import SESSION_COOKIE, SESSION_PATH
from app.domain.ids import Rendition
from app.settings import LocalSettings
from detector import pixels
from detector.decoding import decode
from detector.headers import read_header
from infra.local.program import HOST
from tests.bench.frame import BLUE, GREY, percentile, plot_file, progress, spread
from tests.bench.local.composition import compose
from tests.bench.local.filling import fill, link_objects
from tests.bench.local.instances import EMAIL, DataFolder, Instance
from tests.bench.local.verdicts import Verdict, show_verdicts
from tests.browser.chromium import share, stop

PASSWORD: Final = "a laptop holds no secrets"
SAMPLES: Final = Path(__file__).parents[2] / "static" / "src" / "samples"
PHOTOS: Final = 300
MAX_FRAME_RATIO: Final = 1.3
MAX_MEMORY_RATIO: Final = 1.2
VIEWPORT: Final[ViewportSize] = {"width": 1440, "height": 900}
WIDTH, HEIGHT = 1600, 1200  # of a photo
PART: Final = 0.8  # of each side of a sample
SIZES: Final = {
    Rendition.PREVIEW: pixels.PREVIEW,
    Rendition.LARGE_THUMBNAIL: pixels.LARGE_THUMBNAIL,
    Rendition.THUMBNAIL: pixels.THUMBNAIL,
}
SPEED: Final = 3_000  # pixels per second
SCREENS: Final = 12  # screens per round
SIGNED_IN: Final = "localStorage.setItem('pixtag:signed-in', '1');"
FRAMES: Final = """() => {
  window.frameTimes = []; let last = performance.now();
  const note = (now) => { window.frameTimes.push(now - last); last = now; requestAnimationFrame(note); };
  requestAnimationFrame(note);
}"""
PLACES: Final = """() => [...document.querySelectorAll(".tile img")].map((img) => {
  const box = img.getBoundingClientRect();
  return [img.currentSrc, box.left + scrollX, box.top + scrollY, box.width, box.height];
})"""

Place = tuple[str, float, float, float, float]
"""The source of a picture, and its left, top, width and height on the page in CSS pixels."""


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Scroll both pages and then a large library, and print the ratios with their targets."""
    rounds, size, minutes = (2, 2_000, 1) if quick else (8, 100_000, 10)
    try:
        with TemporaryDirectory(prefix="pixtag-") as name:
            frames = _compare_frames(Path(name) / "small", rounds)
            memory = _measure_memory(Path(name) / "large", size, minutes)
    finally:
        stop()
    ratios = [ours / static for ours, static in zip(frames["library"], frames["static"], strict=True)]
    heap = [megabytes for megabytes, _ in memory]
    nodes = [count for _, count in memory]
    verdicts = [
        Verdict(
            f"p95 of the frame times, {PHOTOS} photos, against a static page",
            median(ratios),
            "times",
            f"{median(frames['library']):.1f} ms against {median(frames['static']):.1f} ms",
            MAX_FRAME_RATIO,
        ),
        Verdict(
            f"memory of scripts after {minutes} minutes of scrolling in {size:,} photos, against the first minute",
            heap[-1] / heap[0],
            "times",
            f"{heap[-1]:.1f} MB against {heap[0]:.1f} MB, {nodes[-1]:,} DOM nodes against {nodes[0]:,}",
            MAX_MEMORY_RATIO,
        ),
    ]
    show_verdicts(verdicts)
    return {
        "verdicts": [verdict.to_figures() for verdict in verdicts],
        "p95_ms": {name: spread(values) for name, values in frames.items()},
        "heap_mb": heap,
        "dom_nodes": nodes,
    }


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the memory of scripts by minute of scrolling."""
    with plot_file(folder / "scroll.svg", size=(7, 2.6)) as (axes,):
        axes.plot(range(1, 1 + len(figures["heap_mb"])), figures["heap_mb"], color=BLUE, marker="o")
        axes.axhline(figures["heap_mb"][0], color=GREY, linestyle=":")
        axes.set(
            title="Memory of scripts while a large library is scrolled", xlabel="minute", ylabel="MB", ylim=(0, None)
        )


def _compare_frames(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the 95th percentile of the frame times of each round in milliseconds, by page."""
    times: dict[str, list[float]] = {"library": [], "static": []}
    with run_library(folder, PHOTOS) as (instance, session), progress("Frames", rounds + 1) as step:
        places: Sequence[Place] = []
        for turn in range(rounds + 1):
            with visit_page(instance, session) as page:
                ours = _scroll(page)
                places = places or _find_places(page)
            with visit_page(instance, session, path="/health") as page:
                page.set_content(_make_static_page(places))
                static = _scroll(page)
            if turn:  # the first round warms up the server
                times["library"].append(ours)
                times["static"].append(static)
            next(step)
    return times


def _measure_memory(folder: Path, size: int, minutes: int) -> list[tuple[float, int]]:
    """Return the megabytes of the heap of scripts and the DOM nodes after each minute of scrolling."""
    measured = []
    with run_library(folder, size) as (instance, session), visit_page(instance, session) as page:
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable")
        wait_for_pictures(page)
        with progress("Memory", minutes) as step:
            for _ in range(minutes):
                end = time.monotonic() + 60
                while time.monotonic() < end:
                    drag(client, SCREENS)
                client.send("HeapProfiler.collectGarbage")
                metrics = {each["name"]: each["value"] for each in client.send("Performance.getMetrics")["metrics"]}
                measured.append((metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"])))
                next(step)
    return measured


@contextmanager
def run_library(path: Path, size: int) -> Iterator[tuple[Instance, str]]:
    """Run PixTag with a library of this size. Yield it with the cookie of a session."""
    stores = LocalStores(LocalSettings(data=path))
    stores.folder.prepare()
    stores.account_admin.add(EMAIL, PASSWORD, given_name="Ada", family_name="Lovelace")
    folder = DataFolder(path, stores.account_admin.find_owner(EMAIL), token="")
    session = stores.accounts.sign_in(EMAIL, PASSWORD).refresh_token
    stores.database.close()
    fill(folder, compose(size), size)
    _link_pictures(folder, [photo.id for photo in compose(size)])
    with folder.run() as instance:
        yield instance, session


def _link_pictures(folder: DataFolder, ids: Sequence[str]) -> None:
    """Give each photo its files. They are links to the previews of parts of the samples, which have different bytes."""
    link_objects(folder, ids[:1])
    pictures = list(_make_pictures())
    for rendition, size in SIZES.items():
        for number, image_id in enumerate(ids):
            path = folder.path / "objects" / rendition.key(folder.owner, image_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if number < len(pictures):
                picture = pixels.reduce(pictures[number], size.find_long_side(WIDTH, HEIGHT))
                path.write_bytes(pixels.encode_jpeg(picture))
            else:
                os.link(path.with_name(ids[number % len(pictures)]), path)


def _make_pictures() -> Iterator[pixels.Pixels]:
    """Yield parts of the samples, each with the shape of a photo of a library."""
    for sample in sorted(SAMPLES.glob("*.jpg")):
        data = sample.read_bytes()
        picture = decode(data, read_header(data))
        height, width = (round(side * PART) for side in picture.shape[:2])
        for top in (0, picture.shape[0] - height):
            for left in (0, picture.shape[1] - width):
                yield cv2.resize(picture[top : top + height, left : left + width], (WIDTH, HEIGHT))


@contextmanager
def visit_page(
    instance: Instance, session: str, path: str = "/", viewport: ViewportSize = VIEWPORT, script: str = ""
) -> Iterator[Page]:
    """Open a page of PixTag in a new browser context."""
    context = share().new_context(viewport=viewport, locale="en-GB", bypass_csp=True)
    context.add_cookies([{"name": SESSION_COOKIE, "value": session, "domain": HOST, "path": SESSION_PATH}])
    try:
        page = context.new_page()
        page.add_init_script(SIGNED_IN + script)
        page.goto(instance.url + path)
        yield page
    finally:
        context.close()


def _scroll(page: Page) -> float:
    """Scroll down by some screens. Return the 95th percentile of the times between frames, in milliseconds."""
    wait_for_pictures(page)
    page.evaluate(FRAMES)
    drag(page.context.new_cdp_session(page), SCREENS)
    return percentile(sorted(page.evaluate("frameTimes")), 0.95)


def wait_for_pictures(page: Page) -> None:
    page.wait_for_function(
        "document.images.length >= 12 && [...document.images].slice(0, 12).every((image) => image.complete)"
    )


def drag(client: CDPSession, screens: int) -> None:
    """Scroll by a number of screens, as with a wheel. A negative number scrolls up."""
    client.send(
        "Input.synthesizeScrollGesture",
        {
            "x": VIEWPORT["width"] // 2,
            "y": VIEWPORT["height"] // 2,
            "yDistance": -screens * VIEWPORT["height"],
            "speed": SPEED,
            "gestureSourceType": "mouse",
        },
    )


def _find_places(page: Page) -> list[Place]:
    """Return the source of each picture of the library, and its place on the page."""
    places: dict[str, Place] = {}
    page.evaluate("scrollTo(0, 0)")
    while len(places) < PHOTOS:
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        places |= {place[0]: place for place in page.evaluate(PLACES)}
        page.mouse.wheel(0, VIEWPORT["height"] / 2)
    return list(places.values())


def _make_static_page(places: Sequence[Place]) -> str:
    pictures = "".join(
        f'<img src="{html.escape(source)}" decoding="async" loading="lazy" alt=""'
        f' style="position:absolute;left:{left}px;top:{top}px;width:{width}px;height:{height}px">'
        for source, left, top, width, height in places
    )
    return f"<!doctype html><title>Static</title><body>{pictures}</body>"
