"""Adapters and services on AWS clients, as `app.wiring` connects them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.queue import Queue
from app.adapters.aws.quotas import Quotas
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from detector import Detector
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@dataclass(frozen=True)
class Services:
    """Everything that a test may call."""

    table: Table
    bucket: Bucket
    outbox: Outbox
    subscriptions: Subscriptions
    redetections: Redetections
    quotas: Quotas
    topics: Topics
    queue: Queue
    library: Library
    ingest: Ingest
    notifications: Notifications
    outbox_worker: OutboxWorker


def connect(
    dynamodb: "DynamoDBClient",
    table_name: str,
    bucket: Bucket,
    topics: Topics,
    queue: Queue,
    get_detector: Callable[[], Detector],
) -> Services:
    """Return adapters and services that share these clients. Transactions do not back off."""
    table = Table(dynamodb, table_name, backoff_seconds=0)
    outbox = Outbox(dynamodb, table_name)
    subscriptions = Subscriptions(dynamodb, table_name)
    redetections = Redetections(dynamodb, table_name)
    library = Library(table, bucket)
    notifications = Notifications(
        outbox=outbox, table=table, subscriptions=subscriptions, topics=topics, ui_url=SETTINGS.ui_url
    )
    return Services(
        table=table,
        bucket=bucket,
        outbox=outbox,
        subscriptions=subscriptions,
        redetections=redetections,
        quotas=Quotas(dynamodb, table_name),
        topics=topics,
        queue=queue,
        library=library,
        ingest=Ingest(table, bucket, library, get_detector),
        notifications=notifications,
        outbox_worker=OutboxWorker(
            outbox=outbox,
            table=table,
            library=library,
            notifications=notifications,
            topics=topics,
            redetections=redetections,
            queue=queue,
        ),
    )
