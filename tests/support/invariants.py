"""What must always hold of the stores, checked on the raw items and objects (`docs/architecture.md`, "Invariants")."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.s3.models import s3_backends

from app.domain.ids import Rendition
from app.domain.images import STORED

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"


def check_invariants(table: str, bucket: str | None = None) -> None:
    """Assert the invariants of everything in the table of moto and, if it is given, the bucket."""
    check_stores(_rows(table), _keys(bucket) if bucket else None)


def check_stores(rows: list[dict[str, Any]], keys: list[str] | None) -> None:
    """Assert the invariants of all rows and, if they are given, the keys of all objects."""
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
        (library, row["sha256"]): image_id for (library, image_id), row in images.items() if row["state"] in STORED
    }

    for row in rows:
        if row["sk"].startswith("OUT#"):
            assert row["pk"] == f"U#{row['owner']}"
            assert row["kind"] in {"redetect", "delete-account"} or (row["pk"], row["image"]) in images

    if keys is not None:
        _check_objects(keys, images)


def list_leftovers(owner: str, table: str, bucket: str) -> list[str]:
    """What of moto's table and bucket is the owner's, as `left_in` tells it."""
    return list_leftovers_in(_rows(table), _keys(bucket), owner)


def list_leftovers_in(rows: list[dict[str, Any]], keys: list[str], owner: str) -> list[str]:
    """The keys of the owner's rows, but for tombstones that expire and tell nothing, and of their objects."""
    library = f"U#{owner}"
    theirs = [row for row in rows if row["pk"] == library or row["pk"].startswith(f"{library}#")]
    told = [row["sk"] for row in theirs if not _is_bare_tombstone(row)]
    return told + [key for key in keys if key.split("/")[1] == owner]


def _is_bare_tombstone(row: dict[str, Any]) -> bool:
    said = {name for name, value in row.items() if value}
    return row.get("state") == "gone" and said <= {"pk", "sk", "id", "state", "version", "expires_at", "duplicate_of"}


def _rows(table: str) -> list[dict[str, Any]]:
    """All items, taken out of moto itself: through its API that takes longer than all that is tested."""
    items = dynamodb_backends[ACCOUNT][REGION].tables[table].all_items()
    return [{name: _value(value) for name, value in item.attrs.items()} for item in items]


def _value(value: DynamoType) -> Any:
    """What an attribute says."""
    match value.type:
        case "M":
            return {name: _value(one) for name, one in value.value.items()}
        case "L":
            return [_value(one) for one in value.value]
        case "N":
            return Decimal(value.value)
        case "NULL":
            return None
        case _:
            return value.value


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
    recount: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (library, _), row in ready.items():
        for tag, count in row["tags"].items():
            images, objects = recount[library, tag]
            recount[library, tag] = images + 1, objects + int(count)
    return recount


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
        if row["state"] in STORED | {"failed"}:
            number, size = kept[library]
            kept[library] = number + 1, size + int(row["size"])
    return dict(kept)


def _check_objects(keys: list[str], images: dict[tuple[str, str], dict[str, Any]]) -> None:
    """What is kept has its objects; what failed may have those that a try wrote which the model then ended."""
    found = {key for key in keys if not key.startswith(f"{Rendition.INCOMING}/")}
    wanted = _objects_of(images, STORED)
    assert wanted <= found <= wanted | _objects_of(images, {"failed"})


def _objects_of(images: dict[tuple[str, str], dict[str, Any]], states: AbstractSet[str]) -> set[str]:
    return {
        rendition.key(library.removeprefix("U#"), image_id)
        for (library, image_id), row in images.items()
        if row["state"] in states
        for rendition in (Rendition.ORIGINAL, Rendition.PREVIEW, Rendition.THUMBNAIL)
    }


def _keys(bucket: str) -> list[str]:
    return list(s3_backends[ACCOUNT]["aws"].buckets[bucket].keys)
