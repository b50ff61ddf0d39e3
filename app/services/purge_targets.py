"""Finds the images that a request purges together, and the reasons why some of them cannot be purged."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.errors import ImageNotFound, InvalidState, PixTagError
from app.domain.ids import is_id
from app.domain.images import Image, ImageState
from app.domain.ports import Images


def find_targets(store: Images, owner: str, image_ids: Sequence[str]) -> dict[str, Image]:
    """Return the existing image for each id, as `Images.get_image`. Ids without an image are left out."""
    images = {image.id: image for image in store.find_images(owner, list(filter(is_id, image_ids)))}
    targets = [image.duplicate_of for image in images.values() if image.duplicate_of]
    originals = {image.id: image for image in store.find_images(owner, targets)} if targets else {}
    found = {
        image_id: originals.get(image.duplicate_of) if image.duplicate_of else image
        for image_id, image in images.items()
    }
    return {image_id: image for image_id, image in found.items() if image and image.state is not ImageState.GONE}


def find_errors(image_ids: Iterable[str], images: Mapping[str, Image]) -> dict[str, PixTagError | None]:
    """Return for each id why its image cannot be purged, or None. Of two ids of the same image, only one is purged."""
    errors: dict[str, PixTagError | None] = {}
    seen: set[str] = set()
    for image_id in image_ids:
        image = images.get(image_id)
        if image is None or image.id in seen:
            errors[image_id] = ImageNotFound()
        elif image.state is not ImageState.TRASHED:
            errors[image_id] = InvalidState(image.state)
        else:
            errors[image_id] = None
            seen.add(image.id)
    return errors
