import json
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.aws.queue import SqsQueue
from app.domain.errors import Unavailable
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


def receive_all(sqs: "SQSClient") -> list[str]:
    """Return the bodies of all messages in the queue."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


@pytest.mark.parametrize("number", [0, 1, 10, 11, 100])
def test_send_of_any_number_sends_every_message(queue: SqsQueue, sqs: "SQSClient", number: int) -> None:
    bodies = [json.dumps({"number": index}) for index in range(number)]

    queue.send(bodies)

    assert sorted(receive_all(sqs)) == sorted(bodies)


def test_send_of_rejected_message_raises_unavailable(
    queue: SqsQueue, sqs: "SQSClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> dict[str, Any]:
        return {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}

    monkeypatch.setattr(sqs, "send_message_batch", refuse)

    with pytest.raises(Unavailable):
        queue.send(["one"])


def test_queue_with_a_received_message_is_not_empty(queue: SqsQueue, sqs: "SQSClient") -> None:
    assert queue.is_empty()
    queue.send(["one"])
    assert not queue.is_empty()

    sqs.receive_message(QueueUrl=SETTINGS.queue_url)

    assert not queue.is_empty()
