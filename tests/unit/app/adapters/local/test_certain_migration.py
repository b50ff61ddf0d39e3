"""The step from version 0.6.0, which had no certain counts."""

import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.adapters.local.database import Database
from app.adapters.local.row_checks import SqliteRowChecks
from app.adapters.local.rows import image_row, to_image
from app.domain.corrections import Correction
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection
from detector.metadata.values import Metadata
from tests.support.domain_images import make_image
from tests.support.migrations import migrate

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def insert(connection: sqlite3.Connection, images: Iterable[Image]) -> None:
    """Insert images as version 0.6.0 stored them."""
    columns = {column[1] for column in connection.execute("PRAGMA table_info(image)")}
    for image in images:
        row = {name: value for name, value in image_row(image).items() if name in columns}
        connection.execute(f"INSERT INTO image ({', '.join(row)}) VALUES (:{', :'.join(row)})", row)  # noqa: S608 - names
        if image.state is ImageState.READY:
            connection.executemany(
                "INSERT INTO image_tag (owner, tag, sorted_at, id, count) VALUES (?, ?, ?, ?, ?)",
                [(image.owner, tag, image.sorted_at, image.id, count) for tag, count in image.tags.items()],
            )


def make_images() -> list[Image]:
    """Return images with all kinds of detections, corrections, edits and keywords."""
    dice = random.Random(20261130)  # noqa: S311 - no secret

    def box() -> BoundingBox:
        left, top = dice.randint(0, 3), dice.randint(0, 1)
        return BoundingBox(left, top, left + dice.randint(2, 4), top + dice.choice([2, 3.5]))

    def detections() -> tuple[Detection, ...]:
        found = [Detection(dice.choice(["dog", "cat"]), dice.choice([0.9, 0.35, 0.3499, 0.1]), box()) for _ in range(6)]
        return tuple(found[: dice.randint(0, 6)])

    def corrections() -> tuple[Correction, ...]:
        labels = ["dog", "cat", "bird", None]
        made = [Correction(dice.choice(["dog", "cat"]), box(), dice.choice(labels), NOW) for _ in range(5)]
        return tuple(made[: dice.choice([0, 0, 2, 5])])

    def edits() -> dict[str, TagEdit]:
        return {
            tag: TagEdit(dice.choice([0, 2, 999]), NOW) for tag in dice.sample(["dog", "fox"], dice.choice([0, 1, 2]))
        }

    return [
        make_image(
            id=new_id(),
            sha256=f"{number:064}",
            state=dice.choice([ImageState.READY, ImageState.READY, ImageState.TRASHED]),
            detections=detections(),
            corrections=corrections(),
            edits=edits(),
            metadata=Metadata(keywords=dice.choice([(), ("Dog", "beach"), ('say "hi"',)])),
            trashed_at=NOW,
        )
        for number in range(300)
    ]


def test_migrated_certain_counts_equal_those_of_the_domain(tmp_path: Path) -> None:
    images = {image.id: image for image in make_images()}

    migrate(tmp_path, 8, lambda connection: insert(connection, images.values()))

    with closing(Database(tmp_path / "pixtag.db")) as database:
        with database.read() as connection:
            rows = list(connection.execute("SELECT * FROM image"))
            stored = {row["id"]: (to_image(row), row["certain"], row["review_key"]) for row in rows}
        differences = SqliteRowChecks(database).compare("o", lambda _: None).differences
    expected = {image.id: (image, image_row(image)["certain"], image.review_key) for image in images.values()}
    wrong = [(stored[key], expected[key]) for key in expected if stored[key] != expected[key]]
    assert wrong == []
    assert [each for each in differences if "usage" not in each.subject] == []
    assert {image.doubt > 0 for image in images.values()} == {True, False}


def test_migration_of_damaged_images_leaves_their_certain_counts_empty(tmp_path: Path) -> None:
    image = make_image(id=new_id(), detections=(Detection("dog", 0.9, BoundingBox(0, 0, 1, 1)),))
    damages = {
        new_id(): change
        for change in (
            "tags = 'x'",
            "tags = '5'",
            "tags = '[1]'",
            "tags = '{\"dog\":0.5}'",
            f'tags = \'{{"dog":{2**63 - 1},"cat":{2**63 - 1}}}\'',
            "detections = 'x'",
            "detections = '[\"x\"]'",
            'edits = \'{"dog":"x"}\'',
            "corrections = '[[]]'",
        )
    }

    def fill(connection: sqlite3.Connection) -> None:
        for number, (image_id, change) in enumerate(damages.items()):
            insert(connection, [make_image(id=image_id, sha256=f"{number:064}", detections=image.detections)])
            connection.execute(f"UPDATE image SET {change} WHERE id = ?", (image_id,))  # noqa: S608 - constants

    migrate(tmp_path, 8, fill)

    with closing(Database(tmp_path / "pixtag.db")) as database, database.read() as connection:
        rows = {row["id"]: row["certain"] for row in connection.execute("SELECT id, certain FROM image")}
    expected = ["{}", "{}", "{}", "{}", '{"dog":1,"cat":1}', "{}", '{"dog":1}', '{"dog":1}', '{"dog":1}']
    assert [rows[image_id] for image_id in damages] == expected
