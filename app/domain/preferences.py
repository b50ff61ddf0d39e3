"""Defines an owner's preferences, and the job that applies them to existing images."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.outbox import LEASE_SECONDS, OutboxKind, OutboxRow, outbox_id

REMOVAL_DELAY_SECONDS: Final = LEASE_SECONDS  # an ingest that began before the choice has ended by then


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of an owner.

    Attributes:
        owner: The owner of the library.
        remove_positions: Whether images do not contain where their photos were taken.
        removal: The id of the job that removes the positions of existing images. It is empty if no job is running.
        cursor: The cursor of the next page of images of the job. None means the first page.
    """

    owner: str
    remove_positions: bool = False
    removal: str = ""
    cursor: str | None = None


def choose_position_removal(current: Preferences, *, remove_positions: bool) -> Preferences:
    """Return the preferences after a choice. A new choice to remove positions starts a job."""
    if current.remove_positions == remove_positions:
        return current
    return Preferences(current.owner, remove_positions, new_id() if remove_positions else "")


def make_removal_row(preferences: Preferences, now: datetime) -> OutboxRow:
    """Return the outbox row of a new job."""
    due_at = int(now.timestamp()) + REMOVAL_DELAY_SECONDS
    row_id = outbox_id(due_at, preferences.removal)
    return OutboxRow(preferences.owner, row_id, OutboxKind.REMOVE_POSITIONS, preferences.removal, 0, due_at)


def remove_position(image: Image) -> Image:
    """Return the image without the position of its photo, also in its sidecar."""
    metadata, sidecar = (replace(each, position=None) for each in (image.metadata, image.sidecar))
    return replace(image, metadata=metadata, sidecar=sidecar)
