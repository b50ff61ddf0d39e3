"""Databases of earlier and of future versions, for tests of upgrades."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from app.adapters.local.database import Database
from app.adapters.local.schema import MIGRATIONS

LATEST: Final = len(list(MIGRATIONS.glob("*.sql")))
STEPS: Final = (
    "ALTER TABLE image ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;\nCREATE INDEX image_rating ON image (rating);\n",
    "CREATE TABLE shelf (name TEXT NOT NULL) STRICT;\nINSERT INTO shelf (name) SELECT address FROM account;\n",
    "ALTER TABLE shelf ADD COLUMN created_at INTEGER;\nUPDATE shelf SET created_at = 1;\n",
)


def make_migrations(folder: Path, steps: Sequence[str] = STEPS) -> Path:
    """Fill a folder with the steps of this version and those of later ones. Return the folder."""
    shutil.copytree(MIGRATIONS, folder)
    for number, step in enumerate(steps, start=LATEST + 1):
        (folder / f"{number:04}.sql").write_text(step)
    return folder


def migrate(folder: Path, steps: int, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Create a database with only the first steps, fill it, and migrate it."""
    first = folder / "migrations"
    first.mkdir()
    for step in sorted(MIGRATIONS.glob("*.sql"))[:steps]:
        shutil.copy(step, first)
    with closing(Database(folder / "pixtag.db", migrations=first)) as database, database.read():
        pass
    with closing(sqlite3.connect(folder / "pixtag.db")) as connection, connection:
        fill(connection)
    with closing(Database(folder / "pixtag.db")) as database, database.read():
        pass
