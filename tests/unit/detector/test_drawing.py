import numpy as np

from detector import BoundingBox, Detection
from detector.drawing import draw

BLACK = np.zeros((300, 500, 3), np.uint8)


def test_boxes_are_drawn_into_a_copy() -> None:
    drawn = draw(BLACK, [Detection("dog", 0.9, BoundingBox(100, 100, 200, 250))])

    assert not BLACK.any()
    assert drawn[150:240, 100].all(axis=0).any()
    assert not drawn[150:240, 110:190].any()


def test_label_of_a_box_in_the_corner_stays_in_the_picture() -> None:
    inside = draw(BLACK, [Detection("traffic light", 0.9, BoundingBox(200, 100, 210, 110))])
    corner = draw(BLACK, [Detection("traffic light", 0.9, BoundingBox(490, 0, 500, 10))])

    assert np.count_nonzero(corner) > 0.9 * np.count_nonzero(inside)


def test_label_has_the_same_colour_everywhere() -> None:
    boxes = [BoundingBox(100, 100, 200, 250), BoundingBox(300, 100, 400, 250)]

    drawn = draw(BLACK, [Detection("dog", 0.9, box) for box in boxes])

    assert (drawn[240, 100] == drawn[240, 300]).all()


def test_nothing_found_leaves_the_picture_as_it_is() -> None:
    assert (draw(BLACK, []) == BLACK).all()
