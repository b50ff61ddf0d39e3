"""Adapters and services on AWS clients, as `app.wiring` connects them."""

from collections.abc import Callable
from dataclasses import dataclass

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.mail import SnsMail
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.outbox import DynamoOutbox
from app.adapters.aws.queue import SqsQueue
from app.adapters.aws.quotas import DynamoQuotas
from app.adapters.aws.redetections import DynamoRedetections
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.services.ingest import Ingest
from app.services.library import Library
from app.services.notifications import Notifications
from app.services.outbox_worker import OutboxWorker
from app.services.queue_worker import QueueWorker
from detector import Detector
from tests.support.aws import BUCKET_NAME, TABLE_NAME, credentials, dynamodb_client, s3_client, sns_client, sqs_client
from tests.support.tokens import SETTINGS


@dataclass(frozen=True)
class Services:
    """All adapters and services."""

    images: DynamoImages
    objects: S3Objects
    outbox: DynamoOutbox
    subscriptions: DynamoSubscriptions
    redetections: DynamoRedetections
    quotas: DynamoQuotas
    mail: SnsMail
    queue: SqsQueue
    library: Library
    ingest: Ingest
    notifications: Notifications
    outbox_worker: OutboxWorker
    queue_worker: QueueWorker


def connect(get_detector: Callable[[], Detector]) -> Services:
    """Return adapters and services that use the clients of the tests. Transactions retry at once.

    `make_resources` creates the images, the bucket and the queue.
    """
    dynamodb = dynamodb_client()
    images = DynamoImages(dynamodb, TABLE_NAME, backoff_seconds=0)
    objects = S3Objects(s3_client(), BUCKET_NAME, credentials())
    mail = SnsMail(sns_client(), SETTINGS.topic_prefix)
    queue = SqsQueue(sqs_client(), SETTINGS.queue_url)
    outbox = DynamoOutbox(dynamodb, TABLE_NAME)
    subscriptions = DynamoSubscriptions(dynamodb, TABLE_NAME)
    redetections = DynamoRedetections(dynamodb, TABLE_NAME)
    library = Library(images, objects)
    notifications = Notifications(
        outbox=outbox, images=images, subscriptions=subscriptions, mail=mail, ui_url=SETTINGS.ui_url
    )
    ingest = Ingest(images, objects, library, get_detector)
    outbox_worker = OutboxWorker(
        outbox=outbox,
        images=images,
        library=library,
        notifications=notifications,
        mail=mail,
        redetections=redetections,
        queue=queue,
    )
    return Services(
        images=images,
        objects=objects,
        outbox=outbox,
        subscriptions=subscriptions,
        redetections=redetections,
        quotas=DynamoQuotas(dynamodb, TABLE_NAME),
        mail=mail,
        queue=queue,
        library=library,
        ingest=ingest,
        notifications=notifications,
        outbox_worker=outbox_worker,
        queue_worker=QueueWorker(ingest=ingest, redetections=redetections, outbox_worker=outbox_worker),
    )
