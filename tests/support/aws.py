"""AWS in the test's own process, provided by moto: clients, table, bucket and queue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials
from moto.sns.models import sns_backends

from tests.support.fast_moto import FastMoto, speed_up
from tests.support.template import resource_properties
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

TABLE_NAME: Final = "library"
BUCKET_NAME: Final = "photographs"

speed_up()


def mock_aws() -> FastMoto:
    """Return a context in which every client calls moto. At its start, no resource exists."""
    return FastMoto()


@cache
def session() -> boto3.Session:
    """Return the session of all tests. Its clients are cached because making one takes longer than most tests."""
    return boto3.Session("test", "test", region_name="us-east-1")


def credentials() -> Credentials:
    """Return the credentials with which the clients sign requests."""
    credentials = session().get_credentials()
    assert credentials
    return credentials


@cache
def dynamodb_client() -> "DynamoDBClient":
    return session().client("dynamodb")


@cache
def s3_client() -> "S3Client":
    return session().client("s3", config=Config(signature_version="s3v4"))


@cache
def sqs_client() -> "SQSClient":
    return session().client("sqs")


@cache
def sns_client() -> "SNSClient":
    return session().client("sns")


def make_table(client: "DynamoDBClient") -> None:
    """Create the table as the template declares it, as far as moto supports it."""
    client.create_table(TableName=TABLE_NAME, **table_shape())


def table_shape() -> dict[str, Any]:
    """Return the keys, indexes and billing of the table, as the template declares them."""
    shape = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    return {name: resource_properties("Table")[name] for name in shape}


def make_bucket(client: "S3Client") -> None:
    """Create the bucket for the photos."""
    client.create_bucket(Bucket=BUCKET_NAME)


def make_queue(client: "SQSClient") -> None:
    """Create the worker's queue."""
    client.create_queue(QueueName=SETTINGS.queue_url.rpartition("/")[2])


def make_resources() -> None:
    """Create the table, the bucket and the queue."""
    make_table(dynamodb_client())
    make_bucket(s3_client())
    make_queue(sqs_client())


def mails(owner: str) -> list[tuple[str | None, str]]:
    """Return the subject and body of every e-mail that SNS sent to the owner."""
    topic = sns_backends["123456789012"]["us-east-1"].topics[SETTINGS.topic_prefix + owner]
    return [(subject, body) for _, body, subject, *_ in topic.sent_notifications]


@contextmanager
def before(client: BaseClient, call: str, act: Callable[[], object]) -> Iterator[None]:
    """Run `act` before each request of a call, such as `sns.Publish`. If it raises an error, the call fails with it."""

    def hook(**_: object) -> None:
        act()

    client.meta.events.register(f"before-call.{call}", hook)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-call.{call}", hook)
