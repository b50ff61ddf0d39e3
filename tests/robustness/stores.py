"""Reads all items and objects of a local cloud."""

from typing import Any

from app.adapters.aws.row_keys import values
from infra.local.cloud import LocalCloud
from infra.local.emulator import session
from tests.support.invariants import check_stores


def rows(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Return all rows of all owners."""
    paginator = session().client("dynamodb", endpoint_url=cloud.endpoint_url).get_paginator("scan")
    pages = paginator.paginate(TableName=cloud.environment["PIXTAG_TABLE"], ConsistentRead=True)
    return [values(item) for page in pages for item in page["Items"]]


def keys(cloud: LocalCloud) -> list[str]:
    """Return the keys of all objects of all owners."""
    paginator = session().client("s3", endpoint_url=cloud.endpoint_url).get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket=cloud.environment["PIXTAG_BUCKET"])
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def check_cloud(cloud: LocalCloud) -> None:
    """Assert the invariants of all rows and objects. They hold for objects only when no work is left."""
    check_stores(rows(cloud), keys(cloud))
