"""Ingest beside the bare detector on the same photographs: the share of its throughput, and what takes how long.

Each in one process. The bare detector decodes and looks, on one thread, as the detector's own table has it, or with
the model on all cores, as the worker has it. Ingest has one thread more: while the model looks there, objects are
encoded and written. What takes how long is told by part, and adds up to more than the whole.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from threading import local
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

import boto3
import cv2
import numpy as np
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from app.adapters.aws.bucket import Bucket, Upload
from app.adapters.aws.items import attributes, image_item
from app.adapters.aws.table import Table
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState
from app.services.ingest import Ingest
from app.services.library import Library
from app.wiring import CONFIG
from detector import pixels
from detector.yolo import INPUT_SIDE, Yolo
from tests.bench.frame import progress, show, spread
from tests.bench.instant import Answer, instant
from tests.support.aws import credentials

NAMES: Final = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "rocket.jpg",
    "hubble_deep_field.jpg",
)
SIZES: Final = {"640 x 480": 640, "4000 x 3000": 4000}  # of the long side: from the web, of a telephone
GOAL: Final = 0.85
ONE_THREAD: Final = "the bare detector, one thread"
BARE: Final = "the bare detector, all cores"
INSTANT: Final = "ingest, AWS answers at once"
INSTANT_TWO: Final = "ingest, AWS answers at once, two at a time"
EMULATED: Final = "ingest, on MiniStack"
EMULATED_TWO: Final = "ingest, on MiniStack, two at a time"
OWNER: Final = str(uuid4())
NO_SUCH_KEY: Final = b"<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>"


def photographs(long_side: int) -> list[bytes]:
    """Photographs of scikit-image as JPEGs of that size, with a grain that keeps their bytes as many as a camera's."""
    grain = np.random.default_rng(1)
    found = []
    for name in NAMES:
        small = cv2.imread(str(files("skimage") / "data" / name))
        assert small is not None
        large = cv2.resize(small, (long_side, long_side * 3 // 4), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + grain.normal(0, 4, large.shape), 0, 255).astype(np.uint8)
        found.append(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())
    return found


@dataclass
class Stopwatch:
    """Adds up the seconds of each kind of work."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _thread: local = field(default_factory=local)

    def timed(self, kind: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work, timed."""

        def run(*args: Any, **named: Any) -> Any:
            if getattr(self._thread, "busy", False):  # a part of work that is timed already
                return work(*args, **named)
            self._thread.busy = True
            start = time.perf_counter()
            try:
                return work(*args, **named)
            finally:
                self._thread.busy = False
                self.seconds[kind] += time.perf_counter() - start

        return run

    @contextmanager
    def pixels_timed(self) -> Iterator[None]:
        """Time what is done to pixels inside the block."""
        kinds = {"read_header": "decode", "decode": "decode", "reduced": "encode", "thumbnail": "encode"}
        timed: dict[str, Any] = {name: self.timed(kind, getattr(pixels, name)) for name, kind in kinds.items()}
        with patch.multiple(pixels, **timed):
            yield


class Timed:
    """An adapter, or the detector, of which every call is timed."""

    def __init__(self, watch: Stopwatch, kind: str, adapter: Any) -> None:
        self._watch, self._kind, self._adapter = watch, kind, adapter

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        return self._watch.timed(self._kind, found) if callable(found) else found


@dataclass(frozen=True)
class Pipeline:
    """Somewhere to ingest to."""

    ingest: Ingest
    table: Table
    bucket: Bucket

    @classmethod
    def on(
        cls, session: boto3.Session, names: tuple[str, str], detector: Yolo, watch: Stopwatch, url: str | None = None
    ) -> "Pipeline":
        """With clients of the session; `names` are the table's and the bucket's."""
        config = CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        table = Table(session.client("dynamodb", config=CONFIG, endpoint_url=url), names[0])
        bucket = Bucket(session.client("s3", config=config, endpoint_url=url), names[1], credentials())
        told: tuple[Any, Any] = Timed(watch, "DynamoDB", table), Timed(watch, "S3", bucket)
        seen = Timed(watch, "detect", detector)
        return cls(Ingest(*told, Library(*told), lambda: seen), table, bucket)

    def offered(self, data: bytes) -> str:
        """The id of a new image, whose bytes have arrived."""
        image = self.table.save(_pending(new_id()))
        self.bucket.claim(Rendition.INCOMING.key(OWNER, image.id), Upload(data + image.id.encode(), "image/jpeg", "a"))
        return image.id

    def take_in(self, image_id: str) -> None:
        """Ingest, as the worker does."""
        image = self.ingest.ingest(OWNER, image_id)
        assert image
        assert image.state is ImageState.READY, image.reason


def _pending(image_id: str) -> Image:
    return Image(
        owner=OWNER, id=image_id, state=ImageState.PENDING, name="a.jpg", media_type="image/jpeg", size=1, version=1
    )


@dataclass
class Shelf:
    """What S3 and DynamoDB answer at once: to each image there is a row, and the bytes that were claimed for it."""

    data: dict[str, bytes] = field(default_factory=dict)

    def answer(self, request: AWSPreparedRequest) -> Answer:
        """Answer as AWS would whose every image is new."""
        if "X-Amz-Target" in request.headers:
            key = (
                json.loads(str(request.body, "utf-8") if isinstance(request.body, bytes) else "{}")
                .get("Key", {})
                .get("sk", {})
                .get("S", "")
            )
            image = _pending(key.removeprefix("IMAGE#")) if key.startswith("IMAGE#") else None
            return 200, {}, json.dumps({"Item": attributes(image_item(image))} if image else {}).encode()
        image_id = request.url.rpartition("/")[2]
        if request.method == "PUT":
            return 200, {"ETag": '"1"'}, b""
        if request.method == "GET" and "/incoming/" in request.url:
            return 200, {"Content-Type": "image/jpeg"}, self.data[image_id]
        return (404, {}, NO_SUCH_KEY) if request.method == "GET" else (204, {}, b"")


def measure(quick: bool, emulated: boto3.Session, names: tuple[str, str], endpoint_url: str) -> dict[str, Any]:  # noqa: FBT001
    """Time one pass over the photographs each way, in turn, again and again; shares are of the same round's."""
    rounds = 2 if quick else 7
    yolo, one_thread, shelf = Yolo(), Yolo(threads=1), Shelf()
    watch, unwatched = Stopwatch(), Stopwatch()
    instantly = Pipeline.on(instant(shelf.answer), names, yolo, unwatched)
    library = Pipeline.on(emulated, names, yolo, watch, endpoint_url)
    crowded = Pipeline.on(emulated, names, yolo, unwatched, endpoint_url)
    told = {}
    for size, long_side in SIZES.items():
        photos = photographs(long_side)
        passes: defaultdict[str, list[float]] = defaultdict(list)
        watch.seconds.clear()
        with progress(f"Ingest, {size}", rounds) as step:
            for done in range(rounds + 1):  # the first one warms up
                taken = {
                    ONE_THREAD: _time(_bare(one_thread), photos),
                    BARE: _time(_bare(yolo), photos),
                    INSTANT: _time(instantly.take_in, _shelved(shelf, photos)),
                    INSTANT_TWO: _time(instantly.take_in, _shelved(shelf, photos), threads=2),
                    EMULATED: _watched(watch, library, photos),
                    EMULATED_TWO: _time(crowded.take_in, [crowded.offered(data) for data in photos], threads=2),
                }
                if not done:
                    watch.seconds.clear()
                    continue
                for way, seconds in taken.items():
                    passes[way].append(seconds / len(photos))
                next(step)
        told[size] = _told(passes, watch, rounds * len(photos))
    figures = {"goal": GOAL, "photographs": told}
    _show(figures)
    return figures


def _bare(yolo: Yolo) -> Callable[[bytes], None]:
    def look(data: bytes) -> None:
        header = pixels.read_header(data)
        yolo.detect(pixels.decode(data, header, long_side=INPUT_SIDE), width=header.width, height=header.height)

    return look


def _shelved(shelf: Shelf, photos: Sequence[bytes]) -> list[str]:
    shelf.data = {new_id(): data for data in photos}
    return list(shelf.data)


def _watched(watch: Stopwatch, library: Pipeline, photos: Sequence[bytes]) -> float:
    ids = [library.offered(data) for data in photos]
    with watch.pixels_timed():
        return _time(library.take_in, ids)


def _time(work: Callable[[Any], None], over: Sequence[Any], threads: int = 1) -> float:
    start = time.perf_counter()
    if threads == 1:
        for one in over:
            work(one)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, over))
    return time.perf_counter() - start


def _told(passes: Mapping[str, Sequence[float]], watch: Stopwatch, number: int) -> dict[str, Any]:
    ways = {
        way: {
            "share": _share(passes[ONE_THREAD], seconds),
            "share_of_all_cores": _share(passes[BARE], seconds),
            "ms": spread(1000 * one for one in seconds),
        }
        for way, seconds in passes.items()
    }
    parts = {kind: 1000 * seconds / number for kind, seconds in watch.seconds.items()}
    whole = sum(passes[EMULATED]) / len(passes[EMULATED]) * 1000
    return {"ways": ways, "breakdown_ms": parts, "whole_ms": whole}


def _share(bare: Sequence[float], seconds: Sequence[float]) -> dict[str, float]:
    return spread(one / other for one, other in zip(bare, seconds, strict=True))


def _show(figures: Mapping[str, Any]) -> None:
    show(
        f"Ingest as a share of the bare detector's throughput (goal {GOAL})",
        ["", "of one thread's (p5 to p95)", "of all cores'", "ms a photograph (p5 to p95)"],
        [
            [
                f"{size}: {way}",
                "{median:.2f} ({p5:.2f} to {p95:.2f})".format(**one["share"]),
                "{median:.2f}".format(**one["share_of_all_cores"]),
                "{median:.1f} ({p5:.1f} to {p95:.1f})".format(**one["ms"]),
            ]
            for size, told in figures["photographs"].items()
            for way, one in told["ways"].items()
        ],
    )
    kinds = ("decode", "detect", "encode", "S3", "DynamoDB")
    rows = [
        [size, *(told["breakdown_ms"].get(kind, 0.0) for kind in kinds), told["whole_ms"]]
        for size, told in figures["photographs"].items()
    ]
    show(
        "Of which, in ms (S3 and DynamoDB are MiniStack, on the same machine)",
        ["", *kinds, "the whole, side by side"],
        rows,
    )
