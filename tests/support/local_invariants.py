"""Checks of the invariants in a folder of the local stores (`docs/architecture.md`, "Invariants")."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from app.adapters.local.rows import to_announcement, to_image, to_summary
from app.domain.alerts import Alerts
from app.domain.ids import DERIVED, Rendition
from app.domain.images import STORED, ImageState, ImageSummary
from app.domain.query import parse
from app.domain.subscriptions import Subscription
from app.domain.texts import dump_texts, read_texts
from tests.support.match_counts import check_match_counts

TABLES: Final = (
    "image",
    "image_tag",
    "tag_total",
    "tag_month_total",
    "month_total",
    "usage",
    "outbox",
    "outbox_lease",
    "announcement",
    "subscription",
    "preference",
    "profile",
    "redetection",
    "operation",
    "undo",
    "rate",
)
JOBS: Final = frozenset(
    {"redetect", "remove-positions", "empty-album"}
)  # the kinds of outbox rows that are about no image


def check_local_invariants(folder: Path, *, with_objects: bool = True) -> None:
    """Assert the invariants of all rows and, unless a test stores images without objects, of all files."""
    with closing(connect(folder)) as connection:
        assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        images = list(connection.execute("SELECT * FROM image"))
        assert all(json.loads(row["tags"]) == to_image(row).tags for row in images)
        assert all(json.loads(row["certain"]) == to_image(row).certain for row in images)
        assert all(json.loads(row["marks"]) == to_image(row).marks for row in images)
        assert all(row["review_key"] == _find_review_key(row) for row in images)
        assert [row["sorted_at"] for row in images] == [to_image(row).sorted_at for row in images]
        assert [row["texts"] for row in images] == [
            dump_texts(read_texts(image.name, image.metadata)) for image in map(to_image, images)
        ]
        _check_similar(images)
        _check_tags(connection, images)
        _check_months(connection, [to_summary(row) for row in images if row["state"] == ImageState.READY])
        _check_usage(connection, images)
        hashes = [(row["owner"], row["sha256"]) for row in images if row["state"] in STORED]
        assert len(hashes) == len({*hashes})
        keys = {(row["owner"], row["id"]) for row in images}
        _check_outbox(connection, keys)
        assert all((row["owner"], row["id"]) in keys for row in connection.execute("SELECT * FROM announcement"))
        _check_numbers(connection, images)
        if with_objects:
            _check_objects(connection, folder / "objects", images)


def _check_similar(images: list[sqlite3.Row]) -> None:
    """Assert that only ready images have groups, and that those with the same picture hash share one."""
    assert all(row["state"] == ImageState.READY and row["picture_hash"] for row in images if row["similar_group"])
    hashed = [row for row in images if row["state"] == ImageState.READY and row["picture_hash"]]
    for at, row in enumerate(hashed):
        for other in hashed[:at]:
            if row["owner"] == other["owner"] and row["picture_hash"] == other["picture_hash"]:
                assert row["similar_group"] == other["similar_group"] != ""


def _check_outbox(connection: sqlite3.Connection, images: set[tuple[str, str]]) -> None:
    """Assert that each row is about an existing image, unless the account is being deleted."""
    rows = list(connection.execute("SELECT * FROM outbox"))
    deleting = {row["owner"] for row in rows if row["kind"] == "delete-account"}
    remaining = [row for row in rows if row["owner"] not in deleting and row["kind"] not in JOBS]
    assert all((row["owner"], row["image"]) in images for row in remaining)


def list_local_leftovers(folder: Path, owner: str) -> list[str]:
    """Return the tables and files that still contain something of the owner. Bare tombstones are left out."""
    with closing(connect(folder)) as connection:
        rows = [
            (table, dict(row))
            for table in TABLES
            for row in connection.execute(f"SELECT * FROM {table} WHERE owner = ?", (owner,))  # noqa: S608 - our tables
        ]
    leftovers = [table for table, row in rows if not _is_bare_tombstone(row)]
    return leftovers + [str(path) for path in (folder / "objects").glob(f"*/{owner}/*")]


def connect(folder: Path) -> sqlite3.Connection:
    """Return a new connection to the database in the folder, which reads all committed changes."""
    connection = sqlite3.connect(folder / "pixtag.db")
    connection.row_factory = sqlite3.Row
    return connection


def _is_bare_tombstone(row: dict[str, Any]) -> bool:
    contents = {name for name, value in row.items() if value not in {0, "", None, "{}", "[]"}}
    return row.get("state") == "gone" and contents <= {
        "number",
        "owner",
        "id",
        "state",
        "version",
        "expires_at",
        "duplicate_of",
        "sorted_at",
        "month",
    }


def _find_review_key(row: sqlite3.Row) -> str:
    """Return the key of an image in the list of images to review: the number of uncertain objects, and the id."""
    doubt = sum(json.loads(row["tags"]).values()) - sum(json.loads(row["certain"]).values())
    return f"{min(doubt, 999):03}#{row['id']}" if doubt and row["state"] == ImageState.READY else ""


def _check_tags(connection: sqlite3.Connection, images: list[sqlite3.Row]) -> None:
    """Assert that the tag index contains exactly the tags and marks of ready images, and that the totals match it."""
    expected = {
        (row["owner"], tag, row["sorted_at"], row["id"]): (count, json.loads(row["certain"]).get(tag, 0))
        for row in images
        if row["state"] == ImageState.READY
        for tag, count in (json.loads(row["tags"]) | json.loads(row["marks"])).items()
    }
    rows = connection.execute("SELECT owner, tag, sorted_at, id, count, certain FROM image_tag")
    assert {tuple(key): (count, certain) for *key, count, certain in rows} == expected

    numbers = Counter((owner, tag) for owner, tag, *_ in expected)
    objects: Counter[tuple[str, str]] = Counter()
    for (owner, tag, *_), (count, _) in expected.items():
        objects[owner, tag] += count
    rows = connection.execute("SELECT owner, tag, images, objects FROM tag_total")
    totals = {(owner, tag): (number, count) for owner, tag, number, count in rows}
    assert totals == {key: (number, objects[key]) for key, number in numbers.items()}


def _check_months(connection: sqlite3.Connection, ready: list[ImageSummary]) -> None:
    """Assert that the numbers of images by month match the ready images."""
    rows = connection.execute("SELECT owner, month, images FROM month_total")
    assert {(owner, month): number for owner, month, number in rows} == Counter(
        (image.owner, image.month) for image in ready
    )
    rows = connection.execute("SELECT owner, tag, month, images FROM tag_month_total")
    assert {(owner, tag, month): number for owner, tag, month, number in rows} == Counter(
        (image.owner, tag, image.month) for image in ready for tag in image.indexed_tags
    )


def _check_numbers(connection: sqlite3.Connection, images: list[sqlite3.Row]) -> None:
    """Assert that the numbers of matches are those of the ready images."""
    announcements = [to_announcement(row) for row in connection.execute("SELECT * FROM announcement")]
    for profile in connection.execute("SELECT owner, revision, alerts FROM profile WHERE alerts IS NOT NULL"):
        owner = profile["owner"]
        ready = [row for row in images if (row["owner"], row["state"]) == (owner, ImageState.READY)]
        check_match_counts(
            Alerts.parse(profile["alerts"], profile["revision"]),
            [
                Subscription(row["id"], parse(row["query"]), datetime.fromisoformat(row["created_at"]))
                for row in connection.execute("SELECT * FROM subscription WHERE owner = ?", (owner,))
            ],
            [to_summary(row).snapshot for row in ready],
            [each for each in announcements if each.owner == owner],
        )


def _check_usage(connection: sqlite3.Connection, images: list[sqlite3.Row]) -> None:
    """Assert that the usage of each library matches its stored and failed images."""
    numbers: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for row in images:
        if row["state"] in STORED | {ImageState.FAILED}:
            numbers[row["owner"]] += 1
            sizes[row["owner"]] += row["size"]
    rows = connection.execute("SELECT owner, images, bytes FROM usage WHERE images <> 0 OR bytes <> 0")
    assert {owner: (number, size) for owner, number, size in rows} == {
        owner: (number, sizes[owner]) for owner, number in numbers.items()
    }


def _check_objects(connection: sqlite3.Connection, objects: Path, images: list[sqlite3.Row]) -> None:
    """Assert that stored images have their files, that only failed images may have others, and the files' metadata."""
    stored, failed = (
        {
            rendition.key(row["owner"], row["id"])
            for row in images
            if row["state"] in states
            for rendition in (Rendition.ORIGINAL, *DERIVED)
        }
        for states in (STORED, {ImageState.FAILED})
    )
    files = {
        f"{rendition}/{path.parent.name}/{path.name}"
        for rendition in Rendition
        for path in objects.glob(f"{rendition}/*/*")
    }
    kept = {key for key in files if not key.startswith(f"{Rendition.INCOMING}/")}
    assert stored <= kept <= stored | failed
    assert {row["key"] for row in connection.execute("SELECT key FROM object")} <= files
