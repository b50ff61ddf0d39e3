"""The step from version 0.5.0, in which all lists were in the order of uploads."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.images import SqliteImages
from app.adapters.local.row_checks import SqliteRowChecks
from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.checks import Comparison
from app.domain.ids import min_id_at
from app.domain.images import ImageState, MonthTotal
from app.domain.snapshots import Snapshot
from tests.support.fakes import FakeDetector
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.migrations import migrate
from tests.support.services import connect_local

STEPS = 7  # of version 0.5.0
UPLOAD = datetime(2024, 2, 29, 23, 59, 58, 999_000, tzinfo=UTC)
ID = min_id_at(UPLOAD)
TRASHED_AT = "2025-01-31T12:00:00.123456+00:00"

INSERT = """
    INSERT INTO image (
        owner, id, state, name, media_type, size, width, height, taken_at, reason, trashed_at, tags, version, sha256,
        duplicate_of, model, redetection, expires_at, requests, edits, corrections, detections
    ) VALUES (
        'ada', :id, :state, 'a.jpg', 'image/jpeg', 1, 1, 1, :taken_at, '', :trashed_at, :tags, 1, :id,
        '', '', '', NULL, '[]', '{}', '[]', :detections
    )
"""


def insert(
    connection: sqlite3.Connection,
    image_id: str,
    state: ImageState = ImageState.READY,
    taken_at: str | None = None,
    tags: Mapping[str, int] | None = None,
) -> None:
    tags = tags or {}
    detections = [[tag, 0.9, [0, 0, 1, 1]] for tag, count in tags.items() for _ in range(count)]
    row = {
        "id": image_id,
        "state": state,
        "taken_at": taken_at,
        "trashed_at": TRASHED_AT if state is ImageState.TRASHED else None,
        "tags": json.dumps(tags),
        "detections": json.dumps(detections),
    }
    connection.execute(INSERT, row)
    if state is ImageState.READY:
        connection.executemany(
            "INSERT INTO image_tag (owner, tag, id, count) VALUES ('ada', ?, ?, ?)",
            [(tag, image_id, count) for tag, count in tags.items()],
        )


@pytest.mark.parametrize(
    ("state", "taken_at", "sorted_at"),
    [
        (ImageState.READY, "2019-07-28T01:03:00+09:00", "2019-07-28T01:03:00"),
        (ImageState.READY, "2019-07-28T01:03:00", "2019-07-28T01:03:00"),
        (ImageState.READY, "2019-07-28T01:03:00.123456 xmp", "2019-07-28T01:03:00"),
        (ImageState.READY, "2019-07-28", "2019-07-28T00:00:00"),
        (ImageState.READY, "2019-07-28 name", "2019-07-28T00:00:00"),
        (ImageState.READY, "1826-01-01", "1826-01-01T00:00:00"),
        (ImageState.READY, "1825-12-31T23:59:59 xmp", "!1825-12-31T23:59:59"),
        (ImageState.READY, "2199-01-01", "!2199-01-01T00:00:00"),
        (ImageState.READY, None, "2024-02-29T23:59:58"),
        (ImageState.TRASHED, "2019-07-28T01:03:00+09:00", "2025-01-31T12:00:00"),
        (ImageState.TRASHED, None, "2025-01-31T12:00:00"),
        (ImageState.PENDING, None, "2024-02-29T23:59:58"),
        (ImageState.FAILED, None, "2024-02-29T23:59:58"),
        (ImageState.GONE, None, "2024-02-29T23:59:58"),
    ],
)
def test_each_image_gets_its_place(tmp_path: Path, state: ImageState, taken_at: str | None, sorted_at: str) -> None:
    migrate(tmp_path, STEPS, lambda connection: insert(connection, ID, state, taken_at, {"dog": 2}))

    with closing(connect(tmp_path)) as connection:
        assert [row["sorted_at"] for row in connection.execute("SELECT sorted_at FROM image")] == [sorted_at]
    check_local_invariants(tmp_path, with_objects=False)


def test_time_of_any_upload_is_read_from_the_id(tmp_path: Path) -> None:
    moments = [datetime(year, month, 1, tzinfo=UTC) for year in (1970, 2000, 2038, 9999) for month in (1, 3, 12)]
    ids = [min_id_at(moment) for moment in moments]

    def fill(connection: sqlite3.Connection) -> None:
        for image_id in [*ids, "7" + "z" * 25]:
            insert(connection, image_id)

    migrate(tmp_path, STEPS, fill)

    with closing(connect(tmp_path)) as connection:
        found = [row["sorted_at"] for row in connection.execute("SELECT sorted_at FROM image ORDER BY id")]
    assert found == [*(moment.isoformat()[:19] for moment in moments), "9999-12-31T23:59:59"]


@pytest.mark.parametrize("taken_at", ["yesterday", "", "!", "2019"])
def test_image_with_a_damaged_date_gets_the_place_of_an_undated_one(tmp_path: Path, taken_at: str) -> None:
    migrate(tmp_path, STEPS, lambda connection: insert(connection, ID, taken_at=taken_at))

    with closing(connect(tmp_path)) as connection:
        (row,) = connection.execute("SELECT taken_at, sorted_at FROM image")
    assert tuple(row) == (taken_at, "2024-02-29T23:59:58")


def test_tag_index_and_months_are_complete(tmp_path: Path) -> None:
    ids = [min_id_at(datetime(2024, 1, day, tzinfo=UTC)) for day in range(1, 6)]

    def fill(connection: sqlite3.Connection) -> None:
        insert(connection, ids[0], taken_at="2019-07-28", tags={"dog": 1})
        insert(connection, ids[1], taken_at="2019-07-31T23:59:59 xmp", tags={"dog": 2, "cat": 1})
        insert(connection, ids[2], taken_at="1800-01-01", tags={"dog": 1})
        insert(connection, ids[3], tags={"cat": 3})
        insert(connection, ids[4], ImageState.TRASHED, "2019-07-28", {"dog": 1})
        connection.execute("INSERT INTO image_tag VALUES ('ada', 'lost', ?, 1)", (ID,))
        connection.execute("DELETE FROM tag_total WHERE tag = 'lost'")

    migrate(tmp_path, STEPS, fill)

    with closing(Database(tmp_path / "pixtag.db")) as database:
        images = SqliteImages(database)
        assert images.count_months("ada") == [MonthTotal("", 1), MonthTotal("2019-07", 2), MonthTotal("2024-01", 1)]
        assert images.count_months("ada", "dog") == [MonthTotal("", 1), MonthTotal("2019-07", 2)]
        assert SqliteRowChecks(database).compare("ada", lambda _: None) == Comparison()
    check_local_invariants(tmp_path, with_objects=False)


def test_image_keeps_the_first_22_of_24_tags(tmp_path: Path) -> None:
    tags = {f"tag{number:02}": 1 for number in range(24)} | {"é \"'": 1}
    others = {f"tag{number:02}": 1 for number in range(22)}

    def fill(connection: sqlite3.Connection) -> None:
        insert(connection, ID, tags=tags)
        insert(connection, min_id_at(datetime(2024, 1, 1, tzinfo=UTC)), tags=others)

    migrate(tmp_path, STEPS, fill)

    with closing(Database(tmp_path / "pixtag.db")) as database:
        assert [image.tags for image in SqliteImages(database).list_images("ada", 2).images] == [others, others]
    check_local_invariants(tmp_path, with_objects=False)


def test_announcements_contain_the_capture_times(tmp_path: Path) -> None:
    dated, trashed, undated = (min_id_at(datetime(2024, 1, day, tzinfo=UTC)) for day in (1, 2, 3))

    def fill(connection: sqlite3.Connection) -> None:
        insert(connection, dated, taken_at="2019-07-28T01:03:00+09:00")
        insert(connection, trashed, ImageState.TRASHED, "2018-01-01")
        insert(connection, undated)
        connection.executemany(
            "INSERT INTO announcement VALUES ('ada', ?, 1, 10, ?, 1, ?, 1)",
            [(dated, None, "{}"), (f"{trashed}#2", "{}", "{}"), (undated, "{}", None)],
        )

    migrate(tmp_path, STEPS, fill)

    with closing(Database(tmp_path / "pixtag.db")) as database:
        found = SqliteSubscriptions(database).list_announcements("ada")
    of_trashed = Snapshot({}, trashed, "2018-01-01T00:00:00", undated=False)
    assert [(each.before, each.after) for each in found] == [
        (None, Snapshot({}, dated, "2019-07-28T01:03:00", undated=False)),
        (of_trashed, of_trashed),
        (Snapshot({}, undated, "2024-01-03T00:00:00", undated=True), None),
    ]


def test_matches_are_counted_again(tmp_path: Path) -> None:
    alerts = {"news": {}, "more": 0, "waiting": {}, "digest_at": 0}
    counts = {"s": ["2026-01-31T00:00:00+00:00", 7, None]}

    def fill(connection: sqlite3.Connection) -> None:
        insert(connection, ID, taken_at="2019-07-28")
        connection.execute(
            "INSERT INTO subscription VALUES ('ada', 's', 'before:2020-01-01', '2026-01-31T00:00:00+00:00')"
        )
        for owner, text in (("ada", json.dumps(alerts | {"counts": counts})), ("bob", None), ("eve", "{")):
            connection.execute(
                "INSERT INTO profile (owner, last_digest, revision, alerts) VALUES (?, 0, 3, ?)", (owner, text)
            )

    migrate(tmp_path, STEPS, fill)

    with connect_local(tmp_path, FakeDetector) as services:
        before = services.subscriptions.list("ada")
        assert [due.owner for due in services.outbox.list_due()] == ["ada"]
        services.outbox_worker.process("ada")
        after = services.subscriptions.list("ada")
    assert [(each.matched, str(each.query)) for each in before] == [(None, "taken<=2019")]
    assert [each.matched for each in after] == [1]
