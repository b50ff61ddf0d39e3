"""Makes and stores the preview and the thumbnail of a photo."""

from typing import TYPE_CHECKING

from app.domain.ids import Rendition
from app.domain.ports import Objects
from app.observability.timings import Step, Timings

if TYPE_CHECKING:
    from detector.pixels import Pixels


def store_previews(objects: Objects, owner: str, image_id: str, decoded: "Pixels", timings: Timings) -> None:
    """Store the preview and the thumbnail of a decoded photo. Existing ones are replaced."""
    from detector import pixels

    sides = {Rendition.PREVIEW: pixels.PREVIEW_SIDE, Rendition.THUMBNAIL: pixels.THUMBNAIL_SIDE}
    with timings.measure(Step.ENCODE):
        preview = pixels.reduce(decoded, pixels.PREVIEW_SIDE)
        derived = {rendition: pixels.make_thumbnail(preview, side) for rendition, side in sides.items()}
    with timings.measure(Step.WRITE):
        for rendition, data in derived.items():
            objects.put_derived(rendition.key(owner, image_id), data)
