"""Keeps the secrets of this installation in the table `setting`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.adapters.local.database import Database

Secrets = Mapping[str, str]

logger: Final = logging.getLogger(__name__)


def load_secrets(
    database: Database, names: Sequence[str], create: Callable[[], Sequence[str]], is_usable: Callable[[Secrets], bool]
) -> Secrets:
    """Return the secrets with these names. If one is missing or damaged, create all of them.

    If several processes create them at the same time, all of them return those that are stored first.
    """
    stored = _read(database, names)
    if stored.keys() == set(names) and is_usable(stored):
        return stored
    if stored:
        logger.error("%s in the database is damaged, so PixTag creates a new one.", " or ".join(names))
    created = create()
    with database.write() as connection:
        if _read(database, names) == stored:
            connection.executemany(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", zip(names, created, strict=True)
            )
    return _read(database, names)


def _read(database: Database, names: Sequence[str]) -> dict[str, str]:
    """Return the secrets. Damaged bytes become other characters."""
    with database.read() as connection:
        rows = connection.execute("SELECT name, CAST(value AS BLOB) AS value FROM setting")
        return {row["name"]: row["value"].decode(errors="replace") for row in rows if row["name"] in names}
