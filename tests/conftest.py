"""What tests of the app stand on: AWS by moto, in process, and a detector that sees what the test says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import cv2
import numpy as np
import pytest
from botocore.config import Config
from hypothesis import settings
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from app.bucket import Bucket
from app.catalog import Catalog
from app.table import Table
from detector import BoundingBox, Detection
from detector.pixels import Pixels
from infra.emulator import TEMPLATE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")

TABLE_NAME = "library"
BUCKET_NAME = "photographs"


@dataclass
class FakeDetector:
    """Sees the objects that a test says, on whatever photograph."""

    sees: dict[str, int] = field(default_factory=dict)
    model: str = "fake@1"

    def detect(self, pixels: Pixels, *, width: int, height: int) -> list[Detection]:
        assert pixels.ndim == 3
        box = BoundingBox(0.0, 0.0, float(width), float(height))
        return [Detection(label, 0.9, box) for label, count in self.sees.items() for _ in range(count)]


def make_table(client: "DynamoDBClient") -> None:
    """The table as the template declares it, as far as moto takes it."""
    declared: dict[str, Any] = yaml_parse(TEMPLATE.read_text())["Resources"]["Table"]["Properties"]
    shape = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName=TABLE_NAME, **{name: declared[name] for name in shape})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> "DynamoDBClient":
    client = boto3.client("dynamodb")
    make_table(client)
    return client


@pytest.fixture
def s3(aws: None) -> "S3Client":
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    client.create_bucket(Bucket=BUCKET_NAME)
    return client


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> Table:
    return Table(dynamodb, TABLE_NAME, backoff_seconds=0)


@pytest.fixture
def bucket(s3: "S3Client") -> Bucket:
    return Bucket(s3, BUCKET_NAME)


@pytest.fixture
def detector() -> FakeDetector:
    return FakeDetector()


@pytest.fixture
def catalog(table: Table, bucket: Bucket, detector: FakeDetector) -> Catalog:
    return Catalog(table, bucket, lambda: detector)


@pytest.fixture
def owner() -> str:
    return str(uuid4())


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of 64 x 48 pixels."""
    slope = np.linspace(0, 255, 64, dtype=np.uint8)
    return cv2.imencode(".jpg", np.repeat(np.tile(slope, (48, 1))[:, :, None], 3, axis=2))[1].tobytes()
