import json
from collections import Counter
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel

from app import wiring, worker
from app.adapters.aws.bucket import Upload
from app.domain.ids import Rendition
from tests.bench import cost, cost_page
from tests.bench.burst import drain
from tests.bench.cost import Basis, Function
from tests.bench.prices import labels, users
from tests.support.fakes import FakeDetector
from tests.support.wired_app import wired

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


@pytest.fixture
def basis() -> Basis:
    """Round numbers, for a calculation by hand."""
    return Basis(
        api=Function(gigabytes=1, processors=0.5, architecture="arm64"),
        worker=Function(gigabytes=2, processors=1, architecture="x86_64"),
        concurrency=10,
        requests_a_second=100,
        alarms=4,
        units={"POST /uploads": (0.5, 3), "worker": (5, 22), "GET /images/{id}": (1, 0), "GET /search": (3, 0)},
        tag_units=4,
        busy={"ingest": 0.1, "search": 0.014, "image": 0.005},
        looking={},
        edits_a_second=143,
    )


def test_the_page_says_what_the_figures_the_template_and_the_prices_say() -> None:
    assert cost_page.PAGE.read_text() == cost_page.written(cost.read_basis()), "make cost writes it anew"


def test_an_upload_costs_what_it_costs_by_hand(basis: Basis) -> None:
    told = cost.upload(basis)

    assert basis.look == pytest.approx(0.1 * 2 / 1 + 6 * 0.04 + 8 * 0.008)
    assert told["Lambda, looking"] == pytest.approx(2 * 0.504 * 0.0000166667 + 0.0000002)
    assert told["Lambda, API"] == pytest.approx(2 * (1 * (0.005 / 0.5 + 2 * 0.008) * 0.0000133334 + 0.0000002))
    assert told["DynamoDB"] == pytest.approx(6.5 * 0.000000125 + (3 + 22 + 4) * 0.000000625)
    assert told["S3 requests"] == pytest.approx(4 * 0.000005 + 3 * 0.0000004)


def test_the_template_tells_memory_processors_and_limits() -> None:
    template: dict[str, Any] = {
        "Parameters": {"WorkerMemory": {"Default": 3538}},
        "Globals": {"Function": {"Architectures": ["x86_64"]}},
        "Resources": {
            "ApiFunction": {"Properties": {"MemorySize": 1024, "Architectures": ["arm64"]}},
            "WorkerFunction": {
                "Properties": {
                    "MemorySize": {"Ref": "WorkerMemory"},
                    "Events": {"Upload": {"Properties": {"ScalingConfig": {"MaximumConcurrency": 7}}}},
                }
            },
            "ApiStage": {"Properties": {"DefaultRouteSettings": {"ThrottlingRateLimit": 50}}},
            "Alarm": {"Type": "AWS::CloudWatch::Alarm"},
        },
    }
    for resource in template["Resources"].values():
        resource.setdefault("Type", "Other")

    told = cost.basis(json.loads(cost.FIGURES.read_text()), template, cost.DOCUMENT.read_text())

    assert told.worker == Function(3538 / 1024, 2.0, "x86_64")
    assert told.api.architecture == "arm64"
    assert (told.concurrency, told.requests_a_second, told.alarms) == (7, 50, 1)
    assert told.units["POST /images"] == told.units["POST /uploads"]


def test_an_ingest_makes_the_calls_that_are_charged_for(photo: bytes) -> None:
    calls: Counter[str] = Counter()
    session = boto3.Session("test", "test", region_name="us-east-1")

    def count(model: OperationModel, **_: object) -> None:
        calls[model.name if model.service_model.service_name == "s3" else model.service_model.service_name] += 1

    session.events.register("before-call", count)
    with wired(session, FakeDetector({"dog": 1})):
        image = wiring.ingest().receive(OWNER, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
        body = {"Records": [{"s3": {"object": {"key": Rendition.INCOMING.key(OWNER, image.id)}}}]}
        calls.clear()
        worker.handler({"Records": [{"messageId": "1", "body": json.dumps(body)}]}, None)

    assert calls == {**cost.S3_CALLS, "dynamodb": cost.DYNAMODB_CALLS}


def test_rekognition_gets_cheaper_by_tiers_and_cognito_begins_at_ten_thousand() -> None:
    assert labels(1_000) == pytest.approx(1)
    assert labels(6_000_000) == pytest.approx(1_000 + 4_000_000 * 0.0008 + 1_000_000 * 0.0006)
    assert users(10_000) == 0
    assert users(10_100) == pytest.approx(1.5)


def test_one_worker_takes_ten_uploads_one_after_the_other() -> None:
    told = drain(1, look=1, cold=0, uploads=10, seconds=5)

    assert (told.seconds, told.median_wait, told.longest_wait) == (10, 2.5, 4.5)
    assert 4 <= told.most_waiting <= 6
    assert told.curve[-1] == (9, 0)


def test_workers_beyond_the_first_five_come_five_a_second() -> None:
    alone = drain(5, look=10, cold=1, uploads=6, seconds=0.001)
    more = drain(6, look=10, cold=1, uploads=6, seconds=0.001)

    assert alone.seconds == pytest.approx(21)
    assert more.seconds == pytest.approx(11.2)
