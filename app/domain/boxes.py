"""Changes the boxes of an image: people draw boxes, and confirm, relabel, move and dismiss detections."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from app.domain.corrections import CorrectedDetection, Correction, DrawnBox, replace_corrections
from app.domain.decisions import Changes, require_tags, take_back
from app.domain.edits import follow_count, limit_before, merge_edits, require_ready
from app.domain.errors import DetectionNotFound, InvalidBox, TooManyBoxes
from app.domain.ids import new_id
from app.domain.images import Image
from app.domain.tags import TagEdit, count_labels, tag_name
from detector import BoundingBox, Detection, Labeled

MAX_DRAWN: Final = 100  # boxes per image
MIN_SIDE: Final = 1  # pixel


@dataclass(frozen=True, slots=True)
class Review:
    """What a person decided about several boxes of an image, by their ids. No id occurs twice.

    Attributes:
        confirm: Detections whose label and bounding box are right.
        dismiss: Detections that are wrong, and drawn boxes to delete.
        reset: Detections about which the person takes the decision back.
        reset_counts: Tags whose counts the person takes back. They follow the boxes again.
    """

    confirm: Collection[str] = ()
    dismiss: Collection[str] = ()
    reset: Collection[str] = ()
    reset_counts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Boxes:
    """The boxes of an image, by their ids."""

    detections: Mapping[str, CorrectedDetection] = field(default_factory=dict)
    drawn: Mapping[str, DrawnBox] = field(default_factory=dict)


def round_detections(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    """Round edges to 0.1 pixels and confidences to four decimals, which is the stored precision."""
    return tuple(
        Detection(
            detection.label,
            round(detection.confidence, 4),
            BoundingBox(*(round(edge, 1) for edge in detection.box.edges)),
        )
        for detection in detections
    )


def fit_box(image: Image, box: BoundingBox) -> BoundingBox:
    """Return the box with edges rounded to 0.1 pixels, which is the stored precision.

    Raises:
        InvalidBox: an edge is not a number or outside the image, or the box is smaller than `MIN_SIDE`.
    """
    if not all(map(math.isfinite, box.edges)):
        raise InvalidBox("Each edge of a box must be a number.")
    x1, y1, x2, y2 = (round(edge, 1) + 0.0 for edge in box.edges)  # -0.0 becomes 0.0
    if min(x1, y1, x2, y2) < 0 or max(x1, x2) > image.width or max(y1, y2) > image.height:
        raise InvalidBox(
            f"The box is not inside the photo. x1 and x2 must be from 0 to {image.width}, and y1 and y2 from 0 to"
            f" {image.height}."
        )
    if round(min(x2 - x1, y2 - y1), 1) < MIN_SIDE:
        raise InvalidBox(
            f"The box must be at least {MIN_SIDE} pixel wide and high. x1 is its left edge, x2 its right edge, y1 its"
            " top edge and y2 its bottom edge."
        )
    return BoundingBox(x1, y1, x2, y2)


def draw(image: Image, label: str, box: BoundingBox, at: datetime) -> Image:
    """Add a drawn box and update the tag counts, including edited counts. Return the changed image.

    Raises:
        InvalidBox: see `fit_box`.
        InvalidState: the image is not ready.
        TooManyBoxes: the image has `MAX_DRAWN` drawn boxes.
        TooManyTags: the image would have more than `MAX_TAGS` tags.
    """
    require_ready(image)
    if len(image.drawn) >= MAX_DRAWN:
        raise TooManyBoxes(f"You can draw at most {MAX_DRAWN} boxes per photo. Delete one first.")
    drawn = DrawnBox(new_id(), label, fit_box(image, box), at)
    return _follow_boxes(image, replace(image, drawn=(*image.drawn, drawn)), at)


def change_box(
    image: Image, box_id: str, at: datetime, *, label: str | None = None, box: BoundingBox | None = None
) -> Image:
    """Change the label or the bounding box of a detection or a drawn box, and update the tag counts.

    None keeps the label or the bounding box. A dismissed detection is restored. The label that a detection has confirms
    it.

    Raises:
        DetectionNotFound: the image has no such box.
        InvalidBox: see `fit_box`.
        InvalidState: the image is not ready.
        TooManyTags: the image would have more than `MAX_TAGS` tags or more than `MAX_CORRECTIONS` corrections.
    """
    require_ready(image)
    boxes = _find_boxes(image, [box_id])
    fitted = None if box is None else fit_box(image, box)
    if box_id in boxes.drawn:
        before = boxes.drawn[box_id]
        after = replace(before, label=label or before.label, box=fitted or before.box)
        if after == before:
            return image
        drawn = (replace(after, at=at) if each is before else each for each in image.drawn)
        return _follow_boxes(image, replace(image, drawn=tuple(drawn)), at)
    detection = boxes.detections[box_id]
    changes: Changes = [(detection, _confirm(detection, at, label, fitted))]
    return _follow_boxes(image, replace(image, corrections=replace_corrections(image.corrections, changes)), at)


def dismiss(image: Image, box_id: str, at: datetime) -> Image:
    """Dismiss a detection, or delete a drawn box. Update the tag counts.

    Raises:
        DetectionNotFound, InvalidState, TooManyTags: see `review`.
    """
    return review(image, Review(dismiss=[box_id]), at)


def review(image: Image, decisions: Review, at: datetime) -> Image:
    """Apply what a person decided about several boxes, and update the tag counts. Return the changed image.

    A drawn box cannot be confirmed or reset: it stays as it is. Dismissed boxes and counts that are taken back never
    give an image too many tags.

    Raises:
        DetectionNotFound: the image lacks one of the boxes. Nothing is changed.
        InvalidState: the image is not ready.
        TooManyTags: the image would have more than `MAX_TAGS` tags or more than `MAX_CORRECTIONS` corrections.
    """
    require_ready(image)
    boxes = _find_boxes(image, [*decisions.confirm, *decisions.dismiss, *decisions.reset])
    changes: Changes = []
    resets: Changes = []
    for box_id, detection in boxes.detections.items():
        if box_id in decisions.confirm:
            changes.append((detection, _confirm(detection, at)))
        elif box_id in decisions.dismiss:
            changes.append((detection, _dismiss(detection, at)))
        else:
            resets.append((detection, _reset(image, detection)))
    before = take_back(image, resets)
    corrections = replace_corrections(replace_corrections(image.corrections, resets), changes)
    drawn = tuple(each for each in image.drawn if each.id not in decisions.dismiss)
    after = _follow_boxes(before, replace(before, corrections=corrections, drawn=drawn), at)
    edits = {tag: edit for tag, edit in after.edits.items() if tag not in decisions.reset_counts}
    return after if edits == after.edits else replace(after, edits=edits)


def _find_boxes(image: Image, ids: Iterable[str]) -> _Boxes:
    """Return the boxes with these ids.

    Raises:
        DetectionNotFound: the image lacks one of them.
    """
    wanted = set(ids)
    detections = {each.id: each for each in image.corrected_detections if each.id in wanted}
    drawn = {each.id: each for each in image.drawn if each.id in wanted}
    if wanted - detections.keys() - drawn.keys():
        raise DetectionNotFound
    return _Boxes(detections, drawn)


def _confirm(
    detection: CorrectedDetection, at: datetime, label: str | None = None, box: BoundingBox | None = None
) -> Correction:
    """Return the correction with which a person confirms a detection, perhaps with another label or another box."""
    detected = detection.detection
    moved = detection.moved if box is None else box if box != detected.box else None
    name = label or tag_name(detection.label or detected.label)
    new = Correction(detected.label, detected.box, name, at, moved)
    return _keep_time(detection.correction, new)


def _dismiss(detection: CorrectedDetection, at: datetime) -> Correction:
    detected = detection.detection
    return _keep_time(detection.correction, Correction(detected.label, detected.box, None, at, detection.moved))


def _reset(image: Image, detection: CorrectedDetection) -> Correction | None:
    """Return the correction of a detection after a person took the decision about it back.

    If the detected tag was renamed in this image, the detection keeps the new name, as unchecked ones do.
    """
    old, detected = detection.correction, detection.detection
    if old is None or old.renamed:
        return old
    edit = image.edits.get(tag_name(detected.label))
    if edit is None or edit.renamed_to is None:
        return None
    return Correction(detected.label, detected.box, edit.renamed_to, edit.at, renamed=True)


def _keep_time(old: Correction | None, new: Correction) -> Correction:
    """Return the old correction if it says the same as the new one."""
    return old if old and replace(new, box=old.box, at=old.at) == old else new


def _follow_boxes(before: Image, after: Image, at: datetime) -> Image:
    """Return the image after its boxes have changed, with edited counts that follow them.

    A tag that a person removed comes back only if a person now says that the image shows it. If a person has checked
    more boxes than the count says, it grows with each further one.

    Raises:
        TooManyTags: the image would have more than `MAX_TAGS` tags. If boxes only go away, another label may take the
            place of a tag.
    """
    old, new = count_labels(before.visible_boxes), count_labels(after.visible_boxes)
    all_checked = count_labels(_list_checked(after))
    checked = all_checked - count_labels(_list_checked(before))
    least = {tag: min(all_checked[tag], edit.count + checked[tag]) for tag, edit in before.edits.items()}
    certain_before, certain_after = before.certain_boxes, after.certain_boxes
    is_kept = before.drawn == after.drawn
    edits = {
        tag: replace(
            _follow_edit(edit, at, (old[tag], new[tag]), (certain_before[tag], certain_after[tag]), least[tag])
            if edit.count
            else TagEdit(checked[tag], at, renamed_to=None if checked[tag] else edit.renamed_to),
            before=limit_before(edit) if is_kept else None,
        )
        for tag, edit in before.edits.items()
        if old[tag] != new[tag]
        or least[tag] > edit.count
        or (edit.certain is not None and certain_before[tag] > certain_after[tag])
    }
    after = replace(after, edits=merge_edits(after, edits))
    require_tags(before, after, {*(new - old), *checked})
    return after


def _list_checked(image: Image) -> list[Labeled]:
    """Return the objects of which a person said that the image shows them."""
    confirmed = [each.visible for each in image.corrected_detections if each.is_checked and each.visible]
    return [*confirmed, *image.drawn]


def _follow_edit(edit: TagEdit, at: datetime, boxes: tuple[int, int], certain: tuple[int, int], least: int) -> TagEdit:
    """Adjust an edit to the numbers of boxes and of certain boxes, before and after a change.

    The count is not less than `least`.
    """
    followed = TagEdit(max(follow_count(edit.count, *boxes), least), at)
    if edit.certain is None:
        return followed
    return replace(followed, certain=follow_count(edit.certain, *certain))
