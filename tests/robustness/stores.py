"""A laptop's cloud of one's own, and everything that its table and its bucket hold."""

from typing import Any

from app.adapters.aws.items import values
from infra.local.cloud import LocalCloud
from infra.local.emulator import session
from tests.support.invariants import check_stores


def rows(cloud: LocalCloud) -> list[dict[str, Any]]:
    """All rows of all people."""
    pages = session().client("dynamodb", endpoint_url=cloud.endpoint_url).get_paginator("scan")
    found = pages.paginate(TableName=cloud.environment["PIXTAG_TABLE"], ConsistentRead=True)
    return [values(item) for page in found for item in page["Items"]]


def keys(cloud: LocalCloud) -> list[str]:
    """The keys of all objects of all people."""
    pages = session().client("s3", endpoint_url=cloud.endpoint_url).get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=cloud.environment["PIXTAG_BUCKET"])
    return [one["Key"] for page in found for one in page.get("Contents", [])]


def check_cloud(cloud: LocalCloud) -> None:
    """Assert what must always hold, of the objects as well: so once nothing is left to do."""
    check_stores(rows(cloud), keys(cloud))
