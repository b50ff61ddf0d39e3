"""Sends messages to the worker's SQS queue. S3 sends its notifications to the same queue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from app.domain.errors import Unavailable
from app.domain.ports import Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MAX_BATCH: Final = 10  # SQS accepts at most this many messages per request


class SqsQueue(Queue):
    """The queue from which the worker receives messages."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    @override
    def send(self, bodies: Sequence[str]) -> None:
        for start in range(0, len(bodies), MAX_BATCH):
            batch = bodies[start : start + MAX_BATCH]
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)
            ]
            if self._client.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed"):
                raise Unavailable

    def is_empty(self) -> bool:
        """Return whether the queue contains no message. Messages of the last minute may not count."""
        names: list[QueueAttributeFilterType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        response = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return not any(int(number) for number in response["Attributes"].values())
