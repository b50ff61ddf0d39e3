"""Moves dead letters back to the worker's queue (`make redrive`). The worker gets four more attempts per message."""

import os
import sys

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_sqs import SQSClient

from infra.local.emulator import DEFAULT_ENDPOINT_URL, Stack, session
from infra.local.program import LocalCloudError

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


def main() -> None:
    """Redrive the messages in the emulator at AWS_ENDPOINT_URL, by default the emulator that `make run` starts."""
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT_URL)
    try:
        queues = Stack(endpoint_url).find_queues()
        count = redrive(session().client("sqs", endpoint_url=endpoint_url), queues["DeadLetters"], queues["Uploads"])
    except (LocalCloudError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    print(f"{count} message{'' if count == 1 else 's'} moved back to the worker's queue.")


if __name__ == "__main__":
    main()
