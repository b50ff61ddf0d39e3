import numpy as np
import pytest

from detector.tiles import Candidates, merge, split

TILES = [slice(0, 160), slice(120, 280), slice(240, 400)]  # of a photo of 400 x 100 pixels
CAT, DOG = 3, 4


def candidates(*boxes: tuple[float, float, float, float], label: int = CAT, score: float = 0.5) -> Candidates:
    count = len(boxes)
    return Candidates(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, score, np.float32),
        np.full(count, label, np.intp),
    )


def merge_boxes(*found: Candidates) -> list[list[float]]:
    boxes: list[list[float]] = merge(TILES, found, axis=0, short_side=100).boxes.tolist()
    return boxes


@pytest.mark.parametrize(
    ("long_side", "tiles"),
    [
        (200, [slice(0, 200)]),
        (201, [slice(0, 121), slice(80, 201)]),
        (280, [slice(0, 160), slice(120, 280)]),
        (281, [slice(0, 121), slice(80, 201), slice(160, 281)]),
        (400, TILES),
        (10_000, [slice(0, 3360), slice(3320, 6680), slice(6640, 10_000)]),
    ],
)
def test_tiles_cover_a_wide_photo_and_overlap(long_side: int, tiles: list[slice]) -> None:
    assert split(long_side, 100) == tiles


def test_photo_with_a_side_of_one_pixel_has_tiles() -> None:
    assert split(5000, 1) == [slice(0, 1667), slice(1666, 3333), slice(3333, 5000)]


def test_objects_in_different_tiles_remain() -> None:
    assert merge_boxes(candidates((10, 10, 50, 90)), candidates((170, 10, 200, 90)), candidates()) == [
        [10, 10, 50, 90],
        [170, 10, 200, 90],
    ]


def test_object_that_a_cut_divides_becomes_one() -> None:
    assert merge_boxes(candidates((100, 10, 150, 90)), candidates((120, 12, 150, 88)), candidates()) == [
        [100, 10, 150, 90]
    ]


def test_object_that_the_next_tile_shows_completely_becomes_one() -> None:
    assert merge_boxes(candidates((130, 10, 160, 90)), candidates((130, 10, 190, 92)), candidates()) == [
        [130, 10, 190, 92]
    ]


def test_object_across_all_tiles_becomes_one() -> None:
    assert merge_boxes(
        candidates((50, 10, 160, 90)), candidates((120, 12, 280, 88)), candidates((240, 11, 350, 95))
    ) == [[50, 10, 350, 95]]


def test_merged_object_has_the_higher_score() -> None:
    merged = merge(
        TILES,
        [candidates((100, 10, 150, 90), score=0.2), candidates((120, 10, 150, 90), score=0.7), candidates()],
        axis=0,
        short_side=100,
    )

    assert merged.scores.tolist() == pytest.approx([0.7])


def test_parts_of_different_labels_remain() -> None:
    boxes = merge_boxes(candidates((100, 10, 150, 90)), candidates((120, 10, 150, 90), label=DOG), candidates())

    assert len(boxes) == 2


def test_each_part_belongs_to_one_object() -> None:
    """Two people stand one behind the other at the cut, and each tile sees both."""
    assert merge_boxes(
        candidates((100, 10, 160, 90), (130, 40, 160, 90)),
        candidates((120, 10, 170, 90), (130, 42, 180, 90)),
        candidates(),
    ) == [[100, 10, 170, 90], [130, 40, 180, 90]]


def test_complete_objects_beside_a_cut_remain_two() -> None:
    assert len(merge_boxes(candidates((125, 10, 150, 90)), candidates((130, 10, 155, 90)), candidates())) == 2


def test_tiles_of_a_tall_photo_are_merged_along_its_height() -> None:
    found = [candidates((10, 100, 90, 150)), candidates((12, 120, 88, 150)), candidates()]

    assert merge(TILES, found, axis=1, short_side=100).boxes.tolist() == [[10, 100, 90, 150]]
