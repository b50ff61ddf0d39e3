"""Applies people's edits to an image's tags."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.corrections import Correction, apply_corrections, replace_corrections
from app.domain.errors import IdempotencyKeyReused, InvalidState, TooManyTags
from app.domain.images import Image, ImageState, RequestId
from app.domain.marks import NO_MARKS, describe_limit, limit_tags
from app.domain.tags import MAX_COUNT, TagEdit, Tags, count_labels, tag_name, tally_tags

MAX_REQUESTS: Final = 8
MAX_EARLIER: Final = 8  # edits before decisions that are remembered for each tag
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


def recount(tags: Tags, changes: Iterable[TagChange], of_file: Collection[str] = (), marks: Tags = NO_MARKS) -> Tags:
    """Apply the changes in order and return the tags. A removed tag keeps an entry with a count of 0.

    Unchanged tags in `of_file` give way to others, so they do not count toward the limit of an image with these marks.

    Raises:
        TooManyTags: the result would have more tags than `limit_tags` or a count above `MAX_COUNT`.
    """
    counts = dict(tags)
    for change in changes:
        counts[change.tag] = change.apply(counts.get(change.tag, 0))
    kept = [tag for tag, count in counts.items() if count and (tag not in of_file or count != tags[tag])]
    if len(kept) > limit_tags(marks) or max(counts.values(), default=0) > MAX_COUNT:
        raise TooManyTags(f"{describe_limit(marks)}, with a count of at most {MAX_COUNT} each.")
    return {tag: count for tag, count in counts.items() if count or tag in tags}


def retag(image: Image, changes: Iterable[TagChange], at: datetime) -> Image:
    """Apply a person's tag changes in order and return the changed image.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: see `recount`.
    """
    require_ready(image)
    counts = recount(image.tags, changes, _list_tags_of_file(image), image.marks)
    edits = {tag: TagEdit(count, at) for tag, count in counts.items() if count != image.tags.get(tag, 0)}
    return replace(image, edits=merge_edits(image, edits))


def mark_favourite(image: Image, *, favourite: bool) -> Image:
    """Return the image as a favourite, or as none.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: the image has as many tags as it can have. Those of the file's keywords give way.
    """
    return require_room(image, replace(image, favourite=favourite))


def require_room(before: Image, after: Image) -> Image:
    """Return a ready image with other marks, if no tag was lost. Only tags of the file's keywords give way.

    Raises:
        InvalidState: the image is not ready.
        TooManyTags: the image has as many tags and marks as it can have.
    """
    require_ready(before)
    if limit_tags(after.marks) < 0 or before.tags.keys() - _list_tags_of_file(before) - after.tags.keys():
        raise TooManyTags(f"{describe_limit(after.marks)}. Remove one first.")
    return after


def _list_tags_of_file(image: Image) -> Collection[str]:
    """Return the tags that only the file's keywords give to the image."""
    return image.tags.keys() - image.edits.keys() - tally_tags(image.visible_boxes).keys()


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


def rename_tag(image: Image, old: str, new: str, at: datetime) -> Image:
    """Rename a tag and relabel its detections and drawn boxes. Return the changed image.

    If the image has both tags, their counts are added, without the detections that a drawn box now covers. An image
    without the old tag is returned unchanged.

    Raises:
        InvalidState: see `retag`.
        TooManyTags: the image would have a count above `MAX_COUNT` or more than `MAX_CORRECTIONS` corrections.
    """
    if old == new or old not in image.tags:
        return image
    after = retag(image, [TagChange(old, None, removes=True), TagChange(new, image.tags[old])], at)
    corrections = _rename_detections(image, old, new, at)
    drawn = (replace(each, label=new, at=at) if each.label == old else each for each in image.drawn)
    after = replace(after, corrections=corrections, drawn=tuple(drawn))
    edits = {tag: _follow_name(edit, tag, old, new) for tag, edit in after.edits.items()}
    return replace(after, edits={**edits, new: _merge_counts(image, after, old, new)})


def _follow_name(edit: TagEdit, tag: str, old: str, new: str) -> TagEdit:
    """Return the edit of a tag after a tag was renamed. It also follows a tag that was renamed before."""
    return replace(edit, renamed_to=new, before=None) if old in {tag, edit.renamed_to} else edit


def _merge_counts(before: Image, after: Image, old: str, new: str) -> TagEdit:
    """Return the edit of a tag after another one was renamed to it. The boxes are already relabeled."""
    edit, certain = after.edits[new], before.certain.get(old, 0) + before.certain.get(new, 0)
    boxes, certain_boxes = count_labels(before.visible_boxes), before.certain_boxes
    count = follow_count(edit.count, boxes[old] + boxes[new], count_labels(after.visible_boxes)[new])
    certain = follow_count(certain, certain_boxes[old] + certain_boxes[new], after.certain_boxes[new])
    return limit_certain(replace(edit, count=count), certain)


def _rename_detections(image: Image, old: str, new: str, at: datetime) -> tuple[Correction, ...]:
    """Return the corrections after a tag was renamed. A detection that no person has checked stays unchecked."""
    changes = []
    for each in apply_corrections(image.detections, image.corrections):  # also those that a drawn box covers
        detected = each.detection
        if each.label is not None and tag_name(each.label) == old:
            is_as_detected = new == tag_name(detected.label) and not each.is_checked
            correction = Correction(detected.label, detected.box, new, at, each.moved, renamed=not each.is_checked)
            changes.append((each, None if is_as_detected else correction))
    return replace_corrections(image.corrections, changes)


def follow_count(count: int, boxes_before: int, boxes_after: int) -> int:
    """Adjust an edited count to a changed number of boxes, so that no object counts twice."""
    if boxes_after > boxes_before:
        if count <= boxes_before:
            return count + boxes_after - boxes_before
        return max(count, boxes_after)
    return count - (boxes_before - boxes_after) if count >= boxes_before else count


def limit_certain(edit: TagEdit, certain: int) -> TagEdit:
    """Return the edit with this part of its count as the certain part."""
    return replace(edit, certain=certain if certain < edit.count else None)


def limit_before(edit: TagEdit, kept: int = MAX_EARLIER) -> TagEdit | None:
    """Return the edit with a limited number of the edits before it."""
    if not kept:
        return None
    return replace(edit, before=limit_before(edit.before, kept - 1) if edit.before else None)


def merge_edits(image: Image, changed: Mapping[str, TagEdit]) -> Mapping[str, TagEdit]:
    """Return the image's edits, updated with the changed edits.

    A rejection leaves no edit if the tag has no box and is not in the file. Only the latest `MAX_REJECTED` rejections
    are kept.
    """
    found = {*tally_tags(image.detections), *tally_tags(image.visible_boxes), *image.keyword_tags}
    undone = {tag for tag, edit in changed.items() if not edit.count and tag not in found}
    edits = [(tag, edit) for tag, edit in {**image.edits, **changed}.items() if tag not in undone]
    positive = [(tag, edit) for tag, edit in edits if edit.count]
    rejected = sorted(((tag, edit) for tag, edit in edits if not edit.count), key=lambda pair: pair[1].at)
    return dict([*positive, *rejected[-MAX_REJECTED:]])
