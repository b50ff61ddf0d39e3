"""Compares the objects of a library with its images.

Images and objects are listed while people change them. Therefore, each fault is checked again before it is reported.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from app.domain.checks import name_photo
from app.domain.errors import ImageDamaged, ObjectUnreadable
from app.domain.ids import Rendition, parse_key
from app.domain.images import STORED, Image, ImageState
from app.domain.object_checks import DERIVED_FAULTS, REPAIRABLE, ObjectFault, find_faults, is_complete_jpeg
from app.domain.ports import Stores
from app.domain.uploads import ObjectEntry
from app.services.doctor.findings import Finding
from app.services.doctor.object_repair import ObjectRepair

BATCH: Final = 100  # photos

_TEXTS: Final = {
    ObjectFault.NO_ORIGINAL: "The original of {} is missing.",
    ObjectFault.WRONG_SIZE: "The original of {} has another size than the upload.",
    ObjectFault.ALTERED: "The original of {} is not the file that was uploaded.",
    ObjectFault.UNREADABLE: "The file of the original of {} cannot be read.",
    ObjectFault.NO_PREVIEW: "The preview of {} is missing or damaged.",
    ObjectFault.NO_LARGE_THUMBNAIL: "The large thumbnail of {} is missing or damaged.",
    ObjectFault.NO_THUMBNAIL: "The thumbnail of {} is missing or damaged.",
    ObjectFault.NOT_MADE: "The large thumbnail of {} is missing.",
    ObjectFault.WAITING: "The upload of {} has no message for the worker.",
    ObjectFault.LEFTOVER: "The files of {} remain, although it was deleted permanently.",
    ObjectFault.UNKNOWN: "The files of {} are stored, but it is not in the library.",
    ObjectFault.REMAINS: "A preview or thumbnail of {} is stored, but neither its original nor its row.",
}
_MAY_WAIT: Final = "The upload of {} waits. It is not known whether the worker has a message, because others wait too."
_LOST: Final = "Upload the same file again, restore it from a backup, or delete the photo in PixTag."
_ADVICE: Final = {
    ObjectFault.NO_ORIGINAL: _LOST,
    ObjectFault.WRONG_SIZE: _LOST,
    ObjectFault.ALTERED: _LOST,
    ObjectFault.UNREADABLE: _LOST,
    ObjectFault.REMAINS: "It may be all that is left of a photo, so PixTag does not delete it.",
}


@dataclass(frozen=True, slots=True)
class Photo:
    """An image, or None, and the objects with its id."""

    id: str
    image: Image | None
    entries: Mapping[Rendition, ObjectEntry]


class ObjectCheck:
    """Finds and repairs faults of objects.

    Args:
        stores: The stores.
        repair: Repairs a fault. None if faults are only reported.
        verify: Whether to read all objects, and to compare the originals with their SHA-256 digests.
    """

    def __init__(self, stores: Stores, repair: ObjectRepair | None, *, verify: bool) -> None:
        self._stores = stores
        self._repair = repair
        self._verify = verify

    def check(
        self, owner: str, after: str, advance: Callable[[int], None]
    ) -> Iterator[tuple[list[Photo], list[Finding]]]:
        """Yield batches of an owner's photos with greater ids than `after`, oldest first, and their findings.

        `advance` is called with the part of each photo in the progress.
        """
        photos = self._list_photos(owner, after)
        while batch := list(islice(photos, BATCH)):
            now = time.time()
            suspects = [photo for photo in batch if find_faults(photo.image, photo.entries, now)]
            findings = self._check_suspects(owner, suspects)
            for photo in batch:
                if self._verify and photo.image and photo.image.state in STORED:
                    findings += self._handle(owner, photo, self._read(owner, photo.image, photo.entries))
                advance(weigh(photo.image, verify=self._verify))
            yield batch, findings

    def _check_suspects(self, owner: str, suspects: Sequence[Photo]) -> list[Finding]:
        """Confirm all faults, and then repair them, because on AWS, messages of repairs look like any other message."""
        knows_messages = not suspects or self._stores.row_checks.knows_messages()
        findings: list[Finding] = []
        for photo, faults in list(self._confirm(owner, suspects)):
            if ObjectFault.WAITING in faults and not knows_messages:
                findings.append(Finding(owner, _MAY_WAIT.format(name_photo(photo.id, photo.image)), is_note=True))
            else:
                findings += self._handle(owner, photo, faults)
        return findings

    def _list_photos(self, owner: str, after: str) -> Iterator[Photo]:
        """Yield each id of an image, a tombstone or an object."""
        streams: list[Iterator[tuple[str, Rendition | None, Any]]] = [
            ((image.id, None, image) for image in self._stores.row_checks.read_images(owner, after))
        ]
        streams += [self._list_objects(owner, rendition, after) for rendition in Rendition]
        for image_id, group in groupby(merge(*streams, key=itemgetter(0)), key=itemgetter(0)):
            values = {rendition: value for _, rendition, value in group}
            yield Photo(image_id, values.pop(None, None), {key: value for key, value in values.items() if key})

    def _list_objects(
        self, owner: str, rendition: Rendition, after: str
    ) -> Iterator[tuple[str, Rendition | None, ObjectEntry]]:
        last = rendition.key(owner, after)
        for entry in self._stores.objects.list_entries(rendition.key(owner, ""), last):
            if ids := parse_key(entry.key, rendition):
                yield ids[1], rendition, entry

    def _confirm(self, owner: str, photos: Sequence[Photo]) -> Iterator[tuple[Photo, list[ObjectFault]]]:
        """Read images and objects again, and yield the photos that still have faults.

        A photo whose state changes, or that the worker is about to process, has no fault. A stored image stays stored
        until it is deleted permanently, and its row changes before its objects are deleted.
        """
        before = dict(self._find_intact(owner, photos))
        unstored = [image_id for image_id, image in before.items() if not image or image.state not in STORED]
        busy = self._stores.row_checks.list_busy(owner, unstored) if unstored else set()
        again = [self._find(owner, image_id) for image_id in before if image_id not in busy or image_id not in unstored]
        is_deleted = bool(again) and self._stores.outbox.has_account_deletion(owner)
        for photo in again:
            faults = find_faults(photo.image, photo.entries, time.time())
            if faults and not is_deleted and _get_phase(before[photo.id]) == _get_phase(photo.image):
                yield photo, faults

    def _find_intact(self, owner: str, photos: Sequence[Photo]) -> Iterator[tuple[str, Image | None]]:
        """Yield the ids and images of photos. Photos whose rows are damaged are left out, because nothing is known."""
        for photo in photos:
            with suppress(ImageDamaged):
                yield photo.id, self._stores.images.find_image(owner, photo.id)

    def _find(self, owner: str, image_id: str) -> Photo:
        """Read the objects of a photo and then its image.

        Raises:
            ImageDamaged: the row of the image is damaged.
        """
        entries = {
            rendition: entry
            for rendition in Rendition
            if (entry := self._stores.objects.find_entry(rendition.key(owner, image_id)))
        }
        return Photo(image_id, self._stores.images.find_image(owner, image_id), entries)

    def _read(self, owner: str, image: Image, entries: Mapping[Rendition, ObjectEntry]) -> list[ObjectFault]:
        """Return the faults in the bytes of objects that have the right sizes."""
        faults: list[ObjectFault] = []
        if Rendition.ORIGINAL in entries and entries[Rendition.ORIGINAL].size == image.size:
            try:
                original = self._stores.objects.find(Rendition.ORIGINAL.key(owner, image.id))
            except ObjectUnreadable:
                faults.append(ObjectFault.UNREADABLE)
            else:
                faults += [ObjectFault.ALTERED] if original and original.sha256 != image.sha256 else []
        for rendition, fault in DERIVED_FAULTS.items():
            if rendition in entries and entries[rendition].size and self._is_damaged(rendition.key(owner, image.id)):
                faults.append(fault)
        return faults

    def _is_damaged(self, key: str) -> bool:
        """Return whether a preview or thumbnail exists, but is damaged."""
        try:
            derived = self._stores.objects.find(key)
        except ObjectUnreadable:
            return True
        return derived is not None and not is_complete_jpeg(derived.data)

    def _handle(self, owner: str, photo: Photo, faults: Sequence[ObjectFault]) -> Iterator[Finding]:
        """Repair faults, if they can be repaired. Yield a finding for each."""
        repaired, advice = set[ObjectFault](), ""
        for fault in faults:
            text = _TEXTS[fault].format(name_photo(photo.id, photo.image))
            if fault not in REPAIRABLE or self._repair is None:
                yield Finding(owner, text, advice=_ADVICE.get(fault, ""), is_earlier=fault is ObjectFault.NOT_MADE)
                continue
            if not repaired:  # the preview and the thumbnails are made together
                advice = self._repair.repair(owner, photo.id, fault)
                repaired = set() if advice or self._still_has(owner, photo.id, fault) else {*faults}
            is_repaired = fault in repaired
            is_earlier = is_repaired and fault is ObjectFault.NOT_MADE
            yield Finding(owner, text, is_repaired=is_repaired, advice=advice, is_earlier=is_earlier)

    def _still_has(self, owner: str, image_id: str, fault: ObjectFault) -> bool:
        """Return whether a repair had no effect, although it was possible. A message needs time."""
        photo = self._find(owner, image_id)
        return fault is not ObjectFault.WAITING and fault in find_faults(photo.image, photo.entries, time.time())


def weigh(image: Image | None, *, verify: bool) -> int:
    """Return the part of an image in the progress: its bytes if they are read, and 1 for its row."""
    return 1 + (image.size if verify and image and image.state is not ImageState.PENDING else 0)


def _get_phase(image: Image | None) -> str:
    """Return the state of an image. A photo can move to the trash and back during the check."""
    return "" if image is None else "stored" if image.state in STORED else str(image.state)
