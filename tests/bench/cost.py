"""What PixTag costs, worked out from the template, measured seconds and units, and AWS's prices."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE
from tests.bench.prices import GB, labels, price, users

ROOT: Final = Path(__file__).parents[2]
FIGURES: Final = ROOT / "docs" / "bench" / "figures.json"
DOCUMENT: Final = ROOT / "docs" / "api-costs.md"

VCPU_MB: Final = 1769  # the memory with which a function has one processor: "Configure Lambda function memory"
MONTH_MINUTES: Final = 365 * 24 * 60 / 12

# Assumed, since nothing of it can be measured without an account. The page tells each of them.
TAGS: Final = 3
ORIGINAL_BYTES, PREVIEW_BYTES, THUMBNAIL_BYTES = 4_000_000, 250_000, 12_000
ROW_BYTES: Final = 4_000  # of an image: its row, its index rows, its share of counters
LOG_BYTES: Final = {"worker": 2_000, "api": 900}  # an invocation: our lines, and Lambda's START, END and REPORT
S3_SECONDS, DYNAMODB_SECONDS = 0.040, 0.008  # a call's wait
COLD_SECONDS: Final = 1.5 + 1.0  # the goal for the worker's own start, and Lambda's for an image of this size
SCHEDULE_SECONDS: Final = 0.1
TRACED: Final = 0.05  # the share of requests that X-Ray records
PAGE_IMAGES: Final = 50
IMAGES_A_USER, SEARCHES_A_USER, MAILS_A_USER, MONTHS_KEPT = 1_000, 50, 10, 24

# An ingest makes these calls; tests/test_cost.py counts them.
S3_CALLS: Final = {"GetObject": 2, "PutObject": 3, "DeleteObjects": 1}
DYNAMODB_CALLS: Final = 8

Dollars = dict[str, float]


@dataclass(frozen=True, slots=True)
class Function:
    """What the template gives a function."""

    gigabytes: float
    processors: float
    architecture: str

    def dollars(self, seconds: float) -> float:
        """What one invocation of so many seconds costs."""
        return self.gigabytes * seconds * price(self.architecture) + price("invocation")


@dataclass(frozen=True, slots=True)
class Basis:
    """What everything is worked out from."""

    api: Function
    worker: Function
    concurrency: int
    requests_a_second: int
    alarms: int
    units: Mapping[str, tuple[float, float]]  # read and write units of an operation
    tag_units: float
    busy: Mapping[str, float]  # seconds on two cores: of an ingest, of a search, of an answer about one image
    looking: Mapping[str, float]  # the same of other ways to ingest, for the page
    edits_a_second: float  # of one library by 32 writers

    @property
    def work(self) -> float:
        """The seconds of a processor's work in an ingest on Lambda, as if it used two cores whole where measured."""
        return self.busy["ingest"] * max(1.0, 2 / self.worker.processors)

    @property
    def wait(self) -> float:
        """The seconds in which an ingest waits for AWS."""
        return sum(S3_CALLS.values()) * S3_SECONDS + DYNAMODB_CALLS * DYNAMODB_SECONDS

    @property
    def look(self) -> float:
        """The seconds of an ingest on Lambda."""
        return self.work + self.wait

    def answer(self, name: str, calls: int) -> float:
        """The seconds of an answer of the API on Lambda; it runs on one processor at most."""
        return self.busy[name] / min(1.0, self.api.processors) + calls * DYNAMODB_SECONDS

    def write_units(self) -> float:
        """The write units of an upload with `TAGS` tags; tests/support/api_costs.py measures one with two."""
        return self.units["POST /uploads"][1] + self.units["worker"][1] + (TAGS - 2) * self.tag_units


def basis(figures: Mapping[str, Any], template: Mapping[str, Any], readme: str) -> Basis:
    """What the committed figures, the template and the table of docs/api-costs.md of units say."""
    resources = template["Resources"]
    photo = figures["pipeline"]["ingest"]["photographs"]["4000 x 3000"]["ways"]
    requests = {name: one["ms"]["median"] / 1000 for name, one in figures["api"]["requests"].items()}
    by_tags = figures["search"]["writes"]["by_tags"]
    queue = resources["WorkerFunction"]["Properties"]["Events"]["Upload"]["Properties"]
    return Basis(
        api=_function(template, "ApiFunction"),
        worker=_function(template, "WorkerFunction"),
        concurrency=_value(template, queue["ScalingConfig"]["MaximumConcurrency"]),
        requests_a_second=_value(
            template, resources["ApiStage"]["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]
        ),
        alarms=sum(one["Type"] == "AWS::CloudWatch::Alarm" for one in resources.values()),
        units=_units(readme),
        tag_units=by_tags["3"]["upload"] - by_tags["2"]["upload"],
        busy={
            "ingest": photo["ingest, AWS answers at once"]["ms"]["median"] / 1000,
            "search": requests["search, 50"],
            "image": requests["an image"],
        },
        looking={name: one["ms"]["median"] / 1000 for name, one in photo.items()},
        edits_a_second=figures["pipeline"]["counters"]["edits_a_second"],
    )


def _function(template: Mapping[str, Any], name: str) -> Function:
    properties = template["Resources"][name]["Properties"]
    common = template["Globals"]["Function"]
    megabytes = _value(template, properties["MemorySize"])
    architectures = properties.get("Architectures", common.get("Architectures"))
    return Function(megabytes / 1024, megabytes / VCPU_MB, _text(template, architectures[0]))


def _text(template: Mapping[str, Any], value: Any) -> str:
    """A text of the template, or the default of the parameter that it refers to."""
    return str(template["Parameters"][value["Ref"]]["Default"] if isinstance(value, dict) else value)


def _value(template: Mapping[str, Any], value: Any) -> int:
    return int(_text(template, value))


def _units(readme: str) -> dict[str, tuple[float, float]]:
    """Read and write units of each operation, out of the table of docs/api-costs.md."""
    units: dict[str, tuple[float, float]] = {}
    for names, read, write in re.findall(r"^\| (`.*?`) \| .* \| (.*?) \| (.*?) \|$", readme, re.MULTILINE):
        operations = re.findall("`([^`]+)`", names)
        cells = [[float(one) for one in cell.split("<br>")] for cell in (read, write)]
        reads, writes = (cell * len(operations) if len(cell) == 1 else cell for cell in cells)
        units |= dict(zip(operations, zip(reads, writes, strict=True), strict=True))
    return units


def _dynamodb(units: tuple[float, float]) -> float:
    return units[0] * price("read") + units[1] * price("write")


def upload(on: Basis) -> Dollars:
    """Of one photograph, from asking for the form until it is looked at once, without storage."""
    reads = sum(on.units[name][0] for name in ("POST /uploads", "worker", "GET /images/{id}"))
    log = LOG_BYTES["worker"] + 2 * LOG_BYTES["api"]
    return {
        "Lambda, looking": on.worker.dollars(on.look),
        "Lambda, API": 2 * on.api.dollars(on.answer("image", 2)),
        "DynamoDB": _dynamodb((reads, on.write_units())),
        "S3 requests": (1 + S3_CALLS["PutObject"]) * price("put") + (S3_CALLS["GetObject"] + 1) * price("get"),
        "S3 storage": ORIGINAL_BYTES / GB * price("objects") / 30,  # what arrived is kept for a day as an old version
        "SQS": 3 * price("message"),
        "API Gateway": 2 * price("request"),
        "logs and traces": log / GB * price("log") + 3 * TRACED * price("trace"),
        "data transfer": PREVIEW_BYTES / GB * price("transfer"),
    }


def search(on: Basis) -> Dollars:
    """Of one search that shows 50 images, whose thumbnails the browser does not have yet."""
    return {
        "Lambda, API": on.api.dollars(on.answer("search", 4)),
        "DynamoDB": _dynamodb(on.units["GET /search"]),
        "S3 requests": PAGE_IMAGES * price("get"),
        "API Gateway": price("request"),
        "logs and traces": LOG_BYTES["api"] / GB * price("log") + TRACED * price("trace"),
        "data transfer": PAGE_IMAGES * THUMBNAIL_BYTES / GB * price("transfer"),
    }


def kept(images: float = 1) -> Dollars:
    """Of so many images for a month, without asking for any."""
    return {
        "S3 storage": images * (ORIGINAL_BYTES + PREVIEW_BYTES + THUMBNAIL_BYTES) / GB * price("objects"),
        "DynamoDB": images * ROW_BYTES / GB * price("rows"),
    }


def standing(on: Basis) -> Dollars:
    """Of a month in which nothing happens: the schedule, the pollers of the queue, metrics and alarms."""
    metrics = 1 + 3 + 1 + 5 + 1  # tagged, failed (in all and by two reasons), objects, steps, the outbox
    return {
        "Lambda, schedule": MONTH_MINUTES * on.worker.dollars(SCHEDULE_SECONDS),
        "DynamoDB": MONTH_MINUTES * 8 * 0.5 * price("read"),
        "SQS": MONTH_MINUTES * 15 * price("message"),  # five pollers who ask every 20 seconds
        "metrics and alarms": metrics * price("metric") + on.alarms * price("alarm"),
        "logs and traces": MONTH_MINUTES * (LOG_BYTES["worker"] / GB * price("log") + TRACED * price("trace")),
    }


def month(on: Basis, images: float) -> Dollars:
    """Of a month with a library of so many images in all, by people as the page assumes them."""
    people = images / IMAGES_A_USER
    parts: Dollars = {}
    for times, one in (
        (images / MONTHS_KEPT, upload(on)),
        (people * SEARCHES_A_USER, search(on)),
        (1, kept(images)),
        (1, standing(on)),
        (people * MAILS_A_USER, {"SNS": price("mail") + price("publish")}),
        (1, {"Cognito": users(people)}),
    ):
        for name, dollars in one.items():
            parts[name] = parts.get(name, 0.0) + times * dollars
    return parts


def labels_a_month(images: float) -> float:
    """What Rekognition would ask for the new images of such a month."""
    return labels(images / MONTHS_KEPT)


def read_basis() -> Basis:
    """What the repository says today."""
    return basis(json.loads(FIGURES.read_text()), yaml_parse(TEMPLATE.read_text()), DOCUMENT.read_text())
