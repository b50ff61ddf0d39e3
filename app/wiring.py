"""Settings, clients, adapters and the model: each made once, when first needed; knows nothing of HTTP."""

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
from app.services.library import Catalog
from app.services.outbox_worker import Relay
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
    user_agent=f"PixTag/{__version__}",  # botocore writes its own anew for each call, for a tenth of the call's time
)


@cache
def settings() -> Settings:
    """The settings of this deployment."""
    return Settings.read(os.environ)


@cache
def dynamodb() -> "DynamoDBClient":
    """The client that all share: making one, and its first connection, take a while."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def table() -> Table:
    """The table."""
    return Table(dynamodb(), settings().table)


@cache
def bucket() -> Bucket:
    """The bucket."""
    # Links name the bucket's host in its region. Others are redirected there, where the page's policy lets none go.
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client = boto3.client("s3", config=CONFIG.merge(config))
    credentials = boto3.DEFAULT_SESSION and boto3.DEFAULT_SESSION.get_credentials()
    if not credentials:
        raise NoCredentialsError
    return Bucket(client, settings().bucket, credentials)


@cache
def userpool() -> UserPool:
    """The user pool."""
    client = boto3.client("cognito-idp", config=CONFIG)
    return UserPool(client, pool_id=settings().user_pool_id, client_id=settings().client_id)


@cache
def detector() -> Detector:
    """The model, which takes a moment and memory to load."""
    from detector.yolo import Yolo

    return Yolo()


@cache
def catalog() -> Catalog:
    """The library."""
    return Catalog(table(), bucket(), detector)


@cache
def subscriptions() -> Subscriptions:
    """The subscriptions."""
    return Subscriptions(dynamodb(), settings().table)


@cache
def redetections() -> Redetections:
    """The redetections."""
    return Redetections(dynamodb(), settings().table)


@cache
def quotas() -> Quotas:
    """The quotas."""
    return Quotas(dynamodb(), settings().table)


@cache
def topics() -> Topics:
    """The topics."""
    return Topics(boto3.client("sns", config=CONFIG), settings().topic_prefix, settings().mailbox_url)


@cache
def outbox() -> Outbox:
    """The outbox."""
    return Outbox(dynamodb(), settings().table)


@cache
def relay() -> Relay:
    """The relay."""
    return Relay(
        outbox=outbox(),
        table=table(),
        catalog=catalog(),
        subscriptions=subscriptions(),
        topics=topics(),
        redetections=redetections(),
        queue=Queue(boto3.client("sqs", config=CONFIG), settings().queue_url),
        ui_url=settings().ui_url,
    )
