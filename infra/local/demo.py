"""`make demo`: PixTag seen from outside, by a person with a dozen pictures whose contents are known."""

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

from infra.local.cloud import Ports, local_cloud, stop_on_signals
from infra.local.program import LocalCloudError, wait_until
from infra.local.scenes import scene

DRAWN = [(1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 3), (1, 1), (2, 1), (1, 2), (2, 2)]  # stop signs, clocks
PHOTOGRAPHS = {"coffee.png": "cup", "motorcycle_left.png": "motorcycle"}
SEARCHES = {
    "stop sign>=2, clock": {"stop-2-clock-1.png", "stop-2-clock-2.png"},
    "clock=2": {"stop-0-clock-2.png", "stop-1-clock-2.png", "stop-2-clock-2.png"},
    "cup|motorcycle, !person": {"coffee.png", "motorcycle_left.png"},
}
MEDIA_TYPE = "image/png"
SMALL_BYTES = 200_000  # a larger picture goes to S3 directly; the API would take it up to 4 MiB
READY_SECONDS = 30
CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the tags it has to get: exactly those, or for a photograph at least those."""

    name: str
    data: bytes
    tags: Mapping[str, int]
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a picture, and in how many seconds from the first request."""

    picture: Picture
    state: str
    tags: Mapping[str, int]
    seconds: float

    def problems(self) -> Iterator[str]:
        """Yield what is not as it should be."""
        wanted, found = self.picture.tags, self.tags
        missing = any(found.get(tag, 0) < count for tag, count in wanted.items())
        if self.state != "ready" or missing or (self.picture.exact and found != wanted):
            yield f"{self.picture.name} is {self.state} with {said(found)}, not {said(wanted)}."


def main() -> None:
    """Show it; exit with 1 and the reasons when it is not as it should be."""
    stop_on_signals()
    try:
        problems = show(Console())
    except (LocalCloudError, httpx.HTTPError) as error:
        sys.exit(f"The demo broke off: {error}")
    except KeyboardInterrupt:
        sys.exit("The demo was stopped.")
    sys.exit("\n".join(problems) or 0)


def show(console: Console) -> list[str]:
    """Run PixTag in a temporary place, tag and search the pictures; return what went wrong."""
    console.print("Starting AWS, the worker and the API …")
    with (
        tempfile.TemporaryDirectory(prefix="pixtag-") as state,
        local_cloud(Path(state), Ports.free(), quiet=True) as cloud,
        cloud.person("ada@example.com") as client,
    ):
        return tag_all(client, console) + search_all(client, console)


def tag_all(client: httpx.Client, console: Console) -> list[str]:
    """Upload the pictures over a few connections, wait for their tags and show them; return the problems."""
    wanted = pictures()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        results = pool.map(partial(tag, client), wanted)
        outcomes = list(track(results, "Tagging", len(wanted), console=console))
    console.print(as_table(outcomes))
    return [problem for outcome in outcomes for problem in outcome.problems()]


def pictures() -> list[Picture]:
    """Return drawn scenes, whose objects were counted by whoever drew them, and two photographs."""
    photographs = files("skimage") / "data"
    return [drawing(*counts) for counts in DRAWN] + [
        Picture(name, (photographs / name).read_bytes(), {label: 1}, exact=False) for name, label in PHOTOGRAPHS.items()
    ]


def drawing(stop_signs: int, clocks: int) -> Picture:
    """Draw stop signs and clocks, and expect them as tags."""
    tags = {label: count for label, count in {"stop sign": stop_signs, "clock": clocks}.items() if count}
    data = scene(stop_signs=stop_signs, clocks=clocks)
    return Picture(f"stop-{stop_signs}-clock-{clocks}.png", data, tags, exact=True)


def tag(client: httpx.Client, picture: Picture) -> Outcome:
    """Upload a picture and wait until it is ready, or has failed."""
    start = time.monotonic()
    address = upload(client, picture)

    def settled() -> bool:
        return client.get(address).raise_for_status().status_code != HTTPStatus.ACCEPTED

    wait_until(settled, READY_SECONDS, f"{picture.name} is still pending after {READY_SECONDS} seconds.")
    seconds = time.monotonic() - start
    image = client.get(address).raise_for_status().json()
    tags = {found["tag"]: found["count"] for found in image["tags"]}
    return Outcome(picture, image["state"], tags, seconds)


def upload(client: httpx.Client, picture: Picture) -> str:
    """Send a picture, and return the address of its image: small ones to the API, others to S3."""
    file = {"file": (picture.name, picture.data, MEDIA_TYPE)}
    if len(picture.data) <= SMALL_BYTES:
        return client.post("/images", files=file).raise_for_status().headers["Location"]
    facts = {"name": picture.name, "type": MEDIA_TYPE, "size": len(picture.data)}
    offer = client.post("/uploads", json=facts).raise_for_status()
    form = offer.json()["form"]
    httpx.post(form["url"], data=form["fields"], files=file, trust_env=False).raise_for_status()
    return offer.headers["Location"]


def search_all(client: httpx.Client, console: Console) -> list[str]:
    """Run the searches and show what they find; return the problems."""
    problems = []
    for query, expected in SEARCHES.items():
        answer = client.get("/search", params={"q": query}).raise_for_status().json()
        names = [image["name"] for image in answer["images"]]
        console.print(f"[bold]{query}[/bold] finds", " and ".join(names) or "nothing")
        if set(names) != expected:
            problems.append(f"“{query}” should find {' and '.join(sorted(expected))}.")
    return problems


def as_table(outcomes: list[Outcome]) -> Table:
    """Return the outcomes as a table for the terminal."""
    table = Table("Picture", "Tags", "Seconds")
    for outcome in outcomes:
        table.add_row(outcome.picture.name, said(outcome.tags), f"{outcome.seconds:.1f}")
    return table


def said(tags: Mapping[str, int]) -> str:
    """Return tags as people read them: `clock 1, stop sign 2`."""
    return ", ".join(f"{tag} {count}" for tag, count in sorted(tags.items())) or "no tags"


if __name__ == "__main__":
    main()
