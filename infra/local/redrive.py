"""Moves dead letters of the local cloud back to the worker's queue, for the tests."""

from mypy_boto3_sqs import SQSClient

MAX_MESSAGES = 10  # SQS's limit per call
VISIBILITY_SECONDS = 60  # how long a received message stays invisible to other receivers


def redrive(sqs: SQSClient, dead_letters: str, queue: str) -> int:
    """Move all messages from `dead_letters` to `queue` and return their number. Both arguments are queue URLs.

    If the function is interrupted, a message can be in both queues. This is harmless, because the worker can process a
    message twice. AWS has an operation for redrives (`aws sqs start-message-move-task`), but emulators lack it.
    """
    count = 0
    while messages := sqs.receive_message(
        QueueUrl=dead_letters, MaxNumberOfMessages=MAX_MESSAGES, VisibilityTimeout=VISIBILITY_SECONDS
    ).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            count += 1
    return count
