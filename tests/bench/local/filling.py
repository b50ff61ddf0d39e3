"""Stores libraries in data folders, with PixTag's own adapters."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from app.adapters.local.stores import LocalStores
from app.domain.ids import DERIVED, Rendition, created_at
from app.domain.images import Image, ImageState
from app.domain.tags import TagEdit
from app.settings import LocalSettings
from detector import BoundingBox, Detection
from detector.metadata.values import CaptureTime, TimeSource
from tests.bench.frame import progress
from tests.bench.local.composition import Photo
from tests.bench.local.instances import DataFolder

BATCH: Final = 1_000  # photos per transaction


def fill(folder: DataFolder, photos: Iterable[Photo], count: int) -> None:
    """Store the photos in a library. PixTag must not run. There are no messages about the photos in its outbox."""
    stores = LocalStores(LocalSettings(data=folder.path))
    remaining = iter(photos)
    with progress(f"Library of {count:,}", -(-count // BATCH)) as step:
        while batch := list(islice(remaining, BATCH)):
            with stores.database.write(durable=False) as connection:
                for photo in batch:
                    stores.images.save(make_image(folder.owner, photo))
                connection.execute("DELETE FROM outbox")
            next(step)
    stores.database.close()


def link_objects(folder: DataFolder, ids: Sequence[str]) -> None:
    """Give each photo its three files. They are links to an empty file per rendition, because no read opens them."""
    for rendition in (Rendition.ORIGINAL, *DERIVED):
        paths = [folder.path / "objects" / rendition.key(folder.owner, image_id) for image_id in ids]
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        paths[0].touch()
        for path in paths[1:]:
            os.link(paths[0], path)


def make_image(owner: str, photo: Photo) -> Image:
    """Return the image of a photo."""
    return Image(
        owner=owner,
        id=photo.id,
        state=ImageState.TRASHED if photo.is_trashed else ImageState.READY,
        trashed_at=created_at(photo.id) if photo.is_trashed else None,
        name=photo.name,
        media_type="image/jpeg",
        size=photo.size,
        width=photo.width,
        height=photo.height,
        taken=_parse_time(photo.taken_at) if photo.taken_at else None,
        sha256=photo.sha256,
        model=photo.model,
        detections=tuple(
            Detection(label, confidence, BoundingBox(*box)) for label, confidence, box in photo.detections
        ),
        edits={tag: TagEdit(count, datetime.now(UTC)) for tag, count in photo.edits.items()},
    )


def _parse_time(text: str) -> CaptureTime:
    return CaptureTime(datetime.fromisoformat(text).replace(tzinfo=None), TimeSource.EXIF)
