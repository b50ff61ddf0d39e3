from contextlib import closing
from pathlib import Path

import pytest

from app.adapters.local.database import Database
from tests.support.new_database import add_database


def read(path: Path) -> tuple[list[str], bytes]:
    """Return the schema of a database, and the number by which PixTag knows it."""
    with closing(Database(path)) as database, database.read() as connection:
        schema = [row["sql"] for row in connection.execute("SELECT sql FROM sqlite_schema ORDER BY name")]
        number: bytes = connection.execute("SELECT number FROM last_write").fetchone()[0]
        return schema, number


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / name for name in ("first", "second", "created")]
    for folder in folders:
        folder.mkdir()
    return folders


def test_added_databases_are_like_a_created_one_with_other_numbers(folders: list[Path]) -> None:
    for folder in folders[:2]:
        add_database(folder)
        assert (folder / "pixtag.db").stat().st_mode & 0o777 == 0o600

    (first, number), (second, other), (created, last) = (read(folder / "pixtag.db") for folder in folders)

    assert first == second == created
    assert len({number, other, last}) == 3


def test_database_is_added_only_to_an_empty_folder(folders: list[Path]) -> None:
    add_database(folders[0] / "missing")
    (folders[0] / "lost").touch()
    add_database(folders[0])

    assert [path.name for path in folders[0].iterdir()] == ["lost"]
