"""Makes the same change to many images in few calls of the store (ADR 60)."""

from collections.abc import Callable, Sequence

from typing_extensions import override

from app.domain.errors import PixTagError
from app.domain.images import Image, RequestId
from app.domain.operations import ImageChange, Operation
from app.domain.ports import Images, Objects, OwnerPreferences
from app.domain.undo_values import make_undo_row
from app.domain.versions import ANY_VERSION, VersionCondition
from app.services.library import Library
from app.services.purge_targets import find_targets


class BulkLibrary(Library):
    """The library of a request that makes the same change to many images of an owner.

    Its methods change one image, as those of `Library`. But the first call reads all images of the request, and writes
    the changes of all together. The other calls return their results. An image that could not be written together with
    others, for example because another request has changed it, is changed on its own, in its call.
    """

    def __init__(
        self, images: Images, objects: Objects, preferences: OwnerPreferences, owner: str, image_ids: Sequence[str]
    ) -> None:
        super().__init__(images, objects, preferences)
        self._owner = owner
        self._unread = image_ids
        self._results: dict[str, tuple[Image, bool] | Exception] = {}
        self._read: dict[str, Image] = {}

    def find_id(self, image_id: str) -> str:
        """Return the id of the image that an id of the request stands for: of a duplicate, that of the existing image.

        The first call of `change` or `preview` finds out.
        """
        image = self._read.get(image_id)
        return image.id if image else image_id

    def preview(self, image_id: str, change: Callable[[Image], Image]) -> tuple[Image, bool]:
        """Return what `change` would return, and change nothing. The first call reads all images of the request.

        Raises:
            ImageNotFound: the image does not exist.
        """
        self._read_all()
        before = self._read.get(image_id) or self._images.get_image(self._owner, image_id)
        after = change(before)
        return after, after != before

    def _read_all(self) -> Sequence[str]:
        """Read all images of the request, once. Return their ids, or nothing if they were read before."""
        image_ids, self._unread = self._unread, ()
        if image_ids:
            self._read = find_targets(self._images, self._owner, image_ids)
        return image_ids

    @override
    def change(
        self,
        owner: str,
        image_id: str,
        change: Callable[[Image], Image],
        *,
        request: RequestId | None = None,
        version: VersionCondition = ANY_VERSION,
        operation: Operation | None = None,
    ) -> tuple[Image, bool]:
        if image_ids := self._read_all():
            self._change_together(image_ids, change, operation)
        result = self._results.pop(image_id, None)
        if isinstance(result, Exception):
            raise result
        return result or super().change(owner, image_id, change, request=request, version=version, operation=operation)

    def _change_together(
        self, image_ids: Sequence[str], change: Callable[[Image], Image], operation: Operation | None
    ) -> None:
        changes: dict[str, ImageChange] = {}
        seen = set[str]()
        for image_id in filter(self._read.get, image_ids):
            before = self._read[image_id]
            if before.id in seen:  # two ids of the same image: the second change follows the first one
                continue
            seen.add(before.id)
            try:
                after = change(before)
            except PixTagError as error:
                self._results[image_id] = error
                continue
            if after == before:
                self._results[image_id] = before, False
            else:
                undo = make_undo_row(operation, before, after) if operation else None
                changes[image_id] = ImageChange(before, after, undo)
        saved = self._images.save_all(list(changes.values()))
        for image_id, written in changes.items():
            if result := saved.get(written.before.id):
                self._results[image_id] = result if isinstance(result, Exception) else (result, True)
