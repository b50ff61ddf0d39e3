"""Deletes the objects of images."""

from collections.abc import Iterable
from typing import Final

from app.domain.ids import Rendition
from app.domain.images import Image, ImageState
from app.domain.ports import Objects

MAX_DELETED: Final = 1_000  # objects in a request to S3


def remove_objects(objects: Objects, image: Image) -> None:
    """Delete the objects that an image no longer needs in its current state.

    Unfinished parts are removed first, so that they cannot be joined to an object afterwards.
    """
    abort_uploads(objects, [image])
    renditions = list(Rendition) if image.state is ImageState.GONE else [Rendition.INCOMING]
    objects.delete(*(rendition.key(image.owner, image.id) for rendition in renditions))


def abort_uploads(objects: Objects, images: Iterable[Image]) -> None:
    """Remove the parts of tombstones whose files were sent in parts."""
    for image in images:
        if image.state is ImageState.GONE and image.upload_id:
            objects.parts.abort(image)


def delete_objects(objects: Objects, owner: str, image_ids: Iterable[str]) -> None:
    """Delete all objects of images."""
    keys = [rendition.key(owner, image_id) for image_id in image_ids for rendition in Rendition]
    for start in range(0, len(keys), MAX_DELETED):
        objects.delete(*keys[start : start + MAX_DELETED])
