"""Costs of PixTag, calculated from the template, measured seconds and units, and AWS's prices."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE
from tests.bench.prices import GB, cognito_cost, price, rekognition_cost

ROOT: Final = Path(__file__).parents[2]
FIGURES: Final = ROOT / "docs" / "bench" / "figures.json"
DOCUMENT: Final = ROOT / "docs" / "api-costs.md"

VCPU_MB: Final = 1769  # with this memory, a function has one processor (AWS: "Configure Lambda function memory")
MONTH_MINUTES: Final = 365 * 24 * 60 / 12

# Assumptions, because measuring these needs an AWS account. The page lists all of them.
TAGS: Final = 3
ORIGINAL_BYTES, PREVIEW_BYTES, LARGE_THUMBNAIL_BYTES, THUMBNAIL_BYTES = 4_000_000, 250_000, 40_000, 12_000
STORED_BYTES: Final = ORIGINAL_BYTES + PREVIEW_BYTES + LARGE_THUMBNAIL_BYTES + THUMBNAIL_BYTES
ROW_BYTES: Final = 4_000  # of an image: its row, its entry in an index, its rows in views, its share of the counters
LOG_BYTES: Final = {"worker": 2_000, "api": 900}  # per invocation: PixTag's lines, and Lambda's START, END and REPORT
S3_SECONDS, DYNAMODB_SECONDS = 0.040, 0.008  # latency of one call
COLD_SECONDS: Final = (
    1.5 + 1.0
)  # PixTag's goal for the worker's start, plus Lambda's own start for an image of this size
SCHEDULE_SECONDS: Final = 0.1
TRACED: Final = 0.05  # the share of requests that X-Ray records
PAGE_IMAGES: Final = 50
IMAGES_A_USER, SEARCHES_A_USER, MAILS_A_USER, MONTHS_KEPT = 1_000, 50, 10, 24

# The calls of one ingest. tests/unit/bench/test_cost.py counts them.
S3_CALLS: Final = {"GetObject": 2, "PutObject": 4, "DeleteObjects": 1}
DYNAMODB_CALLS: Final = 6

Dollars = dict[str, float]


@dataclass(frozen=True, slots=True)
class Function:
    """The resources that the template gives to a function."""

    gigabytes: float
    processors: float
    architecture: str

    def dollars(self, seconds: float) -> float:
        """Return the cost of one invocation that takes this time."""
        return self.gigabytes * seconds * price(self.architecture) + price("invocation")


@dataclass(frozen=True, slots=True)
class Basis:
    """All inputs of the calculation."""

    api: Function
    worker: Function
    concurrency: int
    requests_a_second: int
    alarms: int
    units: Mapping[str, tuple[float, float]]  # read and write units per operation
    tag_units: float  # write units of one more tag
    busy_seconds: Mapping[str, float]  # on two cores: of an ingest, a search, and a response about one image
    ingest_seconds_by_way: Mapping[str, float]  # other ways to ingest, for the page
    edits_a_second: float  # by 32 writers in one library

    @property
    def work_seconds(self) -> float:
        """Return the computing time of an ingest on Lambda, if the measured ingest kept two cores fully busy."""
        return self.busy_seconds["ingest"] * max(1.0, 2 / self.worker.processors)

    @property
    def wait_seconds(self) -> float:
        """Return the time in which an ingest waits for AWS."""
        return sum(S3_CALLS.values()) * S3_SECONDS + DYNAMODB_CALLS * DYNAMODB_SECONDS

    @property
    def ingest_seconds(self) -> float:
        """Return the duration of an ingest on Lambda."""
        return self.work_seconds + self.wait_seconds

    def response_seconds(self, name: str, calls: int) -> float:
        """Return the duration of a response of the API on Lambda, which uses at most one processor."""
        return self.busy_seconds[name] / min(1.0, self.api.processors) + calls * DYNAMODB_SECONDS

    def write_units(self) -> float:
        """Return the write units of an upload with `TAGS` tags. tests/support/api_costs.py measures one with two."""
        return self.units["POST /uploads"][1] + self.units["worker"][1] + (TAGS - 2) * self.tag_units


def make_basis(figures: Mapping[str, Any], template: Mapping[str, Any], api_costs_page: str) -> Basis:
    """Return the inputs from the committed figures, the template and the table of units in docs/api-costs.md."""
    resources = template["Resources"]
    ways = figures["pipeline"]["ingest"]["photographs"]["4000 x 3000"]["ways"]
    request_seconds = {name: each["now"]["ms"]["p50"] / 1000 for name, each in figures["api"]["requests"].items()}
    by_tags = figures["search"]["writes"]["by_tags"]
    queue = resources["WorkerFunction"]["Properties"]["Events"]["Upload"]["Properties"]
    return Basis(
        api=_read_function(template, "ApiFunction"),
        worker=_read_function(template, "WorkerFunction"),
        concurrency=_value(template, queue["ScalingConfig"]["MaximumConcurrency"]),
        requests_a_second=_value(
            template, resources["ApiStage"]["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]
        ),
        alarms=sum(resource["Type"] == "AWS::CloudWatch::Alarm" for resource in resources.values()),
        units=_parse_units(api_costs_page),
        tag_units=by_tags["3"]["upload"] - by_tags["2"]["upload"],
        busy_seconds={
            "ingest": ways["ingest, AWS answers at once"]["ms"]["median"] / 1000,
            "search": request_seconds["search, 50"],
            "image": request_seconds["an image"],
        },
        ingest_seconds_by_way={name: way["ms"]["median"] / 1000 for name, way in ways.items()},
        edits_a_second=figures["pipeline"]["counters"]["edits_a_second"],
    )


def _read_function(template: Mapping[str, Any], name: str) -> Function:
    properties = template["Resources"][name]["Properties"]
    common = template["Globals"]["Function"]
    megabytes = _value(template, properties["MemorySize"])
    architectures = properties.get("Architectures", common.get("Architectures"))
    return Function(megabytes / 1024, megabytes / VCPU_MB, _text(template, architectures[0]))


def _text(template: Mapping[str, Any], value: Any) -> str:
    """Return a text of the template, or the default of the parameter that it refers to."""
    return str(template["Parameters"][value["Ref"]]["Default"] if isinstance(value, dict) else value)


def _value(template: Mapping[str, Any], value: Any) -> int:
    return int(_text(template, value))


def _parse_units(api_costs_page: str) -> dict[str, tuple[float, float]]:
    """Return the read and write units of each operation from the table in docs/api-costs.md."""
    units: dict[str, tuple[float, float]] = {}
    for names, read, write in re.findall(r"^\| (`.*?`) \| .* \| (.*?) \| (.*?) \|$", api_costs_page, re.MULTILINE):
        operations = re.findall("`([^`]+)`", names)
        cells = [[float(number) for number in cell.split("<br>")] for cell in (read, write)]
        reads, writes = (cell * len(operations) if len(cell) == 1 else cell for cell in cells)
        units |= dict(zip(operations, zip(reads, writes, strict=True), strict=True))
    return units


def _price_units(units: tuple[float, float]) -> float:
    return units[0] * price("read") + units[1] * price("write")


def upload_cost(basis: Basis) -> Dollars:
    """Return the cost of one photo, from the request for the form to the first view, without storage."""
    reads = sum(basis.units[name][0] for name in ("POST /uploads", "worker", "GET /images/{id}"))
    log = LOG_BYTES["worker"] + 2 * LOG_BYTES["api"]
    return {
        "Lambda, detection": basis.worker.dollars(basis.ingest_seconds),
        "Lambda, API": 2 * basis.api.dollars(basis.response_seconds("image", 2)),
        "DynamoDB": _price_units((reads, basis.write_units())),
        "S3 requests": (1 + S3_CALLS["PutObject"]) * price("put") + (S3_CALLS["GetObject"] + 1) * price("get"),
        "S3 storage": ORIGINAL_BYTES
        / GB
        * price("objects")
        / 30,  # the uploaded object stays for a day as an old version
        "SQS": 3 * price("message"),
        "API Gateway": 2 * price("request"),
        "logs and traces": log / GB * price("log") + 3 * TRACED * price("trace"),
        "data transfer": PREVIEW_BYTES / GB * price("transfer"),
    }


def search_cost(basis: Basis) -> Dollars:
    """Return the cost of one search that shows 50 images whose thumbnails are not in the browser's cache."""
    return {
        "Lambda, API": basis.api.dollars(basis.response_seconds("search", 4)),
        "DynamoDB": _price_units(basis.units["GET /search"]),
        "S3 requests": PAGE_IMAGES * price("get"),
        "API Gateway": price("request"),
        "logs and traces": LOG_BYTES["api"] / GB * price("log") + TRACED * price("trace"),
        "data transfer": PAGE_IMAGES * THUMBNAIL_BYTES / GB * price("transfer"),
    }


def storage_cost(images: float = 1) -> Dollars:
    """Return the cost of storing this number of images for a month, without any request."""
    return {
        "S3 storage": images * STORED_BYTES / GB * price("objects"),
        "DynamoDB": images * ROW_BYTES / GB * price("rows"),
    }


def idle_cost(basis: Basis) -> Dollars:
    """Return the cost of a month without activity: the schedule, the pollers of the queue, metrics and alarms."""
    metrics = 1 + 3 + 1 + 5 + 1  # tagged, failed (in total and by two reasons), objects, steps, outbox age
    return {
        "Lambda, schedule": MONTH_MINUTES * basis.worker.dollars(SCHEDULE_SECONDS),
        "DynamoDB": MONTH_MINUTES * 8 * 0.5 * price("read"),
        "SQS": MONTH_MINUTES * 15 * price("message"),  # five pollers that each send a request every 20 seconds
        "metrics and alarms": metrics * price("metric") + basis.alarms * price("alarm"),
        "logs and traces": MONTH_MINUTES * (LOG_BYTES["worker"] / GB * price("log") + TRACED * price("trace")),
    }


def monthly_cost(basis: Basis, images: float) -> Dollars:
    """Return the cost of a month with this number of images in all libraries, under the page's assumptions."""
    people = images / IMAGES_A_USER
    parts: Dollars = {}
    for factor, costs in (
        (images / MONTHS_KEPT, upload_cost(basis)),
        (people * SEARCHES_A_USER, search_cost(basis)),
        (1, storage_cost(images)),
        (1, idle_cost(basis)),
        (people * MAILS_A_USER, {"SNS": price("mail") + price("publish")}),
        (1, {"Cognito": cognito_cost(people)}),
    ):
        for name, dollars in costs.items():
            parts[name] = parts.get(name, 0.0) + factor * dollars
    return parts


def monthly_rekognition_cost(images: float) -> float:
    """Return the price of Rekognition for the new images of such a month."""
    return rekognition_cost(images / MONTHS_KEPT)


def read_basis() -> Basis:
    """Return the inputs from the files of the repository."""
    return make_basis(json.loads(FIGURES.read_text()), yaml_parse(TEMPLATE.read_text()), DOCUMENT.read_text())
