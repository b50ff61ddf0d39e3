"""The laptop's cloud is deployed twice, and cut off at each call: it comes to the same, and changes nothing."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.worker import TRIES
from infra.local import emulator
from infra.local.emulator import Stack, ministack
from infra.local.program import HOST, find_free_ports
from tests.robustness.torture import cases
from tests.support.sampling import rounds

WAITING: Final = "ApproximateNumberOfMessages"
SET: Final = {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}
FEWEST_CALLS: Final = 6  # that the stack, the table's life and the queue's redrive policy cost


class CutOff(BaseException):
    """The end of whoever deploys, as far as a test outlives it."""


@pytest.fixture
def endpoint_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An account in which there is nothing."""
    monkeypatch.setattr(emulator, "session", cache(emulator.session))  # making one takes longer than a deployment
    (port,) = find_free_ports(1)
    url = f"http://{HOST}:{port}"
    with ministack(tmp_path, port) as program:
        program.wait_for(f"{url}/_ministack/ready")
        yield url


class Watched(Stack):
    """A stack whose deployment ends before the call of a number is sent, or after its answer."""

    def __init__(self, endpoint_url: str, end_at: int, *, answered: bool) -> None:
        super().__init__(endpoint_url)
        self.calls = count(1)
        self.end_at = end_at
        for client in (self._cloudformation, self._dynamodb, self._sqs):
            client.meta.events.register("after-call" if answered else "before-call", self._end)

    def _end(self, **_: object) -> None:
        if next(self.calls) == self.end_at:
            raise CutOff


def is_cut_off(endpoint_url: str, end_at: int, *, answered: bool) -> bool:
    """Deploy into an empty emulator, and tell whether that was cut off at this call."""
    httpx.post(f"{endpoint_url}/_ministack/reset", trust_env=False).raise_for_status()
    try:
        Watched(endpoint_url, end_at, answered=answered).deploy()
    except CutOff:
        return True
    return False


def brought_about(endpoint_url: str) -> dict[str, Any]:
    """What a finished deployment says of itself and has set."""
    variables = Stack(endpoint_url).variables()
    sqs = emulator.session().client("sqs", endpoint_url=endpoint_url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=endpoint_url)
    queue = sqs.get_queue_attributes(QueueUrl=variables["PIXTAG_QUEUE_URL"], AttributeNames=["All"])["Attributes"]
    life = dynamodb.describe_time_to_live(TableName=variables["PIXTAG_TABLE"])["TimeToLiveDescription"]
    return {"variables": variables, "receives": json.loads(queue["RedrivePolicy"])["maxReceiveCount"], "life": life}


def put(endpoint_url: str) -> None:
    """Put a row into the table and a message into the queue."""
    variables = Stack(endpoint_url).variables()
    emulator.session().client("dynamodb", endpoint_url=endpoint_url).put_item(
        TableName=variables["PIXTAG_TABLE"], Item={"pk": {"S": "U#ada"}, "sk": {"S": "PROFILE"}}
    )
    emulator.session().client("sqs", endpoint_url=endpoint_url).send_message(
        QueueUrl=variables["PIXTAG_QUEUE_URL"], MessageBody="{}"
    )


def held(endpoint_url: str) -> tuple[int, str]:
    """How many rows the table has, and how many messages the queue."""
    variables = Stack(endpoint_url).variables()
    dynamodb = emulator.session().client("dynamodb", endpoint_url=endpoint_url)
    sqs = emulator.session().client("sqs", endpoint_url=endpoint_url)
    queue = sqs.get_queue_attributes(QueueUrl=variables["PIXTAG_QUEUE_URL"], AttributeNames=[WAITING])["Attributes"]
    return dynamodb.scan(TableName=variables["PIXTAG_TABLE"])["Count"], queue[WAITING]


def test_a_second_deployment_changes_nothing(endpoint_url: str) -> None:
    first = Stack(endpoint_url).deploy()
    put(endpoint_url)
    before = brought_about(endpoint_url), held(endpoint_url)

    assert Stack(endpoint_url).deploy() == first

    assert (brought_about(endpoint_url), held(endpoint_url)) == before


@pytest.mark.timeout(0)
@pytest.mark.parametrize("answered", [False, True])
def test_cut_off_at_any_call_and_begun_again_a_deployment_converges(endpoint_url: str, *, answered: bool) -> None:
    end_at = 1
    while is_cut_off(endpoint_url, end_at, answered=answered):
        cases.append(1)
        variables = Stack(endpoint_url).deploy()

        assert brought_about(endpoint_url) == {"variables": variables, "receives": TRIES + 1, "life": SET}
        end_at += rounds(3, 1)
    assert end_at > FEWEST_CALLS
