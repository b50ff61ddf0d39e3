"""The step from version 0.3.0, in which each change to an image had its own outbox row."""

import sqlite3
from contextlib import closing
from pathlib import Path

from app.adapters.local.database import Database
from app.adapters.local.subscriptions import SqliteSubscriptions
from app.domain.announcements import Announcement
from app.domain.images import ImageState
from app.domain.snapshots import Snapshot, sort_by_upload
from tests.support.fakes import image
from tests.support.migrations import migrate
from tests.support.services import connect_local

OUTBOX = """
    INSERT INTO outbox (owner, id, kind, image, version, before, after, due_at) VALUES ('ada', ?, ?, ?, ?, ?, '{}', ?)
"""


def undated(image_id: str, **tags: int) -> Snapshot:
    return Snapshot(tags, image_id, sort_by_upload(image_id), undated=True)


def test_rows_of_each_image_become_one_announcement(tmp_path: Path) -> None:
    ready, trashed, gone = (
        image("ada", state, dog=3) for state in (ImageState.READY, ImageState.TRASHED, ImageState.GONE)
    )

    def fill(connection: sqlite3.Connection) -> None:
        columns = "owner, id, state, name, media_type, size, width, height, reason, tags, version, sha256"
        more = "duplicate_of, model, redetection, requests, edits, corrections, detections"
        for each in (ready, trashed, gone):
            connection.execute(
                f"INSERT INTO image ({columns}, {more}) VALUES ('ada', ?, ?, '', '', 1, 0, 0, '', ?, 4, ?, '', '',"  # noqa: S608 - constants
                " '', '[]', '{}', '[]', '[]')",
                (each.id, each.state, '{"dog":3}', each.id),
            )
        changes = [
            ("2-b", "announce", ready.id, 3, '{"dog":2}', 20),
            ("1-a", "announce", ready.id, 2, '{"dog":1}', 10),
            ("3-c", "announce", trashed.id, 1, None, 30),
            ("4-d", "announce", gone.id, 1, None, 40),
            ("5-e", "announce", "unknown", 1, None, 50),
            ("6-f", "purge", trashed.id, 4, '{"dog":3}', 60),
        ]
        connection.executemany(OUTBOX, changes)
        connection.execute("INSERT INTO subscription VALUES ('ada', 's', 'dog', '2026-01-31T00:00:00+00:00')")
        connection.execute("INSERT INTO subscription VALUES ('bob', 's', 'dog', '2026-01-31T00:00:00+00:00')")
        connection.execute("INSERT INTO profile VALUES ('ada', 77)")

    migrate(tmp_path, 1, fill)

    with closing(Database(tmp_path / "pixtag.db")) as database:
        announcements = {each.id: each for each in SqliteSubscriptions(database).list_announcements("ada")}
        with database.read() as connection:
            kinds = [tuple(row) for row in connection.execute("SELECT id, kind, due_at FROM outbox")]
            profiles = [tuple(row) for row in connection.execute("SELECT owner, last_digest, alerts_at FROM profile")]
    assert announcements == {
        ready.id: Announcement(
            "ada",
            ready.id,
            4,
            10,
            undated(ready.id, dog=1),
            was_ready=True,
            after=undated(ready.id, dog=3),
            is_ready=True,
        ),
        trashed.id: Announcement(
            "ada", trashed.id, 4, 30, None, was_ready=False, after=undated(trashed.id, dog=3), is_ready=False
        ),
        gone.id: Announcement("ada", gone.id, 4, 40, None, was_ready=False, after=None, is_ready=False),
    }
    assert kinds == [("6-f", "purge", 60)]
    assert profiles == [("ada", 77, 0), ("bob", 0, 0)]


def test_matches_of_existing_subscriptions_are_counted(tmp_path: Path) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO subscription VALUES ('ada', 's', 'dog', '2026-01-31T00:00:00+00:00')")

    migrate(tmp_path, 1, fill)

    with connect_local(tmp_path, lambda: None) as services:  # type: ignore[arg-type, return-value]  # not used
        services.images.save(image("ada", dog=1))
        [due] = services.outbox.list_due()
        services.outbox_worker.process(due.owner)
        [subscription] = services.subscriptions.list("ada")
    assert subscription.matched == 1
