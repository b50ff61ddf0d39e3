"""Uploads, and how tests ingest and search them."""

from collections.abc import Callable
from typing import cast

from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.ports import Images, Objects, OwnerPreferences, Quotas
from app.domain.query import parse
from app.domain.uploads import Upload
from app.services.ingest import Ingest
from app.services.library import Library
from detector import Detector

MAX_BYTES = 10_000

IngestBytes = Callable[[bytes], Image]


class NoQuotas:
    """Quotas that count no uploads."""

    def receive(self, owner: str, size: int) -> None: ...


def make_upload(data: bytes) -> Upload:
    """Return an upload of these bytes."""
    return Upload(data, "image/jpeg", "beach.jpg")


def make_ingest(images: Images, objects: Objects, get_detector: Callable[[], Detector]) -> Ingest:
    """Return an ingest service with another table or detector."""
    library = Library(images, objects, cast("OwnerPreferences", object()))  # photos of these tests have no position
    return Ingest(images, objects, library, cast("Quotas", NoQuotas()), get_detector)


def replace_upload(objects: Objects, image: Image, data: bytes) -> None:
    """Upload other bytes with the form of the image."""
    key = Rendition.INCOMING.key(image.owner, image.id)
    objects.delete(key)
    objects.claim(key, make_upload(data))


def store_original(objects: Objects, image: Image, data: bytes) -> None:
    """Store an original, as a try does that is interrupted afterwards."""
    objects.claim(Rendition.ORIGINAL.key(image.owner, image.id), make_upload(data))


def list_keys(objects: Objects) -> list[str]:
    """Return the keys of all objects."""
    return [key for rendition in Rendition for key in objects.list_keys(f"{rendition}/")]


def search(images: Images, owner: str, text: str) -> list[str]:
    """Return the ids of the matching images."""
    return [summary.id for summary in images.search(owner, parse(text), 10).images]
