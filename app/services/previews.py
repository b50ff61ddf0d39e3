"""Makes and stores the preview and the thumbnail of a photo."""

from typing import TYPE_CHECKING

from app.domain.ids import Rendition
from app.domain.ports import Objects
from app.observability.timings import Step, Timings

if TYPE_CHECKING:
    from app.services.detection import Photo


def store_previews(objects: Objects, owner: str, image_id: str, photo: "Photo", timings: Timings) -> None:
    """Store the preview and the thumbnail of a decoded photo in sRGB. Existing ones are replaced."""
    from detector import pixels

    sides = {Rendition.PREVIEW: pixels.PREVIEW_SIDE, Rendition.THUMBNAIL: pixels.THUMBNAIL_SIDE}
    with timings.measure(Step.ENCODE):
        preview = pixels.convert_to_srgb(pixels.reduce(photo.pixels, pixels.PREVIEW_SIDE), photo.header)
        derived = {rendition: pixels.make_thumbnail(preview, side) for rendition, side in sides.items()}
    with timings.measure(Step.WRITE):
        for rendition, data in derived.items():
            objects.put_derived(rendition.key(owner, image_id), data)
