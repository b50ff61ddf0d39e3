"""Uploads photos as the web UI does, and times them until a search finds them or until they are ready."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any, Final, Self

import httpx

from infra.local.program import TimedOut
from tests.bench.frame import progress
from tests.bench.local.instances import Instance
from tests.bench.local.photos import SCENE, Photos

NAME: Final = "IMG_20261101_120000.jpg"
CONNECTIONS: Final = 4
POLL_SECONDS: Final = 0.02
MAX_SECONDS: Final = 300
TOO_MANY_REQUESTS: Final = 429

Key = str
"""The name of a version of PixTag."""


class Uploader:
    """Uploads photos for a person. Several threads can use it."""

    def __init__(self, instance: Instance) -> None:
        self.client = instance.client()
        # Forms are signed, so they need no Authorization. MiniStack closes idle connections, so none is kept open.
        self._form_client = httpx.Client(headers={"Connection": "close"}, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self._form_client.close()

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request. If PixTag limits the rate, wait until it accepts the request. Return the JSON response."""
        while (response := self.client.request(method, path, **options)).status_code == TOO_MANY_REQUESTS:
            time.sleep(float(response.headers["Retry-After"]))
        return response.raise_for_status().json()

    def upload(self, data: bytes) -> str:
        """Request a form and upload the bytes. Return the id of the image."""
        offer = self.request("POST", "/uploads", json={"name": NAME, "type": "image/jpeg", "size": len(data)})
        form, file = offer["form"], {"file": (NAME, data, "image/jpeg")}
        self._form_client.post(form["url"], data=form["fields"], files=file).raise_for_status()
        return str(offer["id"])


def ingest(instance: Instance, photos: Iterable[bytes]) -> float:
    """Upload the photos over `CONNECTIONS` connections, and wait until all are ready. Return the seconds.

    Raises:
        TimedOut: a photo was not ready in time.
        RuntimeError: a photo could not be processed.
    """
    start = time.perf_counter()
    with Uploader(instance) as uploader:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            ids = list(pool.map(uploader.upload, photos))
        for image_id in reversed(ids):
            _wait_until_ready(uploader, image_id)
    return time.perf_counter() - start


def _wait_until_ready(uploader: Uploader, image_id: str) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    while (image := uploader.request("GET", f"/images/{image_id}"))["state"] == "pending":
        if time.monotonic() > deadline:
            raise TimedOut(f"A photo is not ready after {MAX_SECONDS} seconds.")
        time.sleep(POLL_SECONDS)
    if image["state"] != "ready":
        raise RuntimeError(f"A photo is {image['state']}: {image['reason']}")


@dataclass(frozen=True, slots=True)
class Rates:
    """The seconds of both versions, by what was uploaded. The versions take turns."""

    until_searchable: Mapping[int, Mapping[Key, list[float]]]
    """Per upload, by the number of uploads at once."""

    per_photo: Mapping[str, Mapping[Key, list[float]]]
    """Per photo of each wave, by the size of the photos."""


def compare_uploads(
    instances: Mapping[Key, Instance], photos: Photos, waves: Mapping[int, int], batches: Mapping[str, int], rounds: int
) -> Rates:
    """Upload the same photos to both versions.

    Args:
        instances: The running versions.
        photos: The photos to upload.
        waves: The number of waves, by the number of uploads at once.
        batches: The number of photos per round, by their size.
        rounds: The number of rounds of each batch. A further round warms up.
    """
    until_searchable: dict[int, dict[Key, list[float]]] = {count: {key: [] for key in instances} for count in waves}
    per_photo: dict[str, dict[Key, list[float]]] = {size: {key: [] for key in instances} for size in batches}
    with progress("Uploads", sum(waves.values()) + (rounds + 1) * len(batches)) as step:
        for turn in range(rounds + 1):
            for size, count in batches.items():
                for key, instance in instances.items():
                    seconds = ingest(instance, list(photos.take(size, count)))
                    if turn:
                        per_photo[size][key].append(seconds / count)
                next(step)
        for count, waves_of_count in waves.items():
            for _ in range(waves_of_count):
                for key, instance in instances.items():
                    until_searchable[count][key] += _time_wave(instance, list(photos.take(SCENE, count)))
                next(step)
    return Rates(until_searchable, per_photo)


def _time_wave(instance: Instance, photos: list[bytes]) -> list[float]:
    """Upload the photos at the same time. Return the seconds of each from its first request until a search finds it."""
    with (
        Uploader(instance) as uploader,
        SearchPoll(uploader) as poll,
        ThreadPoolExecutor(len(photos)) as pool,
    ):

        def send(data: bytes) -> tuple[str, float]:
            start = time.perf_counter()
            return uploader.upload(data), start

        starts = dict(pool.map(send, photos))
        poll.wait_for(starts)
        return [poll.times[image_id] - start for image_id, start in starts.items()]


class SearchPoll:
    """Searches repeatedly during a `with` block. `times` maps each image to the time when it was first found.

    One thread searches for all images, so that the polling takes little time from PixTag.
    """

    def __init__(self, uploader: Uploader) -> None:
        self.times: dict[str, float] = {}
        self._uploader = uploader
        self._stopped = Event()
        self._thread = Thread(target=self._poll)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def wait_for(self, ids: Iterable[str]) -> None:
        """Wait until the search has found all images.

        Raises:
            TimedOut: it has not found all of them in time.
        """
        deadline = time.monotonic() + MAX_SECONDS
        while missing := set(ids) - set(self.times):
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimedOut(f"A search does not find {len(missing)} uploads after {MAX_SECONDS} seconds.")
            time.sleep(POLL_SECONDS)

    def _poll(self) -> None:
        query: dict[str, Any] = {"q": "stop sign", "limit": 20}
        while not self._stopped.wait(POLL_SECONDS):
            page = self._uploader.request("GET", "/search", params=query)
            now = time.perf_counter()
            for image in page["images"]:
                self.times.setdefault(image["id"], now)
