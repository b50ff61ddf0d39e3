"""Benchmark of the time from upload to search result over HTTP in the local cloud, alone and with 20 at once."""

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
from infra.local.program import TimedOut
from infra.local.scenes import scene
from tests.bench.frame import progress, show, spread

AT_ONCE: Final = (1, 20)
POLL_SECONDS: Final = 0.02
MAX_SECONDS: Final = 120


def measure(quick: bool, cloud: LocalCloud) -> dict[str, Any]:  # noqa: FBT001
    """Upload photos in waves of one and of twenty, and time each one until a search finds it."""
    waves = {1: 3, 20: 1} if quick else {1: 20, 20: 5}
    figures: dict[int, dict[str, Any]] = {}
    with progress("Uploads", sum(waves.values())) as step:
        for count in AT_ONCE:
            seconds: list[float] = []
            for _ in range(waves[count]):
                with cloud.person(f"{uuid4()}@example.com") as client:
                    seconds += _time_wave(client, count)
                next(step)
            figures[count] = {"uploads": len(seconds), "seconds": spread(seconds)}
    show(
        "Seconds from upload to search result (MiniStack, one worker and one API on the same machine)",
        ["uploads at once", "p50", "p95", "uploads"],
        [
            [count, wave["seconds"]["median"], wave["seconds"]["p95"], wave["uploads"]]
            for count, wave in figures.items()
        ],
    )
    return {"at_once": figures}


def _time_wave(client: httpx.Client, count: int) -> list[float]:
    photos = [_draw_photo(number) for number in range(count)]
    with _poll_search(client) as found_times, ThreadPoolExecutor(count) as pool:
        start_times = dict(pool.map(lambda data: _upload(client, data), photos))
        deadline = time.monotonic() + MAX_SECONDS
        while len(found_times) < count:
            if time.monotonic() > deadline:
                raise TimedOut(
                    f"Only {len(found_times)} of {count} uploads are searchable after {MAX_SECONDS} seconds."
                )
            time.sleep(POLL_SECONDS)
    return [found_times[image_id] - start for image_id, start in start_times.items()]


def _draw_photo(number: int) -> bytes:
    """Return a JPEG of a street with a stop sign. Each number gives different bytes."""
    pixels = cv2.imdecode(np.frombuffer(scene(stop_signs=1), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    pixels[number, :8] = number
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def _upload(client: httpx.Client, data: bytes) -> tuple[str, float]:
    """Request a form and upload the bytes, as the web UI does. Return the image's id and the start time."""
    start = time.perf_counter()
    facts = {"name": "street.jpg", "type": "image/jpeg", "size": len(data)}
    offer = client.post("/uploads", json=facts).raise_for_status().json()
    file = {"file": ("street.jpg", data, "image/jpeg")}
    httpx.post(offer["form"]["url"], data=offer["form"]["fields"], files=file, trust_env=False).raise_for_status()
    return offer["id"], start


@contextmanager
def _poll_search(client: httpx.Client) -> Iterator[Mapping[str, float]]:
    """Search repeatedly during the block, and yield a mapping from each image to the time when it was first found.

    One thread searches for all images, so that the polling takes little time from PixTag.
    """
    found_times: dict[str, float] = {}
    stopped = Event()

    def poll() -> None:
        while not stopped.wait(POLL_SECONDS):
            page = client.get("/search", params={"q": "stop sign", "limit": 100}).raise_for_status().json()
            now = time.perf_counter()
            for image in page["images"]:
                found_times.setdefault(image["id"], now)

    thread = Thread(target=poll)
    thread.start()
    try:
        yield found_times
    finally:
        stopped.set()
        thread.join()
