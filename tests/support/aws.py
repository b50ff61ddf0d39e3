"""AWS in the test's own process, provided by moto: clients, table, bucket and queue, and the stores on them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials
from moto.sns.models import sns_backends
from typing_extensions import override

from app.adapters.aws.accounts import CognitoAccounts
from app.adapters.aws.backups import AwsBackups
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.mail import SnsMail
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.queue import SqsQueue
from app.adapters.aws.stores import AwsStores
from app.domain.messages import Message
from detector import Detector
from tests.support.fast_moto import FastMoto, speed_up
from tests.support.invariants import check_invariants, dump_rows, list_leftovers
from tests.support.services import Services
from tests.support.stored_data import StoredData
from tests.support.template import resource_properties
from tests.support.tokens import SETTINGS
from tests.support.user_pool import make_user_pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

TABLE_NAME: Final = "library"
BUCKET_NAME: Final = "photographs"
KINDS: Final = {
    "ANNOUNCE": "announcement",
    "COUNT": "tag_total",
    "HASH": "hash",
    "IMAGE": "image",
    "OUT": "outbox",
    "OUTBOX": "outbox_lease",
    "PREFERENCES": "preference",
    "PROFILE": "profile",
    "RATE": "rate",
    "REDETECTION": "redetection",
    "SUB": "subscription",
    "USAGE": "usage",
}
"""The names of the kinds of rows in SQLite, by the first part of their sort key in DynamoDB."""

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


class MotoStores(AwsStores):
    """The stores on the clients of the tests. Transactions retry at once."""

    @cached_property
    @override
    def _dynamodb(self) -> "DynamoDBClient":
        return dynamodb_client()

    @cached_property
    @override
    def images(self) -> DynamoImages:
        return DynamoImages(self._dynamodb, TABLE_NAME, backoff_seconds=0)

    @cached_property
    @override
    def objects(self) -> S3Objects:
        return S3Objects(s3_client(), BUCKET_NAME, credentials())

    @cached_property
    @override
    def queue(self) -> SqsQueue:
        return SqsQueue(sqs_client(), SETTINGS.queue_url)

    @cached_property
    @override
    def mail(self) -> SnsMail:
        return SnsMail(sns_client(), SETTINGS.topic_prefix)

    @cached_property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """The client of the accounts. `make_user_pool` changes it, so it is not cached for other tests."""
        return session().client("cognito-idp")

    @cached_property
    @override
    def accounts(self) -> CognitoAccounts:
        return make_user_pool(self.cognito)

    @property
    def pool_id(self) -> str:
        """The id of the user pool, which `accounts` creates on first use."""
        assert isinstance(self.accounts, CognitoAccounts)
        [pool] = self.cognito.list_user_pools(MaxResults=2)["UserPools"]
        return pool["Id"]

    @property
    def client_id(self) -> str:
        """The id of the client of the user pool."""
        [client] = self.cognito.list_user_pool_clients(UserPoolId=self.pool_id)["UserPoolClients"]
        return client["ClientId"]

    @cached_property
    @override
    def backups(self) -> AwsBackups:
        return AwsBackups(self._dynamodb, TABLE_NAME, self.cognito, self.pool_id)


def connect_aws(get_detector: Callable[[], Detector]) -> Services:
    """Return stores and services on moto. `make_resources` creates the table, the bucket and the queue."""
    return Services(MotoStores(SETTINGS), get_detector, SETTINGS.ui_url)


def mails(owner: str) -> list[tuple[str | None, str]]:
    """Return the subject and body of every e-mail that SNS sent to the owner."""
    topic = sns_backends["123456789012"]["us-east-1"].topics[SETTINGS.topic_prefix + owner]
    return [(subject, body) for _, body, subject, *_ in topic.sent_notifications]


class MotoData(StoredData):
    """Reads the contents of moto's table, bucket, queue and topics."""

    def check(self, *, with_objects: bool = True) -> None:
        check_invariants(TABLE_NAME, BUCKET_NAME if with_objects else None)

    def mails(self, owner: str) -> list[tuple[str | None, str]]:
        return mails(owner)

    def take_redetections(self) -> list[Message]:
        taken: list[Message] = []
        while (
            messages := sqs_client()
            .receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10)
            .get("Messages")
        ):
            taken += [Message.parse(json.loads(message["Body"])) for message in messages]
        return [message for message in taken if message.redetection]

    def dump(self) -> str:
        return dump_rows(TABLE_NAME)

    def list_leftovers(self, owner: str) -> list[str]:
        keys = list_leftovers(owner, TABLE_NAME, BUCKET_NAME)
        return [key if "/" in key else KINDS.get(key.partition("#")[0], "image_tag") for key in keys]


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
