"""Edits by people: change, rename and remove the tags of an image, and correct its detections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.corrections import CorrectedDetection, Correction
from app.domain.errors import DetectionNotFound, IdempotencyKeyReused, InvalidState, TooManyTags
from app.domain.images import Image, ImageState, RequestId
from app.domain.tags import MAX_COUNT, MAX_TAGS, TagEdit, Tags, tag_name, tally_tags

MAX_REQUESTS: Final = 8
MAX_CORRECTIONS: Final = 200
MAX_REJECTED: Final = 200  # tags per image that are remembered as rejected


@dataclass(frozen=True, slots=True)
class TagChange:
    """Adds `count` of a tag, or with `removes` takes that many away. A count of None removes the tag."""

    tag: str
    count: int | None
    removes: bool = False

    def apply(self, count: int) -> int:
        """Return the count after the change. Removing more than there is gives 0."""
        if self.removes:
            return 0 if self.count is None else max(0, count - self.count)
        return count + (self.count or 1)


def recount(tags: Tags, changes: Iterable[TagChange]) -> Tags:
    """Return the tags after the changes, made in their order. Removed tags have a count of 0.

    Raises:
        TooManyTags: there would be more than `MAX_TAGS` tags, or more than `MAX_COUNT` of one.
    """
    counts = dict(tags)
    for change in changes:
        counts[change.tag] = change.apply(counts.get(change.tag, 0))
    if sum(count > 0 for count in counts.values()) > MAX_TAGS or max(counts.values(), default=0) > MAX_COUNT:
        raise TooManyTags(f"An image has at most {MAX_TAGS} tags, and at most {MAX_COUNT} of each.")
    return {tag: count for tag, count in counts.items() if count or tag in tags}


def retag(image: Image, changes: Iterable[TagChange], at: datetime) -> Image:
    """Return the image after a person's changes to its tags, made in their order.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: as `recount`.
    """
    _require_ready(image)
    counts = recount(image.tags, changes)
    edits = {tag: TagEdit(count, at) for tag, count in counts.items() if count != image.tags.get(tag, 0)}
    return replace(image, edits=_merge_edits(image, edits))


def retag_once(image: Image, changes: Iterable[TagChange], at: datetime, request: RequestId) -> Image:
    """Return the image after the changes, or unchanged if this request has changed it before.

    Raises:
        IdempotencyKeyReused: a different request used the same key.
        InvalidState, TooManyTags: as `retag`.
    """
    if request in image.requests:
        return image
    if any(earlier.key == request.key for earlier in image.requests):
        raise IdempotencyKeyReused
    after = retag(image, changes, at)
    return replace(after, requests=(*image.requests, request)[-MAX_REQUESTS:]) if after != image else image


def relabel(image: Image, detection_id: str, label: str | None, at: datetime) -> Image:
    """Return the image with another label for a detection; None dismisses it. Counts follow, also edited ones.

    Raises:
        DetectionNotFound: the image has no such detection.
        InvalidState: the image is not ready.
        TooManyTags: it would have more than `MAX_TAGS` tags, or more than `MAX_CORRECTIONS` corrections.
    """
    _require_ready(image)
    detection = next((each for each in image.corrected_detections if each.id == detection_id), None)
    if detection is None:
        raise DetectionNotFound
    before = None if detection.label is None else tag_name(detection.label)
    if label == before:
        return image
    after = replace(image, corrections=_correct(image, [detection], label, at))
    detected = tally_tags(image.visible_detections), tally_tags(after.visible_detections)
    edits = {
        tag: TagEdit(_follow_detections(image.edits[tag].count, *(counts.get(tag, 0) for counts in detected)), at)
        for tag in (before, label)
        if tag is not None and tag in image.edits
    }
    after = replace(after, edits=_merge_edits(after, edits))
    rejected = {tag for tag, edit in after.edits.items() if not edit.count}
    visible = {tag_name(each.label) for each in after.visible_detections} & {*image.tags, label}
    if visible - rejected - after.tags.keys():
        raise TooManyTags(f"An image has at most {MAX_TAGS} tags.")
    return after


def rename_tag(image: Image, old: str, new: str, at: datetime) -> Image:
    """Return the image with a tag and its detections renamed. If it has both tags, their counts are added.

    An image without the tag stays as it is.

    Raises:
        InvalidState, TooManyTags: as `retag`.
    """
    if old == new or old not in image.tags:
        return image
    after = retag(image, [TagChange(old, None, removes=True), TagChange(new, image.tags[old])], at)
    detections = [each for each in image.corrected_detections if each.label is not None and tag_name(each.label) == old]
    return replace(after, corrections=_correct(image, detections, new, at))


def _require_ready(image: Image) -> None:
    if image.state is not ImageState.READY:
        raise InvalidState(image.state)


def _merge_edits(image: Image, changed: Mapping[str, TagEdit]) -> Mapping[str, TagEdit]:
    """Return the image's edits and the changed ones. Rejecting a tag that was never detected leaves no edit."""
    detected = {*tally_tags(image.detections), *tally_tags(image.visible_detections)}
    undone = {tag for tag, edit in changed.items() if not edit.count and tag not in detected}
    edits = [(tag, edit) for tag, edit in {**image.edits, **changed}.items() if tag not in undone]
    positive = [(tag, edit) for tag, edit in edits if edit.count]
    rejected = sorted(((tag, edit) for tag, edit in edits if not edit.count), key=lambda pair: pair[1].at)
    return dict([*positive, *rejected[-MAX_REJECTED:]])


def _follow_detections(count: int, detected_before: int, detected_after: int) -> int:
    """Return an edited count after the number of detections changed, so that no object counts twice."""
    if detected_after > detected_before:
        if count <= detected_before:
            return count + detected_after - detected_before
        return max(count, detected_after)
    return count - (detected_before - detected_after) if count >= detected_before else count


def _correct(
    image: Image, detections: Sequence[CorrectedDetection], label: str | None, at: datetime
) -> tuple[Correction, ...]:
    """Return the image's corrections after a person gave these detections a label.

    Raises:
        TooManyTags: there would be more than `MAX_CORRECTIONS`.
    """
    replaced = [each.correction for each in detections]
    others = [correction for correction in image.corrections if correction not in replaced]
    new = [
        Correction(each.detection.label, each.detection.box, label, at)
        for each in detections
        if label != tag_name(each.detection.label)
    ]
    if len(others) + len(new) > MAX_CORRECTIONS:
        raise TooManyTags(f"At most {MAX_CORRECTIONS} detections of an image can be corrected.")
    return (*others, *new)
