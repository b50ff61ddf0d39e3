"""Makes and stores the preview and the thumbnails of a photo."""

from typing import TYPE_CHECKING, Final

from app.domain.ids import Rendition
from app.domain.ports import Objects
from app.observability.timings import Step, Timings

if TYPE_CHECKING:
    from app.services.detection import Photo

_QUARTER_MORE: Final = 1.25


def store_previews(objects: Objects, owner: str, image_id: str, photo: "Photo", timings: Timings) -> None:
    """Store the preview and the thumbnails of a decoded photo in sRGB. Existing ones are replaced."""
    from detector import pixels

    sizes = {
        Rendition.PREVIEW: pixels.PREVIEW,
        Rendition.LARGE_THUMBNAIL: pixels.LARGE_THUMBNAIL,
        Rendition.THUMBNAIL: pixels.THUMBNAIL,
    }
    height, width = photo.pixels.shape[:2]
    encoded: dict[Rendition, bytes] = {}
    with timings.measure(Step.ENCODE):
        reduced = pixels.reduce(photo.pixels, pixels.PREVIEW.find_long_side(width, height))
        picture = pixels.convert_to_srgb(reduced, photo.header)
        # Wide gamuts have strong colours, which AVIF and WebP files have already blurred once.
        full_chroma = picture is not reduced and photo.header.format != "JPEG"
        for rendition, size in sizes.items():
            long_side = size.find_long_side(width, height)
            if rendition is Rendition.LARGE_THUMBNAIL and max(picture.shape) <= _QUARTER_MORE * long_side:
                encoded[rendition] = encoded[Rendition.PREVIEW]  # on one machine, both are one file
                continue
            # Halving is faster than one large step, and looks the same while a quarter more pixels remain (ADR 32).
            picture = pixels.reduce(pixels.halve(picture, round(_QUARTER_MORE * long_side)), long_side)
            encoded[rendition] = pixels.encode_jpeg(picture, full_chroma=full_chroma)
    with timings.measure(Step.WRITE):
        for rendition, data in encoded.items():
            objects.put_derived(rendition.key(owner, image_id), data)
