"""Applies people's edits to an image's tags and detections."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.corrections import CorrectedDetection, Correction
from app.domain.errors import DetectionNotFound, IdempotencyKeyReused, InvalidState, TooManyTags
from app.domain.images import Image, ImageState, RequestId
from app.domain.tags import MAX_COUNT, MAX_TAGS, TagEdit, Tags, tag_name, tally_tags

MAX_REQUESTS: Final = 8
MAX_CORRECTIONS: Final = 200
MAX_REJECTED: Final = 200  # remembered rejected tags per image


def require_ready(image: Image) -> None:
    """Require a ready image.

    Raises:
        InvalidState: the image is not ready.
    """
    if image.state is not ImageState.READY:
        raise InvalidState(image.state)


@dataclass(frozen=True, slots=True)
class TagChange:
    """A change to a tag's count. It adds `count`, or subtracts `count` if `removes` is true.

    A count of None adds 1, or removes the tag if `removes` is true.
    """

    tag: str
    count: int | None
    removes: bool = False

    def apply(self, count: int) -> int:
        """Return the count after the change. The count does not fall below 0."""
        if self.removes:
            return 0 if self.count is None else max(0, count - self.count)
        return count + (self.count or 1)


def recount(tags: Tags, changes: Iterable[TagChange], of_file: Collection[str] = ()) -> Tags:
    """Apply the changes in order and return the tags. A removed tag keeps an entry with a count of 0.

    Unchanged tags in `of_file` give way to others, so they do not count toward `MAX_TAGS`.

    Raises:
        TooManyTags: the result would have more than `MAX_TAGS` tags or a count above `MAX_COUNT`.
    """
    counts = dict(tags)
    for change in changes:
        counts[change.tag] = change.apply(counts.get(change.tag, 0))
    kept = [tag for tag, count in counts.items() if count and (tag not in of_file or count != tags[tag])]
    if len(kept) > MAX_TAGS or max(counts.values(), default=0) > MAX_COUNT:
        raise TooManyTags(f"An image can have at most {MAX_TAGS} tags, with a count of at most {MAX_COUNT} each.")
    return {tag: count for tag, count in counts.items() if count or tag in tags}


def retag(image: Image, changes: Iterable[TagChange], at: datetime) -> Image:
    """Apply a person's tag changes in order and return the changed image.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: see `recount`.
    """
    require_ready(image)
    detected = tally_tags(image.visible_detections)
    of_file = image.tags.keys() - image.edits.keys() - detected.keys()
    counts = recount(image.tags, changes, of_file)
    edits = {tag: TagEdit(count, at) for tag, count in counts.items() if count != image.tags.get(tag, 0)}
    return replace(image, edits=_merge_edits(image, edits))


def retag_once(image: Image, changes: Iterable[TagChange], at: datetime, request: RequestId) -> Image:
    """Apply tag changes once per request. If this request has already changed the image, return it unchanged.

    Raises:
        IdempotencyKeyReused: see `apply_once`.
        InvalidState, TooManyTags: see `retag`.
    """
    return apply_once(image, lambda image: retag(image, changes, at), request)


def apply_once(image: Image, change: Callable[[Image], Image], request: RequestId) -> Image:
    """Apply a change once per request. If this request has already changed the image, return it unchanged.

    Raises:
        IdempotencyKeyReused: a different request used the same key.
    """
    if request in image.requests:
        return image
    if any(earlier.key == request.key for earlier in image.requests):
        raise IdempotencyKeyReused
    after = change(image)
    return replace(after, requests=(*image.requests, request)[-MAX_REQUESTS:]) if after != image else image


def relabel(image: Image, detection_id: str, label: str | None, at: datetime) -> Image:
    """Relabel a detection and update the tag counts, including edited counts. Return the changed image.

    A label of None dismisses the detection.

    Raises:
        DetectionNotFound: the image has no such detection.
        InvalidState: the image is not ready.
        TooManyTags: the image would have more than `MAX_TAGS` tags or more than `MAX_CORRECTIONS` corrections.
    """
    require_ready(image)
    detection = next((each for each in image.corrected_detections if each.id == detection_id), None)
    if detection is None:
        raise DetectionNotFound
    before = None if detection.label is None else tag_name(detection.label)
    if label == before:
        return image
    after = replace(image, corrections=_correct(image, [detection], label, at))
    detected = tally_tags(image.visible_detections), tally_tags(after.visible_detections)
    certain = image.certain_detections, after.certain_detections
    edits = {
        tag: _follow_edit(
            image.edits[tag], at, *([counts.get(tag, 0) for counts in pair] for pair in (detected, certain))
        )
        for tag in (before, label)
        if tag is not None and tag in image.edits
    }
    after = replace(after, edits=_merge_edits(after, edits))
    rejected = {tag for tag, edit in after.edits.items() if not edit.count}
    visible = {tag_name(each.label) for each in after.visible_detections} & {*image.tags, label}
    if visible - rejected - after.tags.keys():
        raise TooManyTags(f"An image can have at most {MAX_TAGS} tags. Remove one first.")
    return after


def rename_tag(image: Image, old: str, new: str, at: datetime) -> Image:
    """Rename a tag and relabel its detections. Return the changed image.

    If the image has both tags, their counts are added. An image without the old tag is returned unchanged.

    Raises:
        InvalidState: see `retag`.
        TooManyTags: the image would have a count above `MAX_COUNT` or more than `MAX_CORRECTIONS` corrections.
    """
    if old == new or old not in image.tags:
        return image
    after = retag(image, [TagChange(old, None, removes=True), TagChange(new, image.tags[old])], at)
    certain = image.certain.get(old, 0) + image.certain.get(new, 0)
    edits = {**after.edits, new: _limit_certain(after.edits[new], certain)}
    detections = [each for each in image.corrected_detections if each.label is not None and tag_name(each.label) == old]
    return replace(after, edits=edits, corrections=_correct(image, detections, new, at, renames=True))


def _merge_edits(image: Image, changed: Mapping[str, TagEdit]) -> Mapping[str, TagEdit]:
    """Return the image's edits, updated with the changed edits.

    A rejection leaves no edit if the tag is neither detected nor in the file. Only the latest `MAX_REJECTED` rejections
    are kept.
    """
    found = {*tally_tags(image.detections), *tally_tags(image.visible_detections), *image.keyword_tags}
    undone = {tag for tag, edit in changed.items() if not edit.count and tag not in found}
    edits = [(tag, edit) for tag, edit in {**image.edits, **changed}.items() if tag not in undone]
    positive = [(tag, edit) for tag, edit in edits if edit.count]
    rejected = sorted(((tag, edit) for tag, edit in edits if not edit.count), key=lambda pair: pair[1].at)
    return dict([*positive, *rejected[-MAX_REJECTED:]])


def _follow_edit(edit: TagEdit, at: datetime, detected: Sequence[int], certain: Sequence[int]) -> TagEdit:
    """Adjust an edit to the numbers of detections and of certain detections, before and after a change."""
    followed = TagEdit(_follow_detections(edit.count, *detected), at)
    return followed if edit.certain is None else _limit_certain(followed, _follow_detections(edit.certain, *certain))


def _limit_certain(edit: TagEdit, certain: int) -> TagEdit:
    """Return the edit with this part of its count as the certain part."""
    return replace(edit, certain=certain if certain < edit.count else None)


def _follow_detections(count: int, detected_before: int, detected_after: int) -> int:
    """Adjust an edited count to a changed number of detections, so that no object counts twice."""
    if detected_after > detected_before:
        if count <= detected_before:
            return count + detected_after - detected_before
        return max(count, detected_after)
    return count - (detected_before - detected_after) if count >= detected_before else count


def _correct(
    image: Image,
    detections: Sequence[CorrectedDetection],
    label: str | None,
    at: datetime,
    *,
    renames: bool = False,
) -> tuple[Correction, ...]:
    """Return the image's corrections after a person relabels these detections, or renames their tag.

    Raises:
        TooManyTags: the image would have more than `MAX_CORRECTIONS` corrections.
    """
    replaced = [each.correction for each in detections]
    others = [correction for correction in image.corrections if correction not in replaced]
    new = [
        Correction(each.detection.label, each.detection.box, label, at, renamed=renames and not each.is_checked)
        for each in detections
        if label != tag_name(each.detection.label) or (renames and each.is_checked)
    ]
    if len(others) + len(new) > MAX_CORRECTIONS:
        raise TooManyTags(f"You can correct at most {MAX_CORRECTIONS} detections per image.")
    return (*others, *new)
