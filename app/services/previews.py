"""Makes and stores the preview and the thumbnails of a photo."""

from typing import TYPE_CHECKING

from app.domain.ids import Rendition
from app.domain.ports import Objects
from app.observability.timings import Step, Timings

if TYPE_CHECKING:
    from detector.pixels import Pixels


def store_previews(objects: Objects, owner: str, image_id: str, decoded: "Pixels", timings: Timings) -> None:
    """Store the preview and the thumbnails of a decoded photo. Existing ones are replaced."""
    from detector import pixels

    sizes = {
        Rendition.PREVIEW: pixels.PREVIEW,
        Rendition.LARGE_THUMBNAIL: pixels.LARGE_THUMBNAIL,
        Rendition.THUMBNAIL: pixels.THUMBNAIL,
    }
    height, width = decoded.shape[:2]
    encoded = {}
    with timings.measure(Step.ENCODE):
        for rendition, size in sizes.items():
            decoded = pixels.reduce(decoded, size.find_long_side(width, height))
            encoded[rendition] = pixels.encode_jpeg(decoded)
    with timings.measure(Step.WRITE):
        for rendition, data in encoded.items():
            objects.put_derived(rendition.key(owner, image_id), data)
