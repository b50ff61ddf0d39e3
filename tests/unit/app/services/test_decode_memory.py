"""The memory of concurrent decodes, with real threads. Each waits for events and never for a time."""

import ctypes
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from app.domain.errors import Unavailable
from app.domain.images import Image
from app.domain.media_types import MEDIA_TYPES
from app.domain.ports import Images
from app.services.decode_memory import BYTES_PER_PHOTO, TRIMMED_BYTES, DecodeMemory, trim_memory
from app.services.ingest import Ingest
from detector import Detection
from detector.pixels import Pixels, estimate_memory, read_header
from infra.local.program import wait_until
from tests.support.domain_images import make_image
from tests.support.fakes import FakeDetector
from tests.support.uploads import MAX_BYTES, make_upload

UNIT = 10_000_000
SECONDS = 20.0


class Holder:
    """Threads that reserve memory and hold it until they are released."""

    def __init__(self, memory: DecodeMemory) -> None:
        self.memory = memory
        self.started: list[str] = []
        self._begun: dict[str, threading.Event] = {}
        self.ends: dict[str, threading.Event] = {}
        self.threads = ThreadPoolExecutor(16)

    def start(self, name: str, units: int) -> "Future[None]":
        """Request the units in a thread. Return when the thread holds or awaits them."""
        waiting = self._count_waiting() + len(self.started)
        self._begun[name], self.ends[name] = threading.Event(), threading.Event()
        future = self.threads.submit(self._hold, name, units * UNIT - BYTES_PER_PHOTO)
        wait_until(
            lambda: self._count_waiting() + len(self.started) > waiting or future.done(), SECONDS, f"{name} is missing."
        )
        return future

    def _count_waiting(self) -> int:
        return self.memory.waiting

    def _hold(self, name: str, size: int) -> None:
        with self.memory.reserve(size):
            self.started.append(name)
            self._begun[name].set()
            assert self.ends[name].wait(SECONDS)

    def await_start(self, name: str) -> None:
        assert self._begun[name].wait(SECONDS)

    def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()


@pytest.fixture
def holder() -> Iterator[Holder]:
    holder = Holder(DecodeMemory(10 * UNIT, max_waiting=2, wait_seconds=SECONDS))
    yield holder
    holder.end(*holder.ends)
    holder.threads.shutdown()


def test_reserve_waits_until_the_photos_fit(holder: Holder) -> None:
    for name, units in (("a", 6), ("b", 4), ("c", 5)):
        holder.start(name, units)
    assert holder.started == ["a", "b"]

    holder.end("b")
    assert holder.started == ["a", "b"]
    holder.end("a")
    holder.await_start("c")

    assert holder.started == ["a", "b", "c"]


def test_reserve_of_a_small_photo_does_not_overtake_a_large_one(holder: Holder) -> None:
    for name, units in (("a", 6), ("large", 8), ("small", 4)):
        holder.start(name, units)
    assert holder.started == ["a"]

    holder.end("a")
    holder.await_start("large")
    assert holder.started == ["a", "large"]
    holder.end("large")
    holder.await_start("small")


def test_reserve_of_a_photo_above_the_budget_processes_it_alone(holder: Holder) -> None:
    holder.start("huge", 99)
    holder.start("b", 4)
    assert holder.started == ["huge"]

    holder.end("huge")
    holder.await_start("b")


def test_reserve_with_too_many_waiting_calls_raises_unavailable(holder: Holder) -> None:
    for name, units in (("a", 10), ("b", 10), ("c", 10)):
        holder.start(name, units)

    refused = holder.start("d", 4)

    with pytest.raises(Unavailable, match="too many large photos"):
        refused.result(SECONDS)
    assert (holder.started, holder.memory.waiting) == (["a"], 2)


def test_reserve_that_waits_too_long_raises_unavailable_and_leaves_the_line() -> None:
    memory = DecodeMemory(10 * UNIT, wait_seconds=0)

    with memory.reserve(), pytest.raises(Unavailable), memory.reserve(0):
        pytest.fail("reserved")
    with memory.reserve():
        pass

    assert memory.used == 0


def test_reserve_is_released_after_an_error() -> None:
    memory = DecodeMemory(10 * UNIT, wait_seconds=0)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), memory.reserve():
            raise ZeroDivisionError


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_reserve_for_a_photo_depends_on_its_pixels_and_format(ending: str) -> None:
    memory = DecodeMemory()
    data = cv2.imencode(ending, np.zeros((300, 200, 3), np.uint8))[1].tobytes()

    with memory.reserve_for(data):
        assert memory.used == BYTES_PER_PHOTO + len(data) + read_header(data).decode_bytes
    with memory.reserve_for(b"not a photo"):
        assert memory.used == BYTES_PER_PHOTO + len(b"not a photo")


def test_reserve_for_an_original_does_not_read_it() -> None:
    memory = DecodeMemory()

    with memory.reserve_for_original(make_image(media_type="image/heif", width=300, height=200, size=70)):
        assert memory.used == BYTES_PER_PHOTO + 70 + estimate_memory("image/heif", 300 * 200)


@pytest.mark.parametrize(("size", "trims"), [(0, []), (TRIMMED_BYTES, [0])])
def test_reserve_of_a_large_photo_returns_freed_memory_to_the_system(
    monkeypatch: pytest.MonkeyPatch, size: int, trims: list[int]
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=calls.append))

    with DecodeMemory().reserve(size):
        assert calls == []

    assert calls == trims


def test_trim_memory_without_glibc_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())

    trim_memory()


@pytest.mark.parametrize("media_type", sorted(MEDIA_TYPES))
def test_every_media_type_has_an_estimate(media_type: str) -> None:
    with DecodeMemory().reserve_for_original(make_image(media_type=media_type)):
        pass


class SlowDetector(FakeDetector):
    """Detects nothing, and records how much memory is reserved during each detection."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = DecodeMemory()
        self.used: list[int] = []
        self.entered = threading.Semaphore(0)
        self.can_end = threading.Event()

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        self.used.append(self.memory.used)
        self.entered.release()
        assert self.can_end.wait(SECONDS)
        return []


@pytest.fixture
def detector() -> SlowDetector:
    return SlowDetector()


def test_concurrent_searches_and_redetections_stay_within_the_budget(
    ingest: Ingest, images: Images, detector: SlowDetector, owner: str, photo: bytes
) -> None:
    """Eight threads decode real photos with memory for two. Two of them detect at a time, and all succeed."""
    detector.can_end.set()
    ready = ingest_photo(ingest, owner, photo)
    detector.can_end.clear()
    detector.entered.acquire(blocking=False)
    detector.used.clear()
    large = cv2.imencode(".png", np.zeros((1_000, 1_000, 3), np.uint8))[1].tobytes()
    budget = 2 * (BYTES_PER_PHOTO + len(large) + estimate_memory("image/jpeg", 1_000 * 1_000))
    detector.memory = ingest.memory = DecodeMemory(budget, wait_seconds=SECONDS)
    with ThreadPoolExecutor(8) as threads:
        tasks = [threads.submit(ingest.detect_picture, large, max_bytes=MAX_BYTES * 100) for _ in range(4)]
        redetections = [threads.submit(ingest.redetect, owner, ready.id) for _ in range(4)]
        for _ in range(2):
            assert detector.entered.acquire(timeout=SECONDS)
        wait_until(lambda: ingest.memory.waiting == 6, SECONDS, "The other threads do not wait.")
        assert len(detector.used) == 2
        detector.can_end.set()
        detections = [task.result(SECONDS).detections for task in tasks]
        tags = [task.result(SECONDS).tags for task in redetections]

    assert (detections, tags) == ([()] * 4, [{}] * 4)
    assert max(detector.used) <= budget
    assert len(detector.used) == 8
    assert ingest.memory.used == 0


def ingest_photo(ingest: Ingest, owner: str, photo: bytes) -> Image:
    pending = ingest.receive(owner, make_upload(photo), max_bytes=MAX_BYTES)
    ready = ingest.ingest(owner, pending.id)
    assert ready
    return ready


def test_redetect_of_a_failed_image_is_processed_alone(ingest: Ingest, owner: str) -> None:
    pending = ingest.receive(owner, make_upload(b"not a photo"), max_bytes=MAX_BYTES)
    ingest.ingest(owner, pending.id)
    ingest.memory = DecodeMemory(wait_seconds=0)

    with ingest.memory.reserve(0), pytest.raises(Unavailable):
        ingest.redetect(owner, pending.id)
    assert ingest.redetect(owner, pending.id).state == "failed"
