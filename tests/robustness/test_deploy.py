"""Deployments of the local cloud that are repeated, or interrupted at each call: all give the same result."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from app.services.queue_worker import TRIES
from infra.local import emulator
from infra.local.emulator import Stack, ministack
from infra.local.program import HOST, find_free_ports
from tests.robustness.torture import cases
from tests.support.sampling import rounds

MESSAGE_COUNT: Final = "ApproximateNumberOfMessages"
MIN_CALLS: Final = 3  # to look for the stack, create it and read its outputs


class Interrupted(BaseException):
    """Simulates that the deploying process is killed. No `except Exception` catches it."""


@pytest.fixture
def endpoint_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start an empty emulator, and yield its URL."""
    monkeypatch.setattr(emulator, "session", cache(emulator.session))  # making a session takes longer than a deployment
    (port,) = find_free_ports(1)
    url = f"http://{HOST}:{port}"
    with ministack(tmp_path, port) as program:
        program.wait_for(f"{url}/_ministack/ready")
        yield url


class InterruptedStack(Stack):
    """A stack whose deployment is interrupted at the call with a number: before its request or after its response."""

    def __init__(self, endpoint_url: str, interrupt_at: int, *, after_response: bool) -> None:
        super().__init__(endpoint_url)
        self.calls = count(1)
        self.interrupt_at = interrupt_at
        hook = "after-call" if after_response else "before-call"
        self._cloudformation.meta.events.register(hook, self._interrupt)

    def _interrupt(self, **_: object) -> None:
        if next(self.calls) == self.interrupt_at:
            raise Interrupted


def interrupt_deployment(endpoint_url: str, interrupt_at: int, *, after_response: bool) -> bool:
    """Deploy into an empty emulator until this call. Return False if the deployment finished before it."""
    httpx.post(f"{endpoint_url}/_ministack/reset", trust_env=False).raise_for_status()
    try:
        InterruptedStack(endpoint_url, interrupt_at, after_response=after_response).deploy()
    except Interrupted:
        return True
    return False


def read_configuration(endpoint_url: str) -> dict[str, Any]:
    """Return the variables and the maximum receive count of a deployment."""
    variables = Stack(endpoint_url).variables()
    sqs = emulator.session().client("sqs", endpoint_url=endpoint_url)
    queue = sqs.get_queue_attributes(QueueUrl=variables["PIXTAG_QUEUE_URL"], AttributeNames=["All"])["Attributes"]
    max_receives = json.loads(queue["RedrivePolicy"])["maxReceiveCount"]
    return {"variables": variables, "max receives": max_receives}


def add_data(endpoint_url: str) -> None:
    """Put a row into the table and send a message to the queue."""
    variables = Stack(endpoint_url).variables()
    emulator.session().client("dynamodb", endpoint_url=endpoint_url).put_item(
        TableName=variables["PIXTAG_TABLE"], Item={"pk": {"S": "U#ada"}, "sk": {"S": "PROFILE"}}
    )
    emulator.session().client("sqs", endpoint_url=endpoint_url).send_message(
        QueueUrl=variables["PIXTAG_QUEUE_URL"], MessageBody="{}"
    )


def count_data(endpoint_url: str) -> tuple[int, str]:
    """Return the number of rows in the table and of messages in the queue."""
    variables = Stack(endpoint_url).variables()
    dynamodb = emulator.session().client("dynamodb", endpoint_url=endpoint_url)
    sqs = emulator.session().client("sqs", endpoint_url=endpoint_url)
    queue = sqs.get_queue_attributes(QueueUrl=variables["PIXTAG_QUEUE_URL"], AttributeNames=[MESSAGE_COUNT])[
        "Attributes"
    ]
    return dynamodb.scan(TableName=variables["PIXTAG_TABLE"])["Count"], queue[MESSAGE_COUNT]


def test_deploy_of_a_deployed_stack_changes_nothing(endpoint_url: str) -> None:
    first = Stack(endpoint_url).deploy()
    add_data(endpoint_url)
    before = read_configuration(endpoint_url), count_data(endpoint_url)

    assert Stack(endpoint_url).deploy() == first

    assert (read_configuration(endpoint_url), count_data(endpoint_url)) == before


@pytest.mark.timeout(0)
@pytest.mark.parametrize("after_response", [False, True])
def test_deploy_after_an_interruption_at_any_call_converges(endpoint_url: str, *, after_response: bool) -> None:
    interrupt_at = 1
    while interrupt_deployment(endpoint_url, interrupt_at, after_response=after_response):
        cases.append(1)
        variables = Stack(endpoint_url).deploy()

        assert read_configuration(endpoint_url) == {"variables": variables, "max receives": TRIES + 1}
        interrupt_at += rounds(3, 1)
    assert interrupt_at > MIN_CALLS
