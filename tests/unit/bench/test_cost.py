import json
from collections import Counter
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel

from app import wiring, worker
from app.domain.ids import Rendition
from app.domain.uploads import Upload
from tests.bench import cost, cost_page
from tests.bench.burst import simulate_burst
from tests.bench.cost import Basis, Function
from tests.bench.prices import cognito_cost, rekognition_cost
from tests.support.fakes import FakeDetector
from tests.support.wired_app import wire_moto_app

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"


@pytest.fixture
def basis() -> Basis:
    """Return a basis of round numbers, for calculations by hand."""
    return Basis(
        api=Function(gigabytes=1, processors=0.5, architecture="arm64"),
        worker=Function(gigabytes=2, processors=1, architecture="x86_64"),
        concurrency=10,
        requests_a_second=100,
        alarms=4,
        units={"POST /uploads": (0.5, 3), "worker": (5, 22), "GET /images/{id}": (1, 0), "GET /search": (3, 0)},
        tag_units=4,
        busy_seconds={"ingest": 0.1, "search": 0.014, "image": 0.005},
        ingest_seconds_by_way={},
        edits_a_second=143,
    )


def test_cost_page_matches_figures_template_and_prices() -> None:
    assert cost_page.PAGE.read_text() == cost_page.render_page(cost.read_basis()), "run make cost-report"


def test_upload_cost_equals_calculation_by_hand(basis: Basis) -> None:
    costs = cost.upload_cost(basis)

    assert basis.ingest_seconds == pytest.approx(0.1 * 2 / 1 + 7 * 0.04 + 6 * 0.008)
    assert costs["Lambda, detection"] == pytest.approx(2 * 0.528 * 0.0000166667 + 0.0000002)
    assert costs["Lambda, API"] == pytest.approx(2 * (1 * (0.005 / 0.5 + 2 * 0.008) * 0.0000133334 + 0.0000002))
    assert costs["DynamoDB"] == pytest.approx(6.5 * 0.000000125 + (3 + 22 + 4) * 0.000000625)
    assert costs["S3 requests"] == pytest.approx(5 * 0.000005 + 3 * 0.0000004)


def test_make_basis_reads_memory_processors_and_limits_from_template() -> None:
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

    basis = cost.make_basis(json.loads(cost.FIGURES.read_text()), template, cost.DOCUMENT.read_text())

    assert basis.worker == Function(3538 / 1024, 2.0, "x86_64")
    assert basis.api.architecture == "arm64"
    assert (basis.concurrency, basis.requests_a_second, basis.alarms) == (7, 50, 1)
    assert basis.units["POST /images"] == basis.units["POST /uploads"]


def test_ingest_makes_the_calls_of_the_cost_model(photo: bytes) -> None:
    calls: Counter[str] = Counter()
    session = boto3.Session("test", "test", region_name="us-east-1")

    def count(model: OperationModel, **_: object) -> None:
        calls[model.name if model.service_model.service_name == "s3" else model.service_model.service_name] += 1

    session.events.register("before-call", count)
    with wire_moto_app(FakeDetector({"dog": 1}), session):
        image = wiring.ingest().receive(OWNER, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
        body = {"Records": [{"s3": {"object": {"key": Rendition.INCOMING.key(OWNER, image.id)}}}]}
        calls.clear()
        worker.handler({"Records": [{"messageId": "1", "body": json.dumps(body)}]}, None)

    assert calls == {**cost.S3_CALLS, "dynamodb": cost.DYNAMODB_CALLS}


def test_prices_apply_tiers_of_rekognition_and_free_users_of_cognito() -> None:
    assert rekognition_cost(1_000) == pytest.approx(1)
    assert rekognition_cost(6_000_000) == pytest.approx(1_000 + 4_000_000 * 0.0008 + 1_000_000 * 0.0006)
    assert cognito_cost(10_000) == 0
    assert cognito_cost(10_100) == pytest.approx(1.5)


def test_burst_with_one_worker_ingests_uploads_one_after_the_other() -> None:
    burst = simulate_burst(1, ingest_seconds=1, cold_seconds=0, uploads=10, burst_seconds=5)

    assert (burst.seconds, burst.median_wait, burst.longest_wait) == (10, 2.5, 4.5)
    assert 4 <= burst.most_waiting <= 6
    assert burst.curve[-1] == (9, 0)


def test_burst_adds_five_workers_a_second_to_the_first_five() -> None:
    burst_of_five_workers = simulate_burst(5, ingest_seconds=10, cold_seconds=1, uploads=6, burst_seconds=0.001)
    burst_of_six_workers = simulate_burst(6, ingest_seconds=10, cold_seconds=1, uploads=6, burst_seconds=0.001)

    assert burst_of_five_workers.seconds == pytest.approx(21)
    assert burst_of_six_workers.seconds == pytest.approx(11.2)
