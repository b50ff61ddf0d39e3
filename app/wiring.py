"""Settings, clients, adapters and the model: each made once, when first needed; the `…Dep` aliases for routes."""

from functools import cache
from typing import Annotated, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Depends

from app.bucket import Bucket
from app.catalog import Catalog
from app.settings import Settings
from app.table import Table
from app.userpool import UserPool
from detector import Detector

AWS_FAILURES: Final = (BotoCoreError, ClientError)

_CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=50,
)


@cache
def settings() -> Settings:
    """The settings of this deployment."""
    return Settings()


@cache
def table() -> Table:
    """The table."""
    return Table(boto3.client("dynamodb", config=_CONFIG), settings().table)


@cache
def bucket() -> Bucket:
    """The bucket."""
    client = boto3.client("s3", config=_CONFIG.merge(Config(signature_version="s3v4")))
    return Bucket(client, settings().bucket)


@cache
def userpool() -> UserPool:
    """The user pool."""
    return UserPool(boto3.client("cognito-idp", config=_CONFIG), settings().client_id)


@cache
def detector() -> Detector:
    """The model, which takes a moment and memory to load."""
    from detector.yolo import Yolo

    return Yolo()


@cache
def catalog() -> Catalog:
    """The library."""
    return Catalog(table(), bucket(), detector)


SettingsDep = Annotated[Settings, Depends(settings)]
TableDep = Annotated[Table, Depends(table)]
BucketDep = Annotated[Bucket, Depends(bucket)]
UserPoolDep = Annotated[UserPool, Depends(userpool)]
CatalogDep = Annotated[Catalog, Depends(catalog)]
