"""Benchmark of the API without AWS: time per request, size of the JSON, and the modules that a cold start loads."""

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
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSPreparedRequest

from app import wiring
from app.adapters.aws.items import image_item, summary_item
from app.adapters.aws.row_keys import attributes, counter_key, list_tag
from app.api import auth
from app.api.auth import KeySet, verify
from app.domain.errors import InvalidToken
from app.domain.ids import DERIVED
from app.domain.images import Image
from app.main import app, handler
from tests.bench.frame import BLUE, GREY, console, plot_file, progress, show, spread
from tests.bench.library import COCO, image_id
from tests.bench.stub import Response, stub_session
from tests.robustness.test_tokens import HOSTILE
from tests.support.fakes import image
from tests.support.tokens import ISSUER, SETTINGS, claims, cognito, jwks, sign

OWNER: Final = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
REQUESTS: Final = {
    "up": ("/health", ""),
    "an image": (f"/images/{image_id(0)}", ""),
    "list, 50": ("/images", "limit=50"),
    "list, 100": ("/images", "limit=100"),
    "search, 50": ("/search", "q=person&limit=50"),
    "search of two, 50": ("/search", "q=person,car&limit=50"),
    "all tags": ("/tags", ""),
}
UNWANTED_MODULES: Final = (
    "cv2",
    "onnxruntime",
    "numpy",
    "PIL",
    "aws_lambda_powertools",
    "moto",
    "pydantic_settings",
)
AVOIDED: Final = (
    "pydantic-settings and python-dotenv: ten variables need no library",
    "five of six DynamoDB clients: all adapters share one, and its connections",
    "garbage collection during imports: imported objects are never garbage",
)
IMPORT_TIME_LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| *(\S+)")


def measure(quick: bool) -> dict[str, Any]:  # noqa: FBT001 - as in `Part`
    """Call Lambda's handler in this process with an instant stub for DynamoDB, then measure cold starts."""
    with _wire():
        requests, links_share = _measure_requests(20 if quick else 100)
    figures = {
        "requests": requests,
        "links_share_of_list_100": links_share,
        "refusal_ms": _measure_rejections(),
        "cold_start": _measure_cold_starts(3 if quick else 15),
    }
    _show(figures)
    return figures


@contextmanager
def _wire() -> Iterator[None]:
    """Wire the app with stubs that respond for AWS at once."""
    variables = {f"PIXTAG_{name.upper()}": str(value) for name, value in SETTINGS.model_dump().items()}
    keys = KeySet(jwks)
    with (
        patch.object(boto3, "DEFAULT_SESSION", stub_session(_DynamoDbStub().respond)),
        patch.dict(os.environ, variables),
        patch.dict(app.dependency_overrides, {auth.key_set: lambda: keys}),
    ):
        yield
    for factory in vars(wiring).values():
        if hasattr(factory, "cache_clear"):
            factory.cache_clear()


class _DynamoDbStub:
    """Responds as DynamoDB would for a library of 100 images."""

    def __init__(self) -> None:
        images = [_make_image(number) for number in range(100)]
        self._summaries = [attributes({"sk": each.sort_key} | summary_item(each)) for each in images]
        self._image = json.dumps({"Item": attributes(image_item(images[0]))}).encode()
        tags = Counter(tag for counts in COCO for tag in counts)
        self._counters = [
            attributes({**counter_key(images[number], tag), **list_tag(tag), "images": 1, "objects": 2})
            for tag in tags
            for number in range(8)
        ]

    def respond(self, request: AWSPreparedRequest) -> Response:
        assert isinstance(request.body, bytes)
        params = json.loads(request.body)
        if "Key" in params:
            return 200, {}, self._image
        match params.get("IndexName"):
            case "listed":
                rows = self._counters if params["ExpressionAttributeValues"][":start"]["S"] == "TAG#" else []
            case "state":  # no image is pending or failed
                rows = []
            case _:
                rows = self._summaries[: params["Limit"]]
        return 200, {}, json.dumps({"Items": rows}).encode()


def _make_image(number: int) -> Image:
    return replace(image(OWNER, counts={"person": 2, "car": 1} | COCO[number]), id=image_id(number))


def _measure_requests(rounds: int) -> tuple[dict[str, Any], dict[str, float]]:
    headers = {"host": "pixtag.example", "authorization": f"Bearer {sign(claims(OWNER))}", "accept-encoding": "gzip"}
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    sizes: dict[str, dict[str, int]] = {}
    links_shares: list[float] = []
    with progress("Requests", rounds) as step:
        for _ in range(rounds):
            for name, (path, query) in REQUESTS.items():
                event: Any = _make_event(path, query, headers)
                context: Any = None
                start = time.perf_counter()
                response = handler(event, context)
                seconds[name].append(time.perf_counter() - start)
                sizes.setdefault(name, _measure_sizes(response))
            start = time.perf_counter()
            _sign_links()
            links_shares.append((time.perf_counter() - start) / seconds["list, 100"][-1])
            next(step)
    figures = {
        name: {
            "ms": spread(1000 * each for each in times),
            "requests_a_second": 1 / statistics.median(times),
            **sizes[name],
        }
        for name, times in seconds.items()
    }
    return figures, spread(links_shares)


def _measure_rejections() -> dict[str, float]:
    """Return the milliseconds until a hostile token is rejected. Each kind counts with the fastest of five rounds."""
    keys, signer = KeySet(jwks), cognito()
    return spread(min(_time_rejection(make_token(signer), keys) for _ in range(5)) for make_token in HOSTILE.values())


def _time_rejection(token: str, keys: KeySet) -> float:
    start = time.perf_counter()
    with suppress(InvalidToken):
        verify(token, keys, ISSUER)
    return 1000 * (time.perf_counter() - start)


def _sign_links() -> None:
    """Sign the links of a page of 100 images: to the preview and the thumbnail of each."""
    for rendition in DERIVED:
        for number in range(100):
            wiring.objects().link(rendition.key(OWNER, image_id(number)))


def _make_event(path: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a GET request as API Gateway's HTTP API sends it (payload format 2.0)."""
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


def _measure_sizes(response: Mapping[str, Any]) -> dict[str, int]:
    assert response["statusCode"] == 200, response
    sent = base64.b64decode(response["body"]) if response["isBase64Encoded"] else response["body"].encode()
    plain = gzip.decompress(sent) if response["headers"].get("content-encoding") == "gzip" else sent
    return {"bytes": len(plain), "bytes_sent": len(sent)}


def _measure_cold_starts(rounds: int) -> dict[str, Any]:
    """Return the time of `import app.main` in a new process, and the packages that take most of it."""
    seconds, package_times = [], defaultdict(list)
    modules: list[str] = []
    with progress("Cold starts", rounds) as step:
        for _ in range(rounds):
            start = time.perf_counter()
            code = "import sys, app.main; print(*sys.modules)"
            modules = subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True
            ).stdout.split()
            seconds.append(time.perf_counter() - start)
            command = [sys.executable, "-X", "importtime", "-c", "import app.main"]
            report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
            own_microseconds: Counter[str] = Counter()
            for line in IMPORT_TIME_LINE.finditer(report):
                own_microseconds[line[3].partition(".")[0]] += int(line[1])
            for package, microseconds in own_microseconds.items():
                package_times[package].append(microseconds / 1000)
            next(step)
    medians = {package: statistics.median(times) for package, times in package_times.items()}
    return {
        "seconds": spread(seconds),
        "modules": len(modules),
        "unwanted": sorted(set(UNWANTED_MODULES) & set(modules)),
        "packages_ms": dict(sorted(medians.items(), key=lambda pair: -pair[1])[:12]),
        "share_of_app": medians["app"] / sum(medians.values()),
        "spared": AVOIDED,
    }


def _show(figures: Mapping[str, Any]) -> None:
    show(
        "Time of the API alone (Lambda's handler, one process, an instant stub for DynamoDB)",
        ["request", "ms p50", "ms p95", "requests a second", "bytes of JSON", "bytes sent (gzip)"],
        [
            [
                name,
                request["ms"]["median"],
                request["ms"]["p95"],
                f"{request['requests_a_second']:.0f}",
                request["bytes"],
                request["bytes_sent"],
            ]
            for name, request in figures["requests"].items()
        ],
    )
    share = figures["links_share_of_list_100"]["median"]
    console.print(f"Signing the links takes {share:.2f} of the time of a list of 100.")
    rejection = figures["refusal_ms"]
    console.print(f"Hostile tokens are rejected in {rejection['median']:.2g} ms (p95 {rejection['p95']:.2g}).")
    cold = figures["cold_start"]
    show(
        f"Cold start: import app.main takes {cold['seconds']['median']:.2f} s ({cold['seconds']['p5']:.2f} to"
        f" {cold['seconds']['p95']:.2f}), {cold['modules']} modules. Unwanted modules: {cold['unwanted'] or 'none'}",
        ["package", "own ms (-X importtime)"],
        cold["packages_ms"].items(),
    )


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Draw the time of requests, and the packages of a cold start."""
    with plot_file(folder / "api.svg", 1, 2, size=(9, 3.2)) as (requests, packages):
        times: Sequence[tuple[str, float]] = [
            (name, request["ms"]["median"]) for name, request in figures["requests"].items()
        ]
        for axes, bars, colour in (
            (requests, times, BLUE),
            (packages, list(figures["cold_start"]["packages_ms"].items()), GREY),
        ):
            axes.barh([name for name, _ in bars][::-1], [value for _, value in bars][::-1], color=colour, height=0.6)
            axes.grid(visible=False, axis="y")
            axes.set_xlabel("milliseconds")
        requests.set_title("Request, without AWS")
        packages.set_title("Cold start, by package")
