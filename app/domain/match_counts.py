"""Defines the number and the newest of the images that match a saved search."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from app.domain.ids import MAX_ID
from app.domain.snapshots import Snapshot

NO_COVER = ""


@dataclass(frozen=True, slots=True)
class MatchCount:
    """The number of ready images that match a subscription, and the newest of them.

    Attributes:
        subscribed_at: When the owner subscribed. A second subscription to the same query has another time.
        number: The number of matching images among those that are already counted.
        cursor: Images with this id and later ids are counted. None if all images are counted.
        cover: The sort key of the newest matching image among them. It is empty if there is none. None if the newest
            image no longer matches, and the next one must be searched for.
    """

    subscribed_at: datetime
    number: int = 0
    cursor: str | None = MAX_ID
    cover: str | None = NO_COVER

    @property
    def cover_id(self) -> str | None:
        """The id of the newest image, or None."""
        return self.cover.rpartition("#")[2] if self.cover else None

    @property
    def lacks_cover(self) -> bool:
        """Whether the newest image must be searched for."""
        return self.cover is None and self.cursor is None

    def includes(self, image_id: str) -> bool:
        """Return whether the image is already counted."""
        return self.cursor is None or image_id >= self.cursor

    def change(self, image_id: str, before: Snapshot | None, after: Snapshot | None) -> Self:
        """Return the count after a change to a counted image. A snapshot is None if the image did not match then."""
        number = self.number + (after is not None) - (before is not None)
        return replace(self, number=number, cover=self._find_cover(image_id, after) if number else NO_COVER)

    def _find_cover(self, image_id: str, after: Snapshot | None) -> str | None:
        if self.cover is None:
            return None
        key = after.sort_key if after else NO_COVER
        if self.cover_id == image_id and key < self.cover:
            return None
        return max(self.cover, key)

    def count(self, images: Iterable[Snapshot], cursor: str | None) -> Self:
        """Return the count with more matching images, and the next cursor."""
        keys = [image.sort_key for image in images]
        cover = None if self.cover is None else max([self.cover, *keys])
        return replace(self, number=self.number + len(keys), cursor=cursor, cover=cover)

    def dump(self) -> list[Any]:
        """Return the list that `load` reads."""
        return [self.subscribed_at.isoformat(), self.number, self.cursor, self.cover]

    @classmethod
    def load(cls, values: list[Any]) -> Self:
        """Return the count in a list. PixTag 0.7 and earlier versions stored no cover."""
        at, number, cursor, *cover = values
        return cls(datetime.fromisoformat(at), number, cursor, cover[0] if cover else None)
