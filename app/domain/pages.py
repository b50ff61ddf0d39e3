"""Defines pages of search results."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from app.domain.images import ImageSummary

MAX_PAGES: Final = 8  # pages of rows that one request reads
MAX_CURSOR: Final = 256  # characters

Row = TypeVar("Row", bound=ImageSummary)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A page of summaries or complete images. `cursor` is None on the last page, and otherwise the last image's key.

    The number of reads per request is limited. Therefore, a page can have few or no images and still have a cursor.
    """

    images: list[Row]
    cursor: str | None

    @property
    def last_day(self) -> date | None:
        """The day in the cursor, which is a sort key. None if there is none, or if it is implausible."""
        return None if self.cursor is None or self.cursor.startswith("!") else date.fromisoformat(self.cursor[:10])
