"""Writes new databases as copies, because the migrations of an empty database take longer than most tests.

Tests of the migrations, of the guard and of the locks create their databases as PixTag does.
"""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.adapters.local.database import Database


def add_database(folder: Path) -> None:
    """Write the database of a new library to a folder. If the folder is missing or has files, do nothing."""
    if not folder.is_dir() or any(folder.iterdir()):
        return
    data, number = _make_template()
    path = folder / "pixtag.db"
    path.touch(0o600, exist_ok=False)
    path.write_bytes(data.replace(number, secrets.token_bytes(len(number))))


@contextmanager
def open_database(folder: Path) -> Iterator[Database]:
    """Yield the database of a data folder. Close its connections afterwards."""
    add_database(folder)
    with closing(Database(folder / "pixtag.db")) as database:
        yield database


@cache
def _make_template() -> tuple[bytes, bytes]:
    """Return a new database, and the random number in it by which PixTag knows it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pixtag.db"
        with closing(Database(path)) as database, database.read() as connection:
            number: bytes = connection.execute("SELECT number FROM last_write").fetchone()[0]
        return path.read_bytes(), number
