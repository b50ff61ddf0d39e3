"""`make redrive`: what the worker gave up goes back into its queue, to be tried four times more."""

import os
import sys

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_sqs import SQSClient

from infra.local.emulator import LAPTOP, Stack, session
from infra.local.program import LocalCloudError

MAX_BATCH = 10  # messages in one call, SQS's limit
HELD_SECONDS = 60  # for so long nobody else sees what was received


def redrive(sqs: SQSClient, dead_letters: str, queue: str) -> int:
    """Move all messages that wait in one queue to another, by their URLs, and return how many those were.

    Cut off in between, a message is in both: the worker does nothing twice. AWS does the same by itself
    (`aws sqs start-message-move-task`), emulators do not.
    """
    moved = 0
    while messages := sqs.receive_message(
        QueueUrl=dead_letters, MaxNumberOfMessages=MAX_BATCH, VisibilityTimeout=HELD_SECONDS
    ).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def main() -> None:
    """Redrive on the PixTag that `make run` keeps running, or at AWS_ENDPOINT_URL."""
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL", LAPTOP)
    try:
        queues = Stack(endpoint_url).queues()
        moved = redrive(session().client("sqs", endpoint_url=endpoint_url), queues["DeadLetters"], queues["Uploads"])
    except (LocalCloudError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))
    print(f"{moved} message{'' if moved == 1 else 's'} brought back.")


if __name__ == "__main__":
    main()
