"""What must always hold of the stores, checked on the raw items and objects (`design.md`, section 6)."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from app.images import KEPT, Rendition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client


def check_invariants(dynamodb: "DynamoDBClient", table: str, s3: "S3Client | None" = None, bucket: str = "") -> None:
    """Assert the invariants of everything in the table and, if it is given, the bucket."""
    rows = _rows(dynamodb, table)
    images = {(row["pk"], row["id"]): row for row in rows if row["sk"].startswith("IMAGE#")}
    ready = {key: row for key, row in images.items() if row["state"] == "ready"}

    indexed = {(row["pk"], row["sk"]): row["tags"] for row in rows if "#TAG#" in row["pk"]}
    assert indexed == {
        (f"{library}#TAG#{tag}", image_id): row["tags"]
        for (library, image_id), row in ready.items()
        for tag in row["tags"]
    }

    assert _counted(rows) == _recounted(ready)
    assert _used(rows) == _kept(images)

    hashes = {
        (row["pk"], row["sk"].removeprefix("HASH#")): row["image"] for row in rows if row["sk"].startswith("HASH#")
    }
    assert hashes == {
        (library, row["sha256"]): image_id for (library, image_id), row in images.items() if row["state"] in KEPT
    }

    for row in rows:
        if row["sk"].startswith("OUT#"):
            assert row["pk"] == f"U#{row['owner']}"
            assert (row["pk"], row["image"]) in images

    if s3:
        _check_objects(s3, bucket, images)


def _rows(dynamodb: "DynamoDBClient", table: str) -> list[dict[str, Any]]:
    deserialize = TypeDeserializer().deserialize
    return [
        {name: deserialize(value) for name, value in item.items()}
        for page in dynamodb.get_paginator("scan").paginate(TableName=table)
        for item in page["Items"]
    ]


def _counted(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    counted: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row["sk"].startswith("COUNT#"):
            assert row["images"] >= 0
            assert row["objects"] >= 0
            tag = row["sk"].removeprefix("COUNT#")[:-2]
            images, objects = counted[row["pk"], tag]
            counted[row["pk"], tag] = images + int(row["images"]), objects + int(row["objects"])
    return {key: sums for key, sums in counted.items() if sums != (0, 0)}


def _recounted(ready: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    recounted: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (library, _), row in ready.items():
        for tag, count in row["tags"].items():
            images, objects = recounted[library, tag]
            recounted[library, tag] = images + 1, objects + int(count)
    return recounted


def _used(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    used: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row["sk"].startswith("USAGE#"):
            assert row["images"] >= 0
            assert row["bytes"] >= 0
            images, size = used[row["pk"]]
            used[row["pk"]] = images + int(row["images"]), size + int(row["bytes"])
    return {key: sums for key, sums in used.items() if sums != (0, 0)}


def _kept(images: dict[tuple[str, str], dict[str, Any]]) -> dict[str, tuple[int, int]]:
    kept: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (library, _), row in images.items():
        if row["state"] in KEPT:
            number, size = kept[library]
            kept[library] = number + 1, size + int(row["size"])
    return dict(kept)


def _check_objects(s3: "S3Client", bucket: str, images: dict[tuple[str, str], dict[str, Any]]) -> None:
    keys = {
        entry["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for entry in page.get("Contents", [])
    }
    wanted = {
        rendition.key(library.removeprefix("U#"), image_id)
        for (library, image_id), row in images.items()
        if row["state"] in KEPT
        for rendition in (Rendition.ORIGINAL, Rendition.PREVIEW, Rendition.THUMBNAIL)
    }
    assert {key for key in keys if not key.startswith(f"{Rendition.INCOMING}/")} == wanted
