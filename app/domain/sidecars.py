"""Adds the metadata that a client sends with an upload to the metadata of the photo (ADR 51)."""

from dataclasses import replace
from datetime import datetime

from app.domain.dates import choose_time
from app.domain.images import Image
from app.domain.metadata import NO_METADATA
from detector.metadata.text import clean_text, join_keywords
from detector.metadata.values import Metadata


def add_sidecar(metadata: Metadata, sidecar: Metadata) -> Metadata:
    """Return the metadata of a photo, completed with that of its sidecar.

    The sidecar's values come first, and keywords are joined. The capture time does not change, because
    `dates.choose_time` compares both.
    """
    return replace(
        metadata,
        position=sidecar.position or metadata.position,
        title=sidecar.title or metadata.title,
        description=sidecar.description or metadata.description,
        rating=metadata.rating if sidecar.rating is None else sidecar.rating,
        keywords=join_keywords((*sidecar.keywords, *metadata.keywords)),
    )


def clean_sidecar(sidecar: Metadata) -> Metadata:
    """Return the metadata of a sidecar, cleaned like that of photos."""
    position = sidecar.position
    is_known = position and (
        position.latitude or position.longitude
    )  # 0° N 0° E is what programs write without a place
    return replace(
        sidecar,
        position=position if is_known else None,
        title=clean_text(sidecar.title),
        description=clean_text(sidecar.description, lines=True),
        keywords=join_keywords(sidecar.keywords),
    )


def receive_sidecar(image: Image, sidecar: Metadata, now: datetime) -> Image:
    """Return a stored image with the sidecar of a later upload of the same bytes. Its values replace earlier ones."""
    if sidecar == NO_METADATA:
        return image
    taken = sidecar.taken or image.sidecar.taken
    after = replace(
        image,
        sidecar=replace(add_sidecar(image.sidecar, sidecar), taken=taken),
        metadata=add_sidecar(image.metadata, sidecar),
    )
    return replace(after, taken=choose_time(after, now))
