"""The step from version 0.6.0, which had no conditions on texts."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from app.adapters.local.images import SqliteImages
from app.adapters.local.row_checks import SqliteRowChecks
from app.domain.checks import Comparison
from app.domain.ids import min_id_at
from app.domain.metadata import dump_metadata
from app.domain.query import parse
from app.domain.texts import PhotoTexts, dump_texts
from detector.metadata.values import Metadata
from tests.support.local_invariants import check_local_invariants, connect
from tests.support.migrations import migrate
from tests.unit.app.adapters.local.test_capture_order_migration import insert

STEPS = 8  # of version 0.6.0
UPLOADED = "2024-01-01T00:00:00"
ID = min_id_at(datetime.fromisoformat(UPLOADED).replace(tzinfo=UTC))


def add(connection: sqlite3.Connection, name: bytes, metadata: str) -> None:
    insert(connection, ID)
    statement = "UPDATE image SET name = CAST(? AS TEXT), metadata = ?, sorted_at = ?"
    connection.execute(statement, (name, metadata, UPLOADED))


def test_texts_of_existing_photos_are_found(tmp_path: Path) -> None:
    metadata = dump_metadata(Metadata(title="Été", camera_model="X-T4"))

    migrate(tmp_path, STEPS, lambda connection: add(connection, b"IMG_2034.JPG", metadata))

    with closing(Database(tmp_path / "pixtag.db")) as database:
        images = SqliteImages(database)
        assert [image.id for image in images.search("ada", parse("title:ete, name:2034, camera:t4"), 1).images] == [ID]
        assert SqliteRowChecks(database).compare("ada", lambda _: None) == Comparison()
    check_local_invariants(tmp_path, with_objects=False)


@pytest.mark.parametrize(
    ("name", "metadata", "texts"),
    [
        (b"a\xff", "", PhotoTexts("a\N{REPLACEMENT CHARACTER}")),
        (b"a", "{", PhotoTexts("a")),
        pytest.param(b"a", "[" * 10_000, PhotoTexts("a"), id="nested too deeply"),
        (b"a", "[]", PhotoTexts("a")),
        (b"a", '{"title": 1}', PhotoTexts("a")),
        (b"a", '{"unknown": 1}', PhotoTexts("a")),
    ],
)
def test_damaged_photo_is_no_reason_to_stop(tmp_path: Path, name: bytes, metadata: str, texts: PhotoTexts) -> None:
    migrate(tmp_path, STEPS, lambda connection: add(connection, name, metadata))

    with closing(connect(tmp_path)) as connection:
        (row,) = connection.execute("SELECT texts FROM image")
    assert row["texts"] == dump_texts(texts)


def test_search_for_text_reads_only_the_index(tmp_path: Path) -> None:
    migrate(tmp_path, STEPS, lambda connection: add(connection, b"a", ""))

    with closing(connect(tmp_path)) as connection:
        plan = connection.execute(
            """
            EXPLAIN QUERY PLAN SELECT sorted_at, id, texts FROM image INDEXED BY image_texts
            WHERE owner = 'ada' AND state = 'ready' AND (sorted_at, id) >= ('', '') ORDER BY sorted_at DESC, id DESC
            """
        ).fetchall()
    assert [row["detail"].partition(" (")[0] for row in plan] == ["SEARCH image USING COVERING INDEX image_texts"]
