"""Takes back what people decided about detections, and the effects of these decisions on counts that people set."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.corrections import CorrectedDetection, Correction, replace_corrections
from app.domain.errors import TooManyTags
from app.domain.images import Image
from app.domain.marks import describe_limit
from app.domain.tags import TagEdit, count_labels, tag_name

Changes = list[tuple[CorrectedDetection, Correction | None]]


def take_back(image: Image, resets: Changes) -> Image:
    """Return the image without the decisions that came after the latest changes of the counts of their tags.

    If such a decision has changed a count, the edit from before it counts again. Otherwise, the count stays as it is.

    Raises:
        TooManyTags: the image would have more than `MAX_TAGS` tags.
    """
    times = {each.correction.at for each, new in resets if each.correction and each.correction != new}
    times -= {each.at for each in replace_corrections(image.corrections, resets)}
    edits = {tag: _find_earlier(edit, times) for tag, edit in image.edits.items()}
    latest = [(each, new) for each, new in resets if _is_latest(each, new, edits)]
    if not latest:
        return image
    tags = {tag for each, new in latest for tag in _list_tags(each, new)}
    after = replace(
        image,
        corrections=replace_corrections(image.corrections, latest),
        edits={tag: edits[tag] if tag in tags else edit for tag, edit in image.edits.items()},
    )
    require_tags(image, after, count_labels(after.visible_boxes) - count_labels(image.visible_boxes))
    return after


def _find_earlier(edit: TagEdit, times: Collection[datetime]) -> TagEdit:
    """Return the edit before the decisions of these times."""
    while edit.before and edit.at in times:
        edit = edit.before
    return edit


def _is_latest(detection: CorrectedDetection, new: Correction | None, edits: Mapping[str, TagEdit]) -> bool:
    """Return whether a person decided about the detection after the latest changes of the counts of its tags."""
    decision, tags = detection.correction, _list_tags(detection, new)
    return decision is not None and all(decision.at > edits[tag].at for tag in tags if tag in edits)


def _list_tags(detection: CorrectedDetection, new: Correction | None) -> set[str]:
    """Return the detected tag, the tag that a person chose, and the tag after the decision was taken back."""
    labels = (detection.detection.label, detection.label, new.label if new else None)
    return {tag_name(label) for label in labels if label is not None}


def require_tags(before: Image, after: Image, added: Collection[str]) -> None:
    """Require that an image did not lose tags because others were added.

    Raises:
        TooManyTags: it did.
    """
    rejected = {tag for tag, edit in after.edits.items() if not edit.count}
    needed = count_labels(after.visible_boxes).keys() & {*before.tags, *added} if added else frozenset[str]()
    if needed - rejected - after.tags.keys():
        raise TooManyTags(f"{describe_limit(before.marks)}. Remove one first.")
