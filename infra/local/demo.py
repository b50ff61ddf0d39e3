"""Uploads a dozen photos with known contents, shows their tags and searches them through the API (`make demo`)."""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from infra.local.pixtag import run_pixtag
from infra.local.program import LocalCloudError, stop_on_signals, wait_until
from infra.local.scenes import scene

# Each pair contains the numbers of stop signs and clocks in a drawing.
DRAWINGS = [(1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 3), (1, 1), (2, 1), (1, 2), (2, 2)]
PHOTO_LABELS = {"coffee.png": "cup", "motorcycle_left.png": "motorcycle"}
SEARCHES = {
    "stop sign>=2, clock": {"stop-2-clock-1.png", "stop-2-clock-2.png"},
    "clock=2": {"stop-0-clock-2.png", "stop-1-clock-2.png", "stop-2-clock-2.png"},
    "cup|motorcycle, !person": {"coffee.png", "motorcycle_left.png"},
}
MEDIA_TYPE = "image/png"
MAX_API_BYTES = 200_000  # the API accepts up to 4 MiB, but the demo also shows uploads with a form
READY_SECONDS = 30
CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Photo:
    """A PNG photo and its expected tags. If `exact` is false, additional tags and higher counts are allowed."""

    name: str
    data: bytes
    tags: Mapping[str, int]
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final state and tags of a photo, and the number of seconds from the start of its upload to this state."""

    photo: Photo
    state: str
    tags: Mapping[str, int]
    seconds: float

    def list_problems(self) -> Iterator[str]:
        """Yield an error message if the state or the tags are not as expected."""
        expected = self.photo.tags
        is_incomplete = any(self.tags.get(tag, 0) < count for tag, count in expected.items())
        if self.state != "ready" or is_incomplete or (self.photo.exact and self.tags != expected):
            yield f"{self.photo.name} is {self.state} with {format_tags(self.tags)}, not {format_tags(expected)}."


def main() -> None:
    """Run the demo. If a result is not as expected, print the problems and exit with status 1."""
    stop_on_signals()
    try:
        problems = run_demo(Console())
    except (LocalCloudError, httpx.HTTPError) as error:
        sys.exit(f"The demo failed: {error}")
    except KeyboardInterrupt:
        sys.exit("The demo was stopped.")
    sys.exit("\n".join(problems) or 0)


def run_demo(console: Console) -> list[str]:
    """Run PixTag in a temporary folder, tag and search the photos, and return a list of problems."""
    console.print("Starting PixTag in a temporary folder …")
    with (
        tempfile.TemporaryDirectory(prefix="pixtag-") as folder,
        run_pixtag(Path(folder) / "data") as pixtag,
        pixtag.person("ada@example.com") as client,
    ):
        return tag_photos(client, console) + search_photos(client, console)


def tag_photos(client: httpx.Client, console: Console) -> list[str]:
    """Upload the photos in parallel, show their tags when all photos are ready, and return a list of problems."""
    photos = make_photos()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        results = pool.map(partial(tag_photo, client), photos)
        outcomes = list(track(results, "Tagging", len(photos), console=console))
    console.print(make_table(outcomes))
    return [problem for outcome in outcomes for problem in outcome.list_problems()]


def make_photos() -> list[Photo]:
    """Return the drawings and two real photos. Only the tags of the drawings are known exactly."""
    folder = files("skimage") / "data"
    return [make_drawing(*counts) for counts in DRAWINGS] + [
        Photo(name, (folder / name).read_bytes(), {label: 1}, exact=False) for name, label in PHOTO_LABELS.items()
    ]


def make_drawing(stop_signs: int, clocks: int) -> Photo:
    """Return a drawing of stop signs and clocks, and its expected tags."""
    tags = {label: count for label, count in {"stop sign": stop_signs, "clock": clocks}.items() if count}
    data = scene(stop_signs=stop_signs, clocks=clocks)
    return Photo(f"stop-{stop_signs}-clock-{clocks}.png", data, tags, exact=True)


def tag_photo(client: httpx.Client, photo: Photo) -> Outcome:
    """Upload a photo and wait until it is ready or has failed."""
    start = time.monotonic()
    address = upload(client, photo)

    def is_settled() -> bool:
        return client.get(address).raise_for_status().status_code != HTTPStatus.ACCEPTED

    wait_until(is_settled, READY_SECONDS, f"{photo.name} is still pending after {READY_SECONDS} seconds.")
    seconds = time.monotonic() - start
    image = client.get(address).raise_for_status().json()
    tags = {tag["tag"]: tag["count"] for tag in image["tags"]}
    return Outcome(photo, image["state"], tags, seconds)


def upload(client: httpx.Client, photo: Photo) -> str:
    """Upload a small photo in one request, or a larger one with a form. Return the URL of the image."""
    file = {"file": (photo.name, photo.data, MEDIA_TYPE)}
    if len(photo.data) <= MAX_API_BYTES:
        return client.post("/images", files=file).raise_for_status().headers["Location"]
    request = {"name": photo.name, "type": MEDIA_TYPE, "size": len(photo.data)}
    response = client.post("/uploads", json=request).raise_for_status()
    form = response.json()["form"]
    httpx.post(form["url"], data=form["fields"], files=file, trust_env=False).raise_for_status()
    return response.headers["Location"]


def search_photos(client: httpx.Client, console: Console) -> list[str]:
    """Run the searches, show their results, and return a list of problems."""
    problems = []
    for query, expected in SEARCHES.items():
        response = client.get("/search", params={"q": query}).raise_for_status().json()
        names = [image["name"] for image in response["images"]]
        console.print(f"[bold]{query}[/bold] finds", " and ".join(names) or "nothing")
        if set(names) != expected:
            problems.append(f"“{query}” should find {' and '.join(sorted(expected))}.")
    return problems


def make_table(outcomes: list[Outcome]) -> Table:
    """Return the outcomes as a table for the terminal."""
    table = Table("Photo", "Tags", "Seconds")
    for outcome in outcomes:
        table.add_row(outcome.photo.name, format_tags(outcome.tags), f"{outcome.seconds:.1f}")
    return table


def format_tags(tags: Mapping[str, int]) -> str:
    """Format tags as text, such as `clock 1, stop sign 2`."""
    return ", ".join(f"{tag} {count}" for tag, count in sorted(tags.items())) or "no tags"


if __name__ == "__main__":
    main()
