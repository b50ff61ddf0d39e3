"""Stores the preferences of owners in SQLite."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

from app.adapters.local.database import Database
from app.adapters.local.outbox import insert_outbox_row
from app.adapters.local.rows import name_damage
from app.domain.errors import RowDamaged
from app.domain.ports import OwnerPreferences
from app.domain.preferences import Preferences, choose_position_removal, make_removal_row

_PUT: Final = """
    INSERT OR REPLACE INTO preference (owner, remove_positions, removal, next_page) VALUES (?, ?, ?, ?)
"""


class SqlitePreferences(OwnerPreferences):
    """Reads and writes one row for each owner who has chosen anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def get(self, owner: str) -> Preferences:
        with self._database.read() as connection, name_damage(f"the preferences of {owner}", RowDamaged):
            row = connection.execute("SELECT * FROM preference WHERE owner = ?", (owner,)).fetchone()
        if not row:
            return Preferences(owner)
        return Preferences(owner, bool(row["remove_positions"]), row["removal"], row["next_page"])

    @override
    def choose(self, owner: str, *, remove_positions: bool) -> Preferences:
        with self._database.write() as connection:
            current = self.get(owner)
            chosen = choose_position_removal(current, remove_positions=remove_positions)
            if chosen != current:
                connection.execute(_PUT, (owner, chosen.remove_positions, chosen.removal, chosen.cursor))
                if chosen.removal:
                    insert_outbox_row(connection, make_removal_row(chosen, datetime.now(UTC)))
        return chosen

    @override
    def record_removal(self, preferences: Preferences, cursor: str | None) -> Preferences:
        self._update(preferences, preferences.removal, cursor)
        return replace(preferences, cursor=cursor)

    @override
    def finish_removal(self, preferences: Preferences) -> None:
        self._update(preferences, "", None)

    def _update(self, preferences: Preferences, removal: str, cursor: str | None) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE preference SET removal = ?, next_page = ? WHERE owner = ? AND removal = ?",
                (removal, cursor, preferences.owner, preferences.removal),
            )
