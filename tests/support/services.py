"""Adapters and services on AWS clients, as `app.wiring` connects them."""

from collections.abc import Callable
from dataclasses import dataclass

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
from tests.support.aws import BUCKET_NAME, TABLE_NAME, credentials, dynamodb_client, s3_client, sns_client, sqs_client
from tests.support.tokens import SETTINGS


@dataclass(frozen=True)
class Services:
    """All adapters and services."""

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


def connect(get_detector: Callable[[], Detector]) -> Services:
    """Return adapters and services that use the clients of the tests. Transactions retry at once.

    `make_resources` creates the table, the bucket and the queue.
    """
    dynamodb = dynamodb_client()
    table = Table(dynamodb, TABLE_NAME, backoff_seconds=0)
    bucket = Bucket(s3_client(), BUCKET_NAME, credentials())
    topics = Topics(sns_client(), SETTINGS.topic_prefix)
    queue = Queue(sqs_client(), SETTINGS.queue_url)
    outbox = Outbox(dynamodb, TABLE_NAME)
    subscriptions = Subscriptions(dynamodb, TABLE_NAME)
    redetections = Redetections(dynamodb, TABLE_NAME)
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
        quotas=Quotas(dynamodb, TABLE_NAME),
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
