"""Steps of future versions of the database, for tests of upgrades."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.adapters.local.schema import MIGRATIONS

LATEST: Final = len(list(MIGRATIONS.glob("*.sql")))
STEPS: Final = (
    "ALTER TABLE image ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;\nCREATE INDEX image_rating ON image (rating);\n",
    "CREATE TABLE album (name TEXT NOT NULL) STRICT;\nINSERT INTO album (name) SELECT address FROM account;\n",
    "ALTER TABLE album ADD COLUMN created_at INTEGER;\nUPDATE album SET created_at = 1;\n",
)


def make_migrations(folder: Path, steps: Sequence[str] = STEPS) -> Path:
    """Fill a folder with the steps of this version and those of later ones. Return the folder."""
    shutil.copytree(MIGRATIONS, folder)
    for number, step in enumerate(steps, start=LATEST + 1):
        (folder / f"{number:04}.sql").write_text(step)
    return folder
