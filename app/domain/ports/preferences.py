"""Defines the interface of the store of preferences."""

from typing import Protocol

from app.domain.preferences import Preferences


class OwnerPreferences(Protocol):
    """Reads and writes the preferences of owners."""

    def get(self, owner: str) -> Preferences:
        """Return the preferences, or the defaults. The read is strongly consistent.

        Raises:
            RowDamaged: the row of the preferences is damaged.
        """

    def choose(self, owner: str, *, remove_positions: bool) -> Preferences:
        """Write a choice. If the owner now wants positions to be removed, start a job for the existing images.

        Returns:
            The preferences after the choice.
        """

    def record_removal(self, preferences: Preferences, cursor: str | None) -> Preferences:
        """Record the next page of the job. Change nothing if the job was replaced or deleted.

        Returns:
            The preferences with this cursor.
        """

    def finish_removal(self, preferences: Preferences) -> None:
        """Record that the job is complete. Change nothing if the job was replaced or deleted."""
