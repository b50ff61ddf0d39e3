import json
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.aws.queue import Queue
from app.domain.errors import Unavailable
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


def waiting(sqs: "SQSClient") -> list[str]:
    """The bodies of all messages that are in the queue."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


@pytest.mark.parametrize("number", [0, 1, 10, 11, 100])
def test_every_message_is_sent(queue: Queue, sqs: "SQSClient", number: int) -> None:
    bodies = [json.dumps({"number": one}) for one in range(number)]

    queue.send(bodies)

    assert sorted(waiting(sqs)) == sorted(bodies)


def test_a_message_that_sqs_does_not_take_is_told(
    queue: Queue, sqs: "SQSClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> dict[str, Any]:
        return {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}

    monkeypatch.setattr(sqs, "send_message_batch", refuse)

    with pytest.raises(Unavailable):
        queue.send(["one"])
