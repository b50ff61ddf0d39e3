"""Checks of the stores' invariants on the raw items and objects (`docs/architecture.md`, "Invariants")."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.s3.models import s3_backends

from app.adapters.aws import row_keys
from app.adapters.aws.items import to_announcement, to_summary
from app.adapters.aws.months import read_tag_months, read_usage_months
from app.domain.alerts import Alerts
from app.domain.ids import DERIVED, Rendition, created_at
from app.domain.images import STORED
from app.domain.marks import is_mark
from app.domain.query import parse
from app.domain.subscriptions import Subscription
from app.domain.tag_counts import load_counts
from tests.support.match_counts import check_match_counts

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
SIMILAR: Final = "#VIEW#similar"


def check_invariants(table: str, bucket: str | None = None) -> None:
    """Assert the invariants of all items in moto's table and, if a bucket is given, of all objects in it."""
    check_stores(_rows(table), _keys(bucket) if bucket else None)
    if bucket:
        _check_uploads(_rows(table), _unfinished_uploads(bucket))


def check_stores(rows: list[dict[str, Any]], keys: list[str] | None) -> None:
    """Assert the invariants of all rows and, if given, of the keys of all objects.

    Of an account that is being deleted, the counters, hashes and outbox rows are left out: they are deleted last.
    """
    deleting = {row["pk"] for row in rows if row.get("kind") == "delete-account"}
    rows = [row for row in rows if row["pk"] not in deleting or row["sk"].startswith("IMAGE#")]
    images = {(row["pk"], row["id"]): row for row in rows if row["sk"].startswith("IMAGE#")}
    ready = {key: row for key, row in images.items() if row["state"] == "ready"}

    indexed = {
        (row["pk"], row["sk"]): row["tags"]
        for row in rows
        if ("#TAG#" in row["pk"] or "#VIEW#" in row["pk"]) and not row["pk"].endswith(SIMILAR)
    }
    assert indexed == {
        (partition, f"{sort_time(row)}#{image_id}"): row["tags"]
        for (library, image_id), row in ready.items()
        for partition in _list_partitions(library, row)
    }
    _check_similar(rows, ready)
    for (library, _), row in images.items():
        assert (row.get("state_view"), row.get("state_key")) == _find_place(library, row)
        assert row.get("listed", "REVIEW#") == f"REVIEW#{_find_review_key(row)}"

    counted = {key: row for key, row in images.items() if key[0] not in deleting}
    counted_ready = {key: row for key, row in ready.items() if key in counted}
    assert _read_counts(rows) == _recount(counted_ready)
    assert _read_usage(rows) == _measure_usage(counted)
    assert _read_months(rows) == _recount_months(counted_ready)

    hashes = {
        (row["pk"], row["sk"].removeprefix("HASH#")): row["image"] for row in rows if row["sk"].startswith("HASH#")
    }
    assert hashes == {
        (library, row["sha256"]): image_id for (library, image_id), row in counted.items() if row["state"] in STORED
    }

    for row in rows:
        if row["sk"].startswith("OUT#"):
            assert row["pk"] == f"U#{row['owner']}"
            assert row["kind"] in {"redetect", "remove-positions", "empty-album", "delete-account"} or (
                (row["pk"], row["image"]) in images
            )

    _check_numbers(rows, ready)

    if keys is not None:
        _check_objects(keys, images)


def _check_similar(rows: list[dict[str, Any]], ready: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Assert that the view `similar` has the picture hashes of all ready images, and that its groups are listed."""
    similar = {(row["pk"], row["sk"]): row for row in rows if row["pk"].endswith(SIMILAR)}
    assert similar.keys() == {
        (library + SIMILAR, f"{row['picture_hash']}#{image_id}")
        for (library, image_id), row in ready.items()
        if "picture_hash" in row
    }
    for (_, key), row in similar.items():
        expected = f"SIMILAR#{row['similar_group']}#{key.partition('#')[2]}" if "similar_group" in row else None
        assert row.get("listed") == expected


def _check_numbers(rows: list[dict[str, Any]], ready: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Assert that the numbers of matches are those of the ready images."""
    for profile in (row for row in rows if row["sk"] == "PROFILE" and "alerts" in row):
        library, owner = profile["pk"], profile["pk"].removeprefix("U#")
        check_match_counts(
            Alerts.parse(profile["alerts"], int(profile["revision"])),
            [
                Subscription(
                    row["sk"].removeprefix("SUB#"), parse(row["query"]), datetime.fromisoformat(row["created_at"])
                )
                for row in rows
                if row["pk"] == library and row["sk"].startswith("SUB#")
            ],
            [to_summary(owner, row_keys.attributes(row)).snapshot for (pk, _), row in ready.items() if pk == library],
            [to_announcement(owner, row) for row in rows if row["pk"] == library and row["sk"].startswith("ANNOUNCE#")],
        )


def dump_rows(table: str) -> str:
    """Return all items of moto's table as text."""
    return repr(_rows(table))


def list_leftovers(owner: str, table: str, bucket: str) -> list[str]:
    """Return what moto's table and bucket still contain of the owner, as `list_leftovers_in`.

    The keys of unfinished uploads in parts are included.
    """
    return list_leftovers_in(_rows(table), _keys(bucket) + list(_unfinished_uploads(bucket).values()), owner)


def list_leftovers_in(rows: list[dict[str, Any]], keys: list[str], owner: str) -> list[str]:
    """Return the keys of the owner's rows and objects. Tombstones that expire and contain nothing else are left out."""
    library = f"U#{owner}"
    owned = [row for row in rows if row["pk"] == library or row["pk"].startswith(f"{library}#")]
    leftovers = [row["sk"] for row in owned if not _is_bare_tombstone(row)]
    return leftovers + [key for key in keys if key.split("/")[1] == owner]


def _is_bare_tombstone(row: dict[str, Any]) -> bool:
    attributes = {name for name, value in row.items() if value}
    return row.get("state") == "gone" and attributes <= {
        "pk",
        "sk",
        "id",
        "state",
        "version",
        "expires_at",
        "duplicate_of",
    }


def _rows(table: str) -> list[dict[str, Any]]:
    """Return all items from moto's memory. Through its API, this takes longer than the tests themselves."""
    items = dynamodb_backends[ACCOUNT][REGION].tables[table].all_items()
    return [{name: _value(value) for name, value in item.attrs.items()} for item in items]


def _value(value: DynamoType) -> Any:
    """Return the plain value of an attribute."""
    match value.type:
        case "M":
            return {name: _value(member) for name, member in value.value.items()}
        case "L":
            return [_value(element) for element in value.value]
        case "N":
            return Decimal(value.value)
        case "NULL":
            return None
        case _:
            return value.value


def _read_counts(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the stored numbers of images and objects of each tag, summed over the shards."""
    counts: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row["sk"].startswith("COUNT#"):
            assert row["images"] > 0  # the name of a tag does not outlive its last image
            assert row["objects"] > 0
            tag = row["sk"].removeprefix("COUNT#")[:-2]
            assert row["listed"] == f"{'MARK' if is_mark(tag) else 'TAG'}#{tag}"
            images, objects = counts[row["pk"], tag]
            counts[row["pk"], tag] = images + int(row["images"]), objects + int(row["objects"])
    return dict(counts)


def sort_time(row: dict[str, Any]) -> str:
    """Return the time by which views sort a ready image: the text of its capture time without an offset."""
    if row["taken_at"] is None:
        return _upload_time(row)
    text = str(row["taken_at"].partition(" ")[0])
    mark, digits = ("!", text[1:]) if text.startswith("!") else ("", text)
    return f"{mark}{digits[:19] if 'T' in digits else f'{digits}T00:00:00'}"


def _upload_time(row: dict[str, Any]) -> str:
    return created_at(row["id"]).strftime("%Y-%m-%dT%H:%M:%S")


def _list_partitions(library: str, row: dict[str, Any]) -> list[str]:
    """Return the partitions that contain rows of a ready image."""
    untagged = [f"{library}#VIEW#untagged"] if all(map(is_mark, row["tags"])) else []
    return [f"{library}#VIEW#ready", *(f"{library}#TAG#{tag}" for tag in row["tags"]), *untagged]


def _find_place(library: str, row: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the place of an image in the index `state`."""
    if row["state"] == "gone":
        return None, None
    name, time = row["state"], _upload_time(row)
    if name == "ready" and row["taken_at"] is None:
        name = "undated"
    if name == "trashed" and row["trashed_at"]:
        time = datetime.fromisoformat(row["trashed_at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{library}#{name}", f"{time}#{row['id']}"


def _read_months(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    """Return the stored number of images of each library, tag and month. The library itself has an empty tag."""
    months = Counter[tuple[str, str, str]]()
    for row in rows:
        kind, *names = row["sk"].split("#")
        if kind == "USAGE":
            months.update(
                {(row["pk"], "", month): number for month, number in read_usage_months(row["sk"], row).items()}
            )
        if kind == "COUNT":
            tag = "#".join(names[:-1])
            months.update({(row["pk"], tag, month): number for month, number in read_tag_months(row).items()})
    return {key: number for key, number in months.items() if number}


def _recount_months(ready: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    months = Counter[tuple[str, str, str]]()
    for (library, _), row in ready.items():
        time = sort_time(row)
        month = "" if time.startswith("!") else time[:7]
        months.update((library, tag, month) for tag in ["", *row["tags"]])
    return dict(months)


def _find_review_key(row: dict[str, Any]) -> str:
    """Return the key of an image in the list of images to review: the number of uncertain objects, and the id."""
    counts, certain = load_counts(row["tags"])
    tags = {tag: count for tag, count in counts.items() if not is_mark(tag)}
    doubt = sum(tags.values()) - sum(certain.values())
    return f"{min(doubt, 999):03}#{row['id']}" if doubt and row["state"] == "ready" else ""


def _recount(ready: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the numbers of images and objects of each tag, counted from the ready images."""
    counts: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (library, _), row in ready.items():
        for tag, count in row["tags"].items():
            images, objects = counts[library, tag]
            counts[library, tag] = images + 1, objects + load_counts({tag: count})[0][tag]
    return counts


def _read_usage(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return the stored usage of each library: the number of images and of bytes, summed over the shards."""
    usage: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row["sk"].startswith("USAGE#"):
            assert all(value >= 0 for name, value in row.items() if name not in {"pk", "sk"})
            images, size = usage[row["pk"]]
            usage[row["pk"]] = images + int(row.get("images", 0)), size + int(row.get("bytes", 0))
    return {key: sums for key, sums in usage.items() if sums != (0, 0)}


def _measure_usage(images: dict[tuple[str, str], dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return the usage of each library, counted from its stored and failed images."""
    usage: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (library, _), row in images.items():
        if row["state"] in STORED | {"failed"}:
            number, size = usage[library]
            usage[library] = number + 1, size + int(row["size"])
    return dict(usage)


def _check_objects(keys: list[str], images: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Assert that stored images have their objects.

    A failed image may have those written before the model failed. A stored image may have a copy for shares.
    """
    existing = {key for key in keys if not key.startswith(f"{Rendition.INCOMING}/")}
    required = _object_keys(images, STORED)
    copies = _object_keys(images, STORED, (Rendition.SHARED_ORIGINAL,))
    assert required <= existing <= required | copies | _object_keys(images, {"failed"})


def _check_uploads(rows: list[dict[str, Any]], unfinished: dict[str, str]) -> None:
    """Assert that no parts of deleted images remain."""
    tombstones = {row.get("upload_id") for row in rows if row["sk"].startswith("IMAGE#") and row["state"] == "gone"}
    assert not tombstones & unfinished.keys()


def _object_keys(
    images: dict[tuple[str, str], dict[str, Any]],
    states: AbstractSet[str],
    renditions: Sequence[Rendition] = (Rendition.ORIGINAL, *DERIVED),
) -> set[str]:
    return {
        rendition.key(library.removeprefix("U#"), image_id)
        for (library, image_id), row in images.items()
        if row["state"] in states
        for rendition in renditions
    }


def _keys(bucket: str) -> list[str]:
    return list(s3_backends[ACCOUNT]["aws"].buckets[bucket].keys)


def _unfinished_uploads(bucket: str) -> dict[str, str]:
    """Return the ids of all unfinished uploads in parts, and the keys of their objects."""
    uploads = s3_backends[ACCOUNT]["aws"].buckets[bucket].multiparts
    return {upload_id: upload.key_name for upload_id, upload in uploads.items()}
