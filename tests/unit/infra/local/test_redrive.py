import boto3
import pytest

from infra.local.redrive import MAX_BATCH, redrive


@pytest.mark.parametrize("waiting", [0, 1, MAX_BATCH + 1])
def test_all_that_waits_is_moved(aws: None, waiting: int) -> None:
    sqs = boto3.client("sqs")
    dead_letters, queue = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("dead", "uploads"))
    for number in range(waiting):
        sqs.send_message(QueueUrl=dead_letters, MessageBody=str(number))

    moved = redrive(sqs, dead_letters, queue)

    bodies = set()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies |= {message["Body"] for message in messages}
    assert moved == waiting
    assert bodies == {str(number) for number in range(waiting)}
    assert "Messages" not in sqs.receive_message(QueueUrl=dead_letters)
