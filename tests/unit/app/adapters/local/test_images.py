import gc
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters.local import expiry
from app.adapters.local import images as images_module
from app.adapters.local.database import Database
from app.adapters.local.images import SqliteImages
from app.adapters.local.row_checks import SqliteRowChecks
from app.adapters.local.selections import (
    Selection,
    select_ids,
    select_ready,
    select_states,
    select_trash,
    select_unreviewed,
)
from app.domain.edits import TagChange, retag
from app.domain.errors import ImageDamaged, InvalidCursor, RedetectionNotFound
from app.domain.ids import MAX_ID
from app.domain.images import LISTED, PENDING_LIFE, STORED, TOMBSTONE_LIFE, Image, ImageState, make_tombstone
from app.domain.plans import Order, Plan, continue_plan, plan
from app.domain.ports import Redetections
from app.domain.query import parse
from app.domain.redetections import LIFE
from detector.metadata.values import TimeSource
from tests.support.fakes import PHOTO_METADATA, Clock, image
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.new_database import open_database

MIDDLE = "2019-07-28T01:03:00#01jd8xk3v5m0z8q4n2c7r9t1wy"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path) as database:
        yield database


@pytest.fixture
def images(database: Database) -> SqliteImages:
    return SqliteImages(database)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(expiry, "time", clock)
    return clock


@pytest.fixture
def record_statements(database: Database) -> Callable[[Callable[[], object]], list[str]]:
    """A function that returns the first word and the table of each statement that an action executes."""

    def record(act: Callable[[], object]) -> list[str]:
        statements: list[str] = []
        with database.write() as connection:
            connection.set_trace_callback(statements.append)
            act()
            connection.set_trace_callback(None)
        return [" ".join(statement.split()) for statement in statements if "--" not in statement]

    return record


def test_save_of_changed_model_writes_only_this_column(
    images: SqliteImages, owner: str, record_statements: Callable[[Callable[[], object]], list[str]]
) -> None:
    before = images.save(image(owner, dog=1))

    statements = record_statements(lambda: images.save(replace(before, model="b@1"), before))

    writes = [statement.partition(" WHERE ")[0] for statement in statements if not statement.startswith("SELECT")]
    assert writes == ["UPDATE image SET version = 2, model = 'b@1'"]


def test_save_of_one_changed_count_writes_only_the_row_of_this_tag(
    images: SqliteImages, owner: str, record_statements: Callable[[Callable[[], object]], list[str]]
) -> None:
    before = images.save(image(owner, dog=1, cat=1))
    after = retag(before, [TagChange("dog", 2)], datetime.now(UTC))

    statements = record_statements(lambda: images.save(after, before))

    inserted = {statement.partition(" VALUES ")[2] for statement in statements if "INTO image_tag" in statement}
    assert {values.partition(" ON ")[0] for values in inserted} == {
        f"('{owner}', 'dog', '{before.sorted_at}', '{before.id}', 3, 3)"
    }
    assert not any(statement.startswith("DELETE") for statement in statements)


def test_save_of_a_new_date_moves_all_rows_of_the_tag_index(
    images: SqliteImages, owner: str, record_statements: Callable[[Callable[[], object]], list[str]], tmp_path: Path
) -> None:
    before = images.save(image(owner, dog=1, cat=1))
    after = replace(before, taken=PHOTO_METADATA.taken)

    statements = record_statements(lambda: images.save(after, before))

    change = (
        "UPDATE image SET taken_at = '2019-07-28T01:03:00+09:00', sorted_at = '2019-07-28T01:03:00', version = 2 WHERE "
    )
    assert any(statement.startswith(change) for statement in statements)
    writes = {statement for statement in statements if " image_tag " in statement}
    assert sorted(statement.partition(" ")[0] for statement in writes) == ["DELETE", "INSERT", "INSERT"]
    check_local_invariants(tmp_path, with_objects=False)


def test_save_of_another_time_of_the_same_second_does_not_touch_the_tag_index(
    images: SqliteImages, owner: str, record_statements: Callable[[Callable[[], object]], list[str]]
) -> None:
    taken = PHOTO_METADATA.taken
    assert taken
    before = images.save(replace(image(owner, dog=1), taken=taken))

    statements = record_statements(
        lambda: images.save(replace(before, taken=replace(taken, source=TimeSource.PERSON)), before)
    )

    assert not any("image_tag" in statement for statement in statements)


def test_save_removes_rows_of_the_tag_index_that_it_does_not_know(
    database: Database, images: SqliteImages, owner: str, tmp_path: Path
) -> None:
    before = images.save(image(owner, dog=1, cat=1))
    with database.write() as connection:  # as images of version 0.5.0 that had more than 22 tags
        connection.execute("INSERT INTO image_tag VALUES (?, 'old', ?, ?, 1, 0)", (owner, before.sorted_at, before.id))

    images.save(retag(before, [TagChange("cat", None, removes=True)], datetime.now(UTC)), before)

    check_local_invariants(tmp_path, with_objects=False)


@pytest.mark.parametrize("cursor", ["", "garbage", MIDDLE])
def test_list_details_with_forged_cursor_raises_invalid_cursor(images: SqliteImages, owner: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        images.list_details(owner, 10, cursor)


ORDER = {"COVERING INDEX image_order"}
UPLOADS = {"COVERING INDEX image_state"}
COUNTS = "COVERING INDEX image_tag_image"


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("cursor", [None, "2019-07", MIDDLE])
@pytest.mark.parametrize(
    ("text", "indexes"),
    [
        ("taken:2018..2020", ORDER),
        ("dog", {"PRIMARY KEY"}),
        ("dog, taken:2018..2020, added>=2020", {"PRIMARY KEY"}),
        ("dog|cat|car, !bird", {"PRIMARY KEY", COUNTS}),
        ("dog, undated", {"PRIMARY KEY", "INDEX image_undated"}),
        ("!dog", {*ORDER, COUNTS}),
        ("dog>=2!|cat, !bird!", {"PRIMARY KEY", COUNTS}),
        ("added:2019", ORDER),
        ("untagged, taken:2019", {"INDEX image_untagged"}),
        ("untagged, undated", {"INDEX image_untagged"}),
        ("undated, !dog", {"INDEX image_undated", COUNTS}),
    ],
)
def test_search_reads_only_indexes_in_their_order(
    database: Database,
    text: str,
    indexes: set[str],
    cursor: str | None,
    newest_first: bool,  # noqa: FBT001
) -> None:
    query = parse(text)
    rows = continue_plan(plan(query, newest_first=newest_first), cursor)

    check_plan(database, select_ready("a", query, rows), indexes)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("cursor", [None, "2019-07", MIDDLE])
@pytest.mark.parametrize(
    ("states", "order", "indexes"),
    [(LISTED, Order.TAKEN, ORDER), (LISTED, Order.ADDED, UPLOADS), ({ImageState.TRASHED}, Order.TAKEN, ORDER)],
)
def test_list_reads_only_indexes_in_their_order(
    database: Database,
    states: set[ImageState],
    order: Order,
    indexes: set[str],
    cursor: str | None,
    newest_first: bool,  # noqa: FBT001
) -> None:
    rows = continue_plan(Plan(newest_first=newest_first), cursor)

    check_plan(database, select_states("a", states, rows, order), indexes)


@pytest.mark.parametrize(
    ("selection", "indexes"),
    [
        (select_ids("a", STORED, None), UPLOADS),
        (select_unreviewed("a", None), {"INDEX image_review"}),
        (select_unreviewed("a", "012#01jd8xk3v5m0z8q4n2c7r9t1wy"), {"INDEX image_review"}),
        (select_trash("a", parse("dog!, untagged"), Plan()), {"INDEX image_order", "VIRTUAL TABLE"}),
        (select_trash("a", parse("taken:2019, undated"), Plan()), {"INDEX image_order"}),
    ],
)
def test_other_selection_reads_only_indexes_in_their_order(
    database: Database, selection: Selection, indexes: set[str]
) -> None:
    check_plan(database, selection, indexes)


def check_plan(database: Database, selection: Selection, indexes: set[str]) -> None:
    """Assert that a selection reads ranges of these indexes, from both bounds, and sorts nothing."""
    with database.read() as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {selection.sql}", selection.parameters)
        steps = [str(row["detail"]) for row in rows]

    searches = [step for step in steps if step.startswith(("SEARCH", "SCAN"))]
    assert {step.partition(" USING ")[2].partition(" (")[0] or "VIRTUAL TABLE" for step in searches} == indexes
    candidates = [step for step in searches if step.startswith("SEARCH candidate")]
    assert all(re.search(r"(id\)?>.+id\)?<)", step) for step in candidates)
    assert not any("TEMP B-TREE" in step for step in steps)


@pytest.mark.parametrize("tag", [None, "dog"])
def test_months_are_read_from_their_table_in_order(
    database: Database, images: SqliteImages, owner: str, tag: str | None
) -> None:
    statements: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(statements.append)
        images.count_months(owner, tag)
        connection.set_trace_callback(None)
        (statement,) = statements
        (step,) = [str(row["detail"]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]

    assert re.match(r"SEARCH (tag_)?month_total USING PRIMARY KEY \(owner=\?( AND tag=\?)?\)$", step)


def test_search_with_rare_matches_reads_a_bounded_number_of_candidates(
    images: SqliteImages, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_module, "MAX_CANDIDATES", 2)
    match = images.save(image(owner, dog=2))
    for _ in range(5):
        images.save(image(owner, dog=1))

    pages = [images.search(owner, parse("dog>=2"), 1)]
    while pages[-1].cursor:
        pages.append(images.search(owner, parse("dog>=2"), 1, pages[-1].cursor))

    assert [[summary.id for summary in page.images] for page in pages] == [[], [], [match.id]]


def test_search_with_several_tags_uses_the_rarest_clause(
    images: SqliteImages, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_module, "MAX_CANDIDATES", 2)
    match = images.save(image(owner, dog=1, cat=1))
    for _ in range(5):
        images.save(image(owner, dog=1))

    page = images.search(owner, parse("dog, cat"), 1)

    assert ([summary.id for summary in page.images], page.cursor) == ([match.id], None)


def test_search_for_alternatives_fills_the_page(images: SqliteImages, owner: str) -> None:
    saved = [images.save(image(owner, dog=1, cat=1)) for _ in range(4)]

    page = images.search(owner, parse("dog|cat"), 3)

    assert [summary.id for summary in page.images] == [each.id for each in reversed(saved[1:])]


def test_save_with_unknown_state_raises_integrity_error(images: SqliteImages, owner: str) -> None:
    broken = replace(image(owner), state="unknown")  # type: ignore[arg-type]

    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
        images.save(broken)


def test_list_ids_reads_a_few_ids_at_a_time(images: SqliteImages, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_module, "_LISTED_IDS", 2)
    saved = [images.save(image(owner)) for _ in range(4)]

    ids = images.list_ids(owner)
    first = next(ids)
    images.save(make_tombstone(saved[3]), saved[3])

    assert [first, *ids] == [each.id for each in saved[:3]]


@pytest.mark.parametrize(
    ("state", "life"),
    [
        (ImageState.PENDING, PENDING_LIFE),
        (ImageState.GONE, TOMBSTONE_LIFE),
        (ImageState.READY, None),
        (ImageState.FAILED, None),
        (ImageState.TRASHED, None),
    ],
)
def test_expire_deletes_pending_images_and_tombstones_after_their_lives(
    images: SqliteImages, owner: str, state: ImageState, life: timedelta | None, clock: Clock
) -> None:
    saved = images.save(image(owner, state))

    def expire_after(time: timedelta) -> bool:
        clock.run_for(time.total_seconds(), images.expire)
        return images.find_image(owner, saved.id) is None

    minute = timedelta(minutes=1)
    assert not expire_after((life or timedelta(minutes=1)) - minute)
    assert expire_after(timedelta(days=0 if life else 100) + 2 * minute) is bool(life)


def test_expire_deletes_any_number_of_images(
    images: SqliteImages, owner: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    monkeypatch.setattr(expiry, "MAX_ROWS", 2)
    for _ in range(5):
        images.save(image(owner, ImageState.PENDING))

    clock.run_for(PENDING_LIFE.total_seconds() + 1, images.expire)

    with closing(connect(tmp_path)) as connection:
        assert connection.execute("SELECT count(*) FROM image").fetchone()[0] == 0


def test_expire_deletes_jobs_after_a_month(
    images: SqliteImages, redetections: Redetections, owner: str, clock: Clock
) -> None:
    started = redetections.start(owner)

    clock.run_for(LIFE.total_seconds() - 60, images.expire)
    before = redetections.get(owner)
    clock.run_for(120, images.expire)

    assert before == started
    with pytest.raises(RedetectionNotFound):
        redetections.get(owner)


DAMAGES = {
    "cut JSON": "tags = '{\"dog\": 1'",
    "wrong type": "tags = '[\"dog\"]'",
    "wrong count": 'tags = \'{"dog": "1"}\'',
    "invalid UTF-8": "name = CAST(x'ff' AS TEXT)",
    "invalid date": "taken_at = 'yesterday'",
    "unknown source of a date": "taken_at = '2019-07-28 moon'",
    "cut metadata": "metadata = '{\"title\":'",
    "unknown metadata": "metadata = '{\"mood\": 1}'",
    "unknown state": "state = 'lost'",
    "incomplete detection": "detections = '[[\"dog\", 1.0]]'",
    "invalid label": "detections = '[[\"\", 1.0, [0, 0, 1, 1]]]'",
    "incomplete edit": "edits = '{\"dog\": []}'",
}


def damage(database: Database, image_id: str, change: str) -> None:
    with database.write() as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE image SET {change} WHERE id = ?", (image_id,))  # noqa: S608 - constants
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def read_rows(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute("SELECT CAST(name AS BLOB), tags, edits, version FROM image")]


@pytest.mark.parametrize("kind", sorted(DAMAGES.keys() - {"cut JSON", "wrong type", "wrong count"}))
def test_damaged_image_raises_image_damaged_that_names_it_and_does_not_change(
    database: Database, images: SqliteImages, owner: str, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    damaged = images.save(image(owner, dog=1))
    damage(database, damaged.id, DAMAGES[kind])
    before = read_rows(database)

    for get in (images.find_image, images.get_image):
        with pytest.raises(ImageDamaged, match=f"entry of image {damaged.id} is damaged"):
            get(owner, damaged.id)

    assert read_rows(database) == before
    assert [record.exc_info for record in caplog.records] == [None, None]


@pytest.mark.parametrize("kind", ["cut JSON", "wrong type", "wrong count", "invalid UTF-8", "invalid date"])
def test_lists_leave_out_a_damaged_summary(
    database: Database, images: SqliteImages, owner: str, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    first, damaged, last = (images.save(image(owner, dog=1)) for _ in range(3))
    damage(database, damaged.id, DAMAGES[kind])

    for page in (images.list_images(owner, 10), images.search(owner, parse("dog"), 10)):
        assert [summary.id for summary in page.images] == sorted([first.id, last.id], reverse=True)
    assert caplog.messages == 2 * [str(ImageDamaged(damaged.id))]


@pytest.mark.parametrize("kind", ["incomplete detection", "invalid label", "incomplete edit"])
def test_list_of_details_leaves_out_a_damaged_image(
    database: Database, images: SqliteImages, owner: str, kind: str
) -> None:
    intact, damaged = (images.save(image(owner, dog=1)) for _ in range(2))
    damage(database, damaged.id, DAMAGES[kind])

    assert [details.id for details in images.list_details(owner, 10).images] == [intact.id]
    assert len(images.list_images(owner, 10).images) == 2


@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_damaged_image_does_not_prevent_the_purge_of_others(
    database: Database, images: SqliteImages, owner: str, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    intact, damaged = (images.save(image(owner, dog=1)) for _ in range(2))
    damage(database, damaged.id, DAMAGES[kind])
    found = images.find_images(owner, [intact.id, damaged.id])

    # The tags of an image are computed from its detections, and those in its row are only read for lists.
    assert [image.id for image in found][:1] == [intact.id]
    assert len(found) == 1 + (kind in {"cut JSON", "wrong type", "wrong count"})
    assert caplog.messages == [] if len(found) > 1 else [str(ImageDamaged(damaged.id))]


@pytest.mark.parametrize("change", [*DAMAGES.values(), "size = 2000000000"])
def test_damaged_image_is_deleted_with_its_account(
    database: Database, images: SqliteImages, owner: str, change: str
) -> None:
    saved = images.save(image(owner, dog=1))
    with database.write() as connection:
        connection.execute("DROP TRIGGER image_updated")  # damage does not run it
        connection.execute("UPDATE image_tag SET count = 1000")
        connection.execute("UPDATE tag_total SET objects = 1")
        connection.execute("UPDATE month_total SET images = 0")
        connection.execute("UPDATE tag_month_total SET images = 0")
    damage(database, saved.id, change)

    assert images.delete_images(owner, 10) == [saved.id]

    assert not images.delete_rows(owner, 10)


def test_find_image_in_a_failing_database_does_not_call_the_image_damaged(
    database: Database, images: SqliteImages, owner: str
) -> None:
    saved = images.save(image(owner, dog=1))
    with database.write() as connection:
        connection.execute("ALTER TABLE image RENAME TO lost")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        images.find_image(owner, saved.id)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Keep the frames of exceptions alive, as Python may do for some time."""
    gc.disable()
    yield
    gc.enable()


READS: dict[str, Callable[[SqliteImages, Image], object]] = {
    "list": lambda images, image: images.list_images(image.owner, 10),
    "details": lambda images, image: images.list_details(image.owner, 10),
    "one": lambda images, image: images.find_image(image.owner, image.id),
    "several": lambda images, image: images.find_images(image.owner, list(images.list_ids(image.owner))),
    "snapshots": lambda images, image: images.read_snapshots(image.owner, 10, MAX_ID),
    "check": lambda images, image: list(SqliteRowChecks(images._database).read_images(image.owner)),  # noqa: SLF001 - the same database
}


@pytest.mark.parametrize("kind", ["wrong type", "invalid UTF-8", "invalid date"])
@pytest.mark.parametrize("read", READS)
def test_reads_after_a_damaged_row_see_later_changes(
    database: Database, images: SqliteImages, owner: str, tmp_path: Path, no_collection: None, read: str, kind: str
) -> None:
    saved = [images.save(image(owner, dog=1)) for _ in range(3)]
    for each in (saved[0], saved[-1]):  # lists begin with the newest or with the oldest image
        damage(database, each.id, DAMAGES[kind])
    with suppress(ImageDamaged, TypeError, ValueError, sqlite3.OperationalError):
        READS[read](images, saved[-1])
    with closing(connect(tmp_path)) as connection, connection:
        connection.execute("DELETE FROM image WHERE id = ?", (saved[1].id,))

    assert images.find_image(owner, saved[1].id) is None
