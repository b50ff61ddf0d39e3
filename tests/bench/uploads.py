"""From upload to searchable, over HTTP, on the laptop's cloud: alone, and twenty at once."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Final
from uuid import uuid4

import cv2
import httpx
import numpy as np

from infra.local.cloud import LocalCloud
from infra.local.program import TimeOut
from infra.local.scenes import scene
from tests.bench.frame import progress, show, spread

AT_ONCE: Final = (1, 20)
LOOK_SECONDS: Final = 0.02
MOST_SECONDS: Final = 120


def measure(quick: bool, cloud: LocalCloud) -> dict[str, Any]:  # noqa: FBT001
    """Upload so many at once, wave after wave, and time each until a search finds it."""
    waves = {1: 3, 20: 1} if quick else {1: 20, 20: 5}
    told: dict[int, dict[str, Any]] = {}
    with progress("Uploads", sum(waves.values())) as step:
        for many in AT_ONCE:
            seconds: list[float] = []
            for _ in range(waves[many]):
                with cloud.person(f"{uuid4()}@example.com") as client:
                    seconds += _wave(client, many)
                next(step)
            told[many] = {"uploads": len(seconds), "seconds": spread(seconds)}
    show(
        "From upload to searchable, in seconds (MiniStack, one worker, one API, on the same machine)",
        ["uploads at once", "p50", "p95", "uploads"],
        [[many, one["seconds"]["median"], one["seconds"]["p95"], one["uploads"]] for many, one in told.items()],
    )
    return {"at_once": told}


def _wave(client: httpx.Client, many: int) -> list[float]:
    photos = [_photo(number) for number in range(many)]
    with _looked_for(client, many) as found, ThreadPoolExecutor(many) as people:
        begun = dict(people.map(lambda data: _upload(client, data), photos))
        deadline = time.monotonic() + MOST_SECONDS
        while len(found) < many:
            if time.monotonic() > deadline:
                raise TimeOut(f"Of {many} uploads only {len(found)} can be searched after {MOST_SECONDS} seconds.")
            time.sleep(LOOK_SECONDS)
    return [found[image_id] - start for image_id, start in begun.items()]


def _photo(number: int) -> bytes:
    """A street with a stop sign, of bytes like no other's."""
    drawn = cv2.imdecode(np.frombuffer(scene(stop_signs=1), np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None
    drawn[number, :8] = number
    return cv2.imencode(".jpg", drawn)[1].tobytes()


def _upload(client: httpx.Client, data: bytes) -> tuple[str, float]:
    """Ask for a form and send the bytes, as the web UI does; return the id, and when that began."""
    start = time.perf_counter()
    facts = {"name": "street.jpg", "type": "image/jpeg", "size": len(data)}
    offer = client.post("/uploads", json=facts).raise_for_status().json()
    file = {"file": ("street.jpg", data, "image/jpeg")}
    httpx.post(offer["form"]["url"], data=offer["form"]["fields"], files=file, trust_env=False).raise_for_status()
    return offer["id"], start


@contextmanager
def _looked_for(client: httpx.Client, many: int) -> Iterator[Mapping[str, float]]:
    """When a search first found each image; one thread searches for all, so that looking costs little."""
    found: dict[str, float] = {}
    over = Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            page = client.get("/search", params={"q": "stop sign", "limit": 100}).raise_for_status().json()
            now = time.perf_counter()
            for image in page["images"]:
                found.setdefault(image["id"], now)

    looking = Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        over.set()
        looking.join()
