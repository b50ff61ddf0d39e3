import boto3
import pytest

from infra.local.redrive import MAX_MESSAGES, redrive


@pytest.mark.parametrize("count", [0, 1, MAX_MESSAGES + 1])
def test_redrive_moves_all_messages(aws: None, count: int) -> None:
    sqs = boto3.client("sqs")
    dead_letters, queue = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("dead-letters", "uploads"))
    for number in range(count):
        sqs.send_message(QueueUrl=dead_letters, MessageBody=str(number))

    moved_count = redrive(sqs, dead_letters, queue)

    bodies = set()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies |= {message["Body"] for message in messages}
    assert moved_count == count
    assert bodies == {str(number) for number in range(count)}
    assert "Messages" not in sqs.receive_message(QueueUrl=dead_letters)
