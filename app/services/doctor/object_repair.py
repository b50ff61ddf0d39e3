"""Repairs the objects of images. Nothing that may be the last copy of a photo is deleted."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.errors import InvalidPhoto, ObjectUnreadable
from app.domain.ids import DERIVED, Rendition
from app.domain.images import ImageState
from app.domain.messages import Message
from app.domain.object_checks import ObjectFault
from app.domain.ports import Stores
from app.observability.timings import Timings
from app.services.detection import decode
from app.services.ingest import Ingest
from app.services.previews import store_previews


@dataclass(frozen=True, slots=True)
class ObjectRepair:
    """Repairs one fault at a time. A repair can be interrupted and repeated.

    Attributes:
        stores: The stores.
        get_ingest: Returns the ingest service, which loads the model when it is needed.
    """

    stores: Stores
    get_ingest: Callable[[], Ingest]

    def repair(self, owner: str, image_id: str, fault: ObjectFault) -> str:
        """Repair a fault. Return why it cannot be repaired, or an empty text."""
        try:
            return self._repair(owner, image_id, fault)
        except ObjectUnreadable as error:
            return str(error)

    def _repair(self, owner: str, image_id: str, fault: ObjectFault) -> str:
        if fault is ObjectFault.WAITING:
            self.stores.queue.send([Message(owner, image_id).to_json()])
            return ""
        if fault is ObjectFault.LEFTOVER:
            self.get_ingest().ingest(owner, image_id)  # removes the objects
            return ""
        if fault is ObjectFault.UNKNOWN:
            return self._add_photo(owner, image_id)
        return self._make_previews(owner, image_id)

    def _make_previews(self, owner: str, image_id: str) -> str:
        image = self.stores.images.find_image(owner, image_id)
        original = self.stores.objects.find(Rendition.ORIGINAL.key(owner, image_id))
        if not image or not original or original.sha256 != image.sha256:
            return "They can be made only from the original as it was uploaded."
        try:
            photo = decode(original.data, Timings())
        except InvalidPhoto as error:
            return str(error)
        store_previews(self.stores.objects, owner, image_id, photo, Timings())
        current = self.stores.images.find_image(owner, image_id)
        if current is None or current.state is ImageState.GONE:  # it was deleted during the repair
            keys = [rendition.key(owner, image_id) for rendition in DERIVED]
            self.stores.objects.delete(*keys)
        return ""

    def _add_photo(self, owner: str, image_id: str) -> str:
        """Add a photo without an image to its library, as a rebuild does.

        If the library knows the same bytes, only its photo with them remains. The ingest repairs a lost original.
        """
        objects = self.stores.objects
        upload = objects.find(Rendition.ORIGINAL.key(owner, image_id)) or objects.find(
            Rendition.INCOMING.key(owner, image_id)
        )
        if upload and (twin_id := self.stores.images.find_by_hash(owner, upload.sha256)):
            twin = objects.find(Rendition.ORIGINAL.key(owner, twin_id))
            if twin and twin.data != upload.data:
                return f"It has the bytes that the photo {twin_id} had before its original was changed."
        self.get_ingest().ingest(owner, image_id)
        return ""
