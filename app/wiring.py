"""Creates settings, AWS clients, adapters, services and the model. Each is created once, on first use."""

import os
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from app import __version__
from app.adapters.aws.bucket import Bucket
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.queue import Queue
from app.adapters.aws.quotas import Quotas
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.adapters.aws.user_pool import UserPool
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from app.settings import Settings
from detector import Detector

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

AWS_FAILURES: Final = (BotoCoreError, ClientError)

CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=50,
    user_agent=f"PixTag/{__version__}",  # building botocore's default value takes 10 % of each call
)


@cache
def settings() -> Settings:
    """Return the settings of this deployment."""
    return Settings.read(os.environ)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client. All adapters share it because clients and connections are slow to create."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def table() -> Table:
    """Return the DynamoDB adapter for images."""
    return Table(dynamodb(), settings().table)


@cache
def bucket() -> Bucket:
    """Return the S3 adapter.

    Raises:
        NoCredentialsError: there are no AWS credentials to sign links with.
    """
    # Links must contain the bucket's regional host. Other hosts redirect to it, and the page's content security policy
    # blocks the redirect.
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client = boto3.client("s3", config=CONFIG.merge(config))
    credentials = boto3.DEFAULT_SESSION and boto3.DEFAULT_SESSION.get_credentials()
    if not credentials:
        raise NoCredentialsError
    return Bucket(client, settings().bucket, credentials)


@cache
def user_pool() -> UserPool:
    """Return the Cognito adapter."""
    client = boto3.client("cognito-idp", config=CONFIG)
    return UserPool(client, pool_id=settings().user_pool_id, client_id=settings().client_id)


@cache
def subscriptions() -> Subscriptions:
    """Return the DynamoDB adapter for subscriptions."""
    return Subscriptions(dynamodb(), settings().table)


@cache
def redetections() -> Redetections:
    """Return the DynamoDB adapter for redetection jobs."""
    return Redetections(dynamodb(), settings().table)


@cache
def quotas() -> Quotas:
    """Return the DynamoDB adapter for quotas."""
    return Quotas(dynamodb(), settings().table)


@cache
def topics() -> Topics:
    """Return the SNS adapter."""
    return Topics(boto3.client("sns", config=CONFIG), settings().topic_prefix, settings().mailbox_url)


@cache
def outbox() -> Outbox:
    """Return the DynamoDB adapter for the outbox."""
    return Outbox(dynamodb(), settings().table)


@cache
def queue() -> Queue:
    """Return the SQS adapter for the worker's queue."""
    return Queue(boto3.client("sqs", config=CONFIG), settings().queue_url)


@cache
def detector() -> Detector:
    """Return the model. Loading it takes time and memory."""
    from detector.yolo import Yolo

    return Yolo()


@cache
def library() -> Library:
    """Return the library service."""
    return Library(table(), bucket())


@cache
def ingest() -> Ingest:
    """Return the ingest service."""
    return Ingest(table(), bucket(), library(), detector)


@cache
def notifications() -> Notifications:
    """Return the notifications service."""
    return Notifications(
        outbox=outbox(), table=table(), subscriptions=subscriptions(), topics=topics(), ui_url=settings().ui_url
    )


@cache
def outbox_worker() -> OutboxWorker:
    """Return the outbox worker."""
    return OutboxWorker(
        outbox=outbox(),
        table=table(),
        library=library(),
        notifications=notifications(),
        topics=topics(),
        redetections=redetections(),
        queue=queue(),
    )
