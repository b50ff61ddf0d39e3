"""The API without AWS: its own time for a request, the JSON of a page, and what a cold start loads."""

import base64
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSPreparedRequest

from app import wiring
from app.adapters.aws.items import attributes, counter_key, image_item, summary_item
from app.api import auth
from app.api.auth import KeySet, verify
from app.domain.errors import InvalidToken
from app.domain.ids import Rendition
from app.domain.images import Image
from app.main import app, handler
from tests.bench.frame import BLUE, GREY, console, plotted, progress, show, spread
from tests.bench.instant import Answer, instant
from tests.bench.library import COCO, image_id
from tests.robustness.test_tokens import HOSTILE
from tests.support.fakes import image
from tests.support.tokens import SETTINGS, claims, jwks, sign

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
ASKED: Final = {
    "up": ("/health", ""),
    "an image": (f"/images/{image_id(0)}", ""),
    "list, 50": ("/images", "limit=50"),
    "list, 100": ("/images", "limit=100"),
    "search, 50": ("/search", "q=person&limit=50"),
    "search of two, 50": ("/search", "q=person,car&limit=50"),
    "all tags": ("/tags", ""),
}
UNWANTED: Final = (
    "cv2",
    "onnxruntime",
    "numpy",
    "PIL",
    "aws_lambda_powertools",
    "moto",
    "ministack",
    "pydantic_settings",
)
SPARED: Final = (
    "pydantic-settings and python-dotenv: ten variables need no library",
    "five of six DynamoDB clients: all adapters share one, and its connections",
    "the search for garbage among what is imported: none of it ever is",
)
LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| *(\S+)")


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - every part has it
    """Ask Lambda's handler, in this process, with DynamoDB's answers at once; then start it anew, again and again."""
    with _wired():
        requests, links = _requests(20 if quick else 100)
    figures = {
        "requests": requests,
        "links_share_of_list_100": links,
        "refusal_ms": _refusals(),
        "cold_start": _cold_start(3 if quick else 15),
    }
    _show(figures)
    return figures


@contextmanager
def _wired() -> Iterator[None]:
    """The app as it is wired, with AWS that answers at once."""
    variables = {f"PIXTAG_{name.upper()}": value for name, value in SETTINGS.model_dump().items()}
    keys = KeySet(jwks)
    with (
        patch.object(boto3, "DEFAULT_SESSION", instant(_Answers().answer)),
        patch.dict(os.environ, variables),
        patch.dict(app.dependency_overrides, {auth.key_set: lambda: keys}),
    ):
        yield
    for made in vars(wiring).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


class _Answers:
    """What DynamoDB says of a library of 100 images."""

    def __init__(self) -> None:
        images = [_numbered(number) for number in range(100)]
        self._cards = [attributes(summary_item(one)) for one in images]
        self._image = json.dumps({"Item": attributes(image_item(images[0]))}).encode()
        tags = Counter(tag for counts in COCO for tag in counts)
        self._counters = [
            attributes({**counter_key(images[number], tag), "images": 1, "objects": 2})
            for tag in tags
            for number in range(8)
        ]

    def answer(self, request: AWSPreparedRequest) -> Answer:
        assert isinstance(request.body, bytes)
        asked = json.loads(request.body)
        if "Key" in asked:
            return 200, {}, self._image
        if asked["ExpressionAttributeValues"][":first"]["S"].startswith("COUNT#"):
            rows = self._counters if asked["ExpressionAttributeValues"][":first"]["S"] == "COUNT#" else []
            return 200, {}, json.dumps({"Items": rows}).encode()
        return 200, {}, json.dumps({"Items": self._cards[: asked["Limit"]]}).encode()


def _numbered(number: int) -> Image:
    one = image(OWNER, counts={"person": 2, "car": 1} | COCO[number])
    object.__setattr__(one, "id", image_id(number))
    return one


def _requests(rounds: int) -> tuple[dict[str, Any], dict[str, float]]:
    headers = {"host": "pixtag.example", "authorization": f"Bearer {sign(claims(OWNER))}", "accept-encoding": "gzip"}
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    sizes: dict[str, dict[str, int]] = {}
    links: list[float] = []
    with progress("Requests", rounds) as step:
        for _ in range(rounds):
            for name, (path, query) in ASKED.items():
                event: Any = _event(path, query, headers)
                context: Any = None
                start = time.perf_counter()
                answer = handler(event, context)
                seconds[name].append(time.perf_counter() - start)
                sizes.setdefault(name, _sizes(answer))
            start = time.perf_counter()
            _sign()
            links.append((time.perf_counter() - start) / seconds["list, 100"][-1])
            next(step)
    told = {
        name: {
            "ms": spread(1000 * one for one in taken),
            "requests_a_second": 1 / statistics.median(taken),
            **sizes[name],
        }
        for name, taken in seconds.items()
    }
    return told, spread(links)


def _refusals() -> dict[str, float]:
    """Milliseconds until a hostile token is refused: of each kind the quickest of five turns."""
    keys = KeySet(jwks)
    return spread(min(_refusal(hostile(), keys) for _ in range(5)) for hostile in HOSTILE.values())


def _refusal(token: str, keys: KeySet) -> float:
    start = time.perf_counter()
    with suppress(InvalidToken):
        verify(token, keys, SETTINGS)
    return 1000 * (time.perf_counter() - start)


def _sign() -> None:
    """Sign what a page of 100 has: a link to the preview and to the thumbnail of each."""
    for rendition in (Rendition.PREVIEW, Rendition.THUMBNAIL):
        for number in range(100):
            wiring.bucket().link(rendition.key(OWNER, image_id(number)))


def _event(path: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A GET as API Gateway's HTTP API sends it (payload format 2.0)."""
    http = {"method": "GET", "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers),
        "requestContext": {"http": http, "stage": "$default"},
        "isBase64Encoded": False,
    }


def _sizes(answer: Mapping[str, Any]) -> dict[str, int]:
    assert answer["statusCode"] == 200, answer
    sent = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    plain = gzip.decompress(sent) if answer["headers"].get("content-encoding") == "gzip" else sent
    return {"bytes": len(plain), "bytes_sent": len(sent)}


def _cold_start(rounds: int) -> dict[str, Any]:
    """The time that `import app.main` takes in a new process, and which packages take most of it."""
    seconds, selves = [], defaultdict(list)
    loaded: list[str] = []
    with progress("Cold starts", rounds) as step:
        for _ in range(rounds):
            start = time.perf_counter()
            code = "import sys, app.main; print(*sys.modules)"
            loaded = subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True
            ).stdout.split()
            seconds.append(time.perf_counter() - start)
            timed = [sys.executable, "-X", "importtime", "-c", "import app.main"]
            told = subprocess.run(timed, check=True, capture_output=True, text=True).stderr
            own: Counter[str] = Counter()
            for line in LINE.finditer(told):
                own[line[3].partition(".")[0]] += int(line[1])
            for package, microseconds in own.items():
                selves[package].append(microseconds / 1000)
            next(step)
    medians = {package: statistics.median(times) for package, times in selves.items()}
    return {
        "seconds": spread(seconds),
        "modules": len(loaded),
        "unwanted": sorted(set(UNWANTED) & set(loaded)),
        "packages_ms": dict(sorted(medians.items(), key=lambda pair: -pair[1])[:12]),
        "share_of_app": medians["app"] / sum(medians.values()),
        "spared": SPARED,
    }


def _show(figures: Mapping[str, Any]) -> None:
    show(
        "The API's own time (Lambda's handler, one process; DynamoDB answers at once)",
        ["request", "ms p50", "ms p95", "requests a second", "bytes of JSON", "bytes sent (gzip)"],
        [
            [
                name,
                one["ms"]["median"],
                one["ms"]["p95"],
                f"{one['requests_a_second']:.0f}",
                one["bytes"],
                one["bytes_sent"],
            ]
            for name, one in figures["requests"].items()
        ],
    )
    share = figures["links_share_of_list_100"]["median"]
    console.print(f"Of the time of a list of 100, {share:.2f} goes into signing its links.")
    refusal = figures["refusal_ms"]
    console.print(f"Hostile tokens are refused in {refusal['median']:.2g} ms (p95 {refusal['p95']:.2g}).")
    cold = figures["cold_start"]
    show(
        f"Cold start: import app.main takes {cold['seconds']['median']:.2f} s ({cold['seconds']['p5']:.2f} to"
        f" {cold['seconds']['p95']:.2f}), {cold['modules']} modules, of these unwanted: {cold['unwanted'] or 'none'}",
        ["package", "ms of its own (-X importtime)"],
        cold["packages_ms"].items(),
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the packages of a cold start, and the time of requests."""
    with plotted(folder / "api.svg", 1, 2, size=(9, 3.2)) as (requests, packages):
        told: Sequence[tuple[str, float]] = [(name, one["ms"]["median"]) for name, one in figures["requests"].items()]
        for axes, bars, colour in (
            (requests, told, BLUE),
            (packages, list(figures["cold_start"]["packages_ms"].items()), GREY),
        ):
            axes.barh([name for name, _ in bars][::-1], [value for _, value in bars][::-1], color=colour, height=0.6)
            axes.grid(visible=False, axis="y")
            axes.set_xlabel("milliseconds")
        requests.set_title("A request, without AWS")
        packages.set_title("A cold start, by package")
