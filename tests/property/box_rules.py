"""Rules that draw, confirm, relabel, move and dismiss the boxes of images."""

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.boxes import Review, change_box, dismiss, draw, review
from app.domain.corrections import CorrectedDetection, DrawnBox
from app.domain.errors import VersionOutdated
from app.domain.images import Image, ImageState
from app.domain.versions import VersionCondition
from detector import BoundingBox
from tests.property.library_model import TAGS, LibraryModel, images

MAX_DRAWN = 4
# The detector finds strips of the photo, which has 8 x 8 pixels. The first two boxes can cover such a strip.
BOXES = [BoundingBox(*edges) for edges in ((0, 0, 8, 4), (0, 0, 8, 8), (2.5, 2, 6, 7.9), (0, 0, 1, 1))]

labels, boxes = st.sampled_from(TAGS), st.sampled_from(BOXES)


def list_boxes(image: Image) -> dict[str, CorrectedDetection | DrawnBox]:
    """Return all boxes of the image by their ids: its detections, and then its drawn boxes."""
    boxes: list[CorrectedDetection | DrawnBox] = [*image.corrected_detections, *image.drawn]
    return {each.id: each for each in boxes}


class BoxRules(LibraryModel):
    """Operations on the boxes of single images."""

    @rule(key=images, label=labels, box=boxes)
    def draw(self, key: tuple[str, str], label: str, box: BoundingBox) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY or len(before.drawn) == MAX_DRAWN:
            return

        self.library.change_boxes(*key, lambda image: draw(image, label, box, datetime.now(UTC)))

        now = self.learn(key)
        assert (now.drawn[:-1], now.drawn[-1].label, now.drawn[-1].box) == (before.drawn, label, box)
        assert now.tags[label] in {before.tags.get(label, 0), before.tags.get(label, 0) + 1}
        assert {**now.tags, label: 0} == {**before.tags, label: 0}
        if label not in before.edits:
            assert now.tags[label] == sum(each.label == label for each in now.visible_boxes)

    @rule(key=images, number=st.integers(0, 8), label=st.none() | labels, outdated=st.booleans())
    def relabel(self, key: tuple[str, str], number: int, label: str | None, outdated: bool) -> None:  # noqa: FBT001
        before = self.expected[key]
        ids = list(list_boxes(before))
        if before.state is not ImageState.READY or not ids:
            return
        box_id = ids[number % len(ids)]

        def change(image: Image) -> Image:
            now = datetime.now(UTC)
            return change_box(image, box_id, now, label=label) if label else dismiss(image, box_id, now)

        if outdated:
            with pytest.raises(VersionOutdated):
                self.library.change_boxes(*key, change, version=VersionCondition({before.version + 1}))
            return

        self.library.change_boxes(*key, change, version=VersionCondition({before.version}))

        now = self.learn(key)
        assert now.version == before.version + (now != before)
        by_id = list_boxes(now)
        if box_id in {each.id for each in before.drawn} and label is None:
            assert box_id not in by_id
        else:
            assert by_id[box_id].label == label
        assert now.tags == change(before).tags

    @rule(key=images, number=st.integers(0, 8), box=boxes)
    def move(self, key: tuple[str, str], number: int, box: BoundingBox) -> None:
        before = self.expected[key]
        ids = list(list_boxes(before))
        if before.state is not ImageState.READY or not ids:
            return
        box_id = ids[number % len(ids)]

        self.library.change_boxes(*key, lambda image: change_box(image, box_id, datetime.now(UTC), box=box))

        now = self.learn(key)
        assert list_boxes(now)[box_id].box == box
        assert now.detections == before.detections

    @rule(key=images, choices=st.lists(st.sampled_from(["confirm", "dismiss", "reset"]), min_size=1, max_size=8))
    def review(self, key: tuple[str, str], choices: list[str]) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY:
            return
        chosen = dict(zip(list(list_boxes(before)), choices, strict=False))
        confirmed, dismissed, restored = (
            {box_id for box_id, choice in chosen.items() if choice == name} for name in ("confirm", "dismiss", "reset")
        )

        self.library.change_boxes(
            *key, lambda image: review(image, Review(confirmed, dismissed, restored), datetime.now(UTC))
        )

        now = self.learn(key)
        assert now.version == before.version + (now != before)
        assert now.drawn == tuple(each for each in before.drawn if each.id not in dismissed)
        detections = {each.id: each for each in now.corrected_detections}
        confirmed -= {each.id for each in before.drawn}
        assert all(detections[box_id].is_checked for box_id in confirmed)
        assert all(each.label and not each.is_checked for box_id, each in detections.items() if box_id in restored)
        assert all(each.label is None for box_id, each in detections.items() if box_id in dismissed)
