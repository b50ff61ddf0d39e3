"""Benchmark of ingest against the bare detector on the same photos: throughput, CPU time, and the time of each part.

Each runs in one process. The bare detector decodes and detects, either on one thread, as in the detector's benchmark,
or with the model on all cores, as in the worker. Ingest runs the model in a second thread while the first encodes
and writes the renditions. So the times of the parts add up to more than the total.
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
from typing import Any, Final, NamedTuple
from unittest.mock import patch
from uuid import uuid4

import boto3
import cv2
import numpy as np
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.items import image_item
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.preferences import DynamoPreferences
from app.adapters.aws.quotas import DynamoQuotas
from app.adapters.aws.row_keys import attributes
from app.adapters.aws.stores import CONFIG, DYNAMODB_CONFIG
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, ImageState
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from detector import pixels
from detector.yolo import INPUT_SIDE, Yolo
from tests.bench.frame import progress, show, spread
from tests.bench.stub import Response, stub_session
from tests.support.aws import credentials

NAMES: Final = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "motorcycle_left.png",
    "rocket.jpg",
    "hubble_deep_field.jpg",
)
SIZES: Final = {
    "640 x 480": 640,
    "4000 x 3000": 4000,
}  # pixels of the long side: a photo from the web, and one from a phone
PHONE: Final = "4000 x 3000"
GOAL: Final = 0.85
ONE_THREAD: Final = "the bare detector, one thread"
BARE: Final = "the bare detector, all cores"
INSTANT: Final = "ingest, AWS answers at once"
INSTANT_TWO: Final = "ingest, AWS answers at once, two at a time"
EMULATED: Final = "ingest, on MiniStack"
EMULATED_TWO: Final = "ingest, on MiniStack, two at a time"
OWNER: Final = str(uuid4())
NO_SUCH_KEY: Final = b"<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>"


def make_photos(long_side: int, quality: int = 88) -> list[bytes]:
    """Return photos of scikit-image as JPEGs of this size, with noise that makes their files as large as a camera's."""
    generator = np.random.default_rng(1)
    photos = []
    for name in NAMES:
        small = cv2.imread(str(files("skimage") / "data" / name))
        assert small is not None
        large = cv2.resize(small, (long_side, long_side * 3 // 4), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + generator.normal(0, 4, large.shape), 0, 255).astype(np.uint8)
        photos.append(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    return photos


class Seconds(NamedTuple):
    """The time of some work, and the CPU time of all threads of the process."""

    wall: float
    cpu: float


@dataclass
class Stopwatch:
    """Adds up the seconds of each kind of work."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _thread: local = field(default_factory=local)

    def wrap(self, kind: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the work and adds its time to this kind."""

        def run(*args: Any, **options: Any) -> Any:
            if getattr(self._thread, "busy", False):  # this call is part of a timed call
                return work(*args, **options)
            self._thread.busy = True
            start = time.perf_counter()
            try:
                return work(*args, **options)
            finally:
                self._thread.busy = False
                self.seconds[kind] += time.perf_counter() - start

        return run

    @contextmanager
    def time_pixels(self) -> Iterator[None]:
        """Time the functions of `detector.pixels` inside the block."""
        kinds = {
            "read_header": "decode",
            "decode_photo": "decode",
            "reduce": "encode",
            "halve": "encode",
            "encode_jpeg": "encode",
        }
        functions: dict[str, Any] = {name: self.wrap(kind, getattr(pixels, name)) for name, kind in kinds.items()}
        with patch.multiple(pixels, **functions):
            yield


class Timed:
    """Wraps an adapter or the detector, and times each call."""

    def __init__(self, watch: Stopwatch, kind: str, adapter: Any) -> None:
        self._watch, self._kind, self._adapter = watch, kind, adapter

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._adapter, name)
        return self._watch.wrap(self._kind, member) if callable(member) else member


@dataclass(frozen=True)
class Pipeline:
    """The ingest service with its stores."""

    ingest: Ingest
    images: DynamoImages
    objects: S3Objects

    @classmethod
    def make(
        cls, session: boto3.Session, names: tuple[str, str], detector: Yolo, watch: Stopwatch, url: str | None = None
    ) -> "Pipeline":
        """Return a pipeline with clients of the session. `names` are those of the table and the bucket."""
        config = CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        dynamodb = session.client("dynamodb", config=DYNAMODB_CONFIG, endpoint_url=url)  # all adapters share one
        images = DynamoImages(dynamodb, names[0])
        objects = S3Objects(session.client("s3", config=config, endpoint_url=url), names[1], credentials())
        stores: tuple[Any, Any] = Timed(watch, "DynamoDB", images), Timed(watch, "S3", objects)
        timed_detector = Timed(watch, "detect", detector)
        quotas, preferences = DynamoQuotas(dynamodb, names[0]), DynamoPreferences(dynamodb, names[0])
        return cls(Ingest(*stores, Library(*stores, preferences), quotas, lambda: timed_detector), images, objects)

    def upload(self, data: bytes) -> str:
        """Store the bytes of a new pending image, and return its id."""
        image = self.images.save(_make_pending_image(new_id()))
        self.objects.claim(Rendition.INCOMING.key(OWNER, image.id), Upload(data + image.id.encode(), "image/jpeg", "a"))
        return image.id

    def process(self, image_id: str) -> None:
        """Ingest an upload as the worker does."""
        image = self.ingest.ingest(OWNER, image_id)
        assert image
        assert image.state is ImageState.READY, image.reason


def _make_pending_image(image_id: str) -> Image:
    return Image(
        owner=OWNER, id=image_id, state=ImageState.PENDING, name="a.jpg", media_type="image/jpeg", size=1, version=1
    )


@dataclass
class AwsStub:
    """Responds for S3 and DynamoDB at once. Each image has a row and the uploaded bytes."""

    uploads: dict[str, bytes] = field(default_factory=dict)

    def respond(self, request: AWSPreparedRequest) -> Response:
        """Respond as AWS would if every image were new."""
        target: Any = request.headers.get("X-Amz-Target")
        body: Any = request.body
        if target:
            # Only this operation needs the parsed body. Parsing that of a transaction would count as ingest.
            key = json.loads(body)["Key"]["sk"]["S"] if target.endswith(b".GetItem") else ""
            image = _make_pending_image(key.removeprefix("IMAGE#")) if key.startswith("IMAGE#") else None
            answer: dict[str, Any] = {"Item": attributes(image_item(image))} if image else {"Items": []}
            return 200, {}, json.dumps(answer).encode()
        image_id = request.url.rpartition("/")[2]
        if request.method == "PUT":
            return 200, {"ETag": '"1"'}, b""
        if request.method == "GET" and "/incoming/" in request.url:
            return 200, {"Content-Type": "image/jpeg"}, self.uploads[image_id]
        return (404, {}, NO_SUCH_KEY) if request.method == "GET" else (204, {}, b"")


def measure(quick: bool, emulated: boto3.Session, names: tuple[str, str], endpoint_url: str) -> dict[str, Any]:  # noqa: FBT001
    """Process the photos in each way, in turn, for several rounds. Shares compare ways within the same round."""
    rounds = 2 if quick else 7
    yolo, one_thread, stub = Yolo(), Yolo(threads=1), AwsStub()
    watch, unused_watch = Stopwatch(), Stopwatch()
    on_stub = Pipeline.make(stub_session(stub.respond), names, yolo, unused_watch)
    on_ministack = Pipeline.make(emulated, names, yolo, watch, endpoint_url)
    two_on_ministack = Pipeline.make(emulated, names, yolo, unused_watch, endpoint_url)
    figures_by_size = {}
    for size, long_side in SIZES.items():
        photos = make_photos(long_side)
        passes: defaultdict[str, list[Seconds]] = defaultdict(list)
        watch.seconds.clear()
        with progress(f"Ingest, {size}", rounds) as step:
            for turn in range(rounds + 1):  # the first one is a warm-up
                times = {
                    ONE_THREAD: _time(_make_bare_detector(one_thread), photos),
                    BARE: _time(_make_bare_detector(yolo), photos),
                    INSTANT: _time(on_stub.process, _store_in_stub(stub, photos)),
                    INSTANT_TWO: _time(on_stub.process, _store_in_stub(stub, photos), threads=2),
                    EMULATED: _time_parts(watch, on_ministack, photos),
                    EMULATED_TWO: _time(
                        two_on_ministack.process, [two_on_ministack.upload(data) for data in photos], threads=2
                    ),
                }
                if not turn:
                    watch.seconds.clear()
                    continue
                for way, seconds in times.items():
                    passes[way].append(Seconds(seconds.wall / len(photos), seconds.cpu / len(photos)))
                next(step)
        figures_by_size[size] = _summarize(passes, watch, rounds * len(photos))
    figures: dict[str, Any] = {
        "goal": GOAL,
        "photographs": figures_by_size,
        "targets": [_make_target(figures_by_size[PHONE]["ways"])],
    }
    _show(figures)
    return figures


def _make_target(ways: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "ingest of 12 MP: CPU against the bare detector's",
        "ratio": ways[INSTANT]["cpu_ratio"]["median"],
        "floor": 1.36,
        "stretch": 1.25,
        "better": "lower",
        "detail": "{:.1f} ms against {:.1f} ms".format(
            *(ways[way]["cpu_ms"]["median"] for way in (INSTANT, ONE_THREAD))
        ),
    }


def _make_bare_detector(yolo: Yolo) -> Callable[[bytes], None]:
    def detect(data: bytes) -> None:
        header = pixels.read_header(data)
        yolo.detect(pixels.decode(data, header, long_side=INPUT_SIDE), width=header.width, height=header.height)

    return detect


def _store_in_stub(stub: AwsStub, photos: Sequence[bytes]) -> list[str]:
    stub.uploads = {new_id(): data for data in photos}
    return list(stub.uploads)


def _time_parts(watch: Stopwatch, pipeline: Pipeline, photos: Sequence[bytes]) -> Seconds:
    ids = [pipeline.upload(data) for data in photos]
    with watch.time_pixels():
        return _time(pipeline.process, ids)


def _time(work: Callable[[Any], None], inputs: Sequence[Any], threads: int = 1) -> Seconds:
    start, cpu_start = time.perf_counter(), time.process_time()
    if threads == 1:
        for each in inputs:
            work(each)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, inputs))
    return Seconds(time.perf_counter() - start, time.process_time() - cpu_start)


def _summarize(passes: Mapping[str, Sequence[Seconds]], watch: Stopwatch, photo_count: int) -> dict[str, Any]:
    ways = {
        way: {
            "share": _compare(passes[ONE_THREAD], seconds),
            "share_of_all_cores": _compare(passes[BARE], seconds),
            "ms": spread(1000 * each.wall for each in seconds),
            "cpu_ms": spread(1000 * each.cpu for each in seconds),
            "cpu_ratio": spread(each.cpu / bare.cpu for each, bare in zip(seconds, passes[ONE_THREAD], strict=True)),
        }
        for way, seconds in passes.items()
    }
    parts = {kind: 1000 * seconds / photo_count for kind, seconds in watch.seconds.items()}
    total = sum(each.wall for each in passes[EMULATED]) / len(passes[EMULATED]) * 1000
    return {"ways": ways, "breakdown_ms": parts, "whole_ms": total}


def _compare(bare: Sequence[Seconds], seconds: Sequence[Seconds]) -> dict[str, float]:
    """Return the throughput as a share of the bare detector's, from the times of the same rounds."""
    return spread(bare_time.wall / way_time.wall for bare_time, way_time in zip(bare, seconds, strict=True))


def _show(figures: Mapping[str, Any]) -> None:
    show(
        f"Ingest as a share of the bare detector's throughput (goal {GOAL})",
        ["", "of one thread (p5 to p95)", "of all cores", "CPU, times one thread's", "ms per photo (p5 to p95)"],
        [
            [
                f"{size}: {way}",
                "{median:.2f} ({p5:.2f} to {p95:.2f})".format(**figures_of_way["share"]),
                "{median:.2f}".format(**figures_of_way["share_of_all_cores"]),
                "{median:.2f}".format(**figures_of_way["cpu_ratio"]),
                "{median:.1f} ({p5:.1f} to {p95:.1f})".format(**figures_of_way["ms"]),
            ]
            for size, figures_of_size in figures["photographs"].items()
            for way, figures_of_way in figures_of_size["ways"].items()
        ],
    )
    kinds = ("decode", "detect", "encode", "S3", "DynamoDB")
    rows = [
        [size, *(figures_of_size["breakdown_ms"].get(kind, 0.0) for kind in kinds), figures_of_size["whole_ms"]]
        for size, figures_of_size in figures["photographs"].items()
    ]
    show(
        "Parts of an ingest in ms (S3 and DynamoDB are MiniStack on the same machine)",
        ["", *kinds, "total, in parallel"],
        rows,
    )
